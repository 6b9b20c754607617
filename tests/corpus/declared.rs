//! What a document declares of each operation, read in its own version.

use crate::{
    files::{Files, Node, Place},
    schemas::{Bundle, Version, Way},
};

/// An operation as its document declares it.
pub(crate) struct Operation {
    /// The key under `paths`.
    pub(crate) path: String,
    pub(crate) method: String,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Body>,
    pub(crate) responses: Vec<Response>,
}

impl Operation {
    /// Its method and path.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// A parameter, or a header field of a response.
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) place: String,
    pub(crate) is_required: bool,
    pub(crate) schema: Option<Place>,
}

pub(crate) struct Body {
    pub(crate) is_required: bool,
    pub(crate) content: Vec<Content>,
    /// The fields of a form of 2.0.
    pub(crate) fields: Vec<Parameter>,
}

pub(crate) struct Content {
    pub(crate) media_type: String,
    pub(crate) schema: Option<Place>,
    /// The schema of each item of a stream (OAS 3.2, section 4.14.2).
    pub(crate) item: Option<Place>,
}

pub(crate) struct Response {
    /// `404`, `4XX` or `default`.
    pub(crate) key: String,
    pub(crate) content: Vec<Content>,
    pub(crate) headers: Vec<Parameter>,
    /// All that it says, its words in lower case with a space around each.
    pub(crate) words: String,
}

const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// Which version the root names; `None` where that is none of those that are judged.
pub(crate) fn version(root: &Node<'_>) -> Option<Version> {
    // Some write the number as a number.
    let text =
        |key: &str| root.value.get(key).map(|value| value.to_string().replace('"', "")).unwrap_or_default();
    match (text("openapi").as_str(), text("swagger").as_str()) {
        (text, _) if text.starts_with("3.0") => Some(Version::V30),
        (text, _) if text.starts_with("3.1") || text.starts_with("3.2") => Some(Version::V31),
        ("", text) if text.starts_with("2.") => Some(Version::V2),
        _ => None,
    }
}

/// Reads the operations of a document, and gathers the schemas of its requests and responses.
pub(crate) struct Reader<'f> {
    pub(crate) root: Node<'f>,
    pub(crate) version: Version,
    pub(crate) requests: Bundle,
    pub(crate) responses: Bundle,
}

impl<'f> Reader<'f> {
    pub(crate) fn new(files: &'f Files, version: Version) -> Self {
        Self {
            root: files.root(),
            version,
            requests: Bundle::new(version, Way::Request),
            responses: Bundle::new(version, Way::Response),
        }
    }

    pub(crate) fn operations(&mut self) -> Vec<Operation> {
        let mut operations = Vec::new();
        let paths = self.root.get("paths").map(|paths| paths.entries()).unwrap_or_default();
        for (path, item) in paths.into_iter().filter(|(path, _)| path.starts_with('/')) {
            for (name, node) in item.entries().into_iter().filter(|(name, _)| METHODS.contains(name)) {
                operations.push(self.operation(path, name.to_uppercase(), &item, &node));
            }
            let others = item.get("additionalOperations").map(|others| others.entries()).unwrap_or_default();
            for (name, node) in others {
                operations.push(self.operation(path, name.to_owned(), &item, &node));
            }
        }
        operations
    }

    fn operation(&mut self, path: &str, method: String, item: &Node<'f>, node: &Node<'f>) -> Operation {
        let mut parameters = Vec::new();
        let mut bodies = Vec::new();
        for holder in [node, item] {
            let list = holder.get("parameters").map(|list| list.items()).unwrap_or_default();
            for parameter in list.into_iter().map(Node::follow) {
                let place = parameter.text("in").to_owned();
                if place == "body" {
                    bodies.push(parameter);
                    continue;
                }
                let read = self.parameter(&parameter, parameter.text("name"), place, Way::Request);
                let is_same = |other: &Parameter| other.name == read.name && other.place == read.place;
                if !parameters.iter().any(is_same) {
                    parameters.push(read);
                }
            }
        }
        let (fields, parameters) = parameters.into_iter().partition(|one| one.place == "formData");
        Operation {
            path: path.to_owned(),
            body: self.body(node, bodies.first(), fields),
            responses: self.responses_of(node),
            parameters,
            method,
        }
    }

    fn parameter(&mut self, node: &Node<'_>, name: &str, place: String, way: Way) -> Parameter {
        let schema = match node.get("content").and_then(|content| content.entries().into_iter().next()) {
            Some((_, content)) => content.raw("schema"),
            None if self.version == Version::V2 => Some(node.clone()),
            None => node.raw("schema"),
        };
        let bundle = if way == Way::Request { &mut self.requests } else { &mut self.responses };
        let schema = schema.map(|schema| schema.place);
        if let Some(place) = &schema {
            bundle.number(place);
        }
        let is_required = node.is_set("required") || place == "path";
        Parameter { name: name.to_owned(), place, is_required, schema }
    }

