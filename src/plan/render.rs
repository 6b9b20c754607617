//! What does the answer look like? Its body, judged before it is sent, and its header fields.

use bytes::Bytes;
use serde_json::Value;

use super::{
    Answer, Source, example,
    explain::{self, Named},
    header::field,
    problem::{self, problem as problem_response},
};
use crate::{
    api::{Content, Form},
    exchange::Response,
    finding::{Code, Finding, Location, Part, Pointer},
    schema::{Dice, Schema, Temper},
    wire::{self, Sent},
};

/// How often a value is generated anew where the first does not satisfy the schema.
const ATTEMPTS: usize = 4;

/// How many items a stream has of which only the items are described.
const ITEMS: usize = 2;

impl Answer<'_> {
    /// The body that the answer calls for, as a value; `None` where it has none, or is a problem document. A success says
    /// of the names in `sent` what was sent, wherever it may.
    pub fn body(&self, sent: &Value, dice: &mut Dice) -> Option<Value> {
        let content = self.content?;
        let schema = content.schema.as_ref();
        let echoing = schema.filter(|_| self.status.is_success() && self.findings.is_empty());
        let mut body = match (self.source, echoing) {
            (Source::Example(example), Some(schema)) => {
                schema.echoed(&*example::value(content, example)?, sent)
            }
            (Source::Example(example), None) => example::value(content, example)?.into_owned(),
            (Source::AsWritten(example), _) => return Some(Value::clone(&example.value)),
            (Source::Generated, Some(schema)) if sent.as_object().is_some_and(|sent| !sent.is_empty()) => {
                self.linked(|| schema.generate_like(sent, dice))?
            }
            (Source::Generated, _) => self.linked(|| generated(content, dice))?,
            (Source::Empty | Source::Problem, _) => return None,
        };
        let named = if self.is_for_its_kind() { Named::ForTheKind } else { Named::Otherwise };
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
            (Source::AsWritten(_), Some(content)) => {
                let mut response = Response::empty(self.status);
                let sent = self.to_the_letter(content, &body.unwrap_or_default());
                response.headers.extend(field("content-type", &sent.media_type));
                response.body = sent.bytes;
                response
            }
            (_, Some(content)) => {
                let sent = body.and_then(|body| {
                    if let Some(sent) = self.as_declared(content, &body) {
                        return Some(sent);
                    }
                    let given = || self.as_given(content, &body);
                    let as_is = Some(&body).filter(|body| is_named(content, body));
                    let as_is = given().or_else(|| self.written(content, as_is?));
                    as_is.or_else(|| self.written(content, &content.schema.as_ref()?.repair(&body, dice)?))
                });
                let generated =
                    || (0..ATTEMPTS).find_map(|_| self.written(content, &generated(content, dice)?));
                let Some(sent) = sent.or_else(generated) else { return Err(Box::new(self.impossible())) };
                let mut response = Response::empty(self.status);
                response.headers.extend(field("content-type", &sent.media_type));
                response.body = sent.bytes;
                response
            }
        };
        // A header field says what few expect in no character that it may have.
        let temper = dice.set_temper(Temper::Usual);
        let declared = self.declared_headers(dice);
        dice.set_temper(temper);
        match declared {
            Ok(declared) => response.headers.extend(declared),
            Err(finding) => return Err(Box::new(refused(*finding))),
        }
        let applied = Some(self.applied.join(", ")).filter(|applied| !applied.is_empty());
        response.headers.extend(applied.and_then(|applied| field("preference-applied", &applied)));
        Ok(response)
    }

    /// Whether a body is one that the document allows the answer, and that a message can say.
    pub fn can_say(&self, body: &Value) -> bool {
        self.content.is_some_and(|content| is_named(content, body) && self.written(content, body).is_some())
    }

    /// A body, written, whatever the document says of it.
    fn to_the_letter(&self, content: &Content, body: &Value) -> Sent {
        let text = |text: String| Sent { media_type: content.media_type.to_string(), bytes: text.into() };
        match body {
            Value::String(body) if !content.media_type.is_json() => text(body.clone()),
            body => wire::write_wanted(content, self.media_type.as_ref(), body)
                .unwrap_or_else(|_| text(body.to_string())),
        }
    }

    /// A body, written, where the document allows it and its reader finds in it what was written.
    fn written(&self, content: &Content, body: &Value) -> Option<Sent> {
        if !wire::judge(content, body).is_empty() {
            return None;
        }
        let sent = wire::write_wanted(content, self.media_type.as_ref(), body).ok()?;
        // XML cannot tell every value apart, and a schema may name two properties alike.
        let is_read = !content.media_type.is_xml()
            || wire::read(content, None, &sent.bytes)
                .is_ok_and(|read| read.is_none_or(|read| read.violations.is_empty()));
        is_read.then_some(sent)
    }

    /// The example, where the body is what it says: it is judged and written once.
    fn as_declared(&self, content: &Content, body: &Value) -> Option<Sent> {
        let Source::Example(example) = self.source else { return None };
        if example.form != Form::Value || self.media_type.is_some() || *example.value != *body {
            return None;
        }
        let sent = example.sent.get_or_init(|| {
            let sent = self.written(content, body).filter(|_| is_named(content, body))?;
            Some((sent.media_type, sent.bytes))
        });
        sent.clone().map(|(media_type, bytes)| Sent { media_type, bytes })
    }

    /// The text of the example, where it is given as one and the body is what it says.
    fn as_given(&self, content: &Content, body: &Value) -> Option<Sent> {
        let Source::Example(example) = self.source else { return None };
        let text = example::text(example)?;
        let is_said = example::value(content, example).is_some_and(|value| *value == *body);
        is_said
            .then(|| Sent { media_type: content.media_type.to_string(), bytes: Bytes::from(text.to_owned()) })
    }

    fn impossible(&self) -> (Finding, Response) {
        let location = Location::Response(Part::Body, Pointer::root());
        let message =
            format!("no value was found that satisfies the schema of the {} answer", self.status.as_u16());
        let mut finding = Finding::error(Code::NoValidResponse, location, message);
        finding = finding.help("give the response an example that satisfies its schema");
        finding.rule = self.content.map(|content| content.place.clone());
        refused(finding)
    }
}

/// What is sent in the place of an answer that cannot be.
fn refused(finding: Finding) -> (Finding, Response) {
    let response = problem_response(std::slice::from_ref(&finding));
    (finding, response)
}

/// Whether a body's discriminator names what the body is.
fn is_named(content: &Content, body: &Value) -> bool {
    content.schema.as_ref().is_none_or(|schema| schema.misnames(body).is_none())
}

fn generated(content: &Content, dice: &mut Dice) -> Option<Value> {
    match (&content.schema, &content.item_schema) {
        (Some(schema), _) => made(schema, dice),
        (None, Some(item)) => (0..ITEMS).map(|_| made(item, dice)).collect(),
        (None, None) if content.media_type.is_text() => Some("text".into()),
        (None, None) => Some(Value::Object(serde_json::Map::new())),
    }
}

fn made(schema: &Schema, dice: &mut Dice) -> Option<Value> {
    (0..ATTEMPTS).find_map(|_| schema.generate(dice))
}
