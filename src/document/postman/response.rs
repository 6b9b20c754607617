//! Saved responses → responses with examples; what several of one status show is one schema.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::{
    Node, Reader,
    given::{Form, Given},
    json::Sample,
    media, member,
    names::Names,
    text,
    tree::{Source, Written},
};
use crate::{
    finding::Pointer,
    inference::{Samples, Texts},
};

/// One saved response.
#[derive(Debug)]
pub(super) struct Saved<'d> {
    pub(super) code: u16,
    name: String,
    /// The reason phrase.
    status: String,
    headers: Vec<Given<'d>>,
    body: Option<Shown>,
    at: Pointer,
}

/// The body of a saved response.
#[derive(Debug)]
struct Shown {
    media_type: String,
    /// `None` where the body is not JSON.
    sample: Option<Sample>,
    /// What may be sent.
    example: Option<Value>,
    at: Pointer,
}

/// Fields that the server writes from what is really sent, or to whoever asks from another origin.
const OWN: [&str; 10] = [
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

impl Reader {
    /// The responses that were saved with a request.
    pub(super) fn responses<'d>(&mut self, item: &Node<'d>) -> Vec<Saved<'d>> {
        let saved = item.raw("response").map(|list| list.as_is()).unwrap_or_default();
        saved.iter().filter(|node| node.value().is_object()).filter_map(|node| self.response(node)).collect()
    }

    fn response<'d>(&mut self, node: &Node<'d>) -> Option<Saved<'d>> {
        let written = text(node, "code");
        let code = written.as_deref().and_then(|code| code.parse().ok());
        let Some(code) = code.filter(|code| (100..=599).contains(code)) else {
            let message = match written {
                Some(code) => format!("`{code}` is no status"),
                None => "the response has no `code`".to_owned(),
            };
            self.tell(
                &member(node, "code").unwrap_or_else(|| node.clone()),
                message,
                "`code` is the status that was received, such as `200`; the response is left out",
            );
            return None;
        };
        let headers = self.given(member(node, "header"), Form::Lines);
        Some(Saved {
            code,
            name: text(node, "name").unwrap_or_default().trim().to_owned(),
            status: text(node, "status").unwrap_or_default().trim().to_owned(),
            body: self.shown(node, &headers),
            headers,
            at: node.place().pointer.clone(),
        })
    }

    fn shown(&mut self, response: &Node<'_>, headers: &[Given<'_>]) -> Option<Shown> {
        let node = member(response, "body")?;
        let text = node.value().as_str().filter(|text| !text.is_empty())?;
        let language = response.text("_postman_previewlanguage").and_then(media::of_language);
        let media_type = media::of_fields(headers).or(language.map(str::to_owned));
        let media_type = media_type.unwrap_or_else(|| media::of_text(text).to_owned());
        let sample = self.sample(text, &media_type, &node);
        let example = match &sample {
            Some(sample) => Some(sample.value.clone()).filter(|_| !sample.has_gaps),
            None if media::is_json(&media_type) => None,
            None => Some(Value::String(self.variables.resolved(text))),
        };
        Some(Shown { media_type, sample, example, at: node.place().pointer.clone() })
    }
}

/// What the responses of one status and media type show together.
#[derive(Default)]
struct Merged {
    samples: Samples,
    /// Whether every body is JSON that could be read.
    is_known: Option<bool>,
    examples: Map<String, Value>,
    names: Names,
    /// Where each example was written.
    places: Vec<(String, Pointer)>,
    at: Pointer,
}

/// The Responses Object of an operation.
pub(super) fn written(all: &[&Saved<'_>]) -> Written {
    let mut by_code: IndexMap<u16, Vec<&Saved<'_>>> = IndexMap::new();
    for saved in all {
        by_code.entry(saved.code).or_default().push(saved);
    }
    by_code.sort_unstable_keys();
    let mut responses = Written::default();
    for (code, saved) in &by_code {
        responses.put(code, one(saved));
    }
    responses
}

/// The Response Object of one status.
fn one(saved: &[&Saved<'_>]) -> Written {
    let mut response = Written::from(&saved[0].at);
    let names = saved.iter().map(|one| one.name.as_str());
    let told = names.chain(saved.iter().map(|one| one.status.as_str())).find(|told| !told.is_empty());
    let description = told.unwrap_or("A saved response");
    response.set("description", json!(description));
    let headers = headers(saved);
    if !headers.is_empty() {
        response.put("headers", headers);
    }
    let content = content(saved);
    if !content.is_empty() {
        response.put("content", content);
    }
    response
}

/// The declared fields: each with the first value that was seen.
fn headers(saved: &[&Saved<'_>]) -> Written {
    let mut headers = Written::default();
    let mut names: Vec<String> = Vec::new();
    for field in saved.iter().flat_map(|one| &one.headers) {
        let name = field.name.to_ascii_lowercase();
        let is_own = OWN.contains(&name.as_str()) || name.starts_with("access-control-");
        if is_own || !field.is_sent || names.contains(&name) {
            continue;
        }
        let value = json!({"schema": {"type": "string"}, "example": field.text});
        headers.put(&field.name, Written::of(Source { value, at: field.node.place().pointer.clone() }));
        names.push(name);
    }
    headers
}

fn content(saved: &[&Saved<'_>]) -> Written {
    let mut merged: IndexMap<&str, Merged> = IndexMap::new();
    for one in saved {
        let Some(body) = &one.body else { continue };
        let held = merged
            .entry(&body.media_type)
            .or_insert_with(|| Merged { at: body.at.clone(), ..Merged::default() });
        held.add(one, body);
    }
    let mut content = Written::default();
    for (media_type, merged) in merged {
        let is_text = media::is_text(media_type);
        content.put(media_type, merged.written(is_text));
    }
    content
}

impl Merged {
    fn add(&mut self, saved: &Saved<'_>, body: &Shown) {
        let is_known = body.sample.is_some();
        self.is_known = Some(self.is_known.unwrap_or(true) && is_known);
        if let Some(sample) = &body.sample {
            sample.note(&mut self.samples);
        }
        let Some(example) = &body.example else { return };
        let name = [&saved.name, &saved.status].into_iter().find(|name| !name.is_empty());
        let name = name.map_or("example", String::as_str);
        let free = self.names.free(name, " ");
        self.examples.insert(free.clone(), json!({ "value": example }));
        self.places.push((free, body.at.clone()));
    }

    /// The Media Type Object.
    fn written(self, is_text: bool) -> Written {
        let mut object = Written::from(&self.at);
        if self.is_known == Some(true) {
            // Nobody is refused by it, and what is generated looks like what was seen.
            object.set("schema", self.samples.schema(Texts::Formats));
        } else if is_text {
            object.set("schema", json!({"type": "string"}));
        }
        if !self.examples.is_empty() {
            let mut examples = Written::default();
            for (name, at) in self.places {
                let value = self.examples[&name].clone();
                examples.put(&name, Written::of(Source { value, at }));
            }
            object.put("examples", examples);
        }
        object
    }
}
