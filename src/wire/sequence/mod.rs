//! Sequences ↔ arrays: lines of JSON, `application/json-seq` (RFC 7464) and server-sent events (WHATWG HTML, section 9.2;
//! OAS 3.2, section 4.14.2).
//!
//! The items are judged by `itemSchema`, all of them together by `schema`. Documents that know no `itemSchema` often say in
//! `schema` what one item is: a schema that takes no list judges each item.

mod events;

use serde_json::Value;

use super::{
    Fault, Read,
    scalar::json,
    typed::{Draft, settle, wanted},
};
use crate::{
    api::Content,
    exchange::MediaType,
    finding::Pointer,
    schema::{Schema, Types, Violation, Written},
};

/// How the items of a sequence are kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// A line of JSON each.
    Lines,
    /// JSON texts between record separators and line feeds.
    Records,
    /// Server-sent events.
    Events,
}

impl Framing {
    /// How the sequences of a media type are framed; `None` where it is none of sequences.
    pub(super) fn of(media_type: &MediaType) -> Option<Self> {
        match media_type.essence() {
            "application/jsonl"
            | "application/x-jsonl"
            | "application/jsonlines"
            | "application/x-jsonlines"
            | "application/ndjson"
            | "application/x-ndjson"
            | "application/stream+json" => Some(Self::Lines),
            "text/event-stream" => Some(Self::Events),
            "application/json-seq" => Some(Self::Records),
            essence if essence.ends_with("+json-seq") => Some(Self::Records),
            _ => None,
        }
    }
}

/// Whether bodies of a media type are sequences: their items come as they happen, and nobody waits for the last one.
pub fn is_sequence(media_type: &MediaType) -> bool {
    Framing::of(media_type).is_some()
}

/// What the schema of a content is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// The array of all items.
    All,
    /// Each item.
    Each,
    /// The body as a text.
    Text,
}

fn scope(content: &Content) -> Scope {
    let Some(schema) = content.schema.as_ref().filter(|_| content.item_schema.is_none()) else {
        return Scope::All;
    };
    match wanted(&schema.about()) {
        types if types.meets(Types::ARRAY) => Scope::All,
        Types::STRING => Scope::Text,
        _ => Scope::Each,
    }
}

/// Reads a sequence as the array of its items.
///
/// # Errors
/// [`Fault`] with the place of the first item that is not well-formed.
pub(super) fn read(content: &Content, framing: Framing, text: &str) -> Result<Read, Fault> {
    let scope = scope(content);
    if scope == Scope::Text {
        let draft = Draft::whole(vec![Value::String(text.to_owned())]);
        return Ok(settle(draft, |value| judge(content, value)));
    }
    let item = item_schema(content, scope);
    let items = match framing {
        Framing::Lines => lines(text)?,
        Framing::Records => records(text)?,
        Framing::Events => events::read(item.as_ref(), text),
    };
    Ok(settle(Draft::list(items), |value| judge(content, value)))
}

/// What is written about an item.
fn item_schema(content: &Content, scope: Scope) -> Option<Written<'_>> {
    let whole = || content.schema.as_ref().map(Schema::about);
    match scope {
        Scope::Each => whole(),
        _ => content.item_schema.as_ref().map(Schema::about).or_else(|| whole().map(|all| all.item(0))),
    }
}

/// How the items, or the text, break the schemas of the content; a value that is no list is the one item.
pub(super) fn judge(content: &Content, value: &Value) -> Vec<Violation> {
    match (scope(content), &content.schema) {
        (Scope::Each, Some(schema)) if value.is_array() => each(schema, value),
        (_, schema) => {
            let mut all = schema.as_ref().map(|schema| schema.violations(value)).unwrap_or_default();
            all.extend(content.item_schema.iter().flat_map(|schema| each(schema, value)));
            all
        }
    }
}

/// How each item breaks the schema of the items.
pub(super) fn each(schema: &Schema, value: &Value) -> Vec<Violation> {
    let items = value.as_array().into_iter().flatten().enumerate();
    let placed = items.flat_map(|(at, item)| {
        schema.violations(item).into_iter().map(move |violation| Violation {
            instance: Pointer::root().join(at).append(&violation.instance),
            ..violation
        })
    });
    placed.collect()
}

fn lines(text: &str) -> Result<Vec<Vec<Value>>, Fault> {
    let filled = text.split('\n').enumerate().filter(|(_, line)| !line.trim().is_empty());
    let parse = |(at, (line, text)): (usize, (usize, &str))| {
        let value = json(text).map_err(|error| Fault {
            pointer: Pointer::root().join(at),
            message: format!("line {} is not JSON: {}", line + 1, why(&error)),
        })?;
        Ok(vec![value])
    };
    filled.enumerate().map(parse).collect()
}

/// What is wrong with a line of JSON; in which line is told already.
fn why(error: &serde_json::Error) -> String {
    let full = error.to_string();
    let words = full.split(" at line ").next().unwrap_or_default();
    format!("{words} at column {}", error.column())
}

fn records(text: &str) -> Result<Vec<Vec<Value>>, Fault> {
    const SEPARATOR: char = '\u{1e}';
    let (before, records) = text.split_once(SEPARATOR).unwrap_or((text, ""));
    if !before.trim().is_empty() {
        return Err(Fault::new("the sequence does not begin with a record separator (U+001E)"));
    }
    let filled = records.split(SEPARATOR).filter(|record| !record.trim().is_empty());
    filled.enumerate().map(|(at, record)| Ok(vec![record_value(at, record)?])).collect()
}

fn record_value(at: usize, record: &str) -> Result<Value, Fault> {
    let fault = |why: String| Fault { pointer: Pointer::root().join(at), message: why };
    let value: Value = json(record).map_err(|error| fault(format!("the record is not JSON: {error}")))?;
    // What does not show its own end may be the beginning of something longer (RFC 7464, section 2.4).
    let is_closed = matches!(value, Value::Object(_) | Value::Array(_) | Value::String(_));
    if !is_closed && !record.ends_with([' ', '\t', '\r', '\n']) {
        return Err(fault("the record may be cut off: no line feed ends it".to_owned()));
    }
    Ok(value)
}

/// Writes the items of an array; any other value is the one item, a text where the schema wants one is the body.
///
/// # Errors
/// [`Fault`] where an event cannot say what it has to.
pub(super) fn write(content: &Content, framing: Framing, value: &Value) -> Result<String, Fault> {
    if let Value::String(text) = value
        && is_written(content, framing, text)
    {
        return Ok(text.clone());
    }
    let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    match framing {
        Framing::Lines => Ok(items.iter().flat_map(|item| [item.to_string(), "\n".to_owned()]).collect()),
        Framing::Records => Ok(items
            .iter()
            .flat_map(|item| ["\u{1e}".to_owned(), item.to_string(), "\n".to_owned()])
            .collect()),
        Framing::Events => {
            let item = item_schema(content, scope(content));
            items.iter().map(|value| events::write(item.as_ref(), value)).collect()
        }
    }
}

/// Whether a text is the whole sequence as it is sent, as examples of streams often are.
fn is_written(content: &Content, framing: Framing, text: &str) -> bool {
    let is_filled = |value: &Value| value.as_array().is_none_or(|items| !items.is_empty());
    read(content, framing, text).is_ok_and(|read| read.violations.is_empty() && is_filled(&read.value))
}
