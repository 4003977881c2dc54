//! What a mirror tells its vendor.

use slipway_test_support::{Value, json};

use crate::mirror::Mirror;
use crate::tampering_proxy::Tampering;
use crate::vendor::{TENANT, Vendor};

async fn status(vendor: &Vendor, id: &str) -> Value {
    vendor.world.get(&format!("/v1/mirrors/{id}/status")).await.expect(200)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vendor_learns_how_each_sync_has_ended() {
    let (vendor, _) = Vendor::with_files(0..1, 1000).await;
    let created = vendor
        .world
        .post("/v1/mirrors", json!({ "tenant_id": TENANT, "name": "Berlin" }))
        .await
        .expect(201);
    let id = created["id"].as_str().unwrap();
    let mirror = Mirror::of(&vendor);
    let synced = mirror.sync(&["--mirror-id", id]).await.good();
    let told = status(&vendor, id).await;
    assert_eq!(
        (&told["status"], &told["snapshot_id"], &told["sequence"]),
        (&json!("ACTIVE"), &synced["snapshot_id"], &json!(1))
    );
    assert_eq!(told["last_error"], Value::Null);

    vendor.publish("prod_p0", "2.0.0", 9, 1000).await;
    vendor.snapshot().await;
    vendor.proxy.tamper_with("/s3/", Tampering::Bytes(vec![0; 1000]));
    let failed = mirror.sync(&["--mirror-id", id]).await;
    failed.refused(17, "wrong_hash", "wrong hash");
    let told = status(&vendor, id).await;
    assert_eq!(
        (&told["status"], &told["snapshot_id"], &told["sequence"]),
        (&json!("ERROR"), &synced["snapshot_id"], &json!(1))
    );
    assert_eq!(told["last_error"], failed.json["error"]["message"]);
    let own = mirror.status(&[]).await.good();
    assert_eq!(
        (&own["last_error"], &own["sequence"]),
        (&failed.json["error"]["message"], &json!(1))
    );

    vendor.proxy.stop_tampering();
    mirror.sync(&["--mirror-id", id]).await.good();
    let told = status(&vendor, id).await;
    assert_eq!(
        (&told["status"], &told["sequence"], &told["last_error"]),
        (&json!("ACTIVE"), &json!(2), &Value::Null)
    );
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_who_can_t_be_told_spoils_nothing() {
    let (vendor, _) = Vendor::with_files(0..1, 1000).await;
    let mirror = Mirror::of(&vendor);
    for lie in [
        Tampering::Status(500),
        Tampering::Status(404),
        Tampering::Redirect("https://evil.example.com/".to_owned()),
    ] {
        vendor.proxy.tamper_with("/report", lie);
        mirror.sync(&["--mirror-id", "mir_1"]).await.good();
    }
    vendor.leaves().await;
}
