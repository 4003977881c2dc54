//! Embedded DynamoDB, S3 and Lambda, as servers that the functions reach through the AWS SDK. S3 checks
//! every signature and is where the API is, because presigned URLs lead to it. DynamoDB's engine
//! checks none, nor does Lambda, so that they are on loopback whatever the API listens on.

mod stream_records;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use dynoxide::Database;
use slipway_aws::Local;
use slipway_local_s3::{Credentials, Store};
use slipway_storage::INCOMING;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use self::stream_records::StreamRecords;
use crate::Error;
use crate::data::DataDirectory;
use crate::gateway::Limits;
use crate::lambda::{self, InvocationQueue};
use crate::server;

const ACCESS_KEY_ID: &str = "slipway-local";
/// The stack's name, with which the names of its functions begin.
pub(crate) const STACK: &str = "slipway-local";

/// The engines, running.
pub struct Engines {
    /// How clients reach them.
    pub local: Local,
    /// The store behind S3: where its events come from.
    pub store: Store,
    /// The database behind DynamoDB: where its stream comes from.
    pub database: Database,
    /// The records of that stream.
    pub stream_records: StreamRecords,
    /// The queue behind Lambda: where messages for jobs come from.
    pub queue: InvocationQueue,
    /// What to wait for when they are told to stop.
    pub servers: Vec<JoinHandle<()>>,
}

/// Starts S3 on `ip` and the first of `ports`, DynamoDB on loopback and the second, where 0 takes any
/// free one, and Lambda on loopback. They stop when `stop` changes. `public_s3` tells from S3's port at which URL clients
/// reach it, where that is another one.
pub async fn start(
    data: &DataDirectory,
    ip: IpAddr,
    ports: (u16, u16),
    public_s3: impl FnOnce(u16) -> Option<String>,
    stop: &watch::Receiver<bool>,
) -> Result<Engines, Error> {
    let secret = data.s3_secret()?;
    let (s3_address, s3, store) = start_s3(data, ip, ports.0, &secret, stop.clone()).await?;
    let (dynamodb_address, dynamodb, (database, stream_records)) =
        start_dynamodb(data, loopback(ip), ports.1, stop.clone()).await?;
    let (lambda_address, lambda, queue) = start_lambda(data, loopback(ip), stop.clone()).await?;
    let local = Local {
        dynamodb_url: format!("http://{dynamodb_address}"),
        lambda_url: format!("http://{lambda_address}"),
        s3_url: format!("http://{}", dialled(s3_address)),
        s3_public_url: public_s3(s3_address.port()),
        access_key_id: ACCESS_KEY_ID.to_owned(),
        secret_access_key: secret,
    };
    let servers = vec![s3, dynamodb, lambda];
    Ok(Engines { local, store, database, stream_records, queue, servers })
}

/// `ip`, if it is on loopback, else loopback in its family.
fn loopback(ip: IpAddr) -> IpAddr {
    match ip {
        ip if ip.is_loopback() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    }
}

/// Where a server that listens on `address` is reached from here: 0.0.0.0 is every address and none.
fn dialled(address: SocketAddr) -> SocketAddr {
    let ip = address.ip();
    SocketAddr::new(if ip.is_unspecified() { loopback(ip) } else { ip }, address.port())
}

async fn start_s3(
    data: &DataDirectory,
    ip: IpAddr,
    port: u16,
    secret: &str,
    stop: watch::Receiver<bool>,
) -> Result<(SocketAddr, JoinHandle<()>, Store), Error> {
    let directory = data.directory("s3")?;
    let store = tokio::task::spawn_blocking(move || Store::open(&directory, INCOMING)).await??;
    let listener = listen(ip, port, "S3").await?;
    let address = listener.local_addr()?;
    let credentials = Credentials {
        access_key_id: ACCESS_KEY_ID.to_owned(),
        secret_access_key: secret.to_owned(),
    };
    let serving = slipway_local_s3::serve(listener, store.clone(), credentials, stopped(stop));
    let server = tokio::spawn(async move {
        if let Err(error) = serving.await {
            eprintln!("S3 stopped: {error}");
        }
    });
    Ok((address, server, store))
}

async fn start_dynamodb(
    data: &DataDirectory,
    ip: IpAddr,
    port: u16,
    stop: watch::Receiver<bool>,
) -> Result<(SocketAddr, JoinHandle<()>, (Database, StreamRecords)), Error> {
    let path = data.path("dynamodb.sqlite");
    let (database, records) = tokio::task::spawn_blocking(move || open_dynamodb(&path)).await??;
    let listener = listen(ip, port, "DynamoDB").await?;
    let address = listener.local_addr()?;
    let serving = dynoxide::server::serve_with_shutdown(listener, database.clone(), stopped(stop));
    let server = tokio::spawn(async move {
        if let Err(error) = serving.await {
            eprintln!("DynamoDB stopped: {error}");
        }
    });
    Ok((address, server, (database, records)))
}

/// The engine makes its tables first.
fn open_dynamodb(path: &Path) -> Result<(Database, StreamRecords), Error> {
    let text = path.to_str().ok_or("the path of the data directory is not UTF-8")?;
    Ok((Database::new(text)?, StreamRecords::open(path)?))
}

/// On any free port: no client calls it.
async fn start_lambda(
    data: &DataDirectory,
    ip: IpAddr,
    stop: watch::Receiver<bool>,
) -> Result<(SocketAddr, JoinHandle<()>, InvocationQueue), Error> {
    let queue = InvocationQueue::open(data.directory("invocations")?)?;
    let listener = listen(ip, 0, "Lambda").await?;
    let (address, invocations) = (listener.local_addr()?, queue.clone());
    let answer = move |request| {
        let queue = invocations.clone();
        async move { lambda::answer(&queue, STACK, request).await }
    };
    let server = tokio::spawn(server::serve(listener, Limits::default(), answer, stop));
    Ok((address, server, queue))
}

/// Listens, or says who wanted to and where.
pub(crate) async fn listen(ip: IpAddr, port: u16, who: &str) -> Result<TcpListener, Error> {
    let address = SocketAddr::new(ip, port);
    TcpListener::bind(address).await.map_err(|error| {
        format!("{who} can't listen on {address}: {error}; choose another address with --listen")
            .into()
    })
}

/// Resolves when `stop` says so, or nobody is left to say so.
pub(crate) async fn stopped(mut stop: watch::Receiver<bool>) {
    // An error means that the sender is gone, which is the same.
    let _ = stop.wait_for(|stop| *stop).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dynamodb_is_on_loopback_whatever_the_api_listens_on() {
        for (api, dynamodb) in [
            ("127.0.0.1", "127.0.0.1"),
            ("127.0.0.2", "127.0.0.2"),
            ("0.0.0.0", "127.0.0.1"),
            ("192.0.2.1", "127.0.0.1"),
            ("::", "::1"),
            ("2001:db8::1", "::1"),
        ] {
            assert_eq!(loopback(api.parse().unwrap()), dynamodb.parse::<IpAddr>().unwrap());
        }
    }
}
