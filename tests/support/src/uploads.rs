//! What tests of uploads say again and again.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{TestResponse, World, file, upload_path};

impl World {
    /// Initiates the upload of `size` bytes with digest `sha256`.
    pub async fn initiate(&self, size: usize, sha256: &str) -> Value {
        self.post("/v1/artifacts/uploads", json!({ "size_bytes": size, "sha256": sha256 }))
            .await
            .expect(201)
    }

    /// PUTs bytes as `curl -X PUT --data-binary` does, and tells S3's status.
    pub async fn send(&self, url: &Value, bytes: Vec<u8>) -> u16 {
        let request = self
            .http()
            .put(url.as_str().expect("a URL"))
            .header("content-type", "application/octet-stream");
        request.body(bytes).send().await.expect("an answer").status().as_u16()
    }

    /// PUTs bytes where a presigned request says, with its headers, and tells S3's status.
    pub async fn send_checked(&self, put: &Value, bytes: Vec<u8>) -> u16 {
        let mut request = self.http().put(put["url"].as_str().expect("a URL"));
        for (name, value) in put["headers"].as_object().expect("headers") {
            // The client computes the length itself, and refuses to send another one.
            if !name.eq_ignore_ascii_case("content-length") {
                request = request.header(name, value.as_str().expect("a text"));
            }
        }
        request.body(bytes).send().await.expect("an answer").status().as_u16()
    }

    /// An upload of the file of `seed` and `length` whose bytes have arrived by its plain URL.
    pub async fn arrived(&self, seed: u64, length: usize) -> Value {
        let (bytes, sha256) = file(seed, length);
        let upload = self.initiate(bytes.len(), &sha256).await;
        assert_eq!(self.send(&upload["upload_url"], bytes).await, 200);
        upload
    }

    /// The same, checked by S3.
    pub async fn arrived_checked(&self, seed: u64, length: usize) -> Value {
        let (bytes, sha256) = file(seed, length);
        let upload = self.initiate(bytes.len(), &sha256).await;
        assert_eq!(self.send_checked(&upload["checked_upload"], bytes).await, 200);
        upload
    }

    /// The same, in one part, which S3 holds.
    pub async fn arrived_in_parts(&self, seed: u64, length: usize) -> Value {
        let (bytes, sha256) = file(seed, length);
        let body = json!({ "size_bytes": bytes.len(), "sha256": sha256, "multipart": true });
        let upload = self.post("/v1/artifacts/uploads", body).await.expect(201);
        let wanted = json!({ "parts": [{ "part_number": 1, "sha256": sha256 }] });
        let parts = self.post(&upload_path(&upload, "/parts"), wanted).await.expect(200);
        assert_eq!(self.send_checked(&parts["urls"][0], bytes).await, 200);
        upload
    }

    /// Says that all bytes are there.
    pub async fn complete(&self, upload: &Value) -> TestResponse {
        let path = upload_path(upload, "/complete");
        TestResponse::to(self.admin(Method::POST, &path)).await
    }

    /// Where an upload stands.
    pub async fn upload(&self, upload: &Value) -> Value {
        self.get(&upload_path(upload, "")).await.expect(200)
    }

    /// Waits until an upload has ended, without saying that it is complete.
    pub async fn ended(&self, upload: &Value) -> Value {
        for _ in 0..600 {
            let view = self.upload(upload).await;
            if !matches!(view["status"].as_str(), Some("pending" | "verifying")) {
                return view;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it does not end: {:#}", self.upload(upload).await);
    }

    /// The bytes that an artifact's download leads to.
    pub async fn download(&self, artifact: &Value) -> Vec<u8> {
        let path = format!("/v1/artifacts/{}/download", artifact.as_str().expect("an id"));
        let answer = TestResponse::to(self.admin(Method::GET, &path)).await;
        let location = answer.header("location").unwrap_or_else(|| panic!("{answer:?}")).to_owned();
        let response = self.http().get(location).send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        response.bytes().await.expect("bytes").to_vec()
    }
}
