//! `application/x-www-form-urlencoded` ↔ an object (WHATWG URL, section 5; OAS 3.1, sections 4.8.14.4 and 4.8.15.1.2).
//!
//! A property is written by its `style` where the document gives one, else by its content type: lists are fields that are
//! repeated, objects are JSON. Fields that the schema does not know are texts. Read [`read`] first.

mod deep;
mod write;

use indexmap::IndexMap;
use percent_encoding::percent_decode_str;
use serde_json::Value;

pub(super) use self::write::write;
use super::{
    Fault, Read,
    typed::{Draft, each, field, lists, meanings, objects, settle, wanted, wants_list},
};
use crate::{
    api::{Content, Encoding, Style},
    schema::{Schema, Types, Violation, Written},
};

/// How many fields of different names a form may have.
const MOST: usize = 10_000;

/// The fields of a form by name, their values not yet decoded.
type Fields<'t> = IndexMap<String, Vec<&'t str>>;

/// A form as an object, each field read as its property's schema wants it.
///
/// # Errors
/// [`Fault`] where it has more fields than anybody means.
pub(super) fn read(
    content: &Content,
    text: &str,
    judge: impl Fn(&Value) -> Vec<Violation>,
) -> Result<Read, Fault> {
    let about = content.schema.as_ref().map(Schema::about);
    let types = about.as_ref().map_or(Types::ALL, wanted);
    if types.meets(Types::STRING) && !types.meets(Types::OBJECT) {
        return Ok(settle(Draft::whole(vec![Value::String(text.to_owned())]), judge));
    }
    let mut fields = fields(text)?;
    let mut members = Vec::new();
    for (name, encoding) in &content.encoding {
        let property = about.as_ref().map(|about| about.property(name));
        members.extend(gathered(&mut fields, name, encoding, property.as_ref()));
    }
    for (name, raws) in &fields {
        let property = about.as_ref().map(|about| about.property(name));
        members.push((name.clone(), values(property.as_ref(), content.encoding.get(name), raws)));
    }
    Ok(settle(Draft::object(members), judge))
}

fn fields(text: &str) -> Result<Fields<'_>, Fault> {
    let mut fields = Fields::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        fields.entry(decoded(name)).or_default().push(value);
        if fields.len() > MOST {
            return Err(Fault::new(format!("the form has more than {MOST} different fields")));
        }
    }
    Ok(fields)
}

/// A part of a form as it was meant; bytes that are not UTF-8 are replaced (WHATWG URL, section 5.1).
fn decoded(raw: &str) -> String {
    percent_decode_str(&raw.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// The property that is spread over several fields, which are taken out; `None` where it is not, or none is there.
fn gathered(
    fields: &mut Fields<'_>,
    name: &str,
    encoding: &Encoding,
    about: Option<&Written<'_>>,
) -> Option<(String, Vec<Value>)> {
    let readings = match encoding.style? {
        Style::DeepObject => deep::read(fields, name, about)?,
        Style::Form if encoding.explode != Some(false) => exploded(fields, about?)?,
        _ => return None,
    };
    Some((name.to_owned(), readings))
}

/// An object whose members are fields of their own (RFC 6570, section 3.2.8).
fn exploded(fields: &mut Fields<'_>, about: &Written<'_>) -> Option<Vec<Value>> {
    if wanted(about) != Types::OBJECT {
        return None;
    }
    let mut members = Vec::new();
    for name in about.names() {
        if let Some(raws) = fields.shift_remove(name) {
            let texts: Vec<String> = raws.into_iter().map(decoded).collect();
            members.push((name.to_owned(), field(&about.property(name), &texts)));
        }
    }
    (!members.is_empty()).then(|| objects(&members))
}

/// What the values of one field may mean, likeliest first.
fn values(about: Option<&Written<'_>>, encoding: Option<&Encoding>, raws: &[&str]) -> Vec<Value> {
    let texts: Vec<String> = raws.iter().map(|raw| decoded(raw)).collect();
    let Some(about) = about else {
        return match texts.as_slice() {
            [text] => vec![Value::String(text.clone())],
            _ => vec![texts.into_iter().map(Value::String).collect()],
        };
    };
    let style = encoding.and_then(|encoding| encoding.style);
    let is_exploded = encoding.and_then(|encoding| encoding.explode).unwrap_or(style == Some(Style::Form));
    match style {
        Some(style) if !is_exploded => separated(about, style, raws, &texts),
        None if encoding.is_some_and(is_json) => from_json(about, &texts),
        _ => field(about, &texts),
    }
}

/// Whether the document says that the property is JSON.
fn is_json(encoding: &Encoding) -> bool {
    encoding.content_types.first().is_some_and(crate::exchange::MediaType::is_json)
}

/// What texts of JSON may mean; of a list each text is an item, or the one text is all of it.
fn from_json(about: &Written<'_>, texts: &[String]) -> Vec<Value> {
    let parse = |about: &Written<'_>, text: &String| match serde_json::from_str::<Value>(text) {
        Ok(value) => vec![value],
        Err(_) => meanings(about, text),
    };
    let mut found = match texts {
        [text] => parse(about, text),
        _ => Vec::new(),
    };
    if found.is_empty() || wants_list(wanted(about)) {
        found.extend(lists(&each(about, texts, parse)));
    }
    found
}

/// What a list or object may mean whose parts are separated in one value (RFC 6570, section 3.2.8; OAS 3.1, 4.8.12.4).
fn separated(about: &Written<'_>, style: Style, raws: &[&str], texts: &[String]) -> Vec<Value> {
    let types = wanted(about);
    let pieces: Vec<String> = raws.iter().flat_map(|raw| pieces(style, raw)).collect();
    let as_lists = |pieces: &[String]| lists(&each(about, pieces, |about, text| meanings(about, text)));
    let mut found = Vec::new();
    if wants_list(types) {
        found.extend(as_lists(&pieces));
        if let ([text], [_], Style::Form) = (texts, pieces.as_slice(), style) {
            // Many clients escape every comma; whether it stands for itself then shows in the schema alone.
            let apart: Vec<String> = text.split(',').map(str::to_owned).collect();
            found.extend(as_lists(&apart).into_iter().filter(|_| apart.len() > 1));
        }
        if pieces.iter().all(String::is_empty) {
            found.push(Value::Array(Vec::new()));
        }
    }
    if types != Types::ALL && types.meets(Types::OBJECT) && pieces.len().is_multiple_of(2) {
        let member = |pair: &[String]| (pair[0].clone(), meanings(&about.property(&pair[0]), &pair[1]));
        found.extend(objects(&pieces.chunks_exact(2).map(member).collect::<Vec<_>>()));
    }
    if found.is_empty() || types.meets(Types::STRING) {
        found.extend(field(about, texts));
    }
    found
}

/// The parts of a value, separated before they are decoded: an escaped comma is part of a text.
fn pieces(style: Style, raw: &str) -> Vec<String> {
    let (separator, raw) = match style {
        Style::SpaceDelimited => (" ", raw.replace("%20", " ").replace('+', " ")),
        Style::PipeDelimited => ("|", raw.replace("%7C", "|").replace("%7c", "|")),
        Style::TabDelimited => ("\t", raw.replace("%09", "\t")),
        _ => (",", raw.to_owned()),
    };
    raw.split(separator).map(decoded).collect()
}
