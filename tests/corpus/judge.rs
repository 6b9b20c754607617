//! The second judge: says whether an answer is one that its document, as it is written, allows.
//!
//! It shares no code with the mock: it reads the files itself, in their own version, finds the operation and its
//! response itself, and leaves JSON Schema to another crate. Read [`Judge::answer`] first.

use std::{collections::BTreeMap, path::Path};

use serde_json::{Map, Value, json};
use standin::exchange::Response as Sent;

use crate::{
    declared::{Content, Operation, Parameter, Reader, Response, version, words},
    files::{Files, Place},
    formats,
    schemas::{Bundle, Version, Way},
};

/// What is wrong, in words; nothing where all is right.
pub(crate) type Objection = Result<(), String>;

/// One document, ready to judge what is said in its name.
pub(crate) struct Judge {
    pub(crate) version: Version,
    pub(crate) operations: Vec<Operation>,
    requests: Compiled,
    responses: Compiled,
    problem: (boon::Schemas, boon::SchemaIndex),
}

/// The schemas of the messages of one way.
struct Compiled {
    schemas: boon::Schemas,
    indices: BTreeMap<Place, boon::SchemaIndex>,
}

/// What a request deserves.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Deserved {
    Success,
    /// A refusal of this kind.
    Refusal(&'static str),
}

const URL: &str = "http://test/document.json";

impl Judge {
    /// Reads a document.
    ///
    /// # Errors
    /// Why it cannot be judged.
    pub(crate) fn new(path: &Path) -> Result<Self, String> {
        let files = Files::read(path).ok_or("it cannot be parsed")?;
        let version = version(&files.root()).ok_or("its version is none that is judged")?;
        let mut reader = Reader::new(&files, version);
        let operations = reader.operations();
        let (requests, responses) = (reader.requests, reader.responses);
        Ok(Self {
            version,
            operations,
            requests: Compiled::new(requests, &files)?,
            responses: Compiled::new(responses, &files)?,
            problem: problem()?,
        })
    }

    /// Whether a value satisfies a schema of messages of that way.
    pub(crate) fn admits(&self, way: Way, schema: Option<&Place>, value: &Value) -> Objection {
        let Some(place) = schema else { return Ok(()) };
        let compiled = if way == Way::Request { &self.requests } else { &self.responses };
        let index = compiled.indices.get(place).ok_or("the schema is not compiled")?;
        compiled.schemas.validate(value, *index).map_err(|error| format!("{error:#}"))
    }

    /// Whether the document allows this answer to a request that accepts `accept` and deserves that.
    pub(crate) fn answer(
        &self,
        operation: &Operation,
        deserved: Deserved,
        accept: Option<&str>,
        sent: &Sent,
    ) -> Objection {
        let status = sent.status.as_u16();
        ensure(status < 500 || matches!(deserved, Deserved::Success), || format!("a {status}"))?;
        let is_head = operation.method == "HEAD";
        let found = declared(operation, status);
        match deserved {
            Deserved::Success => {
                let Some(right) = success_status(operation) else {
                    let is_bare = status == 200 && sent.body.is_empty();
                    return ensure(is_bare, || format!("a {status}, where nothing is declared"));
                };
                ensure(right == status, || format!("a {status} in place of a {right}"))?;
            }
            Deserved::Refusal(kind) => {
                is_right(operation, kind, status)?;
                if found.is_none() {
                    return self.problem(status, is_head, sent);
                }
            }
        }
        let Some(found) = found else { return Ok(()) };
        for header in &found.headers {
            self.header(header, sent)?;
        }
        let accept = accept.filter(|_| matches!(deserved, Deserved::Success));
        self.body(&found.content, is_head, accept, sent)
    }

    fn header(&self, header: &Parameter, sent: &Sent) -> Objection {
        let Some(text) = sent.headers.get(&header.name) else {
            return ensure(!header.is_required, || format!("no header `{}`", header.name));
        };
        let text = text.to_str().map_err(|error| error.to_string())?;
        let readings = readings(text);
        let mut objections =
            readings.iter().map(|value| self.admits(Way::Response, header.schema.as_ref(), value));
        let found = objections.find(Result::is_ok);
        found.unwrap_or_else(|| Err(format!("the header `{}` is `{text}`", header.name)))
    }

    fn body(&self, content: &[Content], is_head: bool, accept: Option<&str>, sent: &Sent) -> Objection {
        let status = sent.status.as_u16();
        // RFC 9110, section 6.4.1.
        let is_bare = is_head || status < 200 || status == 204 || status == 304;
        if content.is_empty() || is_bare {
            return ensure(sent.body.is_empty(), || "a body where none may be".to_owned());
        }
        let named: Vec<_> = sent.headers.get_all("content-type").iter().collect();
        let [named] = named[..] else { return Err(format!("{} headers `content-type`", named.len())) };
        let named = essence(named.to_str().map_err(|error| error.to_string())?);
        let of_type = |range: &str| is_of(&named, &essence(range));
        let exact = content.iter().filter(|one| essence(&one.media_type) == named);
        let fitting: Vec<&Content> =
            exact.chain(content.iter().filter(|one| of_type(&one.media_type))).collect();
        let [first, ..] = fitting[..] else {
            return Err(format!("the media type `{named}` is not declared"));
        };
        if let Some(accept) = accept {
            ensure(accept.split(',').any(of_type), || format!("`{named}` for who accepts `{accept}`"))?;
        }
        let exact = fitting.iter().filter(|one| essence(&one.media_type) == named);
        let mut objections = exact.map(|one| self.bytes(&named, one, &sent.body));
        match objections.find(Result::is_ok) {
            Some(_) => Ok(()),
            None => self.bytes(&named, first, &sent.body),
        }
    }

