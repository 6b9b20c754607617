//! Says in a declared error body what was wrong, wherever its schema leaves room.

use http::StatusCode;
use serde_json::Value;

use super::problem;
use crate::{
    finding::{Finding, Pointer},
    schema::Schema,
};

/// Fields that hold a sentence for people.
const SENTENCES: [&str; 7] =
    ["message", "detail", "details", "error_description", "errorMessage", "description", "reason"];

/// Fields that hold the name of an error for programs.
const NAMES: [&str; 5] = ["error", "code", "kind", "type", "errorCode"];

/// How deep in a body such fields are looked for.
const DEPTH: usize = 3;

/// Whether a body's example is named for the very kind that is told, and so names it already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// It is.
    ForTheKind,
    /// It stands for another kind, or for none.
    Otherwise,
}

/// Puts the first finding into `body`, which goes on satisfying `schema`.
pub(super) fn explain(
    body: &mut Value,
    schema: Option<&Schema>,
    status: StatusCode,
    findings: &[Finding],
    named: Named,
) {
    let Some(first) = findings.first() else { return };
    if ["type", "title", "status", "detail"].iter().all(|field| body.get(field).is_some()) {
        let whole = problem::document(status, findings);
        if schema.is_none_or(|schema| schema.is_valid(&whole)) {
            *body = whole;
            return;
        }
    }
    let mut places = Vec::new();
    texts(body, &Pointer::root(), DEPTH, &mut places);
    for (pointer, name) in places {
        if SENTENCES.contains(&name.as_str()) {
            replace(body, schema, &pointer, problem::detail(first).into());
        } else if named == Named::Otherwise && NAMES.contains(&name.as_str()) {
            replace(body, schema, &pointer, first.code.name().into());
        }
    }
}

/// The text fields of a body and their names.
fn texts(value: &Value, at: &Pointer, depth: usize, places: &mut Vec<(Pointer, String)>) {
    let Some(members) = value.as_object().filter(|_| depth > 0) else { return };
    for (name, member) in members {
        match member {
            Value::String(_) => places.push((at.join(name), name.clone())),
            _ => texts(member, &at.join(name), depth - 1, places),
        }
    }
}

/// Puts `value` at `pointer`, and what stood there back where the body would no longer satisfy its schema.
fn replace(body: &mut Value, schema: Option<&Schema>, pointer: &Pointer, value: Value) {
    let Some(slot) = body.pointer_mut(pointer.as_str()) else { return };
    let held = std::mem::replace(slot, value);
    if schema.is_some_and(|schema| !schema.is_valid(body))
        && let Some(slot) = body.pointer_mut(pointer.as_str())
    {
        *slot = held;
    }
}
