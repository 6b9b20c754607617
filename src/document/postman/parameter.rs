//! What stands in the path, the query and the header of requests → parameters.
//!
//! All of them are texts in the sample, and any text is taken: that a sample's is a number tells nothing certain.

use serde_json::{Map, Value, json};

use super::{
    given::Given,
    tree::{Source, described},
    url::Target,
    variables::is_open,
};
use crate::finding::Pointer;

/// A parameter of one request, or of several with the same method and path.
#[derive(Debug, Clone)]
pub(super) struct Parameter {
    /// Its place: `path`, `query`, `header` or `cookie`.
    pub(super) part: &'static str,
    pub(super) name: String,
    pub(super) is_required: bool,
    /// Whether it was sent more than once.
    pub(super) is_list: bool,
    pub(super) allows_empty: bool,
    pub(super) example: Option<String>,
    pub(super) description: String,
    pub(super) at: Pointer,
}

/// Fields that say something of the connection or the body and not of the operation, or that every client writes anew.
const OWN: [&str; 11] = [
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "postman-token",
    "transfer-encoding",
    "user-agent",
];

/// The parameters of a request.
pub(super) fn parameters(target: &Target<'_>, headers: &[Given<'_>]) -> Vec<Parameter> {
    let mut parameters: Vec<Parameter> = target.path.names.iter().map(|name| in_path(name, target)).collect();
    for given in &target.query {
        add(
            &mut parameters,
            Parameter { allows_empty: given.text.is_empty(), ..Parameter::of("query", given) },
        );
    }
    for given in headers {
        match given.name.to_ascii_lowercase().as_str() {
            "cookie" => cookies(given).into_iter().for_each(|cookie| add(&mut parameters, cookie)),
            name if OWN.contains(&name) => {}
            _ => add(&mut parameters, Parameter::of("header", given)),
        }
    }
    parameters
}

fn in_path(name: &str, target: &Target<'_>) -> Parameter {
    match target.variables.iter().find(|variable| variable.name == name) {
        Some(variable) => Parameter { is_required: true, ..Parameter::of("path", variable) },
        None => Parameter {
            part: "path",
            name: name.to_owned(),
            is_required: true,
            is_list: false,
            allows_empty: false,
            example: None,
            description: String::new(),
            at: target.node.place().pointer.clone(),
        },
    }
}

/// The cookies that a header field holds (RFC 6265, section 4.2.1).
fn cookies(header: &Given<'_>) -> Vec<Parameter> {
    let pairs = header.text.split(';').filter_map(|pair| pair.trim().split_once('='));
    let cookie = |(name, text): (&str, &str)| {
        let given = Given { name: name.to_owned(), text: text.to_owned(), ..header.clone() };
        Parameter::of("cookie", &given)
    };
    pairs.map(cookie).collect()
}

/// Adds a parameter; one that is there already is sent more than once.
fn add(parameters: &mut Vec<Parameter>, parameter: Parameter) {
    match parameters.iter_mut().find(|known| known.is_same(&parameter)) {
        Some(known) => {
            known.is_list |= known.is_required && parameter.is_required;
            known.is_required |= parameter.is_required;
        }
        None => parameters.push(parameter),
    }
}

impl Parameter {
    fn of(part: &'static str, given: &Given<'_>) -> Self {
        let example = Some(given.text.clone()).filter(|text| !text.is_empty() && !is_open(text));
        Self {
            part,
            name: given.name.clone(),
            is_required: given.is_sent,
            is_list: false,
            allows_empty: false,
            example,
            description: given.description.clone(),
            at: given.node.place().pointer.clone(),
        }
    }

    /// Whether it is the same parameter; the case of header fields means nothing (RFC 9110, section 5.1).
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let is_named = match self.part {
            "header" => self.name.eq_ignore_ascii_case(&other.name),
            _ => self.name == other.name,
        };
        self.part == other.part && is_named
    }

    /// Takes in what another request shows of it.
    pub(super) fn merge(&mut self, other: &Self) {
        self.is_required &= other.is_required;
        self.is_list |= other.is_list;
        self.allows_empty |= other.allows_empty;
        self.example = self.example.take().or_else(|| other.example.clone());
        if self.description.is_empty() {
            self.description.clone_from(&other.description);
        }
    }

    /// The Parameter Object.
    pub(super) fn written(&self) -> Source {
        let mut object = Map::from_iter([
            ("name".to_owned(), json!(self.name)),
            ("in".to_owned(), json!(self.part)),
            ("required".to_owned(), json!(self.is_required)),
        ]);
        described(&mut object, &self.description);
        let text = json!({"type": "string"});
        let schema = if self.is_list { json!({"type": "array", "items": text}) } else { text };
        object.insert("schema".to_owned(), schema);
        if self.allows_empty {
            object.insert("allowEmptyValue".to_owned(), json!(true));
        }
        if let Some(example) = &self.example {
            let example = if self.is_list { json!([example]) } else { json!(example) };
            object.insert("example".to_owned(), example);
        }
        Source { value: Value::Object(object), at: self.at.clone() }
    }
}
