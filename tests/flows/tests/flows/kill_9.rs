//! Requests with an `Idempotency-Key` whose function is killed, and that are repeated: nothing that
//! was acknowledged is lost, and nothing happens twice.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;
use slipway_test_support::{TestResponse, Value, every_entry, json};

use crate::process::{Process, TOKEN, listen};

const ROUNDS: usize = 6;
const WRITERS: usize = 24;
/// Requests that are acknowledged in a round before the process is killed.
const ACKNOWLEDGED: usize = 48;

/// A request that creates something, with a key of its own that the thing is named after.
#[derive(Debug, Clone)]
struct KeyedRequest {
    key: String,
    path: &'static str,
    body: Value,
}

impl KeyedRequest {
    fn new(round: usize, writer: usize, number: usize) -> Self {
        let key = format!("r{round}-w{writer}-{number}");
        let url = format!("https://example.com/{key}");
        let (path, body) = match writer % 3 {
            0 => ("/v1/products", json!({ "name": key })),
            1 => ("/v1/tenants", json!({ "name": key, "products": "*" })),
            _ => (
                "/v1/artifacts",
                json!({ "source_type": "EXTERNAL", "sha256": "ab".repeat(32), "size_bytes": 1, "external_url": url }),
            ),
        };
        Self { key, path, body }
    }

    fn to(&self, http: &reqwest::Client, base_url: &str) -> reqwest::RequestBuilder {
        let request = http.post(format!("{base_url}{}", self.path)).bearer_auth(TOKEN);
        request.header("idempotency-key", &self.key).json(&self.body)
    }
}

/// What a writer has sent: each request, with its response if there was one.
type Sent = Vec<(KeyedRequest, Option<Value>)>;

/// Sends one request after the other until the process is gone. The last one was in flight.
async fn write_until_killed(
    (http, base_url): (reqwest::Client, String),
    (round, writer): (usize, usize),
    acknowledged: Arc<AtomicUsize>,
) -> Sent {
    let mut sent = Sent::new();
    loop {
        let request = KeyedRequest::new(round, writer, sent.len());
        let response = request.to(&http, &base_url).send().await;
        let created: Option<Value> = match response {
            Ok(response) if response.status() == 201 => response.json().await.ok(),
            Ok(response) => panic!("{request:?}: {response:?}"),
            Err(_) => None,
        };
        let is_gone = created.is_none();
        sent.push((request, created));
        if is_gone {
            return sent;
        }
        acknowledged.fetch_add(1, Ordering::SeqCst);
    }
}

/// Has everyone write, and kills the process in the middle of it.
async fn round(process: Process, round: usize) -> Sent {
    let acknowledged = Arc::new(AtomicUsize::new(0));
    let writers = (0..WRITERS).map(|writer| {
        let api = (process.http.clone(), process.base_url.clone());
        tokio::spawn(write_until_killed(api, (round, writer), Arc::clone(&acknowledged)))
    });
    let writers: Vec<_> = writers.collect();
    while acknowledged.load(Ordering::SeqCst) < ACKNOWLEDGED {
        tokio::task::yield_now().await;
    }
    process.kill();
    join_all(writers).await.into_iter().flat_map(Result::unwrap).collect()
}

/// How often there is something that is named after each key.
async fn effects(process: &Process) -> BTreeMap<String, usize> {
    let mut effects = BTreeMap::new();
    for (list, name) in [("products", "name"), ("tenants", "name"), ("artifacts", "external_url")] {
        let get = async |path: String| process.get(&path, TOKEN).await;
        for item in every_entry(&format!("/v1/{list}"), list, get).await {
            let name = item[name].as_str().unwrap().trim_start_matches("https://example.com/");
            *effects.entry(name.to_owned()).or_default() += 1;
        }
    }
    effects
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_and_repeated_requests_lose_nothing_and_do_nothing_twice() {
    let directory = tempfile::tempdir().unwrap();
    let address = listen();
    let (mut keys, mut in_flight, mut landed) = (0, 0, 0);
    for number in 0..ROUNDS {
        let sent = round(Process::start(directory.path(), &address), number).await;
        let process = Process::start(directory.path(), &address);
        let before = effects(&process).await;
        for (request, acknowledged) in &sent {
            let answer = TestResponse::to(request.to(&process.http, &process.base_url)).await;
            let replayed = answer.header("idempotency-replayed").is_some();
            let happened = before.contains_key(&request.key);
            assert_eq!(replayed, happened, "{request:?}");
            let body = answer.expect(201);
            if let Some(first) = acknowledged {
                assert_eq!(*first, body, "{request:?}");
            } else {
                in_flight += 1;
                landed += usize::from(happened);
            }
        }
        keys += sent.len();
        let after = effects(&process).await;
        assert_eq!((after.len(), after.values().max()), (keys, Some(&1)), "round {number}");
        process.kill();
    }
    println!("{keys} keys, {in_flight} in flight, {landed} of them had had their effect");
    assert!(in_flight >= ROUNDS * WRITERS);
}
