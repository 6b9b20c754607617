//! Files → [`Document`]: JSON and YAML read into one tree in the shape of `OpenAPI` 3.1, with every file it refers to.
//! Older versions and Postman collections are brought to that shape.
//!
//! References are checked here and followed later, through [`Node`]. Nothing here knows what an operation is. A place in
//! a file becomes a line and a column only when a finding is shown ([`Document::span`]). Read [`load`] first.
#![expect(clippy::disallowed_methods, reason = "this module reads the documents' files")]

mod direction;
mod gather;
mod lift;
mod node;
mod position;
mod postman;
mod read;
mod reference;
mod shape;
mod tree;

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use indexmap::IndexMap;
use serde_json::Value;

pub use self::{
    direction::Direction,
    lift::Version,
    node::Node,
    read::path,
    reference::{anchored, join, target},
    shape::{Kind, METHODS, Shape},
};
use self::{gather::Gathering, shape::children};
use crate::finding::{Code, Finding, Location, Place, Pointer, Span};

/// Where [`Document::bundled`] puts the files that are not the root.
const FILES: &str = "x-standin-files";

/// Which part of a property is shown for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Underlined {
    /// Its value where that is a scalar, else its key.
    Value,
    /// Its key.
    Key,
}

/// The tree that a text holds, as it was written; `None` where it cannot be parsed. The name tells the format.
pub fn written(name: &str, text: &str) -> Option<Value> {
    read::parse(text, name).ok()
}

/// Where each of `pointers` stands in a text as it was written.
pub fn spans(text: &str, pointers: &[&Pointer], underlined: Underlined) -> Vec<Option<Span>> {
    position::spans(text, pointers, underlined)
}

/// Where a document comes from.
#[derive(Debug, Clone)]
pub enum Source {
    /// A file on disk; references to other files are relative to it.
    Path(PathBuf),
    /// A file on a host, by its `http` or `https` URL; references to other files are relative to it.
    Url(String),
    /// A text that is at hand already, under a name.
    Text {
        /// The name shown to people, such as `pets.yaml`.
        name: String,
        /// JSON or YAML.
        text: Arc<str>,
    },
}

/// An `OpenAPI` document and the files that it refers to; references in it all lead somewhere.
///
/// ```
/// use standin::document::{Source, load};
///
/// let text = "openapi: 3.1.0\ninfo: {title: Pets, version: '1'}\npaths: {}\n";
/// let document = load(&Source::Text { name: "pets.yaml".into(), text: text.into() }).expect("it is well-formed");
/// assert_eq!(document.root().get("info").and_then(|info| info.text("title")), Some("Pets"));
/// ```
#[derive(Debug, Clone)]
pub struct Document {
    name: String,
    version: Version,
    files: IndexMap<Arc<str>, File>,
    /// Where walks over the document start: the root, and what references to other places lead to.
    entries: Vec<(Place, Shape)>,
    /// The objects that are references.
    references: Vec<Place>,
    /// What was found and left out while it was read.
    told: Vec<Finding>,
}

/// One file of a document.
#[derive(Debug, Clone)]
pub struct File {
    /// The name shown to people.
    pub name: String,
    /// What the file holds, to the letter.
    pub text: Arc<str>,
    /// The same as a tree, in the shape of 3.1.
    pub root: Arc<Value>,
    /// What stands elsewhere in the tree than in the text.
    pub moved: Vec<Moved>,
}

/// A part that stands elsewhere in the tree than in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Where it is in the tree.
    pub now: Pointer,
    /// Where it was written.
    pub before: Pointer,
    /// What is to be said of the parts of it.
    pub inside: Inside,
}

/// How the inside of a part stands to what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inside {
    /// It is as it was, so that what is below it stands below it in the text.
    Kept,
    /// It was made of what was written, and what is below it stands nowhere by itself.
    Made,
}

/// Fetches the file that a URI names, for references to other hosts; what stands in the way, in words.
pub type Fetch<'f> = dyn Fn(&str) -> Result<String, String> + 'f;

