//! KMS: ministack's, which knows Ed25519 keys. It is no part of the local stack, whose keys are
//! files.

use crate::World;
use crate::ministack::Ministack;

/// A KMS of its own for a test. It ends with this value.
pub struct Kms {
    /// Where it answers.
    pub url: String,
    /// A client for it.
    pub client: aws_sdk_kms::Client,
    _process: Ministack,
}

impl Kms {
    /// Starts one for the functions of `world`. Nothing, where there is no ministack, which CI has.
    pub async fn start(world: &World) -> Option<Self> {
        let process = Ministack::start("kms")?;
        let url = process.url.clone();
        let config = aws_sdk_kms::config::Builder::from(&world.stack.local.sdk_config())
            .endpoint_url(&url)
            .build();
        let client = aws_sdk_kms::Client::from_conf(config);
        process.answers(async || client.list_keys().send().await.is_ok()).await;
        Some(Self { url, client, _process: process })
    }
}
