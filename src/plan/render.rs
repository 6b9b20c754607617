//! What does the answer look like? Its body, judged before it is sent, and its header fields.

use http::{HeaderName, HeaderValue, header};
use serde_json::Value;

use super::{
    Answer, Source,
    choose::is_for,
    explain::{self, Named},
    problem::{self, problem as problem_response},
};
use crate::{
    api::{Content, Parameter, SchemeKind},
    exchange::Response,
    finding::{Code, Finding, Location, Part, Pointer},
    schema::{Dice, Schema},
    wire,
};

/// How often a value is generated anew where the first does not satisfy the schema.
const ATTEMPTS: usize = 4;

/// How many items a stream has of which only the items are described.
const ITEMS: usize = 2;

impl Answer<'_> {
    /// The body that the answer calls for, as a value; `None` where it has none, or is a problem document.
    pub fn body(&self, dice: &mut Dice) -> Option<Value> {
        let content = self.content?;
        let schema = content.schema.as_ref();
        let mut body = match self.source {
            Source::Example(example) => Value::clone(&example.value),
            Source::Generated => generated(content, dice)?,
            Source::Empty | Source::Problem => return None,
        };
        let named = match (self.source, self.findings.first()) {
            (Source::Example(example), Some(first)) if is_for(example, first.code) => Named::ForTheKind,
            _ => Named::Otherwise,
        };
        explain::explain(&mut body, schema, self.status, &self.findings, named);
        Some(body)
    }

    /// Writes the answer with this body. What is sent satisfies the document: a body that does not is not sent.
    ///
    /// # Errors
    /// A finding, and a problem document in the answer's place, where nothing was found that the document allows.
    pub fn render(&self, body: Option<Value>, dice: &mut Dice) -> Result<Response, Box<(Finding, Response)>> {
        let mut response = match (self.source, self.content) {
            (Source::Problem, _) => problem::response(self.status, &self.findings),
            (Source::Empty, _) | (_, None) => Response::empty(self.status),
            (_, Some(content)) => {
                let sound = |body: &Value| wire::judge(content, body).is_empty();
                let body = body.filter(sound).or_else(|| generated(content, dice));
                let Some(body) = body.filter(sound) else { return Err(Box::new(self.impossible())) };
                let Ok(sent) = wire::write(content, &body) else { return Err(Box::new(self.impossible())) };
                let mut response = Response::empty(self.status);
                response.headers.extend(field("content-type", &sent.media_type));
                response.body = sent.bytes;
                response
            }
        };
        for declared in self.response.iter().flat_map(|response| &response.headers) {
            response
                .headers
                .extend(header_value(declared, dice).and_then(|value| field(&declared.name, &value)));
        }
        Ok(response)
    }

    fn impossible(&self) -> (Finding, Response) {
        let location = Location::Response(Part::Body, Pointer::root());
        let message =
            format!("no value was found that satisfies the schema of the {} answer", self.status.as_u16());
        let mut finding = Finding::error(Code::NoValidResponse, location, message);
        finding = finding.help("give the response an example that satisfies its schema");
        finding.rule = self.content.map(|content| content.place.clone());
        let response = problem_response(std::slice::from_ref(&finding));
        (finding, response)
    }
}

fn generated(content: &Content, dice: &mut Dice) -> Option<Value> {
    match (&content.schema, &content.item_schema) {
        (Some(schema), _) => made(schema, dice),
        (None, Some(item)) => (0..ITEMS).map(|_| made(item, dice)).collect(),
        (None, None) => Some(Value::Object(serde_json::Map::new())),
    }
}

fn made(schema: &Schema, dice: &mut Dice) -> Option<Value> {
    (0..ATTEMPTS).find_map(|_| schema.generate(dice))
}

/// The text of a declared header: its first example that a field can hold, else such a value of its schema where it must
/// be there.
fn header_value(declared: &Parameter, dice: &mut Dice) -> Option<String> {
    let text = |value: &Value| Some(wire::write_parameter(declared, value).ok()?.text());
    let example = declared.examples.iter().find_map(|example| text(&example.value));
    let schema = declared.schema.as_ref().filter(|_| declared.is_required);
    example.or_else(|| (0..ATTEMPTS).find_map(|_| text(&schema?.generate(dice)?)))
}

fn field(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
    Some((name, HeaderValue::from_str(value).ok()?))
}

/// What a 401 asks for (RFC 9110, section 11.6.1), for each scheme that HTTP has a name for.
pub(crate) fn challenge(schemes: &[&SchemeKind]) -> Option<(HeaderName, HeaderValue)> {
    let mut challenges: Vec<String> = Vec::new();
    for scheme in schemes {
        let challenge = match scheme {
            SchemeKind::Http(name) if name == "bearer" => "Bearer".to_owned(),
            SchemeKind::Http(name) if name == "basic" => "Basic realm=\"*\"".to_owned(),
            SchemeKind::Http(name) => name.clone(),
            SchemeKind::Bearer(_) => "Bearer".to_owned(),
            SchemeKind::ApiKey { .. } | SchemeKind::Unseen => continue,
        };
        if !challenges.contains(&challenge) {
            challenges.push(challenge);
        }
    }
    field(header::WWW_AUTHENTICATE.as_str(), &challenges.join(", ")).filter(|(_, value)| !value.is_empty())
}
