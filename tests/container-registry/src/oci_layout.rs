//! Images as `skopeo` takes them: an OCI image layout (image specification 1.1).

use std::fs;

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// A directory with images.
pub struct OciLayout {
    directory: TempDir,
}

impl OciLayout {
    /// An empty one.
    pub fn empty() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        fs::create_dir_all(path.join("blobs/sha256")).unwrap();
        fs::write(path.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
        Self { directory }
    }

    /// Where the one image is that this layout has now.
    pub fn reference(&self) -> String {
        format!("oci:{}", self.directory.path().display())
    }

    /// Makes an image for Linux with these words in it the layout's one.
    pub fn image(&self, words: &str) -> String {
        let image = self.manifest("amd64", words);
        self.publish(&image)
    }

    /// Makes an index of two images the layout's one.
    pub fn index(&self, words: &str) -> String {
        let images = ["amd64", "arm64"].map(|arch| self.manifest(arch, words));
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": images });
        let index = self.blob(INDEX, index.to_string().as_bytes());
        self.publish(&index)
    }

    fn manifest(&self, architecture: &str, words: &str) -> Value {
        let layer = self.blob("application/vnd.oci.image.layer.v1.tar", words.as_bytes());
        let config = json!({
            "architecture": architecture, "os": "linux",
            "rootfs": { "type": "layers", "diff_ids": [layer["digest"]] },
        });
        let config =
            self.blob("application/vnd.oci.image.config.v1+json", config.to_string().as_bytes());
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer],
        });
        let mut descriptor = self.blob(MANIFEST, manifest.to_string().as_bytes());
        descriptor["platform"] = json!({ "os": "linux", "architecture": architecture });
        descriptor
    }

    fn blob(&self, media_type: &str, bytes: &[u8]) -> Value {
        let hex = HEXLOWER.encode(&Sha256::digest(bytes));
        fs::write(self.directory.path().join("blobs/sha256").join(&hex), bytes).unwrap();
        json!({ "mediaType": media_type, "digest": format!("sha256:{hex}"), "size": bytes.len() })
    }

    fn publish(&self, descriptor: &Value) -> String {
        let index = json!({ "schemaVersion": 2, "manifests": [descriptor] });
        fs::write(self.directory.path().join("index.json"), index.to_string()).unwrap();
        descriptor["digest"].as_str().unwrap().to_owned()
    }
}
