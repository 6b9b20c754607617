//! Is the request right? Decodes it once, and tells everything that is wrong with it.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{Route, Undeclared, undeclared};
use crate::{
    api::{Body as Declared, Content, Parameter},
    exchange::{Body, MediaType, Request},
    finding::{Code, Finding, Location, Part, Place, Pointer},
    schema::Violation,
    wire::{self, Received},
};

/// A request, decoded, and what is wrong with it.
#[derive(Debug, Default)]
pub struct Checked {
    /// The decoded body; `None` where there is none, or it cannot be read.
    pub body: Option<Value>,
    /// The decoded parameters of path and query, by name.
    pub parameters: Map<String, Value>,
    /// Everything that is wrong with parameters and body.
    pub findings: Vec<Finding>,
}

impl Checked {
    /// What the request says by name: its parameters, and the properties of its body, which have the last word.
    ///
    /// A path parameter such as `petId` says what the `id` of the pet is.
    pub fn sent(&self) -> Value {
        let mut sent = Map::new();
        for (name, value) in &self.parameters {
            let stem = name
                .strip_suffix("Id")
                .or_else(|| name.strip_suffix("_id"))
                .or_else(|| name.strip_suffix("-id"));
            if stem.is_some_and(|stem| !stem.is_empty()) {
                sent.insert("id".to_owned(), value.clone());
            }
        }
        sent.extend(self.parameters.clone());
        sent.extend(self.body.as_ref().and_then(Value::as_object).cloned().unwrap_or_default());
        Value::Object(sent)
    }
}

impl Route<'_> {
    /// Decodes parameters and body and judges them against the document.
    pub fn check(&self, request: &Request) -> Checked {
        let mut checked = Checked::default();
        let spelled = match self.undeclared {
            Undeclared::Refused => Cow::Borrowed(request),
            Undeclared::Ignored => {
                let (spelled, found) = self.spelled(request);
                checked.findings.extend(found);
                spelled
            }
        };
        for parameter in &self.operation.parameters {
            self.check_parameter(parameter, &spelled, &mut checked);
        }
        self.check_body(request, &mut checked);
        if self.undeclared == Undeclared::Refused {
            let found = self.undeclared(request);
            checked.findings.extend(found);
        }
        // A body that cannot even be looked at decides on the answer.
        let is_unread = |finding: &Finding| {
            let codes = [Code::UnsupportedMediaType, Code::BodyTooLarge, Code::BodyInterrupted];
            codes.contains(&finding.code)
        };
        checked.findings.sort_by_key(|finding| !is_unread(finding));
        for finding in &mut checked.findings {
            finding.rule = finding.rule.as_ref().map(|rule| self.api.document.written(rule));
        }
        checked
    }

    fn check_parameter(&self, parameter: &Parameter, request: &Request, checked: &mut Checked) {
        let at = |inner: &Pointer| {
            Location::Request(parameter.part, Pointer::root().join(&parameter.name).append(inner))
        };
        let received = Received {
            request,
            operation: self.operation,
            schemes: &self.api.schemes,
            path_values: &self.path_values,
        };
        match wire::parameter(parameter, &received) {
            Ok(Some(read)) => {
                checked.findings.extend(
                    read.violations
                        .into_iter()
                        .map(|violation| broken(Code::InvalidParam, at(&violation.instance), violation)),
                );
                if parameter.is_deprecated {
                    let message = "the parameter is deprecated";
                    let note = Finding::warning(Code::Deprecated, at(&Pointer::root()), message);
                    checked.findings.push(note.help("do without it").ruled_by(&parameter.place));
                }
                if matches!(parameter.part, Part::Path | Part::Query) {
                    checked.parameters.insert(parameter.name.clone(), read.value);
                }
            }
            Ok(None) if parameter.is_required => checked.findings.push(missing(parameter)),
            Ok(None) => {}
            Err(fault) => {
                let finding = Finding::error(Code::InvalidParam, at(&fault.pointer), fault.message);
                checked.findings.push(finding.help(form(parameter)).ruled_by(&parameter.place));
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
            // Whoever passes it on tells why it is not judged.
            Body::Coming(_) => return,
        };
        let sent = request.header_values("content-type").into_iter().next();
        let Some(declared) = &self.operation.body else {
            if !bytes.is_empty() {
                checked.findings.push(self.unasked(sent.as_deref()));
            }
            return;
        };
        if bytes.is_empty() && (declared.is_required || !is_form(sent.as_deref())) {
            if declared.is_required {
                let finding = Finding::error(Code::MissingBody, whole, "required, but absent");
                checked.findings.push(finding.help(offered(declared)).ruled_by(&declared.place));
            }
            return;
        }
        // What cannot be unpacked is judged as it is, and is then not what its media type says.
        let bytes = wire::uncoded(&request.headers, bytes).unwrap_or(Cow::Borrowed(bytes));
        match content_of(declared, sent.as_deref()) {
            Ok((content, sent)) => {
                read(content, sent.as_ref(), &bytes, checked);
                if let (Undeclared::Refused, Some(body)) = (self.undeclared, &checked.body) {
                    checked.findings.extend(undeclared::properties(content, body));
                }
            }
            Err(finding) => checked.findings.push(*finding),
        }
    }

    /// A body that the operation does not take, in any media type.
    fn unasked(&self, sent: Option<&str>) -> Finding {
        let location = Location::Request(Part::Header, Pointer::root().join("content-type"));
        let message = match sent {
            Some(sent) => format!("the operation takes no body, of `{sent}` or any other media type"),
            None => "the operation takes no body".to_owned(),
        };
        let finding = Finding::error(Code::UnsupportedMediaType, location, message);
        finding.help("send no body").ruled_by(&self.operation.place)
    }
}

