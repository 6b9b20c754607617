//! A value → a parameter as it stands in a message.
//!
//! What is written is read back as the same value. Null and an empty list are written as the undefined value of the
//! standard's table; what could not be told from something else when it is read is a [`Fault`], and so is a value that
//! the style has no way to say.

use serde_json::{Map, Value};

use super::{
    content_of,
    deep::DEEPEST,
    pen::{Pen, encoded},
    style,
};
use crate::{
    api::{Parameter, Style},
    exchange::MediaType,
    finding::{Part, Pointer},
    wire::{Fault, body, text},
};

/// A parameter, written: ready to be put in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spelled {
    /// The text in the place of `{name}` in the path.
    Path(String),
    /// Pairs of the query.
    Query(Vec<(String, String)>),
    /// The whole query.
    QueryString(String),
    /// The text of a header field.
    Header(String),
    /// Pairs of a `Cookie` field.
    Cookie(Vec<(String, String)>),
}

impl Spelled {
    /// The text that stands in the message: in the path, between `?` and `#`, or after the field name.
    pub fn text(&self) -> String {
        let joined = |pairs: &[(String, String)], between| {
            let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
            pairs.join(between)
        };
        match self {
            Self::Path(text) | Self::Header(text) | Self::QueryString(text) => text.clone(),
            Self::Query(pairs) => joined(pairs, "&"),
            Self::Cookie(pairs) => joined(pairs, "; "),
        }
    }
}

/// Writes a value as its parameter's style or media type says.
///
/// ```
/// # use std::{collections::BTreeMap, sync::Arc};
/// # use standin::{api, document::{self, Source}};
/// use serde_json::json;
/// use standin::wire::{Spelled, write_parameter};
/// # let text = "{openapi: 3.1.0, info: {title: A, version: '1'}, paths: {/a: {get: {
/// #   parameters: [{name: color, in: query, style: pipeDelimited, schema: {type: array}}], responses: {}}}}}";
/// # let source = Source::Text { name: "a.yaml".to_owned(), text: text.into() };
/// # let (api, _) = api::read(Arc::new(document::load(&source).unwrap())).unwrap();
/// # let color = &api.operations[0].parameters[0];
///
/// let written = write_parameter(color, &json!(["blue", "black"])).expect("lists can be said");
/// assert_eq!(written.text(), "color=blue%7Cblack");
/// assert!(write_parameter(color, &json!([["blue"]])).is_err());
/// ```
///
/// # Errors
/// [`Fault`] where it has no way to say the value.
pub fn write_parameter(parameter: &Parameter, value: &Value) -> Result<Spelled, Fault> {
    let pen = Pen { parameter, style: style(parameter) };
    Ok(match parameter.part {
        Part::Query if pen.style == Style::QueryString => Spelled::QueryString(pen.whole(value)?),
        Part::Query => Spelled::Query(pen.pairs(value)?),
        Part::Cookie => Spelled::Cookie(pen.pairs(value)?),
        Part::Header => Spelled::Header(pen.one(value)?),
        Part::Path | Part::Line | Part::Body => Spelled::Path(pen.path(value)?),
    })
}

