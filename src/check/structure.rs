//! What the official schemas of `OpenAPI` forbid, told of the text as it was written.

use std::{collections::HashMap, sync::Arc};

use serde_json::Value;

use super::{
    near::nearest,
    official::{Official, Version},
    untold,
    walk::{Kind, Position},
};
use crate::{
    document::{self, Underlined},
    finding::{Code, Finding, Location, Place, Pointer},
    schema::{Cause, Fault},
};

/// The deepest document that a validator is given.
pub(super) const DEEPEST: usize = 300;

/// Judges the files of a document as they were written: the root file as a whole, of every other one the parts that
/// references lead to.
pub(super) struct Structure {
    official: Option<Official>,
    written: HashMap<Arc<str>, Option<Value>>,
}

impl Structure {
    /// Reads the version from the root file.
    pub(super) fn new(name: &str, text: &str, uri: &Arc<str>) -> Self {
        let root = document::written(name, text);
        let version = root.as_ref().and_then(Version::of);
        let dialect = root.as_ref().and_then(|root| root.get("jsonSchemaDialect")?.as_str());
        let official = version.map(|version| Official::new(version, dialect));
        Self { official, written: HashMap::from([(Arc::clone(uri), root)]) }
    }

    /// What is wrong with the object of a kind at a pointer of a file.
    pub(super) fn judge(
        &mut self,
        uri: &Arc<str>,
        name: &str,
        text: &str,
        kind: Kind,
        at: &Pointer,
    ) -> Vec<Finding> {
        let Some(official) = &mut self.official else { return Vec::new() };
        let root = self.written.entry(Arc::clone(uri)).or_insert_with(|| document::written(name, text));
        let value = root.as_ref().and_then(|root| root.pointer(at.as_str()));
        let Some(value) = value.filter(|value| !is_deeper(value, DEEPEST)) else { return Vec::new() };
        let Some(standard) = official.of(kind) else { return Vec::new() };
        let causes = standard.causes(value);
        let told = causes.iter().map(|cause| finding(uri, at, value, cause)).collect();
        let mut findings = located(text, told, &causes);
        if kind == Kind::Root {
            findings.extend(untold(uri, value, official.version(), text));
        }
        findings
    }
}

/// What the official schema does not tell.
fn untold(uri: &Arc<str>, root: &Value, version: Version, text: &str) -> Vec<Finding> {
    let slips = untold::judge(root, version);
    let pointers: Vec<&Pointer> = slips.iter().map(|slip| &slip.at).collect();
    let spans = document::spans(text, &pointers, Underlined::Value);
    let findings = slips.iter().zip(spans).map(|(slip, span)| {
        let place = Place { file: Arc::clone(uri), pointer: slip.at.clone() };
        let location = Location::Document(place, span);
        Finding::error(Code::InvalidStructure, location, slip.message.as_str()).help(slip.help)
    });
    findings.collect()
}

/// The parts that only references lead to: those of other files, and what stands elsewhere in the root file than where such
/// parts stand.
pub(super) fn foreign<'p, 'd>(positions: &'p [Position<'d>]) -> impl Iterator<Item = &'p Position<'d>> {
    positions.iter().filter(|position| position.is_target)
}

/// Whether a value is nested deeper than that.
pub(super) fn is_deeper(value: &Value, left: usize) -> bool {
    match value {
        Value::Array(items) => left == 0 || items.iter().any(|item| is_deeper(item, left - 1)),
        Value::Object(members) => left == 0 || members.values().any(|member| is_deeper(member, left - 1)),
        _ => false,
    }
}

/// Gives each finding its span: the key of a property that must not be there, else the value.
fn located(text: &str, mut findings: Vec<Finding>, causes: &[Cause]) -> Vec<Finding> {
    for underlined in [Underlined::Key, Underlined::Value] {
        let wanted = |cause: &Cause| match cause.fault {
            Fault::Unknown(_)
            | Fault::Misplaced
            | Fault::Together(_)
            | Fault::Pattern { is_name: true, .. } => Underlined::Key,
            _ => Underlined::Value,
        };
        let mut chosen: Vec<&mut Finding> = findings
            .iter_mut()
            .zip(causes)
            .filter(|(_, cause)| wanted(cause) == underlined)
            .map(|(finding, _)| finding)
            .collect();
        let pointers: Vec<Pointer> = chosen.iter().filter_map(|finding| pointer(finding)).cloned().collect();
        let pointers: Vec<&Pointer> = pointers.iter().collect();
        for (finding, found) in chosen.iter_mut().zip(document::spans(text, &pointers, underlined)) {
            if let Location::Document(_, span) = &mut finding.location {
                *span = found;
            }
        }
    }
    findings
}

fn pointer(finding: &Finding) -> Option<&Pointer> {
    match &finding.location {
        Location::Document(place, _) => Some(&place.pointer),
        _ => None,
    }
}

