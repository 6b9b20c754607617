//! The second judge: says whether an answer is one that its document allows, and shares no code with the mock.
//!
//! It reads the YAML itself, finds the operation and its response itself, follows references itself, and leaves JSON
//! Schema to another crate. Of the mock it sees the exchange and the names of the findings. Read [`Judge::answer`] first.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
};

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use standin::exchange::{Body, Reply, Request, Response};

/// What is wrong, in words; nothing where all is right.
pub(crate) type Objection = Result<(), String>;

/// All documents, and what a problem is (RFC 9457, section 3.1).
pub(crate) struct Judge {
    documents: Vec<Document>,
    problem: Document,
}

struct Document {
    root: Value,
    schemas: boon::Schemas,
    /// Every schema of a parameter, header or content, by its pointer.
    compiled: BTreeMap<String, boon::SchemaIndex>,
}

/// A place in a document; what stands there is no reference.
#[derive(Clone)]
struct Node<'d> {
    document: &'d Document,
    pointer: String,
    value: &'d Value,
}

/// What the documents have for a method and a path.
enum Target<'d> {
    Operation { node: Node<'d>, is_head: bool },
    OtherMethods(BTreeSet<String>),
    Nothing,
}

impl Judge {
    pub(crate) fn new(texts: impl IntoIterator<Item = String>) -> Self {
        let documents = texts
            .into_iter()
            .map(|text| Document::new(serde_saphyr::from_str(&text).expect("the document is YAML")));
        Self { documents: documents.collect(), problem: Document::new(json!({ "schema": problem_schema() })) }
    }

    /// Whether the documents allow the reply to the request.
    pub(crate) fn answer(&self, request: &Request, reply: &Reply) -> Objection {
        let status = reply.response.status;
        ensure(status.is_success() || status.is_client_error(), || format!("a {status}"))?;
        ensure(status.is_success() == reply.findings.is_empty(), || {
            format!("a {status} about which {} things were found", reply.findings.len())
        })?;
        let kind = reply.findings.first().map(|finding| finding.code.name());
        match self.target(request) {
            Target::Operation { node, is_head } => {
                ensure(reply.operation.is_some(), || "the operation was not found".to_owned())?;
                self.operation_answer(&node, is_head, kind, &reply.response)
            }
            Target::OtherMethods(methods) => {
                let is_asked_for = request.method == "OPTIONS";
                let allowed = reply.response.header("allow").unwrap_or_default();
                let allowed: BTreeSet<String> = allowed.split(", ").map(str::to_owned).collect();
                ensure(allowed == methods, || format!("allows {allowed:?} in place of {methods:?}"))?;
                if is_asked_for {
                    return ensure(status == 204 && reply.response.body.is_empty(), || {
                        format!("a {status} for OPTIONS")
                    });
                }
                ensure(kind == Some("method-not-allowed"), || format!("{kind:?} for a wrong method"))?;
                self.problem(405, request.method == "HEAD", &reply.response)
            }
            Target::Nothing => {
                ensure(kind == Some("unknown-route"), || format!("{kind:?} for an unknown path"))?;
                self.problem(404, request.method == "HEAD", &reply.response)
            }
        }
    }

    /// What is wrong with the parameters and the body of a request; credentials and `Accept` are not looked at.
    pub(crate) fn request(&self, request: &Request) -> Objection {
        let node = match self.target(request) {
            Target::Operation { node, .. } => node,
            // Whoever asks what a path has needs no operation.
            Target::OtherMethods(_) if request.method == "OPTIONS" => return Ok(()),
            Target::OtherMethods(_) | Target::Nothing => return Err("no operation".to_owned()),
        };
        for parameter in node.items("parameters") {
            parameter_in(&parameter, request)?;
        }
        match (&request.body, node.get("requestBody")) {
            (Body::TooLarge { .. } | Body::Interrupted(_) | Body::Coming(_), _) => {
                Err("the body is not all there".to_owned())
            }
            (Body::Whole(bytes), None) => ensure(bytes.is_empty(), || "a body that is not taken".to_owned()),
            (Body::Whole(bytes), Some(declared)) if bytes.is_empty() => {
                ensure(!declared.is_set("required"), || "no body".to_owned())
            }
            (Body::Whole(bytes), Some(declared)) => request_body(&declared, request, bytes),
        }
    }

