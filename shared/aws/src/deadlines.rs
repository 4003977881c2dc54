//! How long a call to AWS may take. Each has a time for an attempt and one for all of them together,
//! and what S3 sends has to come at a least throughput: a server that is silent and one that
//! trickles are the same fault. `docs/decisions/0027-deadlines.md` has the rule.

use std::time::Duration;

use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::interceptors::{
    BeforeDeserializationInterceptorContextMut, BeforeSerializationInterceptorContextRef,
};
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::operation::complete_multipart_upload::CompleteMultipartUploadInput;
use aws_sdk_s3::operation::copy_object::CopyObjectInput;
use aws_sdk_s3::operation::put_object::PutObjectInput;
use aws_sdk_s3::operation::upload_part_copy::UploadPartCopyInput;
use aws_sdk_s3::primitives::SdkBody;
use aws_smithy_runtime::client::http::body::minimum_throughput::options::MinimumThroughputBodyOptions;
use aws_smithy_runtime::client::http::body::minimum_throughput::{
    MinimumThroughputDownloadBody, Throughput,
};

/// The least that S3 sends, in bytes a second: a thousandth of what it does.
const LEAST_THROUGHPUT: u64 = 64 << 10;
/// How long it may send less. With the second over which the throughput is measured, a response that
/// stalls ends after eleven.
const GRACE: Duration = Duration::from_secs(10);

/// Of calls to DynamoDB and KMS. What they carry is small: one that takes seconds hangs, and is
/// better repeated.
pub(crate) fn small() -> TimeoutConfig {
    timeouts(Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(7))
}

/// Of calls to S3 that carry no object, and until the first byte of those that read one. It may take
/// seconds over what DynamoDB does at once.
pub(crate) fn objects() -> TimeoutConfig {
    timeouts(Duration::from_secs(1), Duration::from_secs(4), Duration::from_secs(9))
}

/// Of calls that send an object, of some tens of megabytes at the most.
fn sending() -> TimeoutConfig {
    timeouts(Duration::from_secs(1), Duration::from_mins(1), Duration::from_secs(150))
}

/// Of calls that have S3 copy up to 5 GiB, or join the parts of a file: minutes.
fn copying() -> TimeoutConfig {
    timeouts(Duration::from_secs(1), Duration::from_mins(5), Duration::from_mins(10))
}

fn timeouts(connect: Duration, attempt: Duration, operation: Duration) -> TimeoutConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(connect)
        .operation_attempt_timeout(attempt)
        .operation_timeout(operation);
    timeouts.build()
}

/// Gives each call to S3 the time that fits what it does, and its response a least throughput.
#[derive(Debug)]
pub(crate) struct ObjectDeadlines;

impl Intercept for ObjectDeadlines {
    fn name(&self) -> &'static str {
        "ObjectDeadlines"
    }

    fn read_before_execution(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let input = context.input();
        if input.downcast_ref::<PutObjectInput>().is_some() {
            config.interceptor_state().store_put(sending());
        } else if input.downcast_ref::<CopyObjectInput>().is_some()
            || input.downcast_ref::<UploadPartCopyInput>().is_some()
            || input.downcast_ref::<CompleteMultipartUploadInput>().is_some()
        {
            config.interceptor_state().store_put(copying());
        }
        Ok(())
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        components: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let sleep = components.sleep_impl().ok_or("a least throughput needs a timer")?;
        let time = components.time_source().ok_or("a least throughput needs a clock")?;
        let options = MinimumThroughputBodyOptions::builder()
            .minimum_throughput(Throughput::new_bytes_per_second(LEAST_THROUGHPUT))
            .grace_period(GRACE)
            .build();
        let body = std::mem::replace(context.response_mut().body_mut(), SdkBody::taken());
        *context.response_mut().body_mut() = body.map_preserve_contents(move |body| {
            let (time, sleep, options) = (time.clone(), sleep.clone(), options.clone());
            let body = MinimumThroughputDownloadBody::new(time, sleep, body, options);
            SdkBody::from_body_1_x(body)
        });
        Ok(())
    }
}
