//! A parameter ↔ a value, by its style (OAS 3.1, section 4.8.12; RFC 6570).
//!
//! What was sent is first cut at the delimiters of the style and only then decoded, which gives a [`Tree`] of texts
//! (`sent`). The schema tells what the texts mean (`value`). Writing is the way back (`write`): what is written here is
//! read here as the same value, and what a style cannot say is a [`Fault`]. Read [`parameter()`] first.

mod deep;
mod pen;
mod sent;
mod split;
mod value;
mod write;

#[cfg(test)]
mod tests;

use indexmap::IndexMap;
use serde_json::Value;

pub(super) use self::sent::{Claims, Pair, has_field};
pub use self::write::{Spelled, write_parameter};
use super::{
    Fault, Read, body,
    scalar::{best, json},
};
use crate::{
    api::{AsWritten, Content, Examples, Operation, Parameter, SecurityScheme, Style},
    exchange::{MediaType, Request},
    finding::Part,
    schema::{Schema, Written},
};

/// A request, and what must be known of it to read its parameters.
#[derive(Debug, Clone, Copy)]
pub struct Received<'r> {
    /// The request.
    pub request: &'r Request,
    /// The operation that it means; an exploded object takes what no other parameter of it claims.
    pub operation: &'r Operation,
    /// The security schemes of its API, whose keys are no part of an object either.
    pub schemes: &'r IndexMap<String, SecurityScheme>,
    /// The values of the path's templates by name, percent-encoded as they were sent.
    pub path_values: &'r [(String, String)],
}

/// Texts that were sent for a parameter, cut and decoded; which values they mean is still open.
#[derive(Debug, Clone, PartialEq)]
enum Tree {
    Text(String),
    List(Vec<Tree>),
    Members(IndexMap<String, Tree>),
}

/// What a parameter's value may be made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Text,
    List,
    Members,
}

/// The value of a parameter in a request, and how it breaks its schema; `None` where it is absent.
///
/// # Errors
/// [`Fault`] where what was sent is not of the parameter's style or media type.
pub fn parameter(parameter: &Parameter, received: &Received<'_>) -> Result<Option<Read>, Fault> {
    if parameter.allow_empty && sent::is_empty(parameter, received) {
        return Ok(Some(Read { value: Value::String(String::new()), violations: Vec::new() }));
    }
    if let Some(media_type) = &parameter.media_type {
        let text = sent::whole(parameter, received)?;
        return text.map(|text| content(parameter, media_type, &text)).transpose();
    }
    let schema = parameter.schema.as_ref();
    let about = schema.map(Schema::about);
    let trees = sent::trees(parameter, about.as_ref(), received)?;
    Ok((!trees.is_empty()).then(|| value::read(schema, about.as_ref(), &trees)))
}

/// All that a property of a form may mean that is written as a parameter of the query (OAS 3.1, section 4.8.15.1.2),
/// likeliest first; nothing where it is absent. The form's schema judges, so that this does not.
///
/// # Errors
/// [`Fault`] where what was sent is not of the style.
pub(super) fn property(
    parameter: &Parameter,
    about: Option<&Written<'_>>,
    fields: &[Pair<'_>],
) -> Result<Vec<Value>, Fault> {
    Ok(value::all(about, &sent::property_trees(parameter, about, fields)?))
}

/// A parameter that has `content`: its text is of a media type (OAS 3.1, section 4.8.12.2.3).
fn content(parameter: &Parameter, media_type: &MediaType, text: &str) -> Result<Read, Fault> {
    let schema = parameter.schema.as_ref();
    if media_type.is_json() {
        let json = json(text).map_err(|error| Fault::new(format!("the text is not JSON: {error}")))?;
        let (value, violations) = best(schema, vec![json]);
        return Ok(Read { value, violations });
    }
    let read = body::read(&content_of(parameter, media_type), None, text.as_bytes())?;
    Ok(read.unwrap_or_else(|| Read { value: Value::String(text.to_owned()), violations: Vec::new() }))
}

fn content_of(parameter: &Parameter, media_type: &MediaType) -> Content {
    Content {
        media_type: media_type.clone(),
        schema: parameter.schema.clone(),
        item_schema: None,
        encoding: IndexMap::new(),
        prefix_encoding: Vec::new(),
        item_encoding: None,
        examples: Examples::default(),
        as_written: AsWritten::default(),
        place: parameter.place.clone(),
    }
}

/// The style of a parameter; one that its place in the request does not know is read as the usual one there.
fn style(parameter: &Parameter) -> Style {
    let is_known = match parameter.style {
        Style::Matrix | Style::Label => parameter.part == Part::Path,
        Style::Simple => matches!(parameter.part, Part::Path | Part::Header),
        Style::Form => matches!(parameter.part, Part::Query | Part::Cookie),
        Style::SpaceDelimited | Style::PipeDelimited | Style::TabDelimited | Style::DeepObject => {
            parameter.part == Part::Query
        }
        Style::Cookie => parameter.part == Part::Cookie,
        Style::QueryString => parameter.part == Part::Query && parameter.media_type.is_some(),
    };
    if is_known { parameter.style } else { Style::usual(parameter.part) }
}

impl Tree {
    /// Nothing yet: what is added first decides what it becomes.
    fn none() -> Self {
        Self::Members(IndexMap::new())
    }

    fn texts(texts: Vec<String>) -> Self {
        Self::List(texts.into_iter().map(Self::Text).collect())
    }

    /// Members by name; what has a name that was there already makes a list of both.
    fn members(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut members: IndexMap<String, Self> = IndexMap::new();
        for (name, text) in pairs {
            let held = members.entry(name).or_insert_with(Self::none);
            // Only texts are added here, so that nothing can stand in their way.
            let _ = held.add(text);
        }
        Self::Members(members)
    }

    /// Adds a text: alone, or to the texts that are there; `Err` with it where there are members.
    fn add(&mut self, text: String) -> Result<(), String> {
        match self {
            Self::Members(members) if members.is_empty() => *self = Self::Text(text),
            Self::Text(first) => *self = Self::texts(vec![std::mem::take(first), text]),
            Self::List(items) => items.push(Self::Text(text)),
            Self::Members(_) => return Err(text),
        }
        Ok(())
    }
}
