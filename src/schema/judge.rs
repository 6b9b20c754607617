//! A place in a library → what judges the values of the schema that stands there.
//!
//! Schemas refer to each other, in large documents each to all others, and a validator holds everything that it was made
//! of. So a judge is made of what applies to the value itself, and leaves what is inside the value to the judges of the
//! schemas that are referred to there: each schema is compiled once, when a value first reaches it. Where a document names
//! schemas by identifiers or dynamic anchors, which mean something only in their surroundings, a judge is made of all.
//! Read [`Judge::errors`] first.

use std::{
    collections::HashSet,
    sync::{Arc, OnceLock, Weak},
};

use indexmap::IndexMap;
use jsonschema::{
    Draft, Keyword, Registry, ValidationError, ValidationOptions, Validator, canonical::CanonicalSchema,
    error::ValidationErrorKind, paths::Location,
};
use serde_json::{Map, Value, json};

use super::{Error, Library, deep, is_base64, standard::cause, written::Files};
use crate::{
    document,
    finding::{Place, Pointer},
};

/// Stands for a reference of which somebody else judges.
const ELSEWHERE: &str = "x-standin-elsewhere";

/// What tells people of a schema and says nothing of values.
const TOLD: [&str; 5] = ["title", "description", "default", "example", "examples"];

/// What judges the values of a schema, shared by all that refer to it.
#[derive(Debug)]
pub(super) struct Judge {
    pub(super) place: Place,
    library: Weak<Library>,
    validator: OnceLock<Result<Validator, Error>>,
    /// What says only whether a value is valid: it leaves more to others, of whose errors it could not tell the cause.
    quick: OnceLock<Result<Validator, Error>>,
    canonical: OnceLock<Option<CanonicalSchema>>,
}

/// What a validator is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// Whether a value is valid.
    Whether,
    /// Why it is not, in which branch.
    Why,
}

/// Which errors are told.
#[derive(Debug, Clone, Copy)]
pub(super) enum Told<'f> {
    /// Those of the schema.
    Errors,
    /// Of `oneOf` and `anyOf` those of the branch that was meant.
    Meant(Files<'f>),
}

impl Told<'_> {
    fn of<'e, 'v>(self, error: &'e ValidationError<'v>) -> Vec<&'e ValidationError<'v>> {
        match self {
            Self::Errors => vec![error],
            Self::Meant(files) => cause::leaves(error, files),
        }
    }
}

/// An error, and where in the value it was asked for.
#[derive(Debug)]
pub(super) struct Broken<'e, 'v> {
    below: &'e Pointer,
    pub(super) error: &'e ValidationError<'v>,
}

impl Broken<'_, '_> {
    /// The place in the value that was asked for.
    pub(super) fn at(&self) -> Pointer {
        self.below.append(&Pointer::from_escaped(self.error.instance_path().as_str()))
    }
}

impl Judge {
    pub(super) fn new(place: Place, library: Weak<Library>) -> Self {
        let (validator, quick) = (OnceLock::new(), OnceLock::new());
        Self { place, library, validator, quick, canonical: OnceLock::new() }
    }

    /// The validator, compiled when it is first asked for; `None` where it refuses the schema, which then judges nothing.
    /// What is known to be refused is left out when the document is read.
    fn validator(&self) -> Option<&Validator> {
        self.validator.get_or_init(|| self.compiled(Asked::Why)).as_ref().ok()
    }

    fn compiled(&self, asked: Asked) -> Result<Validator, Error> {
        let library = self.library.upgrade().ok_or_else(|| Error::Library("it is gone".to_owned()))?;
        compile(&library, &self.place, asked)
    }

    pub(super) fn is_valid(&self, value: &Value) -> bool {
        let quick = self.quick.get_or_init(|| self.compiled(Asked::Whether)).as_ref();
        quick.ok().is_none_or(|validator| validator.is_valid(value))
    }

    /// What `tell` makes of every error of a value, those inside it as the judges there tell them.
    pub(super) fn errors<T>(
        &self,
        value: &Value,
        told: Told<'_>,
        mut tell: impl FnMut(&Broken<'_, '_>) -> T,
    ) -> Vec<T> {
        let mut all = Vec::new();
        self.visit(value, &Pointer::root(), told, &mut |broken| all.push(tell(broken)));
        all
    }

    fn visit(&self, value: &Value, below: &Pointer, told: Told<'_>, tell: &mut dyn FnMut(&Broken<'_, '_>)) {
        for error in self.validator().into_iter().flat_map(|validator| validator.iter_errors(value)) {
            for error in told.of(&error) {
                let inside = elsewhere(error).and_then(|place| {
                    let at = error.instance_path();
                    let below = below.append(&Pointer::from_escaped(at.as_str()));
                    Some((self.library.upgrade()?.judge(place), value.pointer(at.as_str())?, below))
                });
                match inside {
                    Some((judge, value, below)) => judge.visit(value, &below, told, tell),
                    None => tell(&Broken { below, error }),
                }
            }
        }
    }

