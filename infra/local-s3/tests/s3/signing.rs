//! A signer that signs what it is told, independent of the SDK and of the server.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit as _, Mac as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

use crate::support::{ACCESS_KEY, BUCKET, SECRET_KEY, Server, http};

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What is signed into a URL.
pub struct Presigned<'a> {
    pub method: &'a str,
    pub key: &'a str,
    pub query: Vec<(&'a str, &'a str)>,
    pub expires_seconds: &'a str,
    pub access_key: &'a str,
}

impl Default for Presigned<'_> {
    fn default() -> Self {
        Self {
            method: "GET",
            key: "key",
            query: Vec::new(),
            expires_seconds: "60",
            access_key: ACCESS_KEY,
        }
    }
}

impl Presigned<'_> {
    pub fn url(&self, server: &Server) -> String {
        let host = server.address.to_string();
        let (stamp, scope) = now();
        let credential = format!("{}/{scope}", self.access_key);
        let mut query = vec![
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", &credential),
            ("X-Amz-Date", &stamp),
            ("X-Amz-Expires", self.expires_seconds),
            ("X-Amz-SignedHeaders", "host"),
        ];
        query.extend(self.query.iter());
        query.sort_unstable();
        let encode = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
        let query: Vec<String> = query
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        let query = query.join("&");
        let path = format!("/{BUCKET}/{}", self.key);
        let request =
            format!("{}\n{path}\n{query}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD", self.method);
        format!("http://{host}{path}?{query}&X-Amz-Signature={}", sign(&stamp, &scope, &request))
    }
}

/// A PUT to the key `key`, signed in its header, whose body ends in a trailing CRC32: right or
/// wrong is the caller's choice.
pub async fn put_with_trailing_crc32(
    server: &Server,
    bytes: &str,
    trailer: &str,
) -> reqwest::Response {
    let (stamp, scope) = now();
    let (host, path, length) =
        (server.address.to_string(), format!("/{BUCKET}/key"), bytes.len().to_string());
    let payload = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    let headers = [
        ("host", host.as_str()),
        ("x-amz-content-sha256", payload),
        ("x-amz-date", &stamp),
        ("x-amz-decoded-content-length", &length),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
    ];
    let signed = headers.map(|(name, _)| name).join(";");
    let lines = headers.map(|(name, value)| format!("{name}:{value}\n")).concat();
    let signature = sign(&stamp, &scope, &format!("PUT\n{path}\n\n{lines}\n{signed}\n{payload}"));
    let mut put = http().put(format!("http://{host}{path}"));
    for (name, value) in headers {
        put = put.header(name, value);
    }
    let credential = format!("{ACCESS_KEY}/{scope}");
    put.header("authorization", format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={signed}, Signature={signature}"))
        .body(format!("{:x}\r\n{bytes}\r\n0\r\n{trailer}\r\n\r\n", bytes.len()))
        .send()
        .await
        .unwrap()
}

/// The time, and the scope of what is signed at it.
fn now() -> (String, String) {
    let stamp = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let scope = format!("{}/us-east-1/s3/aws4_request", &stamp[..8]);
    (stamp, scope)
}

fn sign(stamp: &str, scope: &str, request: &str) -> String {
    let hash = HEXLOWER.encode(&Sha256::digest(request));
    let text = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hash}");
    let secret = format!("AWS4{SECRET_KEY}");
    let steps = scope.split('/').chain([text.as_str()]);
    let signature = steps.fold(secret.into_bytes(), |key, step| {
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(step.as_bytes());
        mac.finalize().into_bytes().to_vec()
    });
    HEXLOWER.encode(&signature)
}