fn finding(uri: &Arc<str>, at: &Pointer, value: &Value, cause: &Cause) -> Finding {
    let found = value.pointer(cause.instance.as_str()).unwrap_or(&Value::Null);
    let name = cause.instance.last().unwrap_or_default();
    let (message, help) = match &cause.fault {
        Fault::Unknown(_) if cause.instance.parent().and_then(|at| at.last()).as_deref() == Some("paths") => {
            (format!("the path `{name}` does not begin with a slash"), format!("write it as `/{name}`"))
        }
        Fault::Unknown(_)
            if cause.instance.parent().and_then(|at| at.last()).as_deref() == Some("responses") =>
        {
            (
                format!("`{name}` is no status"),
                "a response is declared for a status such as `404`, a range such as `4XX`, or `default`"
                    .to_owned(),
            )
        }
        Fault::Unknown(known) => unknown(&name, known),
        Fault::Misplaced => (
            format!("`{name}` has no place here"),
            "it goes with another value of `in`, `type` or `style`, or with another field beside it"
                .to_owned(),
        ),
        Fault::Missing(names) => missing(names, found),
        Fault::Together(names) => {
            (format!("{} exclude each other", ticked(names)), "keep one of them".to_owned())
        }
        Fault::Type(types) => wrong_type(&name, found, types),
        Fault::Value(values) => wrong_value(found, values),
        Fault::Pattern { pattern, is_name } => {
            let text = if *is_name { name } else { found.as_str().unwrap_or_default().to_owned() };
            (
                format!("`{text}` is not of the form that is asked for here"),
                format!("it must match `{pattern}`"),
            )
        }
        Fault::Empty => ("there is nothing here".to_owned(), "add at least one entry".to_owned()),
        Fault::Other(message) => (message.clone(), "the specification asks for another form here".to_owned()),
    };
    let mut pointer = at.append(&cause.instance);
    if let Fault::Together(names) = &cause.fault {
        names.last().into_iter().for_each(|name| pointer.push(name));
    }
    let place = Place { file: Arc::clone(uri), pointer };
    Finding::error(Code::InvalidStructure, Location::Document(place, None), message).help(help)
}

fn unknown(name: &str, known: &[String]) -> (String, String) {
    let message = format!("`{name}` is not known here");
    if let Some(near) = nearest(name, known.iter().map(String::as_str)) {
        return (message, format!("did you mean `{near}`"));
    }
    match known {
        [] => (message, "leave it out, or begin its name with `x-`".to_owned()),
        _ => (message, format!("what is known here: {}; own names begin with `x-`", ticked(known))),
    }
}

fn missing(names: &[String], object: &Value) -> (String, String) {
    let is_path = object.get("in").and_then(Value::as_str) == Some("path");
    match names {
        [name] if name == "required" && is_path => (
            "a path parameter does not say that it is required".to_owned(),
            "a path has no place that can be left out: add `required: true`".to_owned(),
        ),
        [name] => (format!("`{name}` is missing"), format!("add `{name}`")),
        _ => (format!("one of {} is missing", ticked(names)), "add one of them".to_owned()),
    }
}

fn wrong_type(name: &str, found: &Value, types: &[String]) -> (String, String) {
    let is = article(type_of(found));
    let is_item = name.is_empty() || name.parse::<usize>().is_ok();
    let message = if is_item { format!("{is} stands here") } else { format!("`{name}` is {is}") };
    match found {
        Value::Number(_) | Value::Bool(_) if types.iter().any(|name| name == "string") => {
            (message, "put it in quotes, so that it is a string".to_owned())
        }
        _ => (message, format!("write {}", either(types, article))),
    }
}

fn wrong_value(found: &Value, values: &[Value]) -> (String, String) {
    let known: Vec<String> = values.iter().map(shown).collect();
    let message = format!("`{}` is not known here", short(&shown(found)));
    let near = found.as_str().and_then(|text| nearest(text, values.iter().filter_map(Value::as_str)));
    match (near, known.as_slice()) {
        (Some(near), _) => (message, format!("did you mean `{near}`")),
        (None, [one]) => (format!("`{}` is not right here", short(&shown(found))), format!("write `{one}`")),
        _ => (message, format!("write one of {}", ticked(&known))),
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A text that fits in a line.
fn short(text: &str) -> String {
    const READABLE: usize = 60;
    if text.chars().count() <= READABLE {
        return text.to_owned();
    }
    let start: String = text.chars().take(READABLE).collect();
    format!("{start}…")
}

/// Names as a reader finds them in a text, the first sixteen.
pub(super) fn ticked(names: &[String]) -> String {
    const SHOWN: usize = 16;
    let mut shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    if names.len() > SHOWN {
        shown.push(format!("{} more", names.len() - SHOWN));
    }
    shown.join(", ")
}

fn either(names: &[String], word: impl Fn(&str) -> String) -> String {
    let words: Vec<String> = names.iter().map(|name| word(name)).collect();
    words.join(" or ")
}

fn article(name: &str) -> String {
    match name {
        "null" => "`null`".to_owned(),
        "array" | "integer" | "object" => format!("an {name}"),
        _ => format!("a {name}"),
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
