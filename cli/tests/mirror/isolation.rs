//! A mirror that is alone: in a network namespace whose only cable leads to the vendor, and then to
//! nobody.

use std::net::IpAddr;

use tokio::net::TcpStream;

use crate::mirror::{Mirror, run};
use crate::namespace::Namespace;
use crate::server::{Curl, Server};
use crate::vendor::Vendor;

const LENGTH: usize = 300_000;

#[tokio::test(flavor = "multi_thread")]
async fn with_the_vendor_gone_and_the_cable_cut_clients_get_everything_and_can_verify_it() {
    let Some(namespace) = Namespace::new().await else {
        eprintln!(
            "skipped: a mirror in a network namespace; the system does not let this process make one"
        );
        return;
    };
    let vendor = Vendor::at(IpAddr::V4(namespace.outside)).await;
    for seed in 0..3 {
        vendor.publish(&format!("prod_p{seed}"), "1.0.0", seed, LENGTH).await;
    }
    vendor.snapshot().await;
    let (keys, mirror) = (vendor.keys().await, Mirror::of(&vendor));
    run(&mut namespace.command(&mirror.command("sync", &[]))).await.good();
    let server =
        Server::spawn(namespace.command(&mirror.command("serve", &["--listen", "127.0.0.1:0"])))
            .await;
    let address = server.url.trim_start_matches("https://").to_owned();
    assert!(TcpStream::connect(&address).await.is_err(), "it is another machine's loopback");

    vendor.leaves().await;
    namespace.cut().await;
    let curl = Curl::of(&mirror).inside(&namespace);
    assert_eq!(curl.everything(&server.url, &keys).await, 3);
    let alone = run(&mut namespace.command(&mirror.command("sync", &["--timeout", "1s"]))).await;
    alone.refused(30, "unreachable", "can't be reached");
    assert_eq!(
        curl.everything(&server.url, &keys).await,
        3,
        "what was served before is served still"
    );
}