/// A document that could not be loaded: every finding, and the texts they point into.
#[derive(Debug, Clone, Default)]
pub struct Refused {
    /// What is wrong, all at once.
    pub findings: Vec<Finding>,
    /// The texts that could be read, by the URI that the findings name, each with the name shown to people.
    pub texts: IndexMap<Arc<str>, (String, Arc<str>)>,
}

/// Reads a document and every file that it refers to; references to other hosts lead nowhere.
///
/// # Errors
/// [`Refused`] with all findings where a file cannot be read or parsed, a `$ref` leads nowhere, or the root is not an
/// `OpenAPI` document of a version that is read, nor a Postman collection with requests.
pub fn load(source: &Source) -> Result<Document, Refused> {
    read_all(source, None)
}

/// Reads a document and every file that it refers to, those on other hosts by `fetch`.
///
/// # Errors
/// As [`load`].
pub fn load_with(source: &Source, fetch: &Fetch<'_>) -> Result<Document, Refused> {
    read_all(source, Some(fetch))
}

/// Reads one file that is no `OpenAPI` document, such as a list of workflows; what it refers to is not read.
///
/// # Errors
/// [`Refused`] where it cannot be read or parsed.
pub fn alone(source: &Source) -> Result<Document, Refused> {
    let mut refused = Refused::default();
    let (name, uri) = read::identify(source);
    match read::file(source, &uri, &name, None, &mut refused) {
        Some(file) => Ok(Document {
            name: read::name(source),
            version: Version::V31,
            files: IndexMap::from([(uri, file)]),
            entries: Vec::new(),
            references: Vec::new(),
            told: Vec::new(),
        }),
        None => Err(refused),
    }
}

fn read_all(source: &Source, fetch: Option<&Fetch<'_>>) -> Result<Document, Refused> {
    let mut refused = Refused::default();
    let mut gathered = Gathering::new(source, fetch, &mut refused).run();
    let mut told = Vec::new();
    let mut version = Version::V31;
    if let Some((uri, file)) = gathered.files.first() {
        match Version::of(uri, &file.root) {
            Ok(named) => {
                version = named;
                lift::lift(&mut gathered, version, &mut told);
                // All other documents describe something, be it nothing yet; this one is no description by itself.
                refused.findings.extend(told.extract_if(.., |found| found.code == Code::EmptyCollection));
            }
            Err(finding) => refused.findings.push(*finding),
        }
    }
    let mut document = Document {
        name: read::name(source),
        version,
        files: gathered.files,
        entries: gathered.entries,
        references: gathered.references,
        told,
    };
    document.check_references(&mut refused.findings);
    if refused.findings.is_empty() {
        let mut told = std::mem::take(&mut document.told);
        document.locate(&mut told);
        document.told = told;
        return Ok(document);
    }
    refused.findings.append(&mut document.told);
    document.locate(&mut refused.findings);
    Err(refused)
}

impl Document {
    /// The name shown to people: the file's name without its ending.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version that it was written in.
    pub fn version(&self) -> Version {
        self.version
    }

    /// What is wrong with it and did not keep it from being read.
    pub fn findings(&self) -> &[Finding] {
        &self.told
    }

    /// The file that a path or a URL in the root file names.
    pub fn beside(&self, reference: &str) -> Source {
        let uri = join(&self.uri(), reference);
        if read::is_remote(&uri) {
            return Source::Url(uri);
        }
        let name = self.files.values().next().map_or("", |file| &file.name);
        let folder = Path::new(name).parent().unwrap_or(Path::new(""));
        let path = percent_encoding::percent_decode_str(reference).decode_utf8_lossy();
        Source::Path(folder.join(path.trim_start_matches("./")))
    }

    /// The URI of the root file.
    pub fn uri(&self) -> Arc<str> {
        self.files.keys().next().map_or_else(|| "standin:".into(), Arc::clone)
    }

    /// The files by URI, the root file first.
    pub fn files(&self) -> &IndexMap<Arc<str>, File> {
        &self.files
    }

