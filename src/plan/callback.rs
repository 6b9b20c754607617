//! An exchange → the requests that others are sent because of it (OAS 3.1, section 4.8.18).
//!
//! A callback is written by the same steps as an answer: its body is an example or generated, and judged. What cannot be
//! sent is a finding. Nothing is sent here. Read [`Route::callbacks`] first.

use std::{slice, sync::Arc};

use http::{HeaderName, HeaderValue, Method, Uri, header};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use super::{
    Address, Answer, Bodies, Prefer, Route, Undeclared,
    header::{OWN, spelled},
    represent::{Represented, Wanted},
};
use crate::{
    api::{Api, Body, Callback, Content, Operation},
    exchange::{Accept, Judge, MediaType, Outgoing, Request, Response, expression::Exchange},
    finding::{Code, Finding, Location, Part},
    schema::Dice,
    wire::{self, Spelled},
};

/// What stands in no URL as it is (RFC 3986, section 2).
const FOREIGN: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');
/// What stands in no value of a query as it is.
const DELIMITING: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A request and its answer.
#[derive(Debug, Clone, Copy)]
pub struct Done<'x> {
    /// The request.
    pub request: &'x Request,
    /// Its body.
    pub body: Option<&'x Value>,
    /// What it says by name.
    pub said: &'x Value,
    /// The answer.
    pub response: &'x Response,
    /// What the body of the answer was declared to be.
    pub content: Option<&'x Content>,
    /// Where bodies come from.
    pub bodies: Bodies,
}

impl Route<'_> {
    /// The callbacks that follow from an exchange, in the document's order; of each that cannot be sent, a finding.
    pub fn callbacks(&self, done: &Done<'_>, dice: &mut Dice) -> (Vec<Outgoing>, Vec<Finding>) {
        let (mut calls, mut findings) = (Vec::new(), Vec::new());
        if self.operation.callbacks.is_empty() {
            return (calls, findings);
        }
        let answered = done.answered();
        let exchange = Exchange {
            request: done.request,
            request_body: done.body,
            path_values: &self.path_values,
            response: Some(done.response),
            response_body: answered.as_ref(),
        };
        let known = known(done.said, answered.as_ref());
        for callback in &self.operation.callbacks {
            let url = url(callback, &exchange);
            let call =
                url.and_then(|url| Ok((url, request(&callback.operation, &known, done.bodies, dice)?)));
            match call {
                Ok((url, request)) => calls.push(self.outgoing(callback, &url, request)),
                Err(why) => findings.push(self.unsent(callback, &why)),
            }
        }
        (calls, findings)
    }

    fn outgoing(&self, callback: &Arc<Callback>, url: &Uri, mut request: Request) -> Outgoing {
        let scheme = url.scheme_str().unwrap_or("http");
        let authority = url.authority().map(http::uri::Authority::as_str).unwrap_or_default();
        url.path().clone_into(&mut request.path);
        let queries = url.query().map(str::to_owned).into_iter().chain(request.query.take());
        request.query = Some(queries.collect::<Vec<_>>().join("&")).filter(|query| !query.is_empty());
        Outgoing {
            name: callback.name.clone(),
            origin: format!("{scheme}://{authority}"),
            request,
            judge: Arc::new(Receiver { api: Arc::clone(self.api), callback: Arc::clone(callback) }),
        }
    }

    fn unsent(&self, callback: &Callback, why: &Unsent) -> Finding {
        let place = self.api.document.written(&callback.operation.place);
        let message = format!("the callback `{}` is not sent: {}", callback.name, why.message);
        let location = Location::Document(place, None);
        Finding::warning(Code::UnsentCallback, location, message).help(why.help)
    }
}

/// Why a callback is not sent, and what would be right.
struct Unsent {
    message: String,
    help: &'static str,
}

impl Done<'_> {
    /// The body of the answer, as whoever gets it reads it.
    fn answered(&self) -> Option<Value> {
        let sent = self.response.header(header::CONTENT_TYPE.as_str()).and_then(MediaType::parse);
        let read = wire::read(self.content?, sent.as_ref(), &self.response.body).ok()??;
        Some(read.value)
    }
}

/// What an exchange says by name. The answer has the last word: it names what the request made.
fn known(said: &Value, answered: Option<&Value>) -> Value {
    let mut known: Map<String, Value> = said.as_object().cloned().unwrap_or_default();
    known.extend(answered.and_then(Value::as_object).cloned().unwrap_or_default());
    Value::Object(known)
}

