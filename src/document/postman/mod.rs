//! A Postman collection, v2.0 or v2.1 → a tree in the shape of `OpenAPI` 3.1.
//!
//! | written | becomes | in |
//! |---|---|---|
//! | folders, and the requests in them | operations, one for each method and path, and their `tags` | `collection` |
//! | `url` | a path, query and path parameters, `servers` | `url` |
//! | `header`, `query`, `variable` | parameters, required unless they are switched off | `parameter` |
//! | `body` | `requestBody` with a schema inferred from the sample | `body` |
//! | `response` | responses with examples, and schemas inferred from them | `response` |
//! | `auth`, inherited | `securitySchemes` and `security` | `auth` |
//! | requests of the same method and path | one operation that takes each of them | `operation` |
//!
//! A sample of a request says of a text only that it is one: nobody is refused for a date that is none where the sample's
//! was. What cannot be read is a finding, and the rest is used. Read [`lift`] first.

mod auth;
mod body;
mod collection;
mod given;
mod json;
mod media;
mod names;
mod operation;
mod parameter;
mod response;
mod tree;
mod url;
mod variables;

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use self::{tree::Tree, variables::Variables};
use super::{
    Document, Moved, Node, Version,
    gather::Gathered,
    shape::{Kind, Shape},
};
use crate::finding::{Code, Finding, Place, Pointer, Severity};

/// Whether a root is that of a collection, by its keys: it has a name and items, or names the format.
pub(super) fn is_collection(root: &Value) -> bool {
    let info = |key: &str| root.get("info")?.get(key)?.as_str();
    let is_named = info("schema").is_some_and(|schema| schema.contains("/json/collection/v2"));
    is_named || (info("name").is_some() && root.get("item").is_some_and(Value::is_array))
}

/// Whether a root is that of a collection of version 1, which has another form.
pub(super) fn is_of_version_1(root: &Value) -> bool {
    let has = |key: &str, is: fn(&Value) -> bool| root.get(key).is_some_and(is);
    has("requests", Value::is_array) && has("name", Value::is_string) && has("id", Value::is_string)
}

/// Puts the tree of an `OpenAPI` document in the place of the collection's; what had to be left out is told.
pub(super) fn lift(gathered: &mut Gathered, findings: &mut Vec<Finding>) {
    let Some((uri, file)) = gathered.files.first() else { return };
    let uri = Arc::clone(uri);
    // As it was written it is a document without references, whose nodes know where they stand.
    let written = Document {
        name: String::new(),
        version: Version::Postman,
        files: IndexMap::from([(Arc::clone(&uri), file.clone())]),
        entries: Vec::new(),
        references: Vec::new(),
        told: Vec::new(),
    };
    let (tree, moved) = lifted(&written.root(), findings);
    gathered.references.clear();
    gathered.rewritten.clear();
    gathered.entries =
        vec![(Place { file: Arc::clone(&uri), pointer: Pointer::root() }, Shape::One(Kind::Root))];
    if let Some(file) = gathered.files.get_mut(&uri) {
        file.root = Arc::new(tree);
        file.moved = moved;
    }
}

fn lifted(root: &Node<'_>, findings: &mut Vec<Finding>) -> (Value, Vec<Moved>) {
    let mut reader = Reader { variables: Variables::of(root), findings: Vec::new() };
    let requests = reader.requests(root);
    if requests.is_empty() {
        let message = "the collection holds no request that can be answered";
        let right = "`item` is a list of requests with a `url`, and of folders that hold such";
        let at = root.raw("item").unwrap_or_else(|| root.clone());
        reader.findings.push(at.error(Code::EmptyCollection, message).help(right));
    }
    findings.append(&mut reader.findings);
    Tree::of(root, &requests)
}

/// Reads the parts of a collection.
struct Reader {
    variables: Variables,
    findings: Vec<Finding>,
}

impl Reader {
    /// Something that is left out.
    fn tell(&mut self, node: &Node<'_>, message: impl Into<String>, help: &str) {
        self.findings.push(node.error(Code::InvalidCollection, message).help(help));
    }

    /// Something that is used, though not all of it.
    fn warn(&mut self, node: &Node<'_>, message: impl Into<String>, help: &str) {
        self.tell(node, message, help);
        if let Some(finding) = self.findings.last_mut() {
            finding.severity = Severity::Warning;
        }
    }
}

/// The member `key`, unless it is `null`, which Postman writes for what is not there.
fn member<'d>(node: &Node<'d>, key: &str) -> Option<Node<'d>> {
    node.raw(key).filter(|member| !member.value().is_null())
}

/// The text of a scalar; `None` of anything else.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// The text of a member that is a scalar.
fn text(node: &Node<'_>, key: &str) -> Option<String> {
    scalar(node.value().get(key)?)
}

/// The description of a node: a text, or an object that has it as `content`.
fn description(node: &Node<'_>) -> String {
    let written = node.raw("description");
    let said =
        written.and_then(|said| said.value().as_str().or_else(|| said.text("content")).map(str::to_owned));
    said.unwrap_or_default().trim().to_owned()
}
