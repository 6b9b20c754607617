//! The files of a document as the judge reads them: as they are written, references followed by itself.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// A document and every file that it refers to, by path.
pub(crate) struct Files {
    paths: Vec<PathBuf>,
    trees: Vec<Value>,
    /// Where each `$id`, `$self`, `$anchor` and `$dynamicAnchor` stands.
    names: BTreeMap<String, Place>,
}

/// The number of a file, and the pointer in it.
pub(crate) type Place = (usize, String);

/// What stands at a place; no reference, but for schemas.
#[derive(Clone)]
pub(crate) struct Node<'f> {
    pub(crate) files: &'f Files,
    pub(crate) place: Place,
    pub(crate) value: &'f Value,
}

/// What a file holds, where it is JSON or YAML.
#[expect(clippy::disallowed_methods, reason = "the judge reads the documents itself")]
pub(crate) fn parse(path: &Path) -> Option<Value> {
    let text = fs::read_to_string(path).ok()?;
    let text = text.trim_start_matches('\u{feff}');
    match path.extension()?.to_str()? {
        "json" => serde_json::from_str(text).ok(),
        "yaml" | "yml" => serde_saphyr::from_str(text).ok(),
        _ => None,
    }
}

impl Files {
    /// Reads the file at `path` and all that can be reached from it.
    pub(crate) fn read(path: &Path) -> Option<Self> {
        let mut files =
            Self { trees: vec![parse(path)?], paths: vec![path.to_owned()], names: BTreeMap::new() };
        let mut next = 0;
        while next < files.trees.len() {
            let mut found = Vec::new();
            references(&files.trees[next], &mut found);
            for reference in found {
                let Some(path) = files.path(next, &reference) else { continue };
                if !files.paths.contains(&path)
                    && let Some(tree) = parse(&path)
                {
                    files.paths.push(path);
                    files.trees.push(tree);
                }
            }
            next += 1;
        }
        for (number, tree) in files.trees.iter().enumerate() {
            named(tree, number, "", &mut files.names);
        }
        Some(files)
    }

    pub(crate) fn root(&self) -> Node<'_> {
        Node { files: self, place: (0, String::new()), value: &self.trees[0] }
    }

    /// What stands at a place, as it is written.
    pub(crate) fn raw(&self, place: Place) -> Option<Node<'_>> {
        let value = self.trees.get(place.0)?.pointer(&place.1)?;
        Some(Node { files: self, place, value })
    }

    /// Where a reference in file `from` leads.
    pub(crate) fn target(&self, from: usize, reference: &str) -> Option<Place> {
        if let Some(place) = self.names.get(reference) {
            return Some(place.clone());
        }
        let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let fragment = percent_decode_str(fragment).decode_utf8().ok()?;
        let (file, base) = match self.names.get(path).filter(|_| !path.is_empty()) {
            Some((file, pointer)) => (*file, pointer.clone()),
            None if path.is_empty() => (from, String::new()),
            None => {
                let path = self.path(from, reference)?;
                (self.paths.iter().position(|held| *held == path)?, String::new())
            }
        };
        if fragment.is_empty() || fragment.starts_with('/') {
            return Some((file, format!("{base}{fragment}")));
        }
        self.names.get(&format!("{file}#{fragment}")).cloned()
    }

    /// The path of the other file that a reference names.
    fn path(&self, from: usize, reference: &str) -> Option<PathBuf> {
        let path = reference.split('#').next().filter(|path| !path.is_empty() && !path.contains("://"))?;
        let path = percent_decode_str(path).decode_utf8().ok()?;
        fs::canonicalize(self.paths[from].parent()?.join(&*path)).ok()
    }
}

/// All texts that are called `$ref`.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// What names itself, and where.
fn named(value: &Value, file: usize, at: &str, names: &mut BTreeMap<String, Place>) {
    if let Value::Object(members) = value {
        for key in ["$id", "$self"] {
            if let Some(name) = members.get(key).and_then(Value::as_str) {
                names.entry(name.to_owned()).or_insert((file, at.to_owned()));
            }
        }
        for key in ["$anchor", "$dynamicAnchor"] {
            if let Some(name) = members.get(key).and_then(Value::as_str) {
                names.entry(format!("{file}#{name}")).or_insert((file, at.to_owned()));
            }
        }
        for (name, member) in members {
            named(member, file, &format!("{at}/{}", escape(name)), names);
        }
    } else if let Value::Array(items) = value {
        for (index, item) in items.iter().enumerate() {
            named(item, file, &format!("{at}/{index}"), names);
        }
    }
}

/// A name as a token of a pointer (RFC 6901, section 3).
pub(crate) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

impl<'f> Node<'f> {
    /// The member, references not followed.
    pub(crate) fn raw(&self, name: &str) -> Option<Self> {
        let value = self.value.get(name)?;
        let place = (self.place.0, format!("{}/{}", self.place.1, escape(name)));
        Some(Self { files: self.files, place, value })
    }

    /// The member, through references.
    pub(crate) fn get(&self, name: &str) -> Option<Self> {
        self.raw(name).map(Self::follow)
    }

    /// What a reference leads to; the node itself where it is none, or leads nowhere.
    pub(crate) fn follow(self) -> Self {
        let mut node = self;
        for _ in 0..32 {
            let reference = node.value.get("$ref").and_then(Value::as_str);
            let target = reference.and_then(|text| node.files.target(node.place.0, text));
            let Some(found) = target.and_then(|place| node.files.raw(place)) else { break };
            node = found;
        }
        node
    }

    pub(crate) fn text(&self, name: &str) -> &'f str {
        self.value.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.value.get(name) == Some(&Value::Bool(true))
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &'f str> + use<'f> {
        self.value.as_object().into_iter().flat_map(serde_json::Map::keys).map(String::as_str)
    }

    /// The members, through references.
    pub(crate) fn entries(&self) -> Vec<(&'f str, Self)> {
        self.names().filter_map(|name| Some((name, self.get(name)?))).collect()
    }

    /// The items of a list, references not followed.
    pub(crate) fn items(&self) -> Vec<Self> {
        let items = self.value.as_array().into_iter().flatten().enumerate();
        items
            .map(|(index, value)| Self {
                files: self.files,
                place: (self.place.0, format!("{}/{index}", self.place.1)),
                value,
            })
            .collect()
    }

    /// The texts of a list.
    pub(crate) fn texts(&self, name: &str) -> Option<Vec<String>> {
        let items = self.value.get(name)?.as_array()?;
        Some(items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect())
    }
}