    fn operation_answer(
        &self,
        node: &Node<'_>,
        is_head: bool,
        kind: Option<&str>,
        response: &Response,
    ) -> Objection {
        let status = response.status.as_u16();
        let responses = node.get("responses").expect("it is required");
        match kind {
            None => {
                let successes = responses.value.as_object().into_iter().flat_map(serde_json::Map::keys);
                let lowest = successes.filter(|key| key.starts_with('2')).min();
                ensure(lowest == Some(&status.to_string()), || format!("a {status}, not the {lowest:?}"))?;
            }
            Some(kind) => {
                let right = right_for(kind);
                ensure(right.contains(&status), || format!("a {status} for {kind}"))?;
                if declared(&responses, status).is_none() {
                    let other = right.iter().find(|status| declared(&responses, **status).is_some());
                    ensure(other.is_none(), || format!("a {status} where {other:?} is declared"))?;
                    return self.problem(status, is_head, response);
                }
            }
        }
        let declared = declared(&responses, status).ok_or_else(|| format!("{status} is not declared"))?;
        for (name, header) in declared.get("headers").map(Node::entries).unwrap_or_default() {
            response_header(&name, &header, response)?;
        }
        match declared.get("content") {
            Some(content) => response_body(content, is_head, response),
            None => ensure(response.body.is_empty(), || "a body where none is declared".to_owned()),
        }
    }

    /// Whether an answer is a well-formed problem document with this status.
    fn problem(&self, status: u16, is_head: bool, response: &Response) -> Objection {
        ensure(response.status == status, || format!("a {} in place of a {status}", response.status))?;
        let sent = essence(&only(response, "content-type")?);
        ensure(sent == "application/problem+json", || format!("the media type `{sent}` of a problem"))?;
        if is_head {
            return ensure(response.body.is_empty(), || "a body in the answer to HEAD".to_owned());
        }
        let body = json_of(&response.body)?;
        ensure(body["status"] == status, || format!("{} in the body of a {status}", body["status"]))?;
        self.problem.is_valid("/schema", &body)
    }

    fn target(&self, request: &Request) -> Target<'_> {
        let mut items = self.documents.iter().flat_map(|document| document.node("/paths").entries());
        let sent = request.path.strip_suffix('/').unwrap_or(&request.path);
        let Some((_, item)) = items.find(|(path, _)| is_path(path, sent)) else {
            return Target::Nothing;
        };
        let method = request.method.as_str();
        let declared = |wanted: &str| METHODS.contains(&wanted).then(|| item.get(&wanted.to_lowercase()))?;
        if let Some(node) = declared(method) {
            return Target::Operation { node, is_head: method == "HEAD" };
        }
        if let (Some(node), "HEAD") = (declared("GET"), method) {
            return Target::Operation { node, is_head: true };
        }
        let mut methods: BTreeSet<String> =
            METHODS.iter().filter(|name| declared(name).is_some()).map(|name| (*name).to_owned()).collect();
        if methods.contains("GET") {
            methods.insert("HEAD".to_owned());
        }
        methods.insert("OPTIONS".to_owned());
        Target::OtherMethods(methods)
    }
}

const METHODS: [&str; 8] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];

impl Document {
    fn new(root: Value) -> Self {
        let mut reader = boon::Compiler::new();
        reader.set_default_draft(boon::Draft::V2020_12);
        reader.enable_format_assertions();
        reader.register_format(boon::Format { name: "int32", func: int32 });
        reader.add_resource(URL, root.clone()).expect("the URL is new");
        let mut schemas = boon::Schemas::new();
        let mut pointers = Vec::new();
        schemas_in(&root, "", &mut pointers);
        let compiled = pointers.into_iter().map(|pointer| {
            let index = reader.compile(&format!("{URL}#{pointer}"), &mut schemas);
            (pointer, index.expect("the schema is well-formed"))
        });
        Self { compiled: compiled.collect(), schemas, root }
    }