    /// The set of values that satisfy the schema, in normal form; `None` where it cannot be brought to that form.
    pub(super) fn canonical(&self) -> Option<&CanonicalSchema> {
        let canonicalize = || self.library.upgrade()?.canonical(&json!({ "$ref": address(&self.place) }));
        self.canonical.get_or_init(canonicalize).as_ref()
    }
}

fn address(place: &Place) -> String {
    format!("{}#{}", place.file, place.pointer.fragment())
}

/// The place whose judge has refused a part of the value.
fn elsewhere(error: &ValidationError<'_>) -> Option<Place> {
    let ValidationErrorKind::Custom { keyword, message } = error.kind() else { return None };
    (keyword == ELSEWHERE).then(|| document::target(&"".into(), message))
}

fn options<'r>(registry: &'r Registry<'static>) -> ValidationOptions<'r> {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .with_registry(registry)
        .with_base_uri("standin:schema")
        .should_validate_formats(true)
        .with_format("byte", is_base64)
}

fn compile(library: &Arc<Library>, place: &Place, asked: Asked) -> Result<Validator, Error> {
    let schema = json!({ "$ref": address(place) });
    let failed = |error: ValidationError<'_>| Error::Schema {
        pointer: Pointer::from_escaped(error.instance_path().as_str()),
        message: error.to_string(),
    };
    if library.is_named() {
        let registry = library.registry().ok_or_else(|| Error::Library("it has no index".to_owned()))?;
        return deep(|| options(registry).build(&schema)).map_err(failed);
    }
    let registry = Registry::new()
        .draft(Draft::Draft202012)
        .extend(Surroundings::of(library, place, asked))
        .and_then(jsonschema::RegistryBuilder::prepare)
        .map_err(|error| Error::Library(error.to_string()))?;
    deep(|| {
        options(&registry).with_keyword(ELSEWHERE, elsewhere_asked(Arc::downgrade(library))).build(&schema)
    })
    .map_err(failed)
}

/// Makes the keyword that asks another judge.
fn elsewhere_asked(
    library: Weak<Library>,
) -> impl for<'a> Fn(&'a Map<String, Value>, &'a Value, Location) -> Made<'a> + Send + Sync {
    move |_, value, _| {
        let address = value.as_str().unwrap_or_default();
        let judge = library.upgrade().map(|library| library.judge(document::target(&"".into(), address)));
        let judge = judge.map_or_else(Weak::new, |judge| Arc::downgrade(&judge));
        Ok(Box::new(Elsewhere { judge, address: address.into() }))
    }
}

type Made<'a> = Result<Box<dyn for<'i> Keyword<'i>>, ValidationError<'a>>;

/// Asks another judge.
struct Elsewhere {
    /// It lives as long as the library.
    judge: Weak<Judge>,
    address: Box<str>,
}

impl<'i> Keyword<'i> for Elsewhere {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.is_valid(instance) { Ok(()) } else { Err(ValidationError::custom(&*self.address)) }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        self.judge.upgrade().is_none_or(|judge| judge.is_valid(instance))
    }
}

/// What of a library applies to one value: the schema at a place and those that apply in place with it, each where it
/// stands in its file, so that places stay what they are; and of all else nothing.
struct Surroundings {
    asked: Asked,
    found: Vec<(Place, Value)>,
    seen: HashSet<Place>,
    pending: Vec<Place>,
}

/// Of which value a schema judges.
#[derive(Clone, Copy)]
enum Of {
    /// The whole.
    Whole,
    /// One inside it; whether a schema around it wants to know what has been seen of that one.
    Part { is_told: bool },
}

impl Surroundings {
    fn of(library: &Library, place: &Place, asked: Asked) -> IndexMap<String, Value> {
        let (found, seen, pending) = (Vec::new(), HashSet::new(), vec![place.clone()]);
        let mut gathering = Self { asked, found, seen, pending };
        while let Some(place) = gathering.pending.pop() {
            let node =
                library.node(&place.file, &place.pointer).filter(|_| gathering.seen.insert(place.clone()));
            if let Some(node) = node {
                let part = gathering.in_place(node, &place.file, Of::Whole);
                gathering.found.push((place, part));
            }
        }
        // What stands in another part is put into it.
        gathering.found.sort_by_key(|(place, _)| place.pointer.as_str().len());
        let mut files: IndexMap<String, Value> = IndexMap::new();
        for (Place { file, pointer }, part) in gathering.found {
            let root = files.entry(file.to_string()).or_insert(Value::Null);
            if let Some(whole) = library.node(&file, &Pointer::root()) {
                *slot(root, whole, &pointer) = part;
            }
        }
        files
    }

