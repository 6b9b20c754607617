//! What the author of a schema wrote about a value: annotations, names, types, seen through `$ref` and what applies in place.
//!
//! The validator tells whether a value is right; [`Written`] tells what a value is likely to be before there is one: of
//! which types, with which properties. It is what texts are decoded by, and what made-up values take their looks from.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::types::Types;
use crate::{document, finding::Pointer};

/// How many written schemas one value is looked up in, at most.
const WIDEST: usize = 48;

/// A schema as written: the file it stands in, and the schema.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) file: &'a str,
    pub(super) schema: &'a Value,
}

/// Which of the keywords that apply in place are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Those that always apply.
    Certain,
    /// Those that may apply, too.
    Possible,
}

/// What is written about one value.
///
/// ```
/// use std::sync::Arc;
/// use serde_json::json;
/// use standin::{finding::Pointer, schema::{Library, Types}};
///
/// let file = json!({
///     "Id": {"type": "integer"},
///     "Pet": {"allOf": [{"properties": {"id": {"$ref": "#/Id"}}}, {"type": "object"}]},
/// });
/// let library = Library::new([("standin:pets".to_owned(), Arc::new(file))].into_iter().collect())?;
/// let pet = library.compile("standin:pets", &Pointer::root().join("Pet"))?;
///
/// assert_eq!(pet.about().types(), Types::OBJECT);
/// assert_eq!(pet.about().property("id").types(), Types::INTEGER);
/// # Ok::<(), standin::schema::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Written<'a> {
    files: Files<'a>,
    /// The schemas that stand here; all of them apply.
    places: Vec<Place<'a>>,
}

/// How many references and branches are followed to tell a type.
const DEEP: u32 = 12;

impl<'a> Written<'a> {
    pub(super) fn new(files: Files<'a>, place: Place<'a>) -> Self {
        Self { files, places: vec![place] }
    }

    /// The types that the value may have, as far as `type`, `const` and `enum` tell; all where nothing tells.
    pub fn types(&self) -> Types {
        self.places.iter().fold(Types::ALL, |types, place| types.and(types_of(*place, self.files, DEEP)))
    }

    /// The value of a keyword: of the schema itself, else of one that always applies with it, else of one that may.
    pub fn keyword(&self, name: &str) -> Option<&'a Value> {
        let certain = spread(&self.places, self.files, Reach::Certain);
        let found = certain.iter().find_map(|place| place.schema.get(name));
        found.or_else(|| self.possible().iter().find_map(|place| place.schema.get(name)))
    }

    /// The value of a keyword of the schema itself, or of one that always applies with it.
    pub fn certain(&self, name: &str) -> Option<&'a Value> {
        spread(&self.places, self.files, Reach::Certain).iter().find_map(|place| place.schema.get(name))
    }

    /// What is written about the value in each of the schemas of `oneOf` and `anyOf`.
    pub fn branches(&self) -> Vec<Self> {
        let mut branches = Vec::new();
        for place in spread(&self.places, self.files, Reach::Certain) {
            let lists =
                ["oneOf", "anyOf"].into_iter().filter_map(|keyword| place.schema.get(keyword)?.as_array());
            branches.extend(lists.flatten().map(|schema| Self::new(self.files, Place { schema, ..place })));
        }
        branches
    }

    /// The names of the properties that the schema speaks of, in the order in which they are written.
    pub fn names(&self) -> Vec<&'a str> {
        let mut names: Vec<&str> = Vec::new();
        for place in self.possible() {
            let properties = place.schema.get("properties").and_then(Value::as_object);
            for name in properties.into_iter().flat_map(Map::keys) {
                if !names.contains(&name.as_str()) {
                    names.push(name);
                }
            }
        }
        names
    }

    /// Whether the schema says that there may be properties that it does not name.
    pub fn is_open(&self) -> bool {
        let says = |schema: &Value| {
            let rest = ["additionalProperties", "unevaluatedProperties"];
            let allows = |keyword: &&str| schema.get(keyword).is_some_and(|rest| rest != &Value::Bool(false));
            rest.iter().any(allows) || schema.get("patternProperties").is_some()
        };
        self.possible().iter().any(|place| says(place.schema))
    }

    /// What is written about the property `name`; where no `properties` has it, what is written about all others.
    #[must_use]
    pub fn property(&self, name: &str) -> Self {
        let places = self.possible();
        let named = below(&places, |schema| schema.get("properties")?.get(name));
        let found = if named.is_empty() {
            below(&places, |schema| schema.get("additionalProperties"))
        } else {
            named
        };
        Self { files: self.files, places: found }
    }

    /// What is written about the item at `index`.
    #[must_use]
    pub fn item(&self, index: usize) -> Self {
        let found = below(&self.possible(), |schema| {
            let prefix = schema.get("prefixItems").and_then(|prefix| prefix.get(index));
            prefix.or_else(|| schema.get("items"))
        });
        Self { files: self.files, places: found }
    }

    /// The name under which the schema was referred to: the last token of its `$ref`, such as `Pet`.
    pub fn reference_name(&self) -> Option<String> {
        let reference = self.places.iter().find_map(|place| place.schema.get("$ref")?.as_str())?;
        Some(last_token(reference))
    }

    /// The schemas that hold of the value whatever else does, nearest first.
    pub(super) fn rules(&self) -> Vec<Place<'a>> {
        spread(&self.places, self.files, Reach::Certain)
    }

    fn possible(&self) -> Vec<Place<'a>> {
        spread(&self.places, self.files, Reach::Possible)
    }
}