    /// Whether the bytes of a body are what its media type and its schema say.
    fn bytes(&self, media_type: &str, content: &Content, bytes: &[u8]) -> Objection {
        let is_admitted =
            |schema: &Option<Place>, value: &Value| self.admits(Way::Response, schema.as_ref(), value);
        let is_json = |name: &str| name.ends_with("/json") || name.ends_with("+json");
        if is_json(media_type) {
            return is_admitted(&content.schema, &json_of(bytes)?);
        }
        let text = std::str::from_utf8(bytes);
        if ["application/x-ndjson", "application/jsonl", "application/x-jsonlines", "application/json-seq"]
            .contains(&media_type)
        {
            let text = text.map_err(|error| error.to_string())?;
            let lines = text.split(['\n', '\u{1e}']).filter(|line| !line.trim().is_empty());
            let items: Vec<Value> = lines.map(|line| json_of(line.as_bytes())).collect::<Result<_, _>>()?;
            items.iter().try_for_each(|item| is_admitted(&content.item, item))?;
            return is_admitted(&content.schema, &items.into());
        }
        if media_type == "application/x-www-form-urlencoded" {
            return self.form(content, text.map_err(|error| error.to_string())?);
        }
        if media_type.ends_with("/xml") || media_type.ends_with("+xml") {
            return xml(text.map_err(|error| error.to_string())?);
        }
        if media_type.starts_with("text/") && media_type != "text/event-stream" {
            let text = text.map_err(|error| error.to_string())?;
            let found =
                readings(text).iter().map(|value| is_admitted(&content.schema, value)).find(Result::is_ok);
            return found.unwrap_or_else(|| is_admitted(&content.schema, &Value::from(text)));
        }
        Ok(())
    }

    /// Whether some reading of a form's fields satisfies the schema.
    fn form(&self, content: &Content, text: &str) -> Objection {
        let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in standin::exchange::pairs(text) {
            fields.entry(name).or_default().push(value);
        }
        let read = |way: fn(&[String]) -> Value| -> Value {
            fields.iter().map(|(name, texts)| (name.clone(), way(texts))).collect::<Map<_, _>>().into()
        };
        let ways: [fn(&[String]) -> Value; 3] = [
            |texts| texts.first().map_or(Value::Null, |text| Value::from(text.as_str())),
            |texts| {
                texts.first().map_or(Value::Null, |text| scalar(text).unwrap_or_else(|| text.as_str().into()))
            },
            |texts| texts.iter().map(|text| Value::from(text.as_str())).collect(),
        ];
        let mut objections =
            ways.iter().map(|way| self.admits(Way::Response, content.schema.as_ref(), &read(*way)));
        // Fields of different kinds are mixed in ways that are not tried; only a form without fields is surely wrong.
        let is_right = objections.any(|objection| objection.is_ok());
        ensure(is_right || !fields.is_empty(), || format!("the form `{text}`"))
    }

    /// Whether an answer is a well-formed problem document with this status (RFC 9457, section 3.1).
    fn problem(&self, status: u16, is_head: bool, sent: &Sent) -> Objection {
        let named = sent.headers.get("content-type").and_then(|value| value.to_str().ok());
        ensure(named == Some("application/problem+json"), || format!("a problem of the type {named:?}"))?;
        if is_head {
            return ensure(sent.body.is_empty(), || "a body in the answer to HEAD".to_owned());
        }
        let body = json_of(&sent.body)?;
        ensure(body["status"] == status, || format!("{} in the body of a {status}", body["status"]))?;
        let (schemas, index) = &self.problem;
        schemas.validate(&body, *index).map_err(|error| format!("{error:#}"))
    }
}

impl Compiled {
    fn new(bundle: Bundle, files: &Files) -> Result<Self, String> {
        let (resource, numbers) = bundle.finish(&files.root());
        let mut compiler = formats::compiler();
        compiler.add_resource(URL, resource).map_err(|error| error.to_string())?;
        let mut schemas = boon::Schemas::new();
        let mut indices = BTreeMap::new();
        for (place, number) in numbers {
            let index = compiler.compile(&format!("{URL}#/$defs/{number}"), &mut schemas);
            indices.insert(place, index.map_err(|error| format!("{error:#}"))?);
        }
        Ok(Self { schemas, indices })
    }
}

