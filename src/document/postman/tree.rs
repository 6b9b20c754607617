//! The tree of an `OpenAPI` document as it is put together, with where each part of it was written.

use std::fmt;

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::{
    super::{METHODS, Moved},
    Node,
    auth::Scheme,
    collection::Request,
    description, member,
    names::Names,
    operation, text,
};
use crate::finding::Pointer;

/// A value that was made of what stands at a place of the collection.
pub(super) struct Source {
    pub(super) value: Value,
    pub(super) at: Pointer,
}

/// An object that is put together of parts that were written in different places.
#[derive(Debug, Default)]
pub(super) struct Written {
    members: Map<String, Value>,
    /// Where the parts were written, by their place in this object.
    moved: Vec<Moved>,
}

impl Written {
    /// An object that was made of what stands at a place; it has no members yet.
    pub(super) fn from(at: &Pointer) -> Self {
        Self { members: Map::new(), moved: vec![Moved::made(Pointer::root(), at.clone())] }
    }

    /// An object that is made of one thing alone.
    pub(super) fn of(Source { value, at }: Source) -> Self {
        let members = if let Value::Object(members) = value { members } else { Map::new() };
        Self { members, ..Self::from(&at) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Gives it a member that was made of what the object itself was made of.
    pub(super) fn set(&mut self, key: &str, value: Value) {
        self.members.insert(key.to_owned(), value);
    }

    /// Gives it a member that is an object of its own.
    pub(super) fn put(&mut self, key: impl fmt::Display, part: Self) {
        let key = key.to_string();
        let home = Pointer::root().join(&key);
        self.moved.extend(part.moved.into_iter().map(|moved| moved.below(&home)));
        self.members.insert(key, Value::Object(part.members));
    }

    /// Gives it a list of such objects.
    pub(super) fn put_list(&mut self, key: &str, parts: Vec<Self>) {
        let home = Pointer::root().join(key);
        let mut list = Vec::new();
        for (index, part) in parts.into_iter().enumerate() {
            let home = home.join(index);
            self.moved.extend(part.moved.into_iter().map(|moved| moved.below(&home)));
            list.push(Value::Object(part.members));
        }
        self.members.insert(key.to_owned(), Value::Array(list));
    }
}

/// Gives an object its description, if there is one.
pub(super) fn described(object: &mut Map<String, Value>, description: &str) {
    if !description.is_empty() {
        object.insert("description".to_owned(), description.into());
    }
}

/// The requests of one method and path.
type Alike<'r, 'd> = Vec<&'r Request<'d>>;

/// Makes the root.
pub(super) struct Tree;

impl Tree {
    /// The document that a collection amounts to, and where its parts were written.
    pub(super) fn of(root: &Node<'_>, requests: &[Request<'_>]) -> (Value, Vec<Moved>) {
        let mut tree = Written::default();
        tree.set("openapi", json!("3.1.0"));
        tree.put("info", info(root));
        let servers = servers(requests);
        if !servers.is_empty() {
            tree.set("servers", json!(servers));
        }
        let mut schemes = Schemes::default();
        tree.put("paths", paths(requests, &mut schemes));
        if !schemes.0.is_empty() {
            let mut components = Written::default();
            components.put("securitySchemes", schemes.written());
            tree.put("components", components);
        }
        (Value::Object(tree.members), tree.moved)
    }
}

fn info(root: &Node<'_>) -> Written {
    let Some(info) = member(root, "info") else { return Written::default() };
    let mut made = Written::from(&info.place().pointer);
    made.set("title", json!(text(&info, "name").unwrap_or_default()));
    let version = member(&info, "version").map(|version| {
        let part = |key: &str| text(&version, key).unwrap_or_else(|| "0".to_owned());
        super::scalar(version.value())
            .unwrap_or_else(|| [part("major"), part("minor"), part("patch")].join("."))
    });
    made.set("version", json!(version.unwrap_or_else(|| "1.0.0".to_owned())));
    described(&mut made.members, &description(&info));
    made
}

/// The servers that requests go to, each once.
fn servers(requests: &[Request<'_>]) -> Vec<Value> {
    let mut servers: Vec<Value> = Vec::new();
    for url in requests.iter().filter_map(|request| request.target.server.as_ref()) {
        let server = json!({ "url": url });
        if !servers.contains(&server) {
            servers.push(server);
        }
    }
    servers
}

fn paths(requests: &[Request<'_>], schemes: &mut Schemes) -> Written {
    let mut by_shape: IndexMap<String, IndexMap<&str, Alike<'_, '_>>> = IndexMap::new();
    for request in requests {
        let methods = by_shape.entry(request.target.path.shape()).or_default();
        methods.entry(&request.method).or_default().push(request);
    }
    let mut paths = Written::default();
    let mut ids = Names::default();
    for methods in by_shape.values() {
        let Some(first) = methods.values().find_map(|alike| alike.first()) else { continue };
        let path = &first.target.path;
        let (mut item, mut others) = (Written::from(&first.target.node.place().pointer), Written::default());
        for (method, alike) in methods {
            let made = operation::written(alike, path, schemes, &mut ids);
            let key = method.to_ascii_lowercase();
            if METHODS.contains(&key.as_str()) {
                item.put(key, made);
            } else {
                others.put(method, made);
            }
        }
        if !others.is_empty() {
            item.put("additionalOperations", others);
        }
        paths.put(&path.template, item);
    }
    paths
}

/// The security schemes of all operations, each under a name of its own.
#[derive(Default)]
pub(super) struct Schemes(Vec<Scheme>);

impl Schemes {
    /// The name of a scheme, which is declared where it is not yet.
    pub(super) fn name(&mut self, scheme: &Scheme) -> String {
        if let Some(known) = self.0.iter().find(|known| known.value == scheme.value) {
            return known.name.clone();
        }
        let taken = |name: &str| self.0.iter().any(|known| known.name == name);
        let mut name = scheme.name.clone();
        while taken(&name) {
            name.push('_');
        }
        self.0.push(Scheme { name: name.clone(), ..scheme.clone() });
        name
    }

    fn written(self) -> Written {
        let mut schemes = Written::default();
        for scheme in self.0 {
            schemes.put(scheme.name, Written::of(Source { value: scheme.value, at: scheme.at }));
        }
        schemes
    }
}
