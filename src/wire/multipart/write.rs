//! A value → a multipart body, its boundary one that occurs in no part (RFC 2046, section 5.1.1).

use bytes::Bytes;
use memchr::memmem;
use serde_json::Value;

use super::{encoding_at, is_named, part::usual};
use crate::{
    api::{Content, Encoding, Parameter},
    exchange::MediaType,
    schema::{Dice, Schema, Written},
    wire::{Fault, Sent, binary, media, text},
};

/// A part, written.
struct Part {
    head: String,
    bytes: Vec<u8>,
}

/// Writes an object as named parts, a list as parts in order.
///
/// # Errors
/// [`Fault`] where parts need names and the value has none.
pub(in crate::wire) fn write(
    content: &Content,
    media_type: &MediaType,
    value: &Value,
) -> Result<Sent, Fault> {
    let mut parts = Vec::new();
    match value {
        Value::Object(members) => {
            let about = content.schema.as_ref().map(Schema::about);
            for (name, member) in members {
                let property = about.as_ref().map(|about| about.property(name));
                let encoding = content.encoding.get(name);
                let items = member.as_array().map_or(std::slice::from_ref(member), Vec::as_slice);
                for (number, item) in items.iter().enumerate() {
                    let about = match (&property, member) {
                        (Some(property), Value::Array(_)) => Some(property.item(number)),
                        (property, _) => property.clone(),
                    };
                    parts.push(part(Some(name), item, about.as_ref(), encoding));
                }
            }
        }
        _ if is_named(content, media_type) => {
            return Err(Fault::new("only an object can be written as named parts"));
        }
        value => {
            let whole = content.schema.as_ref().map(Schema::about);
            let item = content.item_schema.as_ref().map(Schema::about);
            let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            for (number, value) in items.iter().enumerate() {
                let about = item.clone().or_else(|| whole.as_ref().map(|whole| whole.item(number)));
                parts.push(part(None, value, about.as_ref(), encoding_at(content, number)));
            }
        }
    }
    Ok(joined(media_type.essence(), &parts))
}

fn part(name: Option<&str>, value: &Value, about: Option<&Written<'_>>, encoding: Option<&Encoding>) -> Part {
    let declared = encoding.and_then(|encoding| encoding.content_types.first());
    let media_type = declared
        .map_or_else(|| usual(about, value).to_owned(), |declared| media::concrete(declared, value, about));
    let parsed = MediaType::parse(&media_type);
    let is_bytes = about.is_some_and(binary::is_meant) || parsed.as_ref().is_some_and(binary::is_bytes);
    let mut head = String::new();
    if let Some(name) = name {
        let name = quoted(name);
        let file = if is_bytes { format!("; filename={name}") } else { String::new() };
        head.extend(["Content-Disposition: form-data; name=", &name, &file, "\r\n"]);
    }
    head.extend(["Content-Type: ", &media_type, "\r\n"]);
    for header in encoding.iter().flat_map(|encoding| &encoding.headers) {
        head.extend(field(header).map(|text| format!("{}: {text}\r\n", header.name)));
    }
    let bytes = match value {
        Value::String(text) if is_bytes => text::to_bytes(text),
        Value::String(text) if !parsed.as_ref().is_some_and(MediaType::is_json) => text.clone().into_bytes(),
        value => value.to_string().into_bytes(),
    };
    Part { head, bytes }
}

/// The value of a header field of a part: its example, else one that its schema allows where it must be there.
fn field(declared: &Parameter) -> Option<String> {
    let example = declared.examples.first().map(|example| Value::clone(&example.value));
    let schema = declared.schema.as_ref().filter(|_| declared.is_required);
    // The same part always has the same header: nothing is decided here that anybody would want otherwise.
    let value = example.or_else(|| schema?.generate(&mut Dice::seeded(0)))?;
    let text = match value {
        Value::String(text) => text,
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        value => value.to_string(),
    };
    (!text.contains(['\r', '\n'])).then_some(text)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A name in quotes; what no header can hold is escaped as browsers do (WHATWG HTML, section 4.10.21.8).
fn quoted(name: &str) -> String {
    let escaped = name.replace('\\', "\\\\").replace('"', "\\\"").replace('\r', "%0D").replace('\n', "%0A");
    format!("\"{escaped}\"")
}

fn joined(essence: &str, parts: &[Part]) -> Sent {
    let is_free =
        |boundary: &String| parts.iter().all(|part| memmem::find(&part.bytes, boundary.as_bytes()).is_none());
    // So many bytes do not hold so many boundaries: one is free.
    let length: usize = parts.iter().map(|part| part.bytes.len()).sum();
    let boundary = (0..=length).map(|number| format!("standin-{number}")).find(is_free).unwrap_or_default();
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend_from_slice(format!("--{boundary}\r\n{}\r\n", part.head).as_bytes());
        bytes.extend_from_slice(&part.bytes);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Sent { media_type: format!("{essence}; boundary={boundary}"), bytes: Bytes::from(bytes) }
}
