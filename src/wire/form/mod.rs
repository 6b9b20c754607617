//! `application/x-www-form-urlencoded` ↔ an object (WHATWG URL, section 5; OAS 3.1, sections 4.8.14.4 and 4.8.15.1.2).
//!
//! A property that `encoding` gives a `style` is a parameter of the query to whoever reads and writes it; any other is
//! written by its content type: lists are fields that are repeated, objects are JSON. Fields that the schema does not know
//! are texts. Read [`read`] first.

mod write;

use std::borrow::Cow;

use indexmap::IndexMap;
use percent_encoding::percent_decode_str;
use serde_json::Value;

pub(super) use self::write::write;
use super::{
    Fault, Read,
    parameter::{Claims, Pair, has_field, property},
    reserved::unescaped,
    scalar::json,
    typed::{Draft, each, field, lists, meanings, settle, wanted, wants_list},
};
use crate::{
    api::{Content, Encoding, Examples, Parameter, Style},
    finding::{Part, Pointer},
    schema::{Schema, Types, Violation, Written},
};

/// How many fields of different names a form may have.
const MOST: usize = 10_000;

/// The fields of a form by name, their values not yet decoded.
type Fields<'t> = IndexMap<String, Vec<&'t str>>;

/// A form as an object, each field read as its property's schema wants it.
///
/// # Errors
/// [`Fault`] where it has more fields than anybody means, or fields that are not of their property's style.
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
    let properties: Vec<Property<'_>> = Property::all(content, about.as_ref());
    let mut members: IndexMap<String, (Option<&Property<'_>>, Vec<Pair<'_>>)> = IndexMap::new();
    for (name, raws) in fields(text)? {
        let property = properties.iter().find(|property| (property.has_field)(&name));
        let member = property.map_or(&name, |property| &property.parameter.name).clone();
        let pairs = raws.into_iter().map(|raw| (name.clone(), Cow::Borrowed(raw)));
        members.entry(member).or_insert((property, Vec::new())).1.extend(pairs);
    }
    let members = members.into_iter().map(|(name, (property, pairs))| {
        let readings = if let Some(property) = property {
            property.values(&pairs).map_err(|fault| below(&name, fault))?
        } else {
            let about = about.as_ref().map(|about| about.property(&name));
            values(about.as_ref(), content.encoding.get(&name), &pairs)
        };
        Ok((name, readings))
    });
    Ok(settle(Draft::object(members.collect::<Result<_, Fault>>()?), judge))
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

/// The parameter of the query that a property with a style is; `None` of any other property.
fn styled(content: &Content, name: &str, encoding: &Encoding) -> Option<Parameter> {
    let style = encoding.style?;
    Some(Parameter {
        name: name.to_owned(),
        part: Part::Query,
        is_required: false,
        is_deprecated: false,
        description: String::new(),
        schema: None,
        style,
        explode: encoding.explode.unwrap_or(style == Style::Form),
        allow_reserved: encoding.allow_reserved,
        allow_empty: false,
        media_type: None,
        token: None,
        examples: Examples::default(),
        place: encoding.place.clone().unwrap_or_else(|| content.place.clone()),
    })
}

/// The fault of a property, told from the form.
fn below(name: &str, fault: Fault) -> Fault {
    Fault { pointer: Pointer::root().join(name).append(&fault.pointer), ..fault }
}

/// A property that is written as a parameter of the query.
struct Property<'c> {
    parameter: Parameter,
    encoding: &'c Encoding,
    about: Option<Written<'c>>,
    has_field: Box<dyn Fn(&str) -> bool + 'c>,
}

impl<'c> Property<'c> {
    fn all(content: &'c Content, about: Option<&Written<'c>>) -> Vec<Self> {
        let property = |(name, encoding): (&'c String, &'c Encoding)| {
            let parameter = styled(content, name, encoding)?;
            let claims = claims(content, about, name);
            let about = about.map(|about| about.property(name));
            let has_field = Box::new(has_field(&parameter, about.as_ref(), claims));
            Some(Self { parameter, encoding, about, has_field })
        };
        content.encoding.iter().filter_map(property).collect()
    }

    /// What its fields may mean, likeliest first.
    fn values(&self, fields: &[Pair<'_>]) -> Result<Vec<Value>, Fault> {
        let read = |fields: &[Pair<'_>]| property(&self.parameter, self.about.as_ref(), fields);
        fields.iter().try_for_each(|(_, raw)| unescaped(self.encoding, raw))?;
        let mut found = read(fields)?;
        if let ([(name, raw)], Style::Form, false) = (fields, self.parameter.style, self.parameter.explode) {
            // A library that writes forms escapes every comma, as whoever writes a query by hand does not; whether it
            // stands for itself then shows in the schema alone.
            let raw = raw.replace("%2C", ",").replace("%2c", ",");
            found.extend(read(&[(name.clone(), Cow::Owned(raw))]).unwrap_or_default());
        }
        Ok(found)
    }
}

/// The fields of the other properties.
fn claims<'c>(content: &'c Content, about: Option<&Written<'c>>, name: &str) -> Claims<'c> {
    let known = about.map(Written::names).unwrap_or_default().into_iter();
    let others = known.chain(content.encoding.keys().map(String::as_str)).filter(|other| *other != name);
    let is_deep = |other: &&str| {
        content.encoding.get(*other).is_some_and(|encoding| encoding.style == Some(Style::DeepObject))
    };
    let others: Vec<&str> = others.collect();
    let deep = others.iter().copied().filter(is_deep).collect();
    Claims::of(others, deep)
}

/// What the values of one field may mean that has no style, likeliest first.
fn values(about: Option<&Written<'_>>, encoding: Option<&Encoding>, fields: &[Pair<'_>]) -> Vec<Value> {
    let texts: Vec<String> = fields.iter().map(|(_, raw)| decoded(raw)).collect();
    match (about, texts.as_slice()) {
        (None, [text]) => vec![Value::String(text.clone())],
        (None, _) => vec![texts.into_iter().map(Value::String).collect()],
        (Some(about), _) if encoding.is_some_and(is_json) => from_json(about, &texts),
        (Some(about), _) => field(about, &texts),
    }
}

/// Whether the document says that the property is JSON.
fn is_json(encoding: &Encoding) -> bool {
    encoding.content_types.first().is_some_and(crate::exchange::MediaType::is_json)
}

/// What texts of JSON may mean; of a list each text is an item, or the one text is all of it.
fn from_json(about: &Written<'_>, texts: &[String]) -> Vec<Value> {
    let parse = |about: &Written<'_>, text: &String| match json(text) {
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