fn types_of(place: Place<'_>, files: Files<'_>, depth: u32) -> Types {
    let Some(schema) = place.schema.as_object().filter(|_| depth > 0) else {
        return if place.schema == &Value::Bool(false) { Types::NONE } else { Types::ALL };
    };
    let mut types = own_types(schema);
    let inner = |schema| types_of(Place { schema, ..place }, files, depth - 1);
    let reference = schema.get("$ref").and_then(Value::as_str);
    if let Some(target) = reference.and_then(|reference| files.follow(place.file, reference)) {
        types = types.and(types_of(target, files, depth - 1));
    }
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        types = types.and(inner(part));
    }
    for keyword in ["anyOf", "oneOf"] {
        if let Some(branches) = schema.get(keyword).and_then(Value::as_array) {
            types = types.and(branches.iter().fold(Types::NONE, |types, branch| types.or(inner(branch))));
        }
    }
    types
}

fn own_types(schema: &Map<String, Value>) -> Types {
    let named = Types::written(schema.get("type"));
    let listed =
        |values: &[Value]| values.iter().fold(Types::NONE, |types, value| types.or(Types::of(value)));
    let values = match (schema.get("const"), schema.get("enum")) {
        (Some(value), _) => listed(std::slice::from_ref(value)),
        (None, Some(Value::Array(values))) => listed(values),
        _ => Types::ALL,
    };
    named.and(values)
}

/// The last token of the pointer that a reference ends in.
pub(super) fn last_token(reference: &str) -> String {
    let start = reference.rfind(['/', '#']).map_or(0, |slash| slash + 1);
    reference[start..].to_owned()
}

pub(super) fn below<'a>(
    places: &[Place<'a>],
    step: impl Fn(&'a Value) -> Option<&'a Value>,
) -> Vec<Place<'a>> {
    let found = places.iter().filter_map(|place| {
        let schema = step(place.schema)?;
        Some(Place { file: place.file, schema })
    });
    found.filter(|place| place.schema.is_object()).collect()
}

/// The schemas at `places` and those that apply in place with them, nearest first, each once.
pub(super) fn spread<'a>(places: &[Place<'a>], files: Files<'a>, reach: Reach) -> Vec<Place<'a>> {
    let mut found = Vec::new();
    for place in places {
        visit(*place, files, reach, &mut found);
    }
    found
}

fn visit<'a>(place: Place<'a>, files: Files<'a>, reach: Reach, found: &mut Vec<Place<'a>>) {
    let known = found.iter().any(|other| std::ptr::eq(other.schema, place.schema));
    if known || found.len() >= WIDEST || !place.schema.is_object() {
        return;
    }
    found.push(place);
    let reference = place.schema.get("$ref").and_then(Value::as_str);
    if let Some(target) = reference.and_then(|reference| files.follow(place.file, reference)) {
        visit(target, files, reach, found);
    }
    let followed: &[&str] = match reach {
        Reach::Certain => &["allOf"],
        Reach::Possible => &["allOf", "anyOf", "oneOf", "then", "else", "if"],
    };
    for keyword in followed {
        let schemas = match place.schema.get(keyword) {
            Some(Value::Array(schemas)) => schemas.as_slice(),
            Some(schema) => std::slice::from_ref(schema),
            None => &[],
        };
        for schema in schemas {
            visit(Place { schema, ..place }, files, reach, found);
        }
    }
}

/// The files that references lead into.
#[derive(Debug, Clone, Copy)]
pub(super) struct Files<'a>(pub(super) &'a IndexMap<String, Arc<Value>>);

impl<'a> Files<'a> {
    /// What stands at a URI with a fragment, which may be a pointer or an anchor.
    pub(super) fn at(self, uri: &str) -> Option<Place<'a>> {
        let (file, fragment) = uri.split_once('#').unwrap_or((uri, ""));
        self.within(file, fragment)
    }

    fn within(self, file: &str, fragment: &str) -> Option<Place<'a>> {
        let (file, root) = self.0.get_key_value(file)?;
        let fragment = percent_encoding::percent_decode_str(fragment).decode_utf8().ok()?;
        let schema = if fragment.is_empty() || fragment.starts_with('/') {
            root.pointer(Pointer::from_escaped(fragment).as_str())?
        } else {
            root.pointer(document::anchored(root, &fragment)?.as_str())?
        };
        Some(Place { file, schema })
    }

    /// What a reference written in `file` leads to.
    pub(super) fn follow(self, file: &str, reference: &str) -> Option<Place<'a>> {
        let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        if path.is_empty() {
            return self.within(file, fragment);
        }
        self.at(&format!("{}#{fragment}", document::join(file, path)))
    }
}
