//! SSM's Parameter Store: ministack's. The local stack reads secrets from files.

use aws_sdk_ssm::types::ParameterType;

use crate::World;
use crate::ministack::Ministack;

/// A Parameter Store of its own for a test. It ends with this value.
pub struct ParameterStore {
    /// A client for it.
    pub client: aws_sdk_ssm::Client,
    _process: Ministack,
}

impl ParameterStore {
    /// Starts one for the functions of `world`. Nothing, where there is no ministack, which CI has.
    pub async fn start(world: &World) -> Option<Self> {
        let process = Ministack::start("ssm")?;
        let config = world.stack.local.sdk_config().into_builder();
        let config = config.endpoint_url(&process.url).build();
        let client = aws_sdk_ssm::Client::new(&config);
        process.answers(async || client.describe_parameters().send().await.is_ok()).await;
        Some(Self { client, _process: process })
    }

    /// Stores a secret.
    pub async fn put(&self, name: &str, value: &str) {
        let request = self.client.put_parameter().name(name).value(value);
        request.r#type(ParameterType::SecureString).send().await.expect("a parameter");
    }
}
