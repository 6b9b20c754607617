//! What a declared example means: the value itself, or what the reader of its media type makes of its text.
//!
//! Texts are judged here and not where documents are read, since reading them is of a layer above that one.

use std::{borrow::Cow, sync::Arc};

use serde_json::Value;

use crate::{
    api::{Api, Content, Example, Form},
    finding::{Code, Finding, Location, Place, Severity},
    wire,
};

/// The examples of a content that may be sent, in the document's order.
pub(super) fn sound(content: &Content) -> impl Iterator<Item = &Example> {
    content.examples.iter().filter(|example| value(content, example).is_some())
}

/// The value of an example; `None` where its text is not of the media type, or breaks the schema.
pub(super) fn value<'e>(content: &Content, example: &'e Example) -> Option<Cow<'e, Value>> {
    match example.form {
        Form::Value => Some(Cow::Borrowed(&example.value)),
        Form::Serialized => read(content, example).ok().map(Cow::Owned),
    }
}

/// The text of an example that is given as one.
pub(super) fn text(example: &Example) -> Option<&str> {
    example.value.as_str().filter(|_| example.form == Form::Serialized)
}

/// Tells of every text among the examples of `apis` that is not sent.
pub(super) fn judge(apis: &[Arc<Api>]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for operation in apis.iter().flat_map(|api| &api.operations) {
        let sent = operation.responses.iter().flat_map(|response| &response.content);
        let received = operation.body.iter().flat_map(|body| &body.content);
        for content in sent.chain(received) {
            for example in content.examples.iter().filter(|example| example.form == Form::Serialized) {
                let told = read(content, example).err().unwrap_or_default();
                findings.extend(told.into_iter().map(|wrong| finding(example, wrong)));
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

fn read(content: &Content, example: &Example) -> Result<Value, Vec<Wrong>> {
    let wrong = |message: String| vec![(message, Some(content.place.clone()))];
    let Some(text) = example.value.as_str() else {
        return Err(wrong("the example is no text, as `serializedValue` is".to_owned()));
    };
    match wire::read(content, None, text.as_bytes()) {
        Ok(Some(read)) if read.violations.is_empty() => Ok(read.value),
        Ok(Some(read)) => {
            let told = read.violations.into_iter().map(|violation| {
                let message = format!("the example breaks `{}`: {}", violation.keyword, violation.message);
                let rule = Place { file: violation.schema.0.into(), pointer: violation.schema.1 };
                (message, Some(rule))
            });
            Err(told.collect())
        }
        Ok(None) => Err(wrong(format!(
            "nothing reads `{}`, so that nothing tells what the example means",
            content.media_type
        ))),
        Err(fault) => Err(wrong(format!("the example cannot be read: {}", fault.message))),
    }
}

fn finding(example: &Example, (message, rule): Wrong) -> Finding {
    let location = Location::Document(example.place.clone(), None);
    let finding = Finding::error(Code::ExampleBreaksSchema, location, message);
    let finding = finding.help("it is not sent; another example or a generated value is");
    Finding { severity: Severity::Warning, rule, ..finding }
}
