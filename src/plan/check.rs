//! Is the request right? Decodes it once, and tells everything that is wrong with it.

use indexmap::IndexMap;
use serde_json::Value;

use super::{Route, decode};
use crate::{
    api::{Body as Declared, Content, Parameter},
    exchange::{self, Body, MediaType, Request},
    finding::{Code, Finding, Location, Part, Place, Pointer},
    schema::{Schema, Violation},
};

/// A request, decoded, and what is wrong with it.
#[derive(Debug, Default)]
pub struct Checked {
    /// The decoded body; `None` where there is none, or it cannot be read.
    pub body: Option<Value>,
    /// Everything that is wrong with parameters and body.
    pub findings: Vec<Finding>,
}

impl Route<'_> {
    /// Decodes parameters and body and judges them against the document.
    pub fn check(&self, request: &Request) -> Checked {
        let mut checked = Checked::default();
        for parameter in &self.operation.parameters {
            self.check_parameter(parameter, request, &mut checked.findings);
        }
        self.check_body(request, &mut checked);
        // A body that cannot even be looked at decides on the answer.
        let is_unread = |finding: &Finding| {
            let codes = [Code::UnsupportedMediaType, Code::BodyTooLarge, Code::BodyInterrupted];
            codes.contains(&finding.code)
        };
        checked.findings.sort_by_key(|finding| !is_unread(finding));
        checked
    }

    fn check_parameter(&self, parameter: &Parameter, request: &Request, findings: &mut Vec<Finding>) {
        let location = Location::Request(parameter.part, Pointer::root().join(&parameter.name));
        let texts = self.texts(parameter, request);
        if texts.is_empty() {
            if parameter.is_required {
                let finding = Finding::error(Code::MissingParam, location, "required, but absent");
                let noun = if parameter.part == Part::Query {
                    "query parameter"
                } else {
                    &parameter.part.to_string()
                };
                let right = format!("send the {noun} `{}`", parameter.name);
                findings.push(finding.help(right).ruled_by(&parameter.place));
            }
            return;
        }
        let (_, violations) = decode::parameter(parameter, &texts);
        findings.extend(violations.into_iter().map(|violation| {
            let at = Pointer::root().join(&parameter.name).append(&violation.instance);
            broken(Code::InvalidParam, Location::Request(parameter.part, at), violation)
        }));
    }

    fn texts(&self, parameter: &Parameter, request: &Request) -> Vec<String> {
        match parameter.part {
            Part::Query => request.query_values(&parameter.name),
            Part::Cookie => request.cookie_values(&parameter.name),
            Part::Header => request.header_values(&parameter.name),
            Part::Path | Part::Line | Part::Body => {
                let values = self.path_values.iter().filter(|(name, _)| *name == parameter.name);
                values.map(|(_, value)| value.clone()).collect()
            }
        }
    }

    fn check_body(&self, request: &Request, checked: &mut Checked) {
        let whole = Location::Request(Part::Body, Pointer::root());
        let bytes = match &request.body {
            Body::Whole(bytes) => bytes,
            Body::TooLarge { limit } => {
                let finding =
                    Finding::error(Code::BodyTooLarge, whole, format!("the body is over {limit} bytes"));
                return checked.findings.push(finding.help("send less, or raise `--body-limit`"));
            }
            Body::Interrupted(why) => {
                let finding = Finding::error(Code::BodyInterrupted, whole, why.clone());
                return checked.findings.push(finding.help("send as many bytes as `Content-Length` says"));
            }
        };
        let Some(declared) = &self.operation.body else { return };
        if bytes.is_empty() {
            if declared.is_required {
                let finding = Finding::error(Code::MissingBody, whole, "required, but absent");
                checked.findings.push(finding.help(offered(declared)).ruled_by(&declared.place));
            }
            return;
        }
        match content_of(declared, request) {
            Ok(content) => read(content, bytes, checked),
            Err(finding) => checked.findings.push(*finding),
        }
    }
}

/// The declared content that the body says it is; without a `Content-Type`, the first.
fn content_of<'d>(declared: &'d Declared, request: &Request) -> Result<&'d Content, Box<Finding>> {
    let Some(sent) = request.header_values("content-type").into_iter().next() else {
        return declared.content.first().ok_or_else(|| unsupported("a body", declared));
    };
    let Some(media_type) = MediaType::parse(&sent) else {
        return Err(unsupported(&format!("`{sent}`"), declared));
    };
    let fitting = declared.content.iter().filter(|content| content.media_type.matches(&media_type));
    fitting
        .min_by_key(|content| content.media_type.is_range())
        .ok_or_else(|| unsupported(&format!("`{}`", media_type.essence()), declared))
}

fn unsupported(what: &str, declared: &Declared) -> Box<Finding> {
    let location = Location::Request(Part::Header, Pointer::root().join("content-type"));
    let finding =
        Finding::error(Code::UnsupportedMediaType, location, format!("the operation does not take {what}"));
    Box::new(finding.help(offered(declared)).ruled_by(&declared.place))
}

fn offered(declared: &Declared) -> String {
    let types: Vec<String> =
        declared.content.iter().map(|content| format!("`{}`", content.media_type)).collect();
    format!("send a body of {}", types.join(" or "))
}

fn read(content: &Content, bytes: &[u8], checked: &mut Checked) {
    let value = match decoded(content, bytes) {
        Ok(Some(value)) => value,
        Ok(None) => return,
        Err(message) => {
            let location = Location::Request(Part::Body, Pointer::root());
            let finding = Finding::error(Code::InvalidBody, location, message);
            let right = format!("send well-formed `{}`", content.media_type);
            return checked.findings.push(finding.help(right).ruled_by(&content.place));
        }
    };
    let violations = content.schema.as_ref().map(|schema| schema.violations(&value)).unwrap_or_default();
    checked.findings.extend(violations.into_iter().map(|violation| {
        let at = Location::Request(Part::Body, violation.instance.clone());
        broken(Code::InvalidBody, at, violation)
    }));
    checked.body = Some(value);
}

/// The body as a value; `None` where its media type is none that is read.
fn decoded(content: &Content, bytes: &[u8]) -> Result<Option<Value>, String> {
    let text = || {
        std::str::from_utf8(bytes)
            .map_err(|error| format!("the body is not UTF-8 from byte {}", error.valid_up_to()))
    };
    if content.media_type.is_json() {
        let value =
            serde_json::from_str(text()?).map_err(|error| format!("the body is not JSON: {error}"))?;
        return Ok(Some(value));
    }
    if content.media_type.essence() == "application/x-www-form-urlencoded" {
        return Ok(Some(form(content.schema.as_ref(), text()?)));
    }
    if content.media_type.is_text() {
        return Ok(Some(Value::String(text()?.to_owned())));
    }
    Ok(None)
}

/// A form as an object, each field read as its property's schema wants it; a list is a field that is repeated.
fn form(schema: Option<&Schema>, text: &str) -> Value {
    let mut fields: IndexMap<String, Vec<String>> = IndexMap::new();
    for (name, value) in exchange::pairs(text) {
        fields.entry(name).or_default().push(value);
    }
    let members = fields.into_iter().map(|(name, texts)| {
        let property = schema.and_then(|schema| schema.property(&name));
        let value = decode::texts(property, &texts);
        (name, value)
    });
    Value::Object(members.collect())
}

fn broken(code: Code, location: Location, violation: Violation) -> Finding {
    let right = violation.expected();
    let rule = Place { file: violation.schema.0.into(), pointer: violation.schema.1 };
    Finding::error(code, location, violation.message).help(right).ruled_by(&rule)
}