/// The URL that an exchange gives a callback: absolute, for a relative one has no server to be relative to.
fn url(callback: &Callback, exchange: &Exchange<'_>) -> Result<Uri, Unsent> {
    let filled = callback.url.fill(exchange, |before, value| encoded(before, &value));
    let text = filled.map_err(|expression| Unsent {
        message: format!("the exchange has nothing at `{expression}`"),
        help: "send what the expression names",
    })?;
    let url = text.parse::<Uri>().ok().filter(|url| matches!(url.scheme_str(), Some("http" | "https")));
    url.filter(|url| url.host().is_some_and(|host| !host.is_empty())).ok_or_else(|| Unsent {
        message: format!("`{text}` is no URL of a server"),
        help: "it is an absolute URL that begins with `http://` or `https://`",
    })
}

/// A value as it stands in a URL after `before`. The value of a pair of the query holds no delimiters; elsewhere a value may
/// be a URL, or a part of one, and only what no URL holds is encoded.
fn encoded(before: &str, value: &str) -> String {
    let is_in_query = before.contains('?') && before.ends_with('=');
    utf8_percent_encode(value, if is_in_query { DELIMITING } else { FOREIGN }).to_string()
}

/// The request of a callback but for its URL: its required parameters, and the first of its media types.
fn request(operation: &Operation, known: &Value, bodies: Bodies, dice: &mut Dice) -> Result<Request, Unsent> {
    let mut request = Request::new(Method::clone(&operation.method), "/");
    parameters(operation, &mut request, dice)?;
    if let Some(sent) = body(operation.body.as_ref(), known, bodies, dice)? {
        request.headers.extend(sent.headers);
        request = request.body(sent.body);
    }
    Ok(request)
}

fn parameters(operation: &Operation, request: &mut Request, dice: &mut Dice) -> Result<(), Unsent> {
    let (mut query, mut cookies) = (Vec::new(), Vec::new());
    for declared in operation.parameters.iter().filter(|parameter| parameter.is_required) {
        let name = HeaderName::from_bytes(declared.name.as_bytes()).ok();
        if declared.part == Part::Header && name.as_ref().is_some_and(|name| OWN.contains(name)) {
            continue;
        }
        let impossible = || Unsent {
            message: format!("no value was found for the required {} `{}`", declared.part, declared.name),
            help: "give the parameter an example, or a schema whose values it can hold",
        };
        match spelled(declared, dice, Some).ok_or_else(impossible)? {
            Spelled::Header(text) => {
                let value = HeaderValue::from_str(&text).ok();
                let (name, value) = name.zip(value).ok_or_else(impossible)?;
                request.headers.insert(name, value);
            }
            spelled @ (Spelled::Query(_) | Spelled::QueryString(_)) => query.push(spelled.text()),
            spelled @ Spelled::Cookie(_) => cookies.push(spelled.text()),
            // The URL of a callback has no templates but expressions.
            Spelled::Path(_) => {}
        }
    }
    request.query = Some(query.join("&")).filter(|query| !query.is_empty());
    let cookies = HeaderValue::from_str(&cookies.join("; ")).ok().filter(|cookies| !cookies.is_empty());
    request.headers.extend(cookies.map(|cookies| (header::COOKIE, cookies)));
    Ok(())
}

/// The body of a callback, made by the steps of an answer.
fn body(
    declared: Option<&Body>,
    known: &Value,
    bodies: Bodies,
    dice: &mut Dice,
) -> Result<Option<Response>, Unsent> {
    let Some(first) = declared.and_then(|body| body.content.first()) else { return Ok(None) };
    let (accept, prefer) = (Accept::parse(&[]), Prefer::default());
    let wanted = Wanted { accept: &accept, example: None, prefer: &prefer, bodies };
    let Ok(Represented { content, media_type, source }) = wanted.of(slice::from_ref(first)) else {
        return Ok(None);
    };
    let message = Answer { content, media_type, source, ..Answer::empty(200) };
    let value = message.body(known, dice);
    message.render(value, dice).map(Some).map_err(|_| Unsent {
        message: "no value was found that satisfies the schema of its body".to_owned(),
        help: "give its body an example that satisfies its schema",
    })
}

/// Whoever gets a callback, as the document describes it.
#[derive(Debug)]
struct Receiver {
    api: Arc<Api>,
    callback: Arc<Callback>,
}

impl Judge for Receiver {
    fn judge(&self, response: &Response) -> Vec<Finding> {
        let operation = &self.callback.operation;
        // What the request was is of no account to the answer but for its method.
        let (address, path_values) = (Address { api: 0, operation: 0 }, Vec::new());
        let route =
            Route { api: &self.api, operation, address, undeclared: Undeclared::Ignored, path_values };
        route.check_response(&operation.method, response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_the_query_holds_no_delimiters_and_a_url_keeps_its_own() {
        assert_eq!(encoded("", "http://a/b?c=d&e"), "http://a/b?c=d&e");
        assert_eq!(encoded("http://a", "/b c\r\n"), "/b%20c%0D%0A");
        assert_eq!(encoded("http://a?b=", "c&d=e f"), "c%26d%3De%20f");
    }
}