    fn body(&mut self, node: &Node<'f>, old: Option<&Node<'f>>, fields: Vec<Parameter>) -> Option<Body> {
        let body = if self.version == Version::V2 { old.cloned() } else { node.get("requestBody") };
        if body.is_none() && fields.is_empty() {
            return None;
        }
        let is_required = match &body {
            Some(body) => body.is_set("required"),
            None => fields.iter().any(|field| field.is_required),
        };
        let content = match &body {
            Some(body) if self.version == Version::V2 => {
                let types = node.texts("consumes").or_else(|| self.root.texts("consumes"));
                self.listed(body, types, Way::Request)
            }
            Some(body) => self.content(body, Way::Request),
            None => Vec::new(),
        };
        Some(Body { is_required, content, fields })
    }

    fn responses_of(&mut self, operation: &Node<'f>) -> Vec<Response> {
        let all = operation.get("responses").map(|all| (all.entries(), all));
        let Some((entries, holder)) = all else { return Vec::new() };
        let entries = entries.into_iter().filter(|(key, _)| is_status(key));
        let read = entries.map(|(key, node)| {
            let content = if self.version == Version::V2 {
                self.produced(operation, &node)
            } else {
                self.content(&node, Way::Response)
            };
            let headers = node.get("headers").map(|headers| headers.entries()).unwrap_or_default();
            let headers = headers
                .into_iter()
                .filter(|(name, _)| !name.eq_ignore_ascii_case("content-type"))
                .map(|(name, header)| self.parameter(&header, name, "header".to_owned(), Way::Response));
            Response {
                key: key.to_owned(),
                content,
                headers: headers.collect(),
                words: words(&format!("{} {}", whole(&node, 6), holder.value[key])),
            }
        });
        read.collect()
    }

    /// What a response of 2.0 is made of: its schema in every type that the operation produces.
    fn produced(&mut self, operation: &Node<'f>, response: &Node<'f>) -> Vec<Content> {
        let types = operation.texts("produces").or_else(|| self.root.texts("produces"));
        let shown = response.get("examples").map(|examples| examples.entries()).unwrap_or_default();
        let shown: Vec<String> =
            shown.iter().map(|(name, _)| (*name).to_owned()).filter(|name| name.contains('/')).collect();
        if response.value.get("schema").is_none() && shown.is_empty() {
            return Vec::new();
        }
        let is_file = response.get("schema").is_some_and(|schema| schema.text("type") == "file");
        let types = match types {
            Some(types) => types,
            None if !shown.is_empty() => shown,
            None if is_file => vec!["application/octet-stream".to_owned()],
            None => vec!["application/json".to_owned()],
        };
        self.listed(response, Some(types), Way::Response)
    }

    fn listed(&mut self, holder: &Node<'_>, types: Option<Vec<String>>, way: Way) -> Vec<Content> {
        let types = types.unwrap_or_else(|| vec!["application/json".to_owned()]);
        types.into_iter().map(|name| self.media_type(name, holder, way)).collect()
    }

    fn content(&mut self, holder: &Node<'_>, way: Way) -> Vec<Content> {
        let entries = holder.get("content").map(|content| content.entries()).unwrap_or_default();
        entries.into_iter().map(|(name, node)| self.media_type(name.to_owned(), &node, way)).collect()
    }

    fn media_type(&mut self, media_type: String, holder: &Node<'_>, way: Way) -> Content {
        let bundle = if way == Way::Request { &mut self.requests } else { &mut self.responses };
        let mut schema = |name: &str| {
            let place = holder.raw(name)?.place;
            bundle.number(&place);
            Some(place)
        };
        Content { media_type, schema: schema("schema"), item: schema("itemSchema") }
    }
}

/// Whether a key says for which status a response is.
fn is_status(key: &str) -> bool {
    let digits = key.strip_suffix("XX").unwrap_or(key);
    let is_code = digits.parse::<u16>().is_ok() && ('1'..='5').any(|digit| digits.starts_with(digit));
    key == "default" || (key.len() == 3 && is_code)
}

/// A node and what it refers to, as a text.
fn whole(node: &Node<'_>, depth: usize) -> String {
    let mut text = node.value.to_string();
    if depth > 0 && (node.value.is_object() || node.value.is_array()) {
        let examples = node.get("content").map(|content| content.entries()).unwrap_or_default();
        for (_, content) in examples {
            for (name, example) in content.get("examples").map(|all| all.entries()).unwrap_or_default() {
                text.push_str(name);
                text.push_str(&example.value.to_string());
            }
        }
    }
    text
}

/// The words of a text in lower case, a space around each.
pub(crate) fn words(text: &str) -> String {
    let mut words = String::from(" ");
    let mut is_small = false;
    for letter in text.chars() {
        if (!letter.is_alphanumeric() || (letter.is_uppercase() && is_small)) && !words.ends_with(' ') {
            words.push(' ');
        }
        if letter.is_alphanumeric() {
            words.extend(letter.to_lowercase());
        }
        is_small = letter.is_lowercase();
    }
    words.push(' ');
    words
}
