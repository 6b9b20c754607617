//! The discriminators of a library: which schema each name stands for (OAS 3.1, section 4.8.25; OAS 3.2, section 4.25).
//!
//! A discriminator beside `oneOf` or `anyOf` names their branches; one on a schema that others extend by `allOf` names
//! those. A name is a key of `mapping`, or the name of the schema; where the branch itself allows none of these, what it
//! allows. Found once for each library, by the address of the schema that holds it. Start at [`Discriminators::of`].

use std::{
    ptr,
    sync::{Arc, OnceLock},
};

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::node::{Files, Place};
use crate::{
    document,
    finding::{Place as Location, Pointer},
    schema::written::{Reach, below, spread},
};

/// How many schemas are looked at for those that extend one schema.
const MOST: usize = 100_000;

/// All discriminators of a library, by the address of the schema that each stands in.
#[derive(Debug, Default)]
pub(in crate::schema) struct Discriminators(IndexMap<usize, Discriminator>);

/// What one discriminator says.
#[derive(Debug)]
pub(super) struct Discriminator {
    /// The property that names the branch.
    pub(super) property: String,
    pub(super) branches: Vec<Branch>,
    /// The branch that an absent or unknown name stands for (OAS 3.2, `defaultMapping`).
    pub(super) default: Option<usize>,
    /// Whether the branches extend the schema that holds it.
    pub(super) is_inherited: bool,
    /// Where it stands.
    pub(super) place: Location,
}

/// A schema that a discriminator can name.
#[derive(Debug)]
pub(super) struct Branch {
    /// Its names, the likeliest first.
    pub(super) names: Vec<String>,
    pub(super) place: Location,
    /// The addresses of the schema and of those that it extends.
    lineage: Vec<usize>,
}

impl Discriminators {
    /// Finds the discriminators in `files`.
    pub(in crate::schema) fn of(files: Files<'_>) -> Self {
        let mut found = IndexMap::new();
        let extensions = OnceLock::new();
        for (file, root) in files.0 {
            for (place, schema) in holders(file, root) {
                let known = extensions.get_or_init(|| self::extensions(files));
                found.extend(read(place, schema, files, known).map(|read| (address(schema), read)));
            }
        }
        Self(found)
    }

    pub(in crate::schema) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The discriminator that stands in `schema`.
    pub(super) fn get(&self, schema: &Value) -> Option<&Discriminator> {
        self.0.get(&address(schema))
    }
}

impl Discriminator {
    /// The branches that a value may name where it has already been told to satisfy the schemas `here`: of those that
    /// extend the holder, the ones that extend what is there.
    pub(super) fn allowed(&self, here: &[Place<'_>]) -> Vec<&Branch> {
        let addresses: Vec<usize> = here.iter().map(|place| address(place.schema)).collect();
        let told = |branch: &&Branch| branch.lineage.first().is_some_and(|own| addresses.contains(own));
        let heirs = self.branches.iter().filter(|branch| branch.place != self.place).filter(told);
        let own: Vec<usize> = heirs.filter_map(|branch| branch.lineage.first().copied()).collect();
        let extends = |branch: &&Branch| branch.lineage.iter().any(|ancestor| own.contains(ancestor));
        if !self.is_inherited || own.is_empty() {
            return self.branches.iter().collect();
        }
        self.branches.iter().filter(extends).collect()
    }

    /// The branch that an absent or unknown name stands for.
    pub(super) fn fallback(&self) -> Option<&Branch> {
        self.branches.get(self.default?)
    }
}

fn address(schema: &Value) -> usize {
    ptr::from_ref(schema).addr()
}

/// The schemas of a file that have a discriminator, with their places.
fn holders<'a>(file: &str, root: &'a Value) -> Vec<(Location, &'a Value)> {
    const VALUES: [&str; 5] = ["example", "examples", "default", "enum", "const"];
    let mut found = Vec::new();
    // The way to each node, as the number of its parent and the token that leads on from there.
    let mut ways: Vec<(usize, String)> = vec![(0, String::new())];
    let mut pending: Vec<(usize, &Value)> = vec![(0, root)];
    while let Some((way, node)) = pending.pop() {
        if node.get("discriminator").is_some_and(|told| told.get("propertyName").is_some()) {
            found.push((Location { file: file.into(), pointer: pointer(&ways, way) }, node));
        }
        let mut add = |token: String, child: &'a Value| {
            if child.is_object() || child.is_array() {
                ways.push((way, token));
                pending.push((ways.len() - 1, child));
            }
        };
        match node {
            Value::Object(members) => members
                .iter()
                .filter(|(name, _)| !VALUES.contains(&name.as_str()))
                .for_each(|(name, child)| add(name.clone(), child)),
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(index, child)| add(index.to_string(), child));
            }
            _ => {}
        }
    }
    found.reverse();
    found
}