    /// What stands at a pointer, through references.
    fn node(&self, pointer: &str) -> Node<'_> {
        let value = self.root.pointer(pointer).expect("the pointer is right");
        match value.get("$ref").and_then(Value::as_str) {
            Some(reference) => self.node(reference.strip_prefix('#').expect("it stands in this file")),
            None => Node { document: self, pointer: pointer.to_owned(), value },
        }
    }

    fn is_valid(&self, pointer: &str, value: &Value) -> Objection {
        let index = self.compiled.get(pointer).expect("every schema is compiled");
        self.schemas.validate(value, *index).map_err(|error| format!("{error:#}"))
    }
}

/// The one format of these documents that is not of JSON Schema (OpenAPI Format Registry).
fn int32(value: &Value) -> Result<(), Box<dyn Error>> {
    let whole = f64::from(i32::MIN)..=f64::from(i32::MAX);
    let is_within = value.as_f64().is_none_or(|number| whole.contains(&number));
    if is_within { Ok(()) } else { Err("it has more than 32 bits".into()) }
}

const URL: &str = "http://test/document.json";

/// The pointers of all members that are called `schema`; no property of these documents is.
fn schemas_in(value: &Value, at: &str, pointers: &mut Vec<String>) {
    let members: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, value)| (escape(name), value)).collect(),
        Value::Array(items) => (0..).zip(items).map(|(at, item): (u32, _)| (at.to_string(), item)).collect(),
        _ => Vec::new(),
    };
    for (name, member) in members {
        let pointer = format!("{at}/{name}");
        if name == "schema" {
            pointers.push(pointer.clone());
        }
        schemas_in(member, &pointer, pointers);
    }
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

impl<'d> Node<'d> {
    fn get(&self, name: &str) -> Option<Self> {
        self.value.get(name)?;
        Some(self.document.node(&format!("{}/{}", self.pointer, escape(name))))
    }

    fn text(&self, name: &str) -> &'d str {
        self.value.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn is_set(&self, name: &str) -> bool {
        self.value.get(name) == Some(&Value::Bool(true))
    }

    fn entries(self) -> Vec<(String, Self)> {
        let names = self.value.as_object().into_iter().flat_map(serde_json::Map::keys);
        names.filter_map(|name| Some((name.clone(), self.get(name)?))).collect()
    }

    fn items(&self, name: &str) -> Vec<Self> {
        let count = self.value.get(name).and_then(Value::as_array).map_or(0, Vec::len);
        (0..count).map(|at| self.document.node(&format!("{}/{name}/{at}", self.pointer))).collect()
    }

    /// Whether the value satisfies the node's `schema`.
    fn admits(&self, value: &Value) -> Objection {
        match self.value.get("schema") {
            Some(_) => self.document.is_valid(&format!("{}/schema", self.pointer), value),
            None => Ok(()),
        }
    }
}

/// Whether a path is that of a template, its escapes undone.
fn is_path(template: &str, path: &str) -> bool {
    let segments: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
    let templates: Vec<&str> = template[1..].split('/').collect();
    segments.len() == templates.len()
        && templates.iter().zip(segments).all(|(template, segment)| {
            assert!(!template.contains('{'), "the documents have no templates");
            percent_decode_str(segment).decode_utf8_lossy() == *template
        })
}

/// The statuses that tell a kind of fault (RFC 9110, sections 15.5.1 to 15.5.21).
fn right_for(kind: &str) -> &'static [u16] {
    match kind {
        "missing-param" | "invalid-param" | "missing-body" | "invalid-body" => &[400, 422],
        "missing-credential" | "invalid-credential" | "token-expired" => &[401, 403],
        "not-acceptable" => &[406],
        "body-interrupted" => &[400, 408],
        "body-too-large" => &[413],
        // A document without a 415 tells of it as it tells of other faults in the body.
        "unsupported-media-type" => &[415, 400, 422],
        _ => &[],
    }
}

/// The response for a status: itself, its hundred, the default.
fn declared<'d>(responses: &Node<'d>, status: u16) -> Option<Node<'d>> {
    let hundred = format!("{}XX", status / 100);
    [&status.to_string(), &hundred, "default"].into_iter().find_map(|key| responses.get(key))
}

