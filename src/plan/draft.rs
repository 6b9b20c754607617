//! Values of parameters and a body → the request that says them: the way back of `check`.
//!
//! A [`Draft`] is a request before it is written, so that one value of it can be exchanged for another. Read
//! [`Plan::draft`] and [`Plan::write`] first.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use super::{Address, Plan};
use crate::{
    api::{Content, Operation, Parameter},
    exchange::Request,
    finding::Part,
    schema::Dice,
    wire::{self, Fault, Spelled},
};

/// How often a value is made anew that cannot be written, or means another operation.
const ATTEMPTS: usize = 16;

/// Characters that stand in a query as they are (RFC 3986, section 2.3).
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A request before it is written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Draft {
    /// The values of parameters, each with the number of its parameter in the operation.
    pub parameters: Vec<(usize, Value)>,
    /// The value of the body, with the number of its content in the operation's body.
    pub body: Option<(usize, Value)>,
    /// What stands beside what the operation declares: credentials, by part and name, as they are sent.
    pub carried: Vec<(Part, String, String)>,
}

/// Which optional parts a draft has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Optional {
    /// None of them.
    Left,
    /// All of them.
    Sent,
    /// Those that the dice choose.
    Thrown,
}

impl Plan {
    /// A request that is right in everything and means the operation; what stands in the way, in words.
    ///
    /// # Errors
    /// The part for which nothing was found that its schema allows and a message can say.
    pub fn draft(&self, address: Address, optional: Optional, dice: &mut Dice) -> Result<Draft, String> {
        let operation = &self.apis()[address.api].operations[address.operation];
        let mut why = "another operation has its path".to_owned();
        for _ in 0..ATTEMPTS {
            let draft = drafted(operation, optional, dice)?;
            match self.write(address, &draft) {
                Ok(request) if self.route(&request).is_ok_and(|route| route.address == address) => {
                    return Ok(draft);
                }
                Ok(_) => {}
                Err(fault) => why = fault.message,
            }
        }
        Err(why)
    }

    /// The request that a draft describes.
    ///
    /// # Errors
    /// [`Fault`] where a value has no form in the message.
    pub fn write(&self, address: Address, draft: &Draft) -> Result<Request, Fault> {
        let operation = &self.apis()[address.api].operations[address.operation];
        let mut written = Written { path: operation.path.clone(), ..Written::default() };
        for (number, value) in &draft.parameters {
            let parameter = &operation.parameters[*number];
            written.add(parameter, wire::write_parameter(parameter, value)?);
        }
        for (part, name, text) in &draft.carried {
            written.carry(*part, name, text);
        }
        let body = draft
            .body
            .as_ref()
            .and_then(|(number, value)| Some((operation.body.as_ref()?.content.get(*number)?, value)));
        let body = body.map(|(content, value)| wire::write(content, value)).transpose()?;
        let target = format!("{}{}", self.prefix(), filled(&written.path));
        let mut request = Request::new(operation.method.clone(), &target);
        let query = [written.query_string, joined(&written.query, "&")];
        let query: Vec<String> = query.into_iter().filter(|text| !text.is_empty()).collect();
        request.query = (!query.is_empty()).then(|| query.join("&"));
        if !written.cookies.is_empty() {
            request = request.header("cookie", &joined(&written.cookies, "; "));
        }
        request = written.fields.iter().fold(request, |request, (name, text)| request.header(name, text));
        if let Some(sent) = body {
            request = request.header("content-type", &sent.media_type).body(sent.bytes);
        }
        Ok(request)
    }
}

/// The parts of a request's head as they stand in the message.
#[derive(Default)]
struct Written {
    path: String,
    /// What a parameter says that is the whole query; only credentials stand beside it.
    query_string: String,
    query: Vec<(String, String)>,
    cookies: Vec<(String, String)>,
    fields: Vec<(String, String)>,
}

impl Written {
    fn add(&mut self, parameter: &Parameter, spelled: Spelled) {
        match spelled {
            Spelled::Path(text) => self.path = self.path.replace(&format!("{{{}}}", parameter.name), &text),
            Spelled::Query(pairs) => self.query.extend(pairs),
            Spelled::QueryString(text) => self.query_string = text,
            Spelled::Cookie(pairs) => self.cookies.extend(pairs),
            Spelled::Header(text) => self.fields.push((parameter.name.clone(), text)),
        }
    }