impl Pen<'_> {
    fn path(self, value: &Value) -> Result<String, Fault> {
        let text = self.one(value)?;
        match text.as_str() {
            "" => Err(Fault::new("an empty text is no value in a path")),
            // A segment of dots is taken out of the path before it is sent (RFC 3986, section 5.2.4).
            "." | ".." => Err(Fault::new(format!("`{text}` in a path means another path"))),
            _ => Ok(text),
        }
    }

    /// A value as one text, for paths and header fields.
    fn one(self, value: &Value) -> Result<String, Fault> {
        if self.parameter.media_type.is_some() {
            return self.whole(value);
        }
        match self.style {
            Style::Matrix => self.matrix(value),
            Style::Label => {
                Ok(format!(".{}", self.flat(value, if self.parameter.explode { "." } else { "," })?))
            }
            _ => self.flat(value, ","),
        }
    }

    /// A value of the parameter's media type.
    fn whole(self, value: &Value) -> Result<String, Fault> {
        let parameter = self.parameter;
        let text = match &parameter.media_type {
            Some(media_type) if !media_type.is_json() => {
                let sent = body::write(&content_of(parameter, media_type), value)?;
                text::utf8(&sent.bytes)?.to_owned()
            }
            _ => value.to_string(),
        };
        // The fields of a form are encoded where it is written.
        let is_encoded =
            self.style == Style::QueryString && parameter.media_type.as_ref().is_some_and(MediaType::is_form);
        if is_encoded { Ok(text) } else { self.alone(&text) }
    }

    /// A value between delimiters, without prefix.
    fn flat(self, value: &Value, between: &str) -> Result<String, Fault> {
        Ok(match value {
            Value::Array(items) => self.items(items)?.join(between),
            Value::Object(members) if self.parameter.explode => {
                let pairs = self.members(members)?.into_iter();
                pairs.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(between)
            }
            Value::Object(members) => {
                let pairs = self.members(members)?.into_iter();
                pairs.flat_map(|(name, value)| [name, value]).collect::<Vec<_>>().join(between)
            }
            value => self.alone(&scalar(value)?)?,
        })
    }

    /// `;name=value` (RFC 6570, section 3.2.7).
    fn matrix(self, value: &Value) -> Result<String, Fault> {
        let name = encoded(&self.parameter.name);
        let said = |name: &str, value: &str| match value {
            "" => format!(";{name}"),
            value => format!(";{name}={value}"),
        };
        match value {
            Value::Array(items) if self.parameter.explode && !items.is_empty() => {
                Ok(self.items(items)?.iter().map(|item| said(&name, item)).collect())
            }
            Value::Object(members) if self.parameter.explode && !members.is_empty() => {
                let members = self.members(members)?;
                let text: String = members.iter().map(|(name, value)| said(name, value)).collect();
                if text == said(&name, "") {
                    return Err(Fault::new(format!("`{text}` is how an empty object is written")));
                }
                Ok(text)
            }
            value => Ok(said(&name, &self.flat(value, ",")?)),
        }
    }

    /// A value as pairs of a query or of cookies.
    fn pairs(self, value: &Value) -> Result<Vec<(String, String)>, Fault> {
        let parameter = self.parameter;
        let name = self.name(&parameter.name)?;
        if parameter.media_type.is_some() {
            return Ok(vec![(name, self.whole(value)?)]);
        }
        match value {
            Value::Array(_) | Value::Object(_) if self.style == Style::DeepObject => self.deep(value),
            Value::Array(items) if parameter.explode && !items.is_empty() => {
                Ok(self.items(items)?.into_iter().map(|item| (name.clone(), item)).collect())
            }
            Value::Object(members) if parameter.explode => self.exploded(members),
            value => Ok(vec![(name, self.flat(value, self.between())?)]),
        }
    }

    /// The properties of an object, each a pair; the items of a list in it, each a pair of its name.
    fn exploded(self, members: &Map<String, Value>) -> Result<Vec<(String, String)>, Fault> {
        if members.is_empty() {
            return Err(Fault::new(
                "an object without properties is absent where each would be sent by itself",
            ));
        }
        let mut pairs = Vec::new();
        for (key, value) in members {
            let name = self.name(key)?;
            match value {
                Value::Array(items) if !items.is_empty() => {
                    let items = self.items(items).map_err(|fault| below(key, fault))?;
                    pairs.extend(items.into_iter().map(|item| (name.clone(), item)));
                }
                Value::Array(_) => pairs.push((name, String::new())),
                value => pairs.push((name, self.alone(&scalar(value).map_err(|fault| below(key, fault))?)?)),
            }
        }
        Ok(pairs)
    }

    /// `name[property]=value`, lists numbered.
    fn deep(self, value: &Value) -> Result<Vec<(String, String)>, Fault> {
        let mut pairs = Vec::new();
        self.descend(value, (&self.parameter.name, 0), &Pointer::root(), &mut pairs)?;
        if matches!(value, Value::Object(members) if members.is_empty()) {
            return Err(Fault::new(
                "an object without properties is absent where each would be sent by itself",
            ));
        }
        Ok(pairs)
    }

    fn descend(
        self,
        value: &Value,
        (key, depth): (&str, usize),
        at: &Pointer,
        pairs: &mut Vec<(String, String)>,
    ) -> Result<(), Fault> {
        let told = |message: String| Err(Fault { pointer: at.clone(), message });
        if depth > DEEPEST {
            return told(format!("the value is nested deeper than {DEEPEST} brackets say"));
        }
        let children: Vec<(String, &Value)> = match value {
            Value::Array(items) => {
                items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect()
            }
            Value::Object(members) => members.iter().map(|(name, member)| (name.clone(), member)).collect(),
            value => {
                pairs.push((encoded(key), self.alone(&scalar(value)?)?));
                return Ok(());
            }
        };
        if children.is_empty() {
            pairs.push((encoded(key), String::new()));
        }
        for (name, child) in children {
            if name.is_empty() || name.contains(['[', ']']) {
                return told(format!("`{name}` cannot stand between brackets"));
            }
            self.descend(child, (&format!("{key}[{name}]"), depth + 1), &at.join(&name), pairs)?;
        }
        Ok(())
    }

    fn items(self, items: &[Value]) -> Result<Vec<String>, Fault> {
        let texts = items.iter().enumerate().map(|(index, item)| {
            scalar(item).and_then(|text| self.item(&text)).map_err(|fault| below(&index.to_string(), fault))
        });
        let texts: Vec<String> = texts.collect::<Result<_, _>>()?;
        if texts.len() == 1 && texts[0].is_empty() {
            return Err(Fault::new("a list of one empty text cannot be told from an empty list"));
        }
        Ok(texts)
    }

    fn members(self, members: &Map<String, Value>) -> Result<Vec<(String, String)>, Fault> {
        let pairs = members.iter().map(|(name, value)| {
            let text = scalar(value).and_then(|text| self.item(&text)).map_err(|fault| below(name, fault))?;
            if self.is_plain() && self.parameter.explode && name.contains('=') {
                return Err(Fault::new(format!("the name `{name}` holds `=`, at which it would end")));
            }
            Ok((self.item(name)?, text))
        });
        pairs.collect()
    }
}

/// A value as one text: null is the empty one.
fn scalar(value: &Value) -> Result<String, Fault> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Null => Ok(String::new()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        Value::Array(_) => Err(Fault::new("the style has no way to say a list here")),
        Value::Object(_) => Err(Fault::new("the style has no way to say an object here")),
    }
}

/// The fault of a part, told from the whole.
fn below(token: &str, fault: Fault) -> Fault {
    Fault { pointer: Pointer::root().join(token).append(&fault.pointer), ..fault }
}