    /// A schema without what judges nothing, and with the references to what is inside its values left to others.
    fn in_place(&mut self, schema: &Value, file: &Arc<str>, of: Of) -> Value {
        let Value::Object(members) = schema else { return schema.clone() };
        let of = match of {
            Of::Part { is_told: false } if listens(schema) => Of::Part { is_told: true },
            of => of,
        };
        let mut kept = Map::new();
        for (keyword, member) in members {
            if TOLD.contains(&keyword.as_str()) || keyword.starts_with("x-") {
                continue;
            }
            let member = match (keyword.as_str(), member) {
                // Whether a branch is satisfied, another judge knows as well; in large documents each schema leads by branches
                // to all others.
                ("$ref", Value::String(reference))
                    if self.asked == Asked::Whether && matches!(of, Of::Part { is_told: false }) =>
                {
                    let address = address(&document::target(file, reference));
                    kept.insert(ELSEWHERE.to_owned(), address.into());
                    continue;
                }
                ("$ref", Value::String(reference)) => {
                    self.pending.push(document::target(file, reference));
                    member.clone()
                }
                // They apply where something refers to them.
                ("$defs" | "definitions", _) => continue,
                ("properties" | "patternProperties", Value::Object(members)) => {
                    members.iter().map(|(name, schema)| (name.clone(), self.inside(schema, file))).collect()
                }
                ("prefixItems" | "items", Value::Array(schemas)) => {
                    schemas.iter().map(|schema| self.inside(schema, file)).collect()
                }
                (
                    "items"
                    | "contains"
                    | "additionalProperties"
                    | "unevaluatedProperties"
                    | "unevaluatedItems",
                    schema,
                ) => self.inside(schema, file),
                ("allOf" | "anyOf" | "oneOf", Value::Array(schemas)) => {
                    schemas.iter().map(|schema| self.in_place(schema, file, of)).collect()
                }
                ("dependentSchemas" | "dependencies", Value::Object(schemas)) => schemas
                    .iter()
                    .map(|(name, schema)| (name.clone(), self.in_place(schema, file, of)))
                    .collect(),
                ("not" | "if" | "then" | "else" | "propertyNames", schema) => self.in_place(schema, file, of),
                _ => member.clone(),
            };
            kept.insert(keyword.clone(), member);
        }
        Value::Object(kept)
    }

    /// The schema of what is inside a value. A reference is left to another judge, but where it tells its neighbours what
    /// it has seen (JSON Schema 2020-12, section 11).
    fn inside(&mut self, schema: &Value, file: &Arc<str>) -> Value {
        let reference = schema.get("$ref").and_then(Value::as_str);
        let of = Of::Part { is_told: false };
        let (Some(reference), Value::Object(members), false) = (reference, schema, listens(schema)) else {
            return self.in_place(schema, file, of);
        };
        let beside: Map<String, Value> = members
            .iter()
            .filter(|(keyword, _)| *keyword != "$ref")
            .map(|(keyword, member)| (keyword.clone(), member.clone()))
            .collect();
        let mut kept = self.in_place(&Value::Object(beside), file, of);
        kept[ELSEWHERE] = address(&document::target(file, reference)).into();
        kept
    }
}

/// Whether a schema wants to know what others have seen of the same value.
fn listens(schema: &Value) -> bool {
    ["unevaluatedProperties", "unevaluatedItems"].iter().any(|name| schema.get(name).is_some())
}

/// The place in `root` that a pointer names in `whole`, with lists and objects on the way as they are there.
fn slot<'v>(root: &'v mut Value, whole: &Value, pointer: &Pointer) -> &'v mut Value {
    let (mut at, mut like) = (root, Some(whole));
    for token in pointer.tokens() {
        let index = token.parse::<usize>().ok().filter(|_| like.is_some_and(Value::is_array));
        like = like.and_then(|like| index.map_or_else(|| like.get(&token), |index| like.get(index)));
        at = if let Some(index) = index {
            if !at.is_array() {
                *at = Value::Array(Vec::new());
            }
            let items = at.as_array_mut().expect("it is made a list above");
            if items.len() <= index {
                items.resize(index + 1, Value::Null);
            }
            &mut items[index]
        } else {
            if !at.is_object() {
                *at = Value::Object(Map::new());
            }
            &mut at[token.as_str()]
        };
    }
    at
}
