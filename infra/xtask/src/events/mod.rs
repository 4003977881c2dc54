//! `events/<op>.json`: what AWS hands to each function, for `sam local invoke` and `cargo lambda
//! invoke`.

use serde_json::Value;

use crate::description::{Description, Lambda, Trigger};
use crate::failure::{Failure, Result};
use crate::generated::Generated;

mod body;
mod message;
mod object_created;
mod request;
mod rows_inserted;
mod sample;
mod scheduled;

/// One event for each function.
pub fn generate(description: &Description) -> Result<Vec<Generated>> {
    description
        .lambdas
        .iter()
        .map(|lambda| file(&lambda.op, &event(lambda, &description.openapi)?))
        .collect()
}

/// What starts `lambda`.
fn event(lambda: &Lambda, openapi: &Value) -> Result<Value> {
    match &lambda.cause {
        Trigger::Request { methods, path } => {
            let method = methods.first().map(String::as_str).unwrap_or_default();
            request::event(&lambda.op, method, path, openapi)
        }
        Trigger::DefaultRoute => Ok(request::unrouted("GET", "/v1/products/")),
        Trigger::ObjectCreated { prefix } => Ok(object_created::event(prefix)),
        Trigger::RowsInserted { prefixes, .. } => {
            Ok(rows_inserted::event(prefixes.first().map_or("", String::as_str)))
        }
        Trigger::RowsDispatched { prefix } => Ok(rows_inserted::event(prefix)),
        Trigger::Message => Ok(message::event(&lambda.op)),
        Trigger::Schedule { .. } => Ok(scheduled::event()),
    }
}

/// The file of `op`.
fn file(op: &str, event: &Value) -> Result<Generated> {
    let text = serde_json::to_string_pretty(event).map_err(Failure::wrong)?;
    Ok(Generated::new(format!("events/{op}.json"), text + "\n"))
}
