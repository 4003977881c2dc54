//! HTTP clients, whose connectors are made when a request needs one, and once for all SDK clients.

use aws_sdk_s3::config::{HttpClient, RuntimeComponents, SharedHttpClient};
use aws_smithy_http_client::{Builder, tls};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpConnector};

/// Root certificates of AWS endpoints (<https://www.amazontrust.com/repository/>). Loading the
/// system's trust store would take most of an SDK client's start-up.
const AMAZON_ROOTS: &[u8] = include_bytes!("../roots/amazon.pem");

/// An HTTP client that trusts Amazon's roots, and nobody else.
#[must_use]
pub fn amazon_http_client() -> SharedHttpClient {
    let roots = tls::TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
    on_demand(match tls::TlsContext::builder().with_trust_store(roots).build() {
        Ok(context) => Builder::new().tls_provider(ring()).tls_context(context).build_https(),
        // The certificates are compiled in, and a test builds this context: the system's roots are
        // a slower start, not a hole.
        Err(_) => Builder::new().tls_provider(ring()).build_https(),
    })
}

/// An HTTP client that trusts the roots of the system.
pub(crate) fn system_http_client() -> SharedHttpClient {
    on_demand(Builder::new().tls_provider(ring()).build_https())
}

fn ring() -> tls::Provider {
    tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring)
}

/// `client`, without the connector that it makes for each SDK client and throws away: it only says
/// early that the certificates of the system can't be read, and costs a TLS configuration.
pub(crate) fn on_demand(client: SharedHttpClient) -> SharedHttpClient {
    SharedHttpClient::new(OnDemand(client))
}

#[derive(Debug)]
struct OnDemand(SharedHttpClient);

impl HttpClient for OnDemand {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.0.http_connector(settings, components)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.0.connector_metadata()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_five_amazon_roots_make_a_trust_store() {
        assert_eq!(
            AMAZON_ROOTS
                .windows(27)
                .filter(|window| window == b"-----BEGIN CERTIFICATE-----")
                .count(),
            5
        );
        let roots = tls::TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
        assert!(tls::TlsContext::builder().with_trust_store(roots).build().is_ok());
    }
}
