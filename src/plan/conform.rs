//! Is a response what the document says? Status, header fields and body, each finding with the place that rules it.
//!
//! Read [`Route::check_response`] first.

use http::{Method, StatusCode, header};

use super::{Route, check::broken, violation::ABSENT};
use crate::{
    api::{Content, Parameter, Response as Declared},
    exchange::{MediaType, Request, Response},
    finding::{Code, Finding, Location, Part, Place, Pointer},
    wire::{self, Coded, Received},
};

/// Whether a message of this kind has no body, whatever its header fields say (RFC 9110, section 6.4.1).
fn is_bodiless(asked: &Method, status: StatusCode) -> bool {
    *asked == Method::HEAD || status.is_informational() || matches!(status.as_u16(), 204 | 205 | 304)
}

impl Route<'_> {
    /// Everything in which a response to a request with the method `asked` is not what the document says.
    ///
    /// Of a body whose rest is still to come only the media type is judged. An operation that declares no final
    /// response says nothing that could be broken, and neither does a response without content of a body.
    pub fn check_response(&self, asked: &Method, response: &Response) -> Vec<Finding> {
        let status = response.status;
        let mut findings = Vec::new();
        match self.operation.response(status.as_u16()) {
            Some(declared) => {
                findings
                    .extend(declared.headers.iter().flat_map(|header| self.check_header(header, response)));
                let is_bodiless = is_bodiless(asked, status);
                findings.extend(check_body(declared, response, is_bodiless));
            }
            None if self.operation.responses.iter().all(|response| response.status.is_interim()) => {}
            None => findings.push(self.undeclared_status(status)),
        }
        for finding in &mut findings {
            finding.rule = finding.rule.as_ref().map(|rule| self.api.document.written(rule));
        }
        findings
    }

    /// An undeclared success is worse than another status: nobody lists every way in which a server can fail.
    fn undeclared_status(&self, status: StatusCode) -> Finding {
        let location = Location::Response(Part::Line, Pointer::root());
        let message = format!("the operation declares no response for {}", status.as_u16());
        let declared: Vec<String> =
            self.operation.responses.iter().map(|response| response.status.to_string()).collect();
        let finding = if status.is_success() { Finding::error } else { Finding::warning };
        finding(Code::UndeclaredStatus, location, message)
            .help(format!("it declares {}", declared.join(", ")))
            .ruled_by(&self.operation.place)
    }

    fn check_header(&self, declared: &Parameter, response: &Response) -> Vec<Finding> {
        let name = declared.name.to_ascii_lowercase();
        // The media type is told by the content (OAS 3.1, section 4.8.17.1).
        if name == header::CONTENT_TYPE.as_str() {
            return Vec::new();
        }
        let at = Location::Response(Part::Header, Pointer::root().join(&name));
        if !response.headers.contains_key(&name) {
            let finding = Finding::error(Code::ResponseHeader, at, ABSENT).ruled_by(&declared.place);
            let finding = finding.help(format!("send the header `{}`", declared.name));
            return if declared.is_required { vec![finding] } else { Vec::new() };
        }
        // Each of these is a cookie of its own, and no part of a list (RFC 6265, section 3).
        let values = response.headers.get_all(&name).iter().cloned();
        let messages: Vec<Vec<_>> = if name == "set-cookie" {
            values.map(|value| vec![value]).collect()
        } else {
            vec![values.collect()]
        };
        messages.into_iter().flat_map(|values| self.judge_header(declared, &name, values)).collect()
    }

    /// A header field is read as it is in requests (OAS 3.1, section 4.8.21).
    fn judge_header(&self, declared: &Parameter, name: &str, values: Vec<http::HeaderValue>) -> Vec<Finding> {
        let at = |inner: &Pointer| Location::Response(Part::Header, Pointer::root().join(name).append(inner));
        let mut message = Request::new(Method::GET, "/");
        for value in values {
            if let Ok(name) = header::HeaderName::from_bytes(name.as_bytes()) {
                message.headers.append(name, value);
            }
        }
        let received = Received {
            request: &message,
            operation: self.operation,
            schemes: &self.api.schemes,
            path_values: &self.path_values,
        };
        match wire::parameter(declared, &received) {
            Ok(read) => {
                let violations = read.map(|read| read.violations).unwrap_or_default().into_iter();
                let finding = |violation: crate::schema::Violation| {
                    broken(Code::ResponseHeader, at(&violation.instance), violation)
                };
                violations.map(finding).collect()
            }
            Err(fault) => {
                let finding = Finding::error(Code::ResponseHeader, at(&fault.pointer), fault.message);
                vec![finding.ruled_by(&declared.place)]
            }
        }
    }
}

