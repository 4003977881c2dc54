//! Prints the registry as JSON: functions, OpenAPI document, error codes. `cargo xtask` makes the
//! generated files of it, and depends on no function itself.

use schemars::schema_for;
use serde_json::{Value, json};
use slipway_edge::dispatch::DISPATCHED;
use slipway_edge::{
    DynJob, ErrorCode, FunctionSize, Operation, Trigger, default_route, openapi, problem,
};

fn main() {
    let (operations, jobs) = (slipway_registry::operations(), slipway_registry::jobs());
    let lambdas: Vec<_> = operations
        .iter()
        .map(|operation| of_operation(&**operation))
        .chain(jobs.iter().map(|job| of_job(&**job)))
        .chain([of_default_route()])
        .collect();
    let errors: Vec<_> = ErrorCode::ALL.into_iter().map(error).collect();
    println!(
        "{}",
        json!({ "lambdas": lambdas, "openapi": openapi::document(&operations), "errors": errors })
    );
}

/// The function of an operation.
fn of_operation(operation: &dyn Operation) -> Value {
    let route = operation.route();
    let cause = json!({ "request": { "methods": route.verb.routed(), "path": route.path } });
    let statements = operation.permissions().statements();
    json!({ "op": route.op, "cause": cause, "size": operation.size(), "statements": statements })
}

/// The function of API Gateway's `$default` route: it may do nothing but log.
fn of_default_route() -> Value {
    let size = FunctionSize::REQUEST;
    json!({ "op": default_route::OP, "cause": "default_route", "size": size, "statements": [] })
}

/// The function of a job.
fn of_job(job: &dyn DynJob) -> Value {
    let cause = match job.trigger() {
        Trigger::ObjectCreated { prefix } => json!({ "object_created": { "prefix": prefix } }),
        Trigger::RowsInserted { prefix } => {
            json!({ "rows_inserted": { "prefixes": [prefix], "window": "deployment" } })
        }
        Trigger::RowsToDispatch => {
            let prefixes = DISPATCHED.map(|rows| rows.prefix);
            json!({ "rows_inserted": { "prefixes": prefixes, "window": "one_second" } })
        }
        Trigger::RowsDispatched(rows) => json!({ "rows_dispatched": { "prefix": rows.prefix } }),
        Trigger::Message => json!("message"),
        Trigger::Schedule { minutes } => json!({ "schedule": { "minutes": minutes } }),
    };
    let statements = job.permissions().statements();
    json!({ "op": job.name(), "cause": cause, "size": job.size(), "statements": statements })
}

/// A code, its status, and what its documentation says; nothing if it has none.
fn error(code: ErrorCode) -> Value {
    json!({ "code": code, "status": problem::status(code).as_u16(), "meaning": meaning(&json!(code)) })
}

/// The documentation of the code `name`: its schema repeats it.
fn meaning(name: &Value) -> String {
    let schema = schema_for!(ErrorCode).to_value();
    let mut variants = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    let variant = variants.find(|variant| variant.get("const") == Some(name));
    variant.and_then(|variant| variant.get("description")?.as_str()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_code_is_explained_by_its_documentation() {
        for code in ErrorCode::ALL {
            assert!(!meaning(&json!(code)).is_empty(), "{code:?}");
        }
        assert_eq!(meaning(&json!("unknown_channel")), "The product has no such channel.");
    }
}
