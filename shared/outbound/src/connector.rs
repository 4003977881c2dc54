//! Connections: the address that is checked is the one that is dialled.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower::Service;

use crate::address::AddressKind;
use crate::error::causes;
use crate::policy::{FetchPolicy, InternalAddresses};
use crate::proxy::{Proxy, Tunneled};

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Boxed<T, E = BoxError> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;
type Tcp = TokioIo<TcpStream>;

/// The addresses of a name, on their way.
pub type Resolving = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Resolves names. It is asked once for each connection.
pub trait Resolve: Send + Sync + 'static {
    /// The addresses of `name`, in the order to try them.
    fn resolve(&self, name: &str) -> Resolving;
}

/// The system's resolver.
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: &str) -> Resolving {
        let name = name.to_owned();
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((name, 0)).await?;
            Ok(addresses.map(|address| address.ip()).collect())
        })
    }
}

/// An address that the policy does not allow to be dialled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{host} is {address}, a {kind} address; a public one is needed")]
pub struct InternalAddress {
    /// The host, as the URL has it.
    pub host: String,
    /// Its address, or the first of them.
    pub address: IpAddr,
    /// What kind of address that is.
    pub kind: AddressKind,
}

/// No connection within the limit.
#[derive(Debug, thiserror::Error)]
#[error("no connection within {0:?}")]
struct ConnectTimeout(Duration);

/// The proxy is not there, or makes no connection.
#[derive(Debug, thiserror::Error)]
#[error("the proxy {proxy}: {cause}")]
struct ProxyFailure {
    /// The proxy, without its credentials.
    proxy: String,
    /// What it says, with all causes.
    cause: String,
}

/// Resolves names to the addresses that the policy allows.
#[derive(Clone)]
pub struct CheckedResolver {
    resolver: Arc<dyn Resolve>,
    policy: Arc<FetchPolicy>,
}

impl CheckedResolver {
    /// Checks what `resolver` answers.
    pub fn new(resolver: Arc<dyn Resolve>, policy: Arc<FetchPolicy>) -> Self {
        Self { resolver, policy }
    }
}

impl Service<Name> for CheckedResolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = BoxError;
    type Future = Boxed<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (resolving, policy) = (self.resolver.resolve(name.as_str()), Arc::clone(&self.policy));
        Box::pin(async move {
            let allowed = checked(&policy, name.as_str(), &resolving.await?)?;
            // Port 0 stands for that of the URL.
            let dialled: Vec<_> = allowed.into_iter().map(|ip| SocketAddr::new(ip, 0)).collect();
            Ok(dialled.into_iter())
        })
    }
}

/// Those of the addresses that may be dialled; refused, where none of them may.
fn checked(
    policy: &FetchPolicy,
    host: &str,
    addresses: &[IpAddr],
) -> Result<Vec<IpAddr>, InternalAddress> {
    let allowed: Vec<IpAddr> =
        addresses.iter().copied().filter(|address| policy.allows_address(host, *address)).collect();
    match addresses.first() {
        Some(&address) if allowed.is_empty() => {
            Err(InternalAddress { host: host.to_owned(), address, kind: AddressKind::of(address) })
        }
        _ => Ok(allowed),
    }
}

/// TCP, to addresses that the policy allows, or to the proxy.
#[derive(Clone)]
pub struct Dialer {
    http: HttpConnector<CheckedResolver>,
    policy: Arc<FetchPolicy>,
    proxy: Option<(Proxy, HttpConnector<CheckedResolver>)>,
}

impl Dialer {
    /// Dials what `resolver` answers and `policy` allows, or has `proxy` do so.
    pub fn new(
        resolver: &Arc<dyn Resolve>,
        policy: Arc<FetchPolicy>,
        proxy: Option<Proxy>,
        receive_buffer: Option<usize>,
    ) -> Self {
        let connector = |policy: Arc<FetchPolicy>| {
            let checked = CheckedResolver::new(Arc::clone(resolver), policy);
            let mut http = HttpConnector::new_with_resolver(checked);
            http.enforce_http(false);
            http.set_recv_buffer_size(receive_buffer);
            http
        };
        // The operator has named the proxy, which is an internal machine most of the time.
        let any = FetchPolicy::public().with_internal_addresses(InternalAddresses::BehindNames);
        let proxy = proxy.map(|proxy| (proxy, connector(Arc::new(any))));
        Self { http: connector(Arc::clone(&policy)), policy, proxy }
    }

    /// The connection to `uri` that the proxy makes; none, where it is dialled directly.
    fn tunnel(&self, uri: &Uri) -> Option<Boxed<Tcp>> {
        let (proxy, http) = self.proxy.as_ref()?;
        let Tunneled { proxy: address, authorization } = proxy.tunnel_to(uri)?;
        let mut tunnel = Tunnel::new(address, http.clone());
        if let Some(authorization) = authorization {
            tunnel = tunnel.with_auth(authorization);
        }
        let (proxy, connecting) = (proxy.to_string(), tunnel.call(uri.clone()));
        Some(Box::pin(async move {
            connecting.await.map_err(|error| ProxyFailure { proxy, cause: causes(&error) }.into())
        }))
    }
}

impl Service<Uri> for Dialer {
    type Response = Tcp;
    type Error = BoxError;
    type Future = Boxed<Tcp>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.http.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        if let Some(connecting) = self.tunnel(&uri) {
            return connecting;
        }
        // An address in the URL never comes to the resolver.
        let host = uri.host().unwrap_or_default();
        let literal = host.trim_matches(['[', ']']).parse::<IpAddr>();
        if let Err(refused) =
            literal.map_or(Ok(Vec::new()), |ip| checked(&self.policy, host, &[ip]))
        {
            return Box::pin(async move { Err(refused.into()) });
        }
        let dialling = self.http.call(uri);
        Box::pin(async move { dialling.await.map_err(Into::into) })
    }
}

/// TCP and TLS within a limit of time.
#[derive(Clone)]
pub struct Connector {
    /// The connections.
    pub tls: HttpsConnector<Dialer>,
    /// DNS, TCP and TLS together.
    pub limit: Duration,
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<Tcp>;
    type Error = BoxError;
    type Future = Boxed<Self::Response>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.tls.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let (connecting, limit) = (self.tls.call(uri), self.limit);
        Box::pin(async move {
            timeout(limit, connecting).await.unwrap_or_else(|_| Err(ConnectTimeout(limit).into()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_name_with_public_and_internal_addresses_only_the_public_ones_are_dialled() {
        let policy = FetchPolicy::public();
        let addresses = ["127.0.0.1", "8.8.8.8", "::1"].map(|ip| ip.parse().unwrap());
        let public = vec!["8.8.8.8".parse::<IpAddr>().unwrap()];
        assert_eq!(checked(&policy, "a.example", &addresses), Ok(public));
        let internal = ["64:ff9b::a00:1".parse().unwrap()];
        let refused = checked(&policy, "a.example", &internal).unwrap_err();
        assert_eq!(refused.kind, AddressKind::Private);
        assert_eq!(
            refused.to_string(),
            "a.example is 64:ff9b::a00:1, a private address; a public one is needed"
        );
    }
}