fn check_body(declared: &Declared, response: &Response, is_bodiless: bool) -> Vec<Finding> {
    if declared.content.is_empty() || is_bodiless {
        return Vec::new();
    }
    let sent = response.header(header::CONTENT_TYPE.as_str()).map(str::to_owned);
    let is_empty = response.body.is_empty() && response.rest.is_none();
    let content = match content_of(declared, sent.as_deref(), &declared.place) {
        Ok((content, media_type)) if !is_empty || is_right_without(content, &media_type) => {
            (content, media_type)
        }
        Err(finding) if !is_empty => return vec![*finding],
        Ok(_) | Err(_) => {
            let at = Location::Response(Part::Body, Pointer::root());
            let finding = Finding::error(Code::BodyMissing, at, ABSENT);
            return vec![finding.help(offered(declared)).ruled_by(&declared.place)];
        }
    };
    if response.rest.is_some() { Vec::new() } else { judge_body(content.0, &content.1, response) }
}

/// Whether no bytes are a body of this kind, as an empty text and an empty file are.
fn is_right_without(content: &Content, media_type: &MediaType) -> bool {
    wire::read(content, Some(media_type), b"")
        .is_ok_and(|read| read.is_none_or(|read| read.violations.is_empty()))
}

fn judge_body(content: &Content, media_type: &MediaType, response: &Response) -> Vec<Finding> {
    let at = |pointer: &Pointer| Location::Response(Part::Body, pointer.clone());
    let bytes = match wire::uncoded(&response.headers, &response.body) {
        Ok(bytes) => bytes,
        Err(Coded::Unread(why)) => {
            return vec![Finding::note(Code::Unjudged, at(&Pointer::root()), format!("not judged: {why}"))];
        }
        Err(Coded::Broken(why)) => {
            let finding = Finding::error(Code::BodyUnreadable, at(&Pointer::root()), why);
            return vec![finding.help("send what `Content-Encoding` says")];
        }
    };
    match wire::read(content, Some(media_type), &bytes) {
        Ok(read) => {
            let violations = read.map(|read| read.violations).unwrap_or_default().into_iter();
            violations
                .map(|violation| broken(Code::ResponseSchema, at(&violation.instance), violation))
                .collect()
        }
        Err(fault) => {
            let finding = Finding::error(Code::BodyUnreadable, at(&fault.pointer), fault.message);
            vec![finding.help(format!("send well-formed `{media_type}`")).ruled_by(&content.place)]
        }
    }
}

/// The declared content that the response says it is.
fn content_of<'d>(
    declared: &'d Declared,
    sent: Option<&str>,
    place: &Place,
) -> Result<(&'d Content, MediaType), Box<Finding>> {
    let told = |message: String| {
        let location = Location::Response(Part::Header, Pointer::root().join("content-type"));
        let finding = Finding::error(Code::ContentType, location, message);
        Box::new(finding.help(offered(declared)).ruled_by(place))
    };
    let Some(sent) = sent else {
        return Err(told("the response does not say of which media type its body is".to_owned()));
    };
    let media_type = MediaType::parse(sent).ok_or_else(|| told(format!("`{sent}` is no media type")))?;
    let fitting =
        declared.content.iter().filter_map(|content| Some((content.media_type.fit(&media_type)?, content)));
    let found = fitting.min_by_key(|(fit, _)| *fit).map(|(_, content)| content);
    // One that differs in a parameter is still of the type.
    let found =
        found.or_else(|| declared.content.iter().find(|content| is_in(&content.media_type, &media_type)));
    match found {
        Some(content) => Ok((content, media_type)),
        None => Err(told(format!("`{media_type}` is declared for none of its bodies"))),
    }
}

/// Whether a type is in a range; a suffix is none in the standard, but is written for one: `application/*+json`.
fn is_in(range: &MediaType, media_type: &MediaType) -> bool {
    let suffix = range.essence().split_once("/*+");
    let has_suffix = |(kind, suffix): (&str, &str)| {
        let essence = media_type.essence();
        essence.starts_with(&format!("{kind}/")) && essence.ends_with(&format!("+{suffix}"))
    };
    range.matches(media_type) || suffix.is_some_and(has_suffix)
}

fn offered(declared: &Declared) -> String {
    let types: Vec<String> =
        declared.content.iter().map(|content| format!("`{}`", content.media_type)).collect();
    format!("send a body of {}", types.join(" or "))
}
