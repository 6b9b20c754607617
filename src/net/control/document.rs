//! The document of the control interface, as it is made from the code → the same, and who is let in.

use serde_json::{Value, json};

/// What keeps everybody out who does not know the token.
const SCHEME: &str = "token";

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
