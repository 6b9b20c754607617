//! One part → what it may mean: by its own media type, else by the one that the document gives it, else by its schema
//! (OAS 3.1, section 4.8.15.1.1).

use serde_json::Value;

use super::parse::Part;
use crate::{
    api::{Content, Encoding, Parameter},
    exchange::MediaType,
    finding::{Place, Pointer},
    schema::{Types, Violation, Written},
    wire::{
        Fault, binary,
        reserved::unescaped,
        scalar::json,
        text,
        typed::{Draft, each, field, lists, meanings, settle, wanted, wants_list},
    },
};

/// A part, read.
#[derive(Debug)]
pub(super) struct Decoded {
    /// What it may mean, likeliest first.
    pub(super) readings: Vec<Value>,
    /// Whether its content is bytes and no text.
    pub(super) is_bytes: bool,
    /// How its media type and header fields break what the document says of them.
    pub(super) violations: Vec<Violation>,
}

/// Where a part stands: its place in the value, what is written about it there, and how it is to be written.
#[derive(Debug)]
pub(super) struct At<'c> {
    pub(super) pointer: Pointer,
    pub(super) about: Option<Written<'c>>,
    pub(super) encoding: Option<&'c Encoding>,
    pub(super) content: &'c Content,
}

impl At<'_> {
    /// Reads the part that stands here.
    ///
    /// # Errors
    /// [`Fault`] where its bytes are not what its media type says.
    pub(super) fn read(&self, part: &Part<'_>) -> Result<Decoded, Fault> {
        let own = part.media_type();
        if let (None, Some(sent)) = (&own, part.field("content-type")) {
            return Err(self.fault(format!("`{sent}` is no media type")));
        }
        let allowed = self.encoding.map_or(&[][..], |encoding| &encoding.content_types);
        let mut violations = self.headers(part);
        let is_other = |sent: &&MediaType| {
            !allowed.is_empty() && !allowed.iter().any(|allowed| allowed.fit(sent).is_some())
        };
        violations.extend(own.as_ref().filter(is_other).map(|sent| self.of_other_type(sent, allowed)));
        let given = own.or_else(|| allowed.first().filter(|allowed| !allowed.is_range()).cloned());
        let (readings, is_bytes) = self.decode(part, given.as_ref())?;
        Ok(Decoded { readings, is_bytes, violations })
    }

    fn decode(&self, part: &Part<'_>, given: Option<&MediaType>) -> Result<(Vec<Value>, bool), Fault> {
        let bytes = part.bytes;
        let as_bytes = || (vec![Value::String(text::from_bytes(bytes))], true);
        let is_meant = self.about.as_ref().is_some_and(binary::is_meant);
        match given {
            Some(given) if given.is_json() => {
                let text = text::unicode(bytes, Some(given)).map_err(|fault| self.fault(fault.message))?;
                let value =
                    json(text).map_err(|error| self.fault(format!("the part is not JSON: {error}")))?;
                Ok((vec![value], false))
            }
            Some(given) if binary::is_bytes(given) => Ok(as_bytes()),
            _ if is_meant => Ok(as_bytes()),
            given => match text::decoded(bytes, given) {
                Ok(text) => {
                    let escaped = self.encoding.map_or(Ok(()), |encoding| unescaped(encoding, &text));
                    escaped.map_err(|fault| self.fault(fault.message))?;
                    Ok((self.meanings(&text), false))
                }
                // A file, or what the document leaves open, need not be a text.
                Err(_) if part.is_file() || given.is_none_or(|given| !given.is_text()) => Ok(as_bytes()),
                Err(fault) => Err(self.fault(fault.message)),
            },
        }
    }

    fn meanings(&self, text: &str) -> Vec<Value> {
        match &self.about {
            Some(about) => meanings(about, text),
            None => vec![Value::String(text.to_owned())],
        }
    }

    fn of_other_type(&self, sent: &MediaType, allowed: &[MediaType]) -> Violation {
        let names = allowed.iter().map(|allowed| Value::String(allowed.to_string()));
        Violation {
            rule: names.collect(),
            ..self.violation("contentMediaType", "contentType", format!("the part is of `{sent}`"))
        }
    }

    /// How the header fields break what the document says of them.
    fn headers(&self, part: &Part<'_>) -> Vec<Violation> {
        let declared = self.encoding.into_iter().flat_map(|encoding| &encoding.headers);
        declared.flat_map(|header| self.header(header, part.field(&header.name))).collect()
    }

    fn header(&self, declared: &Parameter, sent: Option<&str>) -> Vec<Violation> {
        let name = &declared.name;
        let (sent, schema) = match (sent, &declared.schema) {
            (None, _) if declared.is_required => {
                let message = format!("the part has no header field `{name}`, which is required");
                let (keyword, rule) = ("header".to_owned(), Value::String(name.clone()));
                return vec![Violation { keyword, rule, ..self.violation("header", "headers", message) }];
            }
            (Some(sent), Some(schema)) => (sent.trim(), schema),
            _ => return Vec::new(),
        };
        let about = schema.about();
        let mut readings = field(&about, &[sent.to_owned()]);
        if wants_list(wanted(&about)) {
            let items: Vec<String> = sent.split(',').map(|item| item.trim().to_owned()).collect();
            readings.splice(..0, lists(&each(&about, &items, |about, text| meanings(about, text))));
        }
        let read = settle(Draft::whole(readings), |value| schema.violations(value));
        let told = read.violations.into_iter().map(|violation| Violation {
            message: format!("in its header field `{name}`, {}", violation.message),
            instance: self.pointer.clone(),
            ..violation
        });
        told.collect()
    }

    /// A violation of what the encoding of the part says under `key`.
    fn violation(&self, keyword: &str, key: &str, message: String) -> Violation {
        let place: &Place =
            self.encoding.and_then(|encoding| encoding.place.as_ref()).unwrap_or(&self.content.place);
        Violation {
            keyword: keyword.to_owned(),
            instance: self.pointer.clone(),
            schema: (place.file.to_string(), place.pointer.join(key)),
            rule: Value::Null,
            message,
            missing: None,
        }
    }

    fn fault(&self, message: String) -> Fault {
        Fault { pointer: self.pointer.clone(), message }
    }
}

/// The media type of a part that the document gives none (OAS 3.1, section 4.8.15.1.1).
pub(super) fn usual(about: Option<&Written<'_>>, value: &Value) -> &'static str {
    let types = about.map_or(Types::ALL, wanted);
    match value {
        Value::Object(_) | Value::Array(_) => "application/json",
        Value::String(_) if about.is_some_and(binary::is_meant) => "application/octet-stream",
        Value::String(_) if types.meets(Types::OBJECT) && !types.meets(Types::STRING) => "application/json",
        _ => "text/plain",
    }
}