    /// The root of the root file.
    pub fn root(&self) -> Node<'_> {
        static NOTHING: Value = Value::Null;
        let value = self.files.values().next().map_or(&NOTHING, |file| &*file.root);
        Node::new(self, self.uri(), Pointer::root(), value)
    }

    /// Every part of the document and what it is, references not followed, each once.
    pub fn parts(&self) -> Vec<(Place, Kind)> {
        let mut parts = Vec::new();
        let mut seen = HashSet::new();
        for (place, shape) in &self.entries {
            if let Some(node) = self.at(place) {
                collect(&node, *shape, &mut seen, &mut parts);
            }
        }
        parts
    }

    /// Whether what stands at this place is of the kind only because a reference says so.
    pub fn is_target(&self, place: &Place, kind: Kind) -> bool {
        self.entries.iter().skip(1).any(|(entry, shape)| entry == place && *shape == Shape::One(kind))
    }

    /// The document as one tree: its other files stand under `x-standin-files`, and every reference leads into the tree.
    pub fn bundled(&self) -> Value {
        let home = |file: &str| {
            let index = self.files.get_index_of(file)?;
            let root = Pointer::root();
            Some(if index == 0 { root } else { root.join(FILES).join(index.to_string()) })
        };
        let mut trees = Vec::new();
        for (uri, file) in &self.files {
            let mut tree = Value::clone(&file.root);
            for place in self.references.iter().filter(|place| place.file == *uri) {
                let Some(node) = tree.pointer_mut(place.pointer.as_str()) else { continue };
                let Some(target) = node["$ref"].as_str().map(|reference| target(uri, reference)) else {
                    continue;
                };
                if let Some(home) = home(&target.file) {
                    node["$ref"] = format!("#{}", home.append(&target.pointer)).into();
                }
            }
            trees.push(tree);
        }
        let mut trees = trees.into_iter();
        let mut root = trees.next().unwrap_or_default();
        let others = trees.enumerate().map(|(index, tree)| ((index + 1).to_string(), tree));
        let others: serde_json::Map<String, Value> = others.collect();
        if !others.is_empty() {
            root[FILES] = Value::Object(others);
        }
        root
    }

    /// The node at a place, references not followed.
    pub fn at(&self, place: &Place) -> Option<Node<'_>> {
        let value = place.pointer.within(&self.files.get(&place.file)?.root)?;
        Some(Node::new(self, Arc::clone(&place.file), place.pointer.clone(), value))
    }

    /// Where a place of the tree stands in the text that somebody wrote.
    pub fn written(&self, place: &Place) -> Place {
        let pointer = self.files.get(&place.file).map(|file| file.written(&place.pointer));
        Place { file: Arc::clone(&place.file), pointer: pointer.unwrap_or_else(|| place.pointer.clone()) }
    }

    /// Where a place stands in its file's text; the text is read again for it.
    pub fn span(&self, place: &Place) -> Option<Span> {
        let file = self.files.get(&place.file)?;
        file.spans(&[&place.pointer], Underlined::Value).pop().flatten()
    }

    /// Gives every finding in this document its span.
    pub fn locate(&self, findings: &mut [Finding]) {
        for (uri, file) in &self.files {
            let mut unplaced: Vec<(&Pointer, &mut Option<Span>)> = findings
                .iter_mut()
                .filter_map(|finding| match &mut finding.location {
                    Location::Document(place, span @ None) if place.file == *uri => {
                        Some((&place.pointer, span))
                    }
                    _ => None,
                })
                .collect();
            if unplaced.is_empty() {
                continue;
            }
            let pointers: Vec<&Pointer> = unplaced.iter().map(|(pointer, _)| *pointer).collect();
            for ((_, slot), span) in unplaced.iter_mut().zip(file.spans(&pointers, Underlined::Value)) {
                **slot = span;
            }
        }
    }

    fn check_references(&self, findings: &mut Vec<Finding>) {
        reference::check(self, &self.references, findings);
    }

    fn finding(code: Code, file: &Arc<str>, pointer: Pointer, message: impl Into<String>) -> Finding {
        let place = Place { file: Arc::clone(file), pointer };
        Finding::error(code, Location::Document(place, None), message)
    }
}