fn response_header(name: &str, header: &Node<'_>, response: &Response) -> Objection {
    match response.header(name) {
        Some(text) => readings(text)
            .iter()
            .map(|value| header.admits(value))
            .find(Result::is_ok)
            .unwrap_or_else(|| Err(format!("the header `{name}` is `{text}`"))),
        None => ensure(!header.is_set("required"), || format!("no header `{name}`")),
    }
}

fn response_body(content: Node<'_>, is_head: bool, response: &Response) -> Objection {
    let sent = essence(&only(response, "content-type")?);
    let Some((_, node)) = content.entries().into_iter().find(|(name, _)| essence(name) == sent) else {
        return Err(format!("the media type `{sent}` is not declared"));
    };
    if is_head {
        return ensure(response.body.is_empty(), || "a body in the answer to HEAD".to_owned());
    }
    node.admits(&json_of(&response.body)?)
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": { "type": "string", "format": "uri-reference" },
            "title": { "type": "string", "minLength": 1 },
            "status": { "type": "integer" },
            "detail": { "type": "string", "minLength": 1 },
            "instance": { "type": "string", "format": "uri-reference" },
        },
    })
}

fn parameter_in(parameter: &Node<'_>, request: &Request) -> Objection {
    let name = parameter.text("name");
    // OAS 3.1, section 4.8.12.2: these are described elsewhere, and their definitions here ignored.
    if ["accept", "content-type", "authorization"].contains(&name.to_lowercase().as_str()) {
        return Ok(());
    }
    assert_eq!(parameter.text("in"), "header", "the documents have parameters in no other place");
    match &texts(request, name)[..] {
        [] => ensure(!parameter.is_set("required"), || format!("no header `{name}`")),
        [text] => readings(text)
            .iter()
            .map(|value| parameter.admits(value))
            .find(Result::is_ok)
            .unwrap_or_else(|| Err(format!("the header `{name}` is `{text}`"))),
        _ => Err(format!("several headers `{name}`")),
    }
}

fn request_body(declared: &Node<'_>, request: &Request, bytes: &[u8]) -> Objection {
    let content = declared.get("content").expect("it is required").entries();
    // Of several fields the first counts; without any the declared type is assumed (RFC 9110, section 8.3).
    let sent = texts(request, "content-type").into_iter().next().map(|text| essence(&text));
    // What says by its suffix that it is JSON is read as JSON (RFC 6839, section 3.1).
    let is_json = |sent: &str| sent.ends_with("+json");
    let fits = |name: &str, sent: &str| {
        essence(name) == sent || (essence(name) == "application/json" && is_json(sent))
    };
    let fitting = content.into_iter().find(|(name, _)| sent.as_ref().is_none_or(|sent| fits(name, sent)));
    match fitting {
        Some((_, node)) => node.admits(&json_of(bytes)?),
        None => Err(format!("the media type {sent:?}")),
    }
}

fn texts(request: &Request, name: &str) -> Vec<String> {
    let values = request.headers.iter().filter(|(held, _)| held.as_str().eq_ignore_ascii_case(name));
    values.map(|(_, value)| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect()
}

/// What a text may mean: itself, or the scalar that it spells.
fn readings(text: &str) -> Vec<Value> {
    let scalar =
        serde_json::from_str::<Value>(text).ok().filter(|value| !value.is_array() && !value.is_object());
    std::iter::once(Value::from(text)).chain(scalar).collect()
}

fn only(response: &Response, name: &str) -> Result<String, String> {
    let values: Vec<_> = response.headers.get_all(name).iter().collect();
    match values[..] {
        [value] => value.to_str().map(str::to_owned).map_err(|error| error.to_string()),
        _ => Err(format!("{} headers `{name}`", values.len())),
    }
}

fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_lowercase()
}

fn json_of(bytes: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(bytes).map_err(|error| format!("the body is not JSON: {error}"))
}

/// All is right if this holds.
pub(crate) fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Objection {
    if holds { Ok(()) } else { Err(otherwise()) }
}