fn pointer(ways: &[(usize, String)], mut way: usize) -> Pointer {
    let mut tokens = Vec::new();
    while way != 0 {
        tokens.push(&ways[way].1);
        way = ways[way].0;
    }
    tokens.into_iter().rev().fold(Pointer::root(), |pointer, token| pointer.join(token))
}

/// A named schema and those that it extends.
struct Extension {
    name: String,
    /// What Swagger 2.0 documents that have no `mapping` write as its name, by a widespread extension.
    value: Option<String>,
    place: Location,
    lineage: Vec<usize>,
}

/// Where schemas have names: since 3.0, and in Swagger 2.0, whose schemas keep their place.
const NAMED: [&str; 2] = ["/components/schemas", "/definitions"];

/// The named schemas of all files, each with the schemas that it extends, however many steps away.
fn extensions(files: Files<'_>) -> Vec<Extension> {
    let named = files.0.iter().flat_map(|(file, root)| {
        NAMED.into_iter().flat_map(move |folder| {
            let schemas = root.pointer(folder).and_then(Value::as_object);
            schemas.into_iter().flatten().map(move |(name, schema)| (file, folder, name, schema))
        })
    });
    let extension = |(file, folder, name, schema): (&String, &str, &String, &Value)| Extension {
        name: name.clone(),
        value: schema.get("x-ms-discriminator-value").and_then(Value::as_str).map(str::to_owned),
        place: Location { file: file.as_str().into(), pointer: Pointer::from_escaped(folder).join(name) },
        lineage: lineage(Place { file, schema }, files),
    };
    named.take(MOST).map(extension).collect()
}

/// The address of a schema and of all that it extends by `allOf`.
fn lineage(place: Place<'_>, files: Files<'_>) -> Vec<usize> {
    const DEEPEST: usize = 32;
    let mut found = vec![address(place.schema)];
    let mut pending = vec![place];
    while let Some(place) = pending.pop().filter(|_| found.len() < DEEPEST) {
        let parts = place.schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
        for part in parts.chain(place.schema.get("$ref").map(|_| place.schema)) {
            let reference = part.get("$ref").and_then(Value::as_str);
            let Some(target) = reference.and_then(|reference| files.follow(place.file, reference)) else {
                continue;
            };
            if !found.contains(&address(target.schema)) {
                found.push(address(target.schema));
                pending.push(target);
            }
        }
    }
    found
}