fn collect(
    node: &Node<'_>,
    shape: Shape,
    seen: &mut HashSet<(*const Value, Shape)>,
    parts: &mut Vec<(Place, Kind)>,
) {
    if !seen.insert((std::ptr::from_ref(node.value()), shape)) {
        return;
    }
    if let Shape::One(kind) = shape {
        parts.push((node.place().clone(), kind));
    }
    for (step, shape, _) in children(shape, node.value()) {
        if let Some(child) = node.step(step) {
            collect(&child, shape, seen, parts);
        }
    }
}

impl File {
    /// Where in the text each of `pointers` stands, or what is around it where it is not in the text itself.
    pub fn spans(&self, pointers: &[&Pointer], underlined: Underlined) -> Vec<Option<Span>> {
        let written: Vec<Pointer> = pointers.iter().map(|pointer| self.written(pointer)).collect();
        position::spans(&self.text, &written.iter().collect::<Vec<_>>(), underlined)
    }

    /// The place in the text of what stands at a place in the tree.
    fn written(&self, pointer: &Pointer) -> Pointer {
        let below = |moved: &Moved| -> Option<String> {
            let rest = pointer.as_str().strip_prefix(moved.now.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then(|| rest.to_owned())
        };
        let around = self.moved.iter().filter_map(|moved| Some((moved, below(moved)?)));
        let nearest = around.min_by_key(|(_, rest)| rest.len());
        nearest.map_or_else(
            || pointer.clone(),
            |(moved, rest)| match moved.inside {
                Inside::Kept => Pointer::from_escaped(format!("{}{rest}", moved.before)),
                Inside::Made => moved.before.clone(),
            },
        )
    }
}

impl Moved {
    /// A part that is as it was.
    pub(crate) fn kept(now: Pointer, before: Pointer) -> Self {
        Self { now, before, inside: Inside::Kept }
    }

    /// A part that was made of what was written.
    pub(crate) fn made(now: Pointer, before: Pointer) -> Self {
        Self { now, before, inside: Inside::Made }
    }

    /// The same, its place in the tree below another one.
    #[must_use]
    pub(crate) fn below(self, home: &Pointer) -> Self {
        Self { now: home.append(&self.now), ..self }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_bundle_is_one_tree_whose_references_lead_into_it() {
        let folder = std::env::temp_dir().join(format!("standin-bundle-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("parts")).unwrap();
        let root = "openapi: 3.1.0\npaths: {/pets: {$ref: 'parts/pets.yaml#/item'}}\ncomponents: {schemas: {Pet: true}}\n";
        let part = "item: {get: {responses: {'200': {$ref: '#/ok'}}}}\nok: {content: {a/b: {schema: {$ref: '../a.yaml#/components/schemas/Pet'}}}}\n";
        std::fs::write(folder.join("a.yaml"), root).unwrap();
        std::fs::write(folder.join("parts/pets.yaml"), part).unwrap();
        let loaded = load(&Source::Path(folder.join("a.yaml")));
        std::fs::remove_dir_all(&folder).unwrap();
        let bundle = loaded.unwrap().bundled();
        assert_eq!(bundle["paths"]["/pets"], json!({"$ref": "#/x-standin-files/1/item"}));
        let file = &bundle["x-standin-files"]["1"];
        assert_eq!(file["item"]["get"]["responses"]["200"], json!({"$ref": "#/x-standin-files/1/ok"}));
        assert_eq!(file["ok"]["content"]["a/b"]["schema"], json!({"$ref": "#/components/schemas/Pet"}));
    }

    #[test]
    fn a_text_may_have_any_name_and_its_references_lead_into_it() {
        let text = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {}\ncomponents: {schemas: {A: {$ref: '#/components/schemas/B'}, B: {}}}\n";
        let document = load(&Source::Text { name: "my 100% pets?.yaml".into(), text: text.into() }).unwrap();
        assert!(!document.uri().contains(' '), "{}", document.uri());
        assert_eq!(document.files()[&document.uri()].name, "my 100% pets?.yaml");
    }
}
