//! Requests that a document allows, made of decisions.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use standin::{
    api::{Api, Content, Operation, Parameter, SchemeKind},
    exchange::Request,
    finding::Part,
    mock::Mock,
    plan::Address,
    schema::Dice,
    wire::{self, Spelled, write_parameter},
};

/// Which optional parts a request is to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Everything,
    /// Those that the dice choose.
    Some,
}

/// An operation of a mock.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'m> {
    pub(crate) mock: &'m Mock,
    pub(crate) operation: usize,
}

/// The parts of a request, by their names in the document, so that one of them can be spoiled.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    /// Each with the number of its parameter.
    pub(crate) parameters: Vec<(usize, Value, Written)>,
    /// With the number of its content.
    pub(crate) body: Option<(usize, Value, wire::Sent)>,
    /// Header fields, and keys in the query and in cookies.
    pub(crate) credentials: Vec<(Part, String, String)>,
    pub(crate) accept: Option<String>,
}

/// A parameter as it stands in a message.
#[derive(Debug, Clone)]
pub(crate) enum Written {
    Path(String),
    Header(String),
    /// Pairs of the query, or of cookies.
    Pairs(Vec<(String, String)>),
}

/// How often a value is generated anew that cannot be written.
const ATTEMPTS: usize = 64;

impl<'m> Scene<'m> {
    pub(crate) fn api(self) -> &'m Api {
        &self.mock.plan().apis()[0]
    }

    pub(crate) fn operation(self) -> &'m Operation {
        &self.api().operations[self.operation]
    }

    /// Whether the request means this operation and no other.
    pub(crate) fn is_meant_by(self, request: &Request) -> bool {
        let address = Address { api: 0, operation: self.operation };
        self.mock.plan().route(request).is_ok_and(|route| route.address == address)
    }

    /// A request that is right in everything and means this operation.
    ///
    /// # Errors
    /// The part for which nothing was found.
    pub(crate) fn right(self, wanted: Wanted, dice: &mut Dice) -> Result<Draft, String> {
        for _ in 0..ATTEMPTS {
            let draft = self.draft(wanted, dice)?;
            if self.is_meant_by(&draft.request(self.operation())) {
                return Ok(draft);
            }
        }
        Err("another operation has its path".to_owned())
    }

    fn draft(self, wanted: Wanted, dice: &mut Dice) -> Result<Draft, String> {
        let mut draft = Draft { credentials: self.credentials(), ..Draft::default() };
        for (number, parameter) in self.operation().parameters.iter().enumerate() {
            let is_asked_for = wanted == Wanted::Everything || parameter.is_required || dice.flip();
            match written(parameter, dice) {
                Ok(_) if !is_asked_for => {}
                Ok((value, written)) => draft.parameters.push((number, value, written)),
                Err(_) if !parameter.is_required => {}
                Err(fault) => return Err(format!("the {} `{}`: {fault}", parameter.part, parameter.name)),
            }
        }
        let is_carried = |part: Part, name: &str| {
            let parameters =
                draft.parameters.iter().map(|(number, ..)| &self.operation().parameters[*number]);
            parameters.clone().any(|one| one.part == part && one.name.eq_ignore_ascii_case(name))
        };
        draft.credentials.retain(|(part, name, _)| !is_carried(*part, name));
        draft.body = self.body(wanted, dice)?;
        draft.accept = self.accept(dice);
        Ok(draft)
    }

    fn body(self, wanted: Wanted, dice: &mut Dice) -> Result<Option<(usize, Value, wire::Sent)>, String> {
        let Some(declared) = &self.operation().body else { return Ok(None) };
        let is_optional = !declared.is_required && wanted == Wanted::Some;
        if declared.content.is_empty() || (is_optional && dice.below(4) == 3) {
            return Ok(None);
        }
        let number = usize::try_from(dice.below(declared.content.len() as u64)).unwrap_or_default();
        let order = (number..declared.content.len()).chain(0..number);
        let mut faults = Vec::new();
        for number in order {
            let content = &declared.content[number];
            for _ in 0..ATTEMPTS {
                match sent(content, dice) {
                    Ok((value, sent)) => return Ok(Some((number, value, sent))),
                    Err(fault) => faults.push(format!("the body `{}`: {fault}", content.media_type)),
                }
            }
        }
        if declared.is_required { Err(faults.swap_remove(0)) } else { Ok(None) }
    }

    /// Nothing, everything, or one of the types in which the operation answers.
    fn accept(self, dice: &mut Dice) -> Option<String> {
        let all = self.operation().responses.iter().filter(|response| {
            let is_success = |code: u16| (200..300).contains(&code);
            matches!(response.status, standin::api::Status::Exact(code) if is_success(code))
        });
        let content = &all.min_by_key(|response| match response.status {
            standin::api::Status::Exact(code) => code,
            _ => u16::MAX,
        })?;
        match dice.below(3) {
            0 => None,
            1 => Some("*/*".to_owned()),
            _ => dice.pick(&content.content).map(|content| content.media_type.essence().to_owned()),
        }
    }

    /// What the first alternative asks for that a message can carry.
    fn credentials(self) -> Vec<(Part, String, String)> {
        let Some(first) = self.operation().security.first() else { return Vec::new() };
        let kinds = first.0.iter().filter_map(|needed| Some(&self.api().schemes.get(&needed.scheme)?.kind));
        let authorization = |text: &str| Some((Part::Header, "authorization".to_owned(), text.to_owned()));
        kinds
            .filter_map(|kind| match kind {
                SchemeKind::ApiKey { part, name } => Some((*part, name.clone(), "a-key".to_owned())),
                SchemeKind::Http(name) if name == "basic" => authorization("Basic dXNlcjpwYXNzd29yZA=="),
                SchemeKind::Http(name) if name == "digest" => {
                    authorization(r#"Digest username="a", realm="*", nonce="b", uri="/", response="c""#)
                }
                SchemeKind::Http(name) => authorization(&format!("{name} a-token")),
                SchemeKind::Bearer(_) => authorization("Bearer a-token"),
                SchemeKind::Unseen => None,
            })
            .collect()
    }
}