fn read(
    place: Location,
    schema: &Value,
    files: Files<'_>,
    extensions: &[Extension],
) -> Option<Discriminator> {
    let told = schema.get("discriminator")?;
    let property = told.get("propertyName")?.as_str()?.to_owned();
    let mut branches = Branches { file: &place.file, property: &property, files, found: Vec::new() };
    let mapping = told.get("mapping").and_then(Value::as_object);
    for (name, target) in mapping.into_iter().flatten() {
        branches.add(name, branches.target(target.as_str()?));
    }
    let lists = ["oneOf", "anyOf"].into_iter().filter_map(|keyword| schema.get(keyword)?.as_array());
    let listed: Vec<&Map<String, Value>> = lists.flatten().filter_map(Value::as_object).collect();
    let is_inherited = listed.is_empty();
    for branch in listed {
        let Some(reference) = branch.get("$ref").and_then(Value::as_str) else { continue };
        let name = crate::schema::written::last_token(reference);
        branches.add(&name, document::target(&place.file, reference));
    }
    for heir in extensions.iter().filter(|_| is_inherited) {
        if heir.lineage[1..].contains(&address(schema)) {
            if let Some(value) = &heir.value {
                branches.add(value, heir.place.clone());
            }
            branches.add(&heir.name, heir.place.clone());
        }
    }
    // The holder may be named, too, but as the last: the others say more.
    for own in extensions.iter().filter(|own| is_inherited && own.place == place) {
        branches.add(&own.name, own.place.clone());
    }
    let default = told.get("defaultMapping").and_then(Value::as_str).map(|target| branches.target(target));
    if let Some(target) = &default {
        branches.add(&target.pointer.last().unwrap_or_default(), target.clone());
    }
    let default = default.and_then(|target| branches.found.iter().position(|branch| branch.place == target));
    let branches = branches.named();
    Some(Discriminator { property, branches, default, is_inherited, place })
}

/// The branches of one discriminator while they are found.
struct Branches<'a> {
    file: &'a Arc<str>,
    property: &'a str,
    files: Files<'a>,
    found: Vec<Branch>,
}

impl Branches<'_> {
    /// What a value of `mapping` leads to: a named schema, or any other place.
    fn target(&self, target: &str) -> Location {
        let root = self.files.0.get(&**self.file);
        let mut named = NAMED.into_iter().map(|folder| Pointer::from_escaped(folder).join(target));
        let named = named.find(|named| root.is_some_and(|root| root.pointer(named.as_str()).is_some()));
        named.map_or_else(
            || document::target(self.file, target),
            |pointer| Location { file: Arc::clone(self.file), pointer },
        )
    }

    fn add(&mut self, name: &str, place: Location) {
        if let Some(known) = self.found.iter_mut().find(|branch| branch.place == place) {
            if !known.names.iter().any(|other| other == name) {
                known.names.push(name.to_owned());
            }
            return;
        }
        let uri = format!("{}#{}", place.file, place.pointer.fragment());
        let Some(at) = self.files.at(&uri) else { return };
        let lineage = lineage(at, self.files);
        self.found.push(Branch { names: vec![name.to_owned()], place, lineage });
    }

    /// The branches, each under names that it allows: a document that names none of them lists them in the branch.
    fn named(self) -> Vec<Branch> {
        let Self { property, files, mut found, .. } = self;
        for branch in &mut found {
            let uri = format!("{}#{}", branch.place.file, branch.place.pointer.fragment());
            let allowed = files.at(&uri).and_then(|at| listed(at, property, files)).unwrap_or_default();
            if !allowed.is_empty() && !branch.names.iter().any(|name| allowed.contains(name)) {
                branch.names = allowed;
            }
        }
        found
    }
}

/// The texts that a property of a schema is limited to, by a list or a constant; `None` where it is not.
fn listed(at: Place<'_>, property: &str, files: Files<'_>) -> Option<Vec<String>> {
    let own = below(&spread(&[at], files, Reach::Certain), |schema| schema.get("properties")?.get(property));
    let lists = spread(&own, files, Reach::Certain).into_iter().filter_map(|place| {
        let values = match (place.schema.get("const"), place.schema.get("enum")) {
            (Some(value), _) => std::slice::from_ref(value),
            (None, list) => list?.as_array()?,
        };
        Some(values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect::<Vec<_>>())
    });
    lists.reduce(|all, more| all.into_iter().filter(|name| more.contains(name)).collect())
}