fn missing(parameter: &Parameter) -> Finding {
    let location = Location::Request(parameter.part, Pointer::root().join(&parameter.name));
    let finding = Finding::error(Code::MissingParam, location, "required, but absent");
    let noun = if parameter.part == Part::Query { "query parameter" } else { &parameter.part.to_string() };
    finding.help(format!("send the {noun} `{}`", parameter.name)).ruled_by(&parameter.place)
}

/// The form that a parameter has to be of.
fn form(parameter: &Parameter) -> String {
    match &parameter.media_type {
        Some(media_type) => format!("send well-formed `{media_type}`"),
        None => format!("write it in the style `{}`", parameter.style.name()),
    }
}

/// Whether a body of no bytes is one all the same: a form without fields (WHATWG URL, section 5.1).
fn is_form(sent: Option<&str>) -> bool {
    let media_type = sent.and_then(MediaType::parse);
    media_type.is_some_and(|media_type| media_type.essence() == "application/x-www-form-urlencoded")
}

/// The declared content that the body says it is; without a `Content-Type`, the first.
fn content_of<'d>(
    declared: &'d Declared,
    sent: Option<&str>,
) -> Result<(&'d Content, Option<MediaType>), Box<Finding>> {
    let Some(sent) = sent else {
        let first = declared.content.first().ok_or_else(|| unsupported("a body", declared))?;
        return Ok((first, None));
    };
    let Some(media_type) = MediaType::parse(sent) else {
        return Err(unsupported(&format!("`{sent}`"), declared));
    };
    let fitting =
        declared.content.iter().filter_map(|content| Some((content.media_type.fit(&media_type)?, content)));
    let found = fitting.min_by_key(|(fit, _)| *fit).map(|(_, content)| content);
    // Where nothing else fits, `application/vnd.pet+json` is taken for the JSON that it is.
    let alike = || declared.content.iter().find(|content| content.media_type.is_like(&media_type));
    let found = found.or_else(alike).ok_or_else(|| unsupported(&format!("`{media_type}`"), declared))?;
    let has_boundary = |of: &MediaType| of.parameter("boundary").is_some_and(|boundary| !boundary.is_empty());
    // The type is not whole without it (RFC 2046, section 5.1.1).
    if media_type.essence().starts_with("multipart/")
        && ![&media_type, &found.media_type].into_iter().any(has_boundary)
    {
        return Err(unsupported(&format!("`{media_type}`, which names no `boundary`"), declared));
    }
    Ok((found, Some(media_type)))
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

fn read(content: &Content, sent: Option<&MediaType>, bytes: &[u8], checked: &mut Checked) {
    match wire::read(content, sent, bytes) {
        Ok(None) => {}
        Ok(Some(read)) => {
            let is_sound = read.violations.is_empty();
            let misnamed = content.schema.as_ref().filter(|_| is_sound);
            let misnamed = misnamed.and_then(|schema| schema.misnames(&read.value));
            checked.findings.extend(read.violations.into_iter().chain(misnamed).map(|violation| {
                let at = Location::Request(Part::Body, violation.instance.clone());
                broken(Code::InvalidBody, at, violation)
            }));
            checked.body = Some(read.value);
        }
        Err(fault) => {
            let finding = Finding::error(
                Code::InvalidBody,
                Location::Request(Part::Body, fault.pointer),
                fault.message,
            );
            let right = format!("send well-formed `{}`", content.media_type);
            checked.findings.push(finding.help(right).ruled_by(&content.place));
        }
    }
}

pub(super) fn broken(code: Code, location: Location, violation: Violation) -> Finding {
    let right = violation.expected();
    let rule = Place { file: violation.schema.0.into(), pointer: violation.schema.1 };
    Finding::error(code, location, violation.message).help(right).ruled_by(&rule).breaking(violation.keyword)
}