/// A value of a parameter, and what it is written as.
fn written(parameter: &Parameter, dice: &mut Dice) -> Result<(Value, Written), String> {
    let mut fault = "it has no schema".to_owned();
    for _ in 0..ATTEMPTS {
        let value = match &parameter.schema {
            Some(schema) => schema.generate(dice).ok_or("nothing satisfies its schema")?,
            None => Value::from("a"),
        };
        match write_parameter(parameter, &value) {
            Ok(Spelled::Path(text)) => return Ok((value, Written::Path(text))),
            Ok(Spelled::Header(text)) if is_field(&text) => return Ok((value, Written::Header(text))),
            Ok(Spelled::Header(text)) => fault = format!("{text:?} is no field"),
            Ok(Spelled::Query(pairs) | Spelled::Cookie(pairs)) => return Ok((value, Written::Pairs(pairs))),
            Ok(Spelled::QueryString(text)) => fault = format!("{text:?} is a whole query"),
            Err(found) => fault = found.message,
        }
    }
    Err(fault)
}

fn is_field(text: &str) -> bool {
    http::HeaderValue::from_bytes(text.as_bytes()).is_ok() && text.trim() == text
}

/// A value of a content, and the bytes of it.
pub(crate) fn sent(content: &Content, dice: &mut Dice) -> Result<(Value, wire::Sent), String> {
    let value = match content.schema.as_ref().or(content.item_schema.as_ref()) {
        Some(schema) => schema.generate(dice).ok_or("nothing satisfies its schema")?,
        None => Value::Object(serde_json::Map::new()),
    };
    let sent = wire::write(content, &value).map_err(|fault| format!("{value}: {}", fault.message))?;
    if sent.bytes.is_empty() {
        return Err("its body is empty".to_owned());
    }
    Ok((value, sent))
}

impl Draft {
    /// Has the body say that it is of another media type.
    pub(crate) fn retype(&mut self, media_type: &str) {
        if let Some((_, _, sent)) = &mut self.body {
            media_type.clone_into(&mut sent.media_type);
        }
    }

    /// The request.
    pub(crate) fn request(&self, operation: &Operation) -> Request {
        let mut path = operation.path.clone();
        let mut query = Vec::new();
        let mut cookies = Vec::new();
        let mut headers = Vec::new();
        for (number, _, written) in &self.parameters {
            let parameter = &operation.parameters[*number];
            match written {
                Written::Path(text) => path = path.replace(&format!("{{{}}}", parameter.name), text),
                Written::Header(text) => headers.push((parameter.name.clone(), text.clone())),
                Written::Pairs(pairs) if parameter.part == Part::Cookie => cookies.extend(pairs.clone()),
                Written::Pairs(pairs) => query.extend(pairs.clone()),
            }
        }
        for (part, name, text) in &self.credentials {
            let pair = (name.clone(), text.clone());
            match part {
                Part::Query => query.push(pair),
                Part::Cookie => cookies.push(pair),
                _ => headers.push(pair),
            }
        }
        let mut request = Request::new(operation.method.clone(), &filled(&path));
        request.query = (!query.is_empty()).then(|| joined(&query, "&"));
        if !cookies.is_empty() {
            headers.push(("cookie".to_owned(), joined(&cookies, "; ")));
        }
        headers.extend(self.accept.clone().map(|accept| ("accept".to_owned(), accept)));
        if let Some((_, _, sent)) = &self.body {
            headers.push(("content-type".to_owned(), sent.media_type.clone()));
            request = request.body(sent.bytes.clone());
        }
        headers.iter().fold(request, |request, (name, text)| request.header(name, text))
    }
}

/// A text as it stands in a query.
pub(crate) fn encoded(text: &str) -> String {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, KEPT).to_string()
}

fn joined(pairs: &[(String, String)], between: &str) -> String {
    pairs.iter().map(|(name, text)| format!("{name}={text}")).collect::<Vec<_>>().join(between)
}

/// A path, a value in each template that no parameter describes.
fn filled(path: &str) -> String {
    let mut filled = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        filled.push('1');
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    filled + rest
}

/// A request in one line.
pub(crate) fn shown(request: &Request) -> String {
    let body = String::from_utf8_lossy(request.bytes());
    let Request { method, path, query, headers, .. } = request;
    format!("{method} {path} ?{} {headers:?} {body:?}", query.as_deref().unwrap_or_default())
}
