//! An object → `application/x-www-form-urlencoded`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::{below, is_json, styled};
use crate::{
    api::{Content, Encoding, Parameter, Style},
    wire::{Fault, parameter::write_parameter},
};

/// What is escaped in names and values (WHATWG URL, section 1.3).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

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
    let mut fields = Vec::new();
    for (name, member) in members {
        let encoding = content.encoding.get(name);
        match encoding.and_then(|encoding| styled(content, name, encoding)) {
            Some(parameter) => fields.extend(of_style(&parameter, member)?),
            None => fields.extend(of_type(name, member, encoding)),
        }
    }
    Ok(fields.join("&"))
}

/// The fields of a property that is written as a parameter of the query.
fn of_style(parameter: &Parameter, value: &Value) -> Result<Option<String>, Fault> {
    let is_spread = parameter.explode || parameter.style == Style::DeepObject;
    if is_spread && matches!(value, Value::Object(members) if members.is_empty()) {
        // It has no fields; whether it may be absent is judged of the whole form.
        return Ok(None);
    }
    let value = if parameter.style == Style::DeepObject { value.clone() } else { flat(value) };
    let written = write_parameter(parameter, &value).map_err(|fault| below(&parameter.name, fault))?;
    Ok(Some(written.text()))
}

/// A value of which no style has to say a list or an object within another one: a form says such as it says one that has
/// no style, in JSON.
fn flat(value: &Value) -> Value {
    let part = |part: &Value| match part {
        Value::Array(_) | Value::Object(_) => Value::String(part.to_string()),
        part => part.clone(),
    };
    match value {
        Value::Array(items) => items.iter().map(part).collect(),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, member)| (name.clone(), part(member))).collect())
        }
        value => value.clone(),
    }
}

/// The fields of a property that has no style: of a list, one of each item.
fn of_type(name: &str, value: &Value, encoding: Option<&Encoding>) -> Vec<String> {
    let say = if encoding.is_some_and(is_json) { Value::to_string } else { text };
    let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    items.iter().map(|item| format!("{}={}", escaped(name), escaped(&say(item)))).collect()
}

/// The text that a value is written as: of an object or list, JSON.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string().replace("%20", "+")
}
