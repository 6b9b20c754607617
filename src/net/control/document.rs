//! The document of the control interface, as it is made from the code → the same, with all that the code cannot say: which
//! texts are times and durations, which names there are, and who is let in.
//!
//! Requests are held to it, so what stands here is what is taken.

use serde_json::{Value, json};

use crate::{finding::Code, sandbox};

/// What keeps everybody out who does not know the token.
const SCHEME: &str = "token";
/// The bodies that hold what they name, and nothing else.
const CLOSED: [&str; 5] = ["Faults", "Move", "Order", "Question", "Setting"];
/// Weeks, days, hours, minutes, seconds and milliseconds, as many of each as a clock could be moved.
const DURATION: &str = "^-?([0-9]{1,6}[wd]|[0-9]{1,8}h|[0-9]{1,9}(ms|m|s))+$";
/// What `sandbox::Fault` takes, written as it tells it itself: a time is `300ms` or `2s`, no longer than ten minutes.
const FAULT: &str = "^([A-Za-z][^:\\r\\n]{0,99}: )?\
    (delay=(TIME|TIME\\.\\.TIME|normal\\(TIME,TIME\\))|error(=[45][0-9][0-9])?|drop|truncate(=[0-9]{1,9})?|slow=[1-9][0-9]{0,8}B/s)\
    ( at ([0-9]{1,2}(\\.[0-9]{1,4})?|100)%| at 0\\.[0-9]{1,6})?$";
/// A part of that.
const TIME: &str = "([0-9]{1,5}ms|[0-9]{1,2}s|[1-5][0-9]{2}s|[0-9]m)";
/// What `sandbox::Name` takes.
const NAME: &str = "^[A-Za-z0-9._~:@-]+$";

/// What there is that can be named.
pub(super) struct Names {
    pub(super) documents: Vec<String>,
    pub(super) credentials: Vec<String>,
}

/// Says what the code cannot.
pub(super) fn finish(document: &mut Value, names: &Names) {
    let time = || json!({ "format": "date-time" });
    for name in CLOSED {
        add(&mut document["components"]["schemas"][name], &json!({ "additionalProperties": false }));
    }
    let field = |document: &mut Value, of: &str, name: &str, more: &Value| {
        add(&mut document["components"]["schemas"][of]["properties"][name], more);
    };
    field(document, "Move", "set", &time());
    field(document, "Move", "advance", &json!({ "pattern": DURATION }));
    let faults = json!({ "items": {
        "type": "string",
        "pattern": FAULT.replace("TIME", TIME),
        "description": sandbox::FAULTS,
        "example": "delay=300ms at 5%",
    } });
    field(document, "Faults", "faults", &faults);
    field(document, "Order", "lifetime", &json!({ "pattern": DURATION }));
    if !names.credentials.is_empty() {
        field(document, "Order", "credential", &json!({ "enum": names.credentials }));
    }
    let codes = json!({ "enum": Code::ALL.iter().map(|code| code.name()).collect::<Vec<_>>() });
    parameter(document, "/requests", "finding", &codes);
    parameter(document, "/requests", "status", &json!({ "pattern": "^[1-5]([0-9][0-9]|XX)$" }));
    parameter(document, "/requests", "until", &time());
    let since = json!({ "anyOf": [{ "pattern": "^[0-9]{1,18}$" }, { "format": "date-time" }] });
    parameter(document, "/requests", "since", &since);
    let except = json!({ "items": { "type": "string", "enum": codes["enum"] } });
    parameter(document, "/verdict", "except", &except);
    if let Some(first) = names.documents.first() {
        parameter(document, "/documents/{name}", "name", &json!({ "example": first }));
    }
    let name = json!({ "pattern": NAME, "maxLength": 128, "example": sandbox::DEFAULT });
    for path in ["/sandboxes/{name}", "/sandboxes/{name}/reset"] {
        parameter(document, path, "name", &name);
    }
}

/// Adds to every operation that a token is wanted, and what is answered without one.
pub(super) fn guarded(document: &mut Value) {
    document["components"]["securitySchemes"][SCHEME] =
        json!({ "type": "http", "scheme": "bearer", "description": "What `--control-token` says." });
    document["security"] = json!([{ SCHEME: [] }]);
    let items = document.get_mut("paths").and_then(Value::as_object_mut);
    for operation in items.into_iter().flatten().filter_map(|(_, item)| item.as_object_mut()).flatten() {
        operation.1["responses"]["401"] = json!({
            "description": "The token is missing or is not the right one.",
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
        });
    }
}

/// Adds to the schema of a parameter, in all operations of a path.
fn parameter(document: &mut Value, path: &str, name: &str, more: &Value) {
    let item = document["paths"][path].as_object_mut();
    let lists =
        item.into_iter().flatten().filter_map(|(_, operation)| operation["parameters"].as_array_mut());
    for parameter in lists.flatten().filter(|parameter| parameter["name"] == name) {
        add(&mut parameter["schema"], more);
    }
}

fn add(schema: &mut Value, more: &Value) {
    if let (Some(held), Some(more)) = (schema.as_object_mut(), more.as_object()) {
        held.extend(more.clone());
    }
}
