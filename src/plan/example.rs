//! What a declared example means: the value itself, or what the reader of its media type makes of its text.
//!
//! Texts, and values that XML may not be able to hold, are judged here and not where documents are read, since reading them is of a layer above that one.

use std::{borrow::Cow, sync::Arc};

use serde_json::Value;

use crate::{
    api::{Api, Content, Example, Form},
    finding::{Code, Finding, Location, Place, Severity},
    schema::Violation,
    wire,
};

/// The examples of a content that may be sent, in the document's order.
pub(super) fn sound(content: &Content) -> impl Iterator<Item = &Example> {
    content.examples.iter().filter(|example| meaning(content, example).is_some())
}

/// The value of an example; `None` where its text is not of the media type, or breaks the schema.
pub(super) fn value<'e>(content: &Content, example: &'e Example) -> Option<Cow<'e, Value>> {
    match example.form {
        Form::Value => Some(Cow::Borrowed(&example.value)),
        Form::Serialized => meaning(content, example).map(Cow::Borrowed),
    }
}

/// The value that an example shows, read once; `None` of one that is not sent.
fn meaning<'e>(content: &Content, example: &'e Example) -> Option<&'e Value> {
    example.meaning.get_or_init(|| meant(content, example).ok()).as_deref()
}

/// The text of an example that is given as one.
pub(super) fn text(example: &Example) -> Option<&str> {
    example.value.as_str().filter(|_| example.form == Form::Serialized)
}

/// Tells of every example of `apis` that is not sent: a text that is refused, a value that XML cannot hold.
pub fn judge(apis: &[Arc<Api>]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let operations = apis.iter().flat_map(|api| &api.operations);
    let callbacks = operations.clone().flat_map(|operation| &operation.callbacks);
    for operation in operations.chain(callbacks.map(|callback| &callback.operation)) {
        let sent = operation.responses.iter().flat_map(|response| &response.content);
        let received = operation.body.iter().flat_map(|body| &body.content);
        for content in sent.chain(received) {
            for example in &content.examples {
                let told = |wrong: Vec<Wrong>| {
                    findings.extend(wrong.into_iter().map(|wrong| finding(example, wrong)));
                };
                let value = meant(content, example).map_err(told).ok();
                // Whoever was first has come to the same.
                drop(example.meaning.set(value));
            }
        }
    }
    // A response that several operations refer to is one place with one fault.
    let mut told: Vec<Finding> = Vec::new();
    for finding in findings {
        if !told.contains(&finding) {
            told.push(finding);
        }
    }
    told
}

/// What is wrong with a text, and the place that rules it.
type Wrong = (String, Option<Place>);

fn meant(content: &Content, example: &Example) -> Result<Arc<Value>, Vec<Wrong>> {
    if example.form == Form::Serialized {
        return read(content, example).map(Arc::new);
    }
    if content.media_type.is_xml() {
        let sent = wire::write(content, &example.value).map_err(|fault| {
            let at = match fault.pointer.as_str() {
                "" => String::new(),
                pointer => format!("at `{pointer}`: "),
            };
            let message = format!("the example cannot be written: {at}{}", fault.message);
            vec![(message, Some(content.place.clone()))]
        })?;
        read_text(content, &sent.bytes)?;
    }
    Ok(Arc::clone(&example.value))
}

/// The value of an example that is a text.
fn read(content: &Content, example: &Example) -> Result<Value, Vec<Wrong>> {
    let no_text = "the example is no text, as `serializedValue` is";
    let text =
        example.value.as_str().ok_or_else(|| vec![(no_text.to_owned(), Some(content.place.clone()))])?;
    read_text(content, text.as_bytes())
}

fn read_text(content: &Content, text: &[u8]) -> Result<Value, Vec<Wrong>> {
    let wrong = |message: String| vec![(message, Some(content.place.clone()))];
    match wire::read(content, None, text) {
        Ok(Some(read)) if read.violations.is_empty() => Ok(read.value),
        Ok(Some(read)) => Err(read.violations.into_iter().map(broken).collect()),
        Ok(None) => Err(wrong(format!(
            "nothing reads `{}`, so that nothing tells what the example means",
            content.media_type
        ))),
        Err(fault) => Err(wrong(format!("the example cannot be read: {}", fault.message))),
    }
}

fn broken(violation: Violation) -> Wrong {
    let message = format!("the example breaks `{}`: {}", violation.keyword, violation.message);
    (message, Some(Place { file: violation.schema.0.into(), pointer: violation.schema.1 }))
}

fn finding(example: &Example, (message, rule): Wrong) -> Finding {
    let location = Location::Document(example.place.clone(), None);
    let finding = Finding::error(Code::ExampleBreaksSchema, location, message);
    let finding = finding.help("it is not sent; another example or a generated value is");
    Finding { severity: Severity::Warning, rule, ..finding }
}
