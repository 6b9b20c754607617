//! An object → `application/x-www-form-urlencoded`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::{deep, is_json};
use crate::{
    api::{Content, Encoding, Style},
    wire::Fault,
};

/// What is escaped in names and values (WHATWG URL, section 1.3).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

/// What is escaped where reserved characters are allowed: all that has a meaning in a form or separates items.
const RESERVED_KEPT: &AsciiSet = &ESCAPED
    .remove(b':')
    .remove(b'/')
    .remove(b'?')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b';')
    .remove(b'~');

/// Writes an object as a form; a text is a form already.
///
/// # Errors
/// [`Fault`] where a form has no way to say the value.
pub(in crate::wire) fn write(content: &Content, value: &Value) -> Result<String, Fault> {
    let members = match value {
        Value::Object(members) => members,
        Value::String(text) => return Ok(text.clone()),
        _ => return Err(Fault::new("only an object can be written as a form")),
    };
    let mut pairs = Vec::new();
    for (name, member) in members {
        pairs.extend(fields(name, member, content.encoding.get(name))?);
    }
    Ok(pairs.join("&"))
}

/// The fields of one property, encoded.
fn fields(name: &str, value: &Value, encoding: Option<&Encoding>) -> Result<Vec<String>, Fault> {
    let set = if encoding.is_some_and(|encoding| encoding.allow_reserved) { RESERVED_KEPT } else { ESCAPED };
    let pair = |name: &str, text: &str| format!("{}={}", escaped(name, ESCAPED), escaped(text, set));
    let Some((encoding, style)) = encoding.and_then(|encoding| Some((encoding, encoding.style?))) else {
        let say = if encoding.is_some_and(is_json) { Value::to_string } else { text };
        return Ok(alike(value).iter().map(|item| pair(name, &say(item))).collect());
    };
    let explode = encoding.explode.unwrap_or(style == Style::Form);
    let parts: Vec<String> = match (style, value) {
        (Style::DeepObject, _) => {
            let pairs = deep::write(name, value, deep::DEPTH)?;
            return Ok(pairs.iter().map(|(name, text)| pair(name, text)).collect());
        }
        (_, Value::Array(items)) if explode => {
            return Ok(items.iter().map(|item| pair(name, &text(item))).collect());
        }
        (_, Value::Object(members)) if explode => {
            return Ok(members.iter().map(|(key, member)| pair(key, &text(member))).collect());
        }
        (_, Value::Array(items)) => items.iter().map(text).collect(),
        (_, Value::Object(members)) => {
            members.iter().flat_map(|(key, member)| [key.clone(), text(member)]).collect()
        }
        (_, value) => return Ok(vec![pair(name, &text(value))]),
    };
    let joined = joined(style, &parts, set)?;
    Ok(vec![format!("{}={joined}", escaped(name, ESCAPED))])
}

/// The items of a list, or the one value.
fn alike(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

fn joined(style: Style, parts: &[String], set: &'static AsciiSet) -> Result<String, Fault> {
    let (separator, written) = match style {
        Style::SpaceDelimited => (Some(' '), "%20"),
        Style::PipeDelimited => (Some('|'), "%7C"),
        Style::TabDelimited => (Some('\t'), "%09"),
        // An escaped comma is read as part of an item, so that every item can be said.
        _ => (None, ","),
    };
    if let Some(part) = parts.iter().find(|part| separator.is_some_and(|separator| part.contains(separator)))
    {
        return Err(Fault::new(format!("the item `{part}` holds what separates the items")));
    }
    Ok(parts.iter().map(|part| escaped(part, set)).collect::<Vec<_>>().join(written))
}

/// The text that a value is written as: of an object or list, JSON.
pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn escaped(text: &str, set: &'static AsciiSet) -> String {
    utf8_percent_encode(text, set).to_string().replace("%20", "+")
}
