//! XML ↔ a value, by the shape of a schema (RFC 7303; OAS 3.1, section 4.8.26, and the `nodeType` of OAS 3.2).
//!
//! Between text and value stands a tree of elements: [`parse`] and [`print`] know XML and no schema, [`read`] and
//! [`write`] know a schema and no syntax. What a schema says of names and nodes is a [`shape::Shape`], which both use,
//! so that what is written is read again. Entities are the five of XML and characters by number; a document type is
//! refused, so nothing is fetched and nothing expands.

mod name;
mod parse;
mod print;
mod read;
mod shape;
mod tree;
mod write;

#[cfg(test)]
mod tests;

use serde_json::Value;

use self::{read::Prefer, shape::Shape};
use super::{Fault, Read, text};
use crate::schema::{Schema, Types};

/// How deep elements may be nested.
const DEEPEST: usize = 256;

/// What an XML body means, and how it breaks the schema.
///
/// # Errors
/// [`Fault`] where the bytes are not XML, or of an encoding or a form that is not read.
pub(super) fn read(schema: Option<&Schema>, bytes: &[u8]) -> Result<Read, Fault> {
    let text = decoded(bytes)?;
    let root = parse::parse(text)?;
    if is_raw(schema) && root.has_structure() {
        let value = Value::String(text.to_owned());
        let violations = schema.map(|schema| schema.violations(&value)).unwrap_or_default();
        return Ok(Read { value, violations });
    }
    let shape = Shape::root(schema);
    // Where a text may be a number and a string, the schema may mean either; what it takes is what was meant.
    let mut readings = Prefer::ALL.into_iter().map(|prefer| read::root(&shape, &root, schema, prefer));
    let first = readings.next().unwrap_or(Read { value: Value::Null, violations: Vec::new() });
    if first.violations.is_empty() {
        return Ok(first);
    }
    Ok(readings.find(|reading| reading.violations.is_empty()).unwrap_or(first))
}

/// Writes a value as XML.
///
/// # Errors
/// [`Fault`] where XML cannot say the value: a character that it has not, or elements nested too deep.
pub(super) fn write(schema: Option<&Schema>, value: &Value) -> Result<String, Fault> {
    if let Value::String(text) = value
        && is_written(schema, text)
    {
        return Ok(text.clone());
    }
    let shape = Shape::root(schema);
    print::print(&write::root(&shape, value)?)
}

/// Whether a text is XML already, and not a text to be put into an element.
fn is_written(schema: Option<&Schema>, text: &str) -> bool {
    let holds_text = schema.is_some_and(|schema| schema.about().types().meets(Types::STRING));
    text.trim_start().starts_with('<') && (!holds_text || is_raw(schema) && parse::parse(text).is_ok())
}

/// Whether the schema says no more than that the body is a text: then the text is the XML.
fn is_raw(schema: Option<&Schema>) -> bool {
    schema.is_some_and(|schema| {
        schema.about().types() == Types::STRING && schema.about().keyword("xml").is_none()
    })
}

/// The text of a body, without its byte order mark; an encoding that is not read is told by its name.
fn decoded(bytes: &[u8]) -> Result<&str, Fault> {
    let text = text::utf8(bytes).map_err(|fault| {
        let until = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
        let start = std::str::from_utf8(&bytes[..until]).unwrap_or_default();
        match bytes {
            [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] => parse::unread_encoding("UTF-16"),
            _ => parse::encoding(start).err().unwrap_or(fault),
        }
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}