    /// A credential takes the place of what the operation's parameters say under its name.
    fn carry(&mut self, part: Part, name: &str, text: &str) {
        let pair = |text: String| (name.to_owned(), text);
        match part {
            Part::Query => {
                self.query.retain(|(other, _)| other != name);
                self.query.push(pair(utf8_percent_encode(text, PLAIN).to_string()));
            }
            Part::Cookie => {
                self.cookies.retain(|(other, _)| other != name);
                self.cookies.push(pair(text.to_owned()));
            }
            _ => {
                self.fields.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
                self.fields.push(pair(text.to_owned()));
            }
        }
    }
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

fn drafted(operation: &Operation, optional: Optional, dice: &mut Dice) -> Result<Draft, String> {
    let mut draft = Draft::default();
    for (number, parameter) in operation.parameters.iter().enumerate() {
        if !parameter.is_required && !is_sent(optional, dice) {
            continue;
        }
        match value_of(parameter, dice) {
            Ok(value) => draft.parameters.push((number, value)),
            Err(why) if parameter.is_required => {
                return Err(format!("the {} `{}`: {why}", parameter.part, parameter.name));
            }
            Err(_) => {}
        }
    }
    if let Some(body) = &operation.body
        && (body.is_required || is_sent(optional, dice))
    {
        draft.body = body_of(&body.content, optional, dice);
        if draft.body.is_none() && body.is_required {
            return Err("no body was found that its schema allows and a message can say".to_owned());
        }
    }
    Ok(draft)
}

fn is_sent(optional: Optional, dice: &mut Dice) -> bool {
    match optional {
        Optional::Left => false,
        Optional::Sent => true,
        Optional::Thrown => dice.flip(),
    }
}

fn value_of(parameter: &Parameter, dice: &mut Dice) -> Result<Value, String> {
    let mut why = "nothing satisfies its schema".to_owned();
    for _ in 0..ATTEMPTS {
        let value = match &parameter.schema {
            Some(schema) => schema.generate(dice),
            None => Some("a".into()),
        };
        let Some(value) = value else { continue };
        match wire::write_parameter(parameter, &value) {
            Ok(Spelled::Path(text)) if matches!(text.as_str(), "" | "." | "..") => {}
            Ok(Spelled::Header(text)) if !is_field(&text) => why = format!("{text:?} is no header field"),
            Ok(_) => return Ok(value),
            Err(fault) => why = fault.message,
        }
    }
    Err(why)
}

fn is_field(text: &str) -> bool {
    http::HeaderValue::from_bytes(text.as_bytes()).is_ok() && text.trim() == text
}

fn body_of(contents: &[Content], optional: Optional, dice: &mut Dice) -> Option<(usize, Value)> {
    (0..contents.len()).find_map(|number| {
        let content = &contents[number];
        (0..ATTEMPTS).find_map(|_| {
            let value = match (&content.schema, &content.item_schema) {
                (Some(schema), _) => schema.generate(dice)?,
                (None, Some(item)) => Value::Array(vec![item.generate(dice)?]),
                (None, None) => Value::Object(Map::new()),
            };
            let value = match optional {
                Optional::Left => least(content, value),
                Optional::Sent => most(content, value, dice),
                Optional::Thrown => value,
            };
            wire::write(content, &value).is_ok_and(|sent| !sent.bytes.is_empty()).then_some((number, value))
        })
    })
}

/// The value with the properties that it can have besides, as other values of the schema have them.
fn most(content: &Content, value: Value, dice: &mut Dice) -> Value {
    let Some(schema) = &content.schema else { return value };
    let others: Vec<Value> = (0..ATTEMPTS).filter_map(|_| schema.generate(dice)).collect();
    let mut most = value;
    for other in &others {
        // One property may forbid another.
        for (name, member) in other.as_object().into_iter().flatten() {
            let one = Value::Object([(name.clone(), member.clone())].into_iter().collect());
            let completed = completed(&most, &one);
            if schema.is_valid(&completed) {
                most = completed;
            }
        }
    }
    most
}

/// A value and what another has that it has not, in it and in the first item of each list.
fn completed(value: &Value, other: &Value) -> Value {
    match (value, other) {
        (Value::Object(members), Value::Object(others)) => {
            let mut all = members.clone();
            for (name, other) in others {
                let held = members.get(name).map_or_else(|| other.clone(), |held| completed(held, other));
                all.insert(name.clone(), held);
            }
            Value::Object(all)
        }
        (Value::Array(items), Value::Array(others)) => {
            let mut all = items.clone();
            match (all.first_mut(), others.first()) {
                (Some(first), Some(other)) => *first = completed(first, other),
                (None, Some(other)) => all.push(other.clone()),
                _ => {}
            }
            Value::Array(all)
        }
        _ => value.clone(),
    }
}

/// The value without the properties that it can do without.
fn least(content: &Content, value: Value) -> Value {
    let (Some(schema), Value::Object(members)) = (&content.schema, &value) else { return value };
    let mut least = members.clone();
    for name in members.keys() {
        let Some(held) = least.shift_remove(name) else { continue };
        if !schema.is_valid(&Value::Object(least.clone())) {
            least.insert(name.clone(), held);
        }
    }
    Value::Object(least)
}
