//! A recorded decision, made again: the same snapshot, request, time and key give the same bytes.
//!
//! `UPDATE_RECORDED=1` writes the answer anew. It changes where decisions or their form have
//! changed for clients, and for no other reason.

use jiff::Timestamp;
use slipway_domain::Sha256;
use slipway_domain::decision::{DecisionList, DecisionRequest, DecisionResponse, UpdateCheck};
use slipway_domain::release::ReleaseArtifact;
use slipway_signing::seed::seed;
use slipway_signing::{Context, SeedSigner};
use slipway_snapshot::{Manifest, SnapshotCatalog};

const SNAPSHOT: &[u8] = include_bytes!("../recorded/snapshot.json");
const REQUEST: &[u8] = include_bytes!("../recorded/request.json");
const NOW: &str = "2026-12-01T12:00:00.123Z";

fn answer() -> Vec<u8> {
    let manifest: Manifest = serde_json::from_slice(SNAPSHOT).unwrap();
    let request: DecisionRequest = serde_json::from_slice(REQUEST).unwrap();
    let now: Timestamp = NOW.parse().unwrap();
    let end = manifest.expires_at;
    let catalog = SnapshotCatalog::of(manifest, |_| true).unwrap();
    let mut decisions = DecisionList::default();
    let url = |artifact: &ReleaseArtifact| {
        format!("https://mirror.example.com/artifacts/{}", artifact.sha256)
    };
    for product in request.products {
        decisions.push(catalog.decide(&UpdateCheck::from(product), url));
    }
    let (decisions, sha256) = (decisions.finish(), Sha256::of(REQUEST));
    let response = DecisionResponse::new(decisions, request.nonce, sha256, now).ending_by(end);
    let signer = SeedSigner::new(&seed(&[42; 32]).unwrap());
    serde_json::to_vec(&signer.sign(Context::Decision, response).unwrap()).unwrap()
}

#[test]
fn a_recorded_decision_made_again_is_the_same_to_the_byte() {
    let answer = answer();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded/answer.json");
    if std::env::var_os("UPDATE_RECORDED").is_some() {
        std::fs::write(path, &answer).unwrap();
    }
    let recorded = std::fs::read(path).unwrap();
    assert_eq!(String::from_utf8_lossy(&answer), String::from_utf8_lossy(&recorded));
}
