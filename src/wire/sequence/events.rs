//! Server-sent events ↔ values (WHATWG HTML, section 9.2.6; OAS 3.2, section 4.14.2.3).
//!
//! An event is an object of its fields where the schema speaks of them, or of nothing else; where the schema speaks of other
//! properties, it is the JSON in its `data`.

use serde_json::{Map, Value};

use crate::{
    schema::Written,
    wire::{
        Fault,
        scalar::json,
        typed::{meanings, objects},
    },
};

/// The fields of an event.
const FIELDS: [&str; 4] = ["event", "data", "id", "retry"];

/// The events of a stream, each with all that it may mean. A last event that no empty line ends is read as well.
pub(super) fn read(about: Option<&Written<'_>>, text: &str) -> Vec<Vec<Value>> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let blocks = text.split("\n\n").map(fields).filter(|fields| !fields.is_empty());
    blocks.map(|fields| value(about, fields)).collect()
}

/// The fields of one event in order; the lines of `data` are joined, of all others the last counts.
fn fields(block: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in block.split('\n') {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        let is_retry_broken = name == "retry" && !value.bytes().all(|byte| byte.is_ascii_digit());
        if !FIELDS.contains(&name) || is_retry_broken {
            continue;
        }
        match fields.iter_mut().find(|(key, _)| key == name) {
            Some((_, held)) if name == "data" => {
                held.push('\n');
                held.push_str(value);
            }
            Some((_, held)) => value.clone_into(held),
            None => fields.push((name.to_owned(), value.to_owned())),
        }
    }
    fields
}

/// Whether the schema speaks of what is in `data`, and not of the event.
fn is_bare(about: Option<&Written<'_>>) -> bool {
    let names = about.map(Written::names).unwrap_or_default();
    !names.is_empty() && !names.iter().any(|name| FIELDS.contains(name))
}

fn value(about: Option<&Written<'_>>, fields: Vec<(String, String)>) -> Vec<Value> {
    if is_bare(about) {
        let data = fields.into_iter().find(|(name, _)| name == "data").map(|(_, text)| text);
        let data = data.unwrap_or_default();
        return vec![json(&data).unwrap_or(Value::String(data))];
    }
    let member = |(name, text): (String, String)| {
        let number = || text.parse().ok().map(|number: u64| vec![Value::from(number)]);
        let readings = match (name.as_str(), about) {
            ("retry", _) => number().unwrap_or_else(|| vec![Value::String(text)]),
            (_, Some(about)) => meanings(&about.property(&name), &text),
            (_, None) => vec![Value::String(text)],
        };
        (name, readings)
    };
    objects(&fields.into_iter().map(member).collect::<Vec<_>>())
}

/// Writes a value as an event: the fields where they are all that it has, else the value as JSON in `data`.
pub(super) fn write(about: Option<&Written<'_>>, value: &Value) -> Result<String, Fault> {
    let is_event = |members: &&Map<String, Value>| {
        !members.is_empty() && members.keys().all(|name| FIELDS.contains(&name.as_str()))
    };
    let members = value.as_object().filter(|_| !is_bare(about)).filter(is_event);
    let Some(members) = members else { return Ok(format!("data: {value}\n\n")) };
    let mut event = String::new();
    for (name, member) in members {
        let text = member.as_str().map_or_else(|| member.to_string(), str::to_owned);
        if name != "data" && text.contains(['\n', '\r']) {
            return Err(Fault::new(format!("the field `{name}` of an event cannot hold more than a line")));
        }
        for line in text.split('\n') {
            event.extend([name, ": ", line, "\n"]);
        }
    }
    event.push('\n');
    Ok(event)
}