fn problem() -> Result<(boon::Schemas, boon::SchemaIndex), String> {
    let mut compiler = formats::compiler();
    let schema = json!({
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": { "type": "string", "format": "uri-reference" },
            "title": { "type": "string", "minLength": 1 },
            "status": { "type": "integer" },
            "detail": { "type": "string", "minLength": 1 },
            "instance": { "type": "string", "format": "uri-reference" },
        },
    });
    compiler.add_resource(URL, schema).map_err(|error| error.to_string())?;
    let mut schemas = boon::Schemas::new();
    let index = compiler.compile(URL, &mut schemas).map_err(|error| error.to_string())?;
    Ok((schemas, index))
}

/// The response for a status: itself, its hundred, the default.
fn declared(operation: &Operation, status: u16) -> Option<&Response> {
    let keys = [status.to_string(), format!("{}XX", status / 100), "default".to_owned()];
    keys.iter().find_map(|key| operation.responses.iter().find(|response| response.key == *key))
}

/// The response of a success.
pub(crate) fn success(operation: &Operation) -> Option<&Response> {
    declared(operation, success_status(operation)?)
}

/// The status of a success: the lowest 2xx, else `2XX`, else the default as a 200, else the lowest of all. What is only
/// an interim answer can be none (RFC 9110, section 15.2).
fn success_status(operation: &Operation) -> Option<u16> {
    let keys = || operation.responses.iter().map(|response| response.key.as_str());
    let codes = || keys().filter_map(|key| key.replace("XX", "00").parse().ok()).filter(|code| *code >= 200);
    let exact = keys().filter_map(|key| key.parse::<u16>().ok());
    let lowest = exact.filter(|code| (200..300).contains(code)).min();
    let spare = keys().any(|key| key == "2XX" || key == "default").then_some(200);
    lowest.or(spare).or_else(|| codes().min())
}

/// The statuses that tell a kind of fault (RFC 9110, sections 15.5.1 to 15.5.21).
fn right_for(kind: &str) -> &'static [u16] {
    match kind {
        "missing-param" | "invalid-param" | "missing-body" | "invalid-body" => &[400, 422],
        "missing-credential" => &[401, 403],
        "not-acceptable" => &[406],
        // A document without a 415 tells of it as it tells of other faults in the body.
        "unsupported-media-type" => &[415, 422, 400],
        _ => &[],
    }
}

/// Whether a status is one that tells the kind, the declared one where there is one.
fn is_right(operation: &Operation, kind: &str, status: u16) -> Objection {
    // A response that names the kind is for it, whatever its status.
    let names = |response: &&Response| response.words.contains(&words(kind));
    if declared(operation, status).as_ref().is_some_and(names) && (400..500).contains(&status) {
        return Ok(());
    }
    let right = right_for(kind);
    ensure(right.contains(&status), || format!("a {status} for {kind}"))?;
    let is_exact = |status: u16| operation.responses.iter().any(|one| one.key == status.to_string());
    let other = right.iter().find(|other| is_exact(**other) && !is_exact(status));
    ensure(other.is_none(), || format!("a {status} for {kind} where {other:?} is declared"))
}

/// What a text in a header field or a text body may mean.
pub(crate) fn readings(text: &str) -> Vec<Value> {
    let items: Vec<&str> = text.split(',').map(str::trim).collect();
    let pairs = items.iter().filter_map(|item| item.split_once('='));
    let exploded: Map<String, Value> =
        pairs.map(|(name, value)| (name.to_owned(), scalar(value).unwrap_or_else(|| value.into()))).collect();
    let flat: Map<String, Value> = items
        .chunks_exact(2)
        .map(|pair| (pair[0].to_owned(), scalar(pair[1]).unwrap_or_else(|| pair[1].into())))
        .collect();
    let of_scalars: Value = items.iter().map(|item| scalar(item).unwrap_or_else(|| (*item).into())).collect();
    let mut readings = vec![Value::from(text)];
    readings.extend(scalar(text));
    readings.extend([json!(items), of_scalars, exploded.into(), flat.into()]);
    readings.extend(serde_json::from_str::<Value>(text).ok());
    if text.is_empty() {
        readings.extend([json!([]), json!({}), Value::Null]);
    }
    readings
}

/// The scalar that a text spells.
fn scalar(text: &str) -> Option<Value> {
    serde_json::from_str::<Value>(text).ok().filter(|value| !value.is_array() && !value.is_object())
}

/// A media type without its parameters, in lower case.
pub(crate) fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_lowercase()
}

/// Whether a media type is in a range.
pub(crate) fn is_of(media_type: &str, range: &str) -> bool {
    let kind = |name: &str| name.split('/').next().unwrap_or_default().to_owned();
    range == "*/*" || range == media_type || (range.ends_with("/*") && kind(range) == kind(media_type))
}

fn json_of(bytes: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(bytes).map_err(|error| format!("the body is not JSON: {error}"))
}

/// Whether a text is one well-formed element (XML 1.0, section 2.1).
fn xml(text: &str) -> Objection {
    let parsed = roxmltree::Document::parse(text);
    parsed.map(|_| ()).map_err(|error| format!("the body is not XML: {error}: {text}"))
}

/// All is right if this holds.
pub(crate) fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Objection {
    if holds { Ok(()) } else { Err(otherwise()) }
}
