//! JSON Schema alone: compile, validate, generate, repair. Of `OpenAPI` it knows what stands in schemas; no HTTP.
//!
//! A [`Library`] holds the files that schemas stand in; [`Library::compile`] turns a place in one of them into a
//! [`Schema`], a small immutable handle that judges values ([`Schema::violations`]), makes them
//! ([`Schema::generate`]) and mends them ([`Schema::repair`]). Truth comes from the `jsonschema` crate: its validator, and
//! its canonical form, which drops annotations. Likeness (names, formats, examples) comes from the schema as written.
//! Read [`Library`] first.

mod dice;
mod generate;
mod judge;
mod standard;
mod types;
mod written;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use indexmap::IndexMap;
use jsonschema::{
    Draft, Registry, ValidationError,
    canonical::{CanonicalSchema, Satisfiability},
};
use serde_json::Value;

pub use self::{
    dice::{Dice, Temper},
    standard::{Cause, Fault, Standard},
    types::Types,
    written::Written,
};
use self::{
    generate::Discriminators,
    judge::{Broken, Judge, Told},
    written::{Files, Place as At},
};
use crate::{
    document,
    finding::{Place, Pointer},
};

/// The files that schemas stand in, by URI, ready to resolve references between them.
#[derive(Debug)]
pub struct Library {
    files: IndexMap<String, Arc<Value>>,
    /// All files, indexed when something needs all of them; `None` where they cannot be.
    registry: OnceLock<Option<Registry<'static>>>,
    naming: Naming,
    discriminators: OnceLock<Discriminators>,
    /// What has been asked for, by the place that references end in: a schema that many refer to is compiled once.
    judges: Mutex<HashMap<Place, Arc<Judge>>>,
}

/// How references name schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    /// By the files' URIs and places in them.
    Places,
    /// By identifiers or anchors, or in another dialect: what they mean depends on what is around them.
    Identifiers,
}

/// Why a schema cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file's URI is not one, or its identifiers clash.
    #[error("index the schemas of the document: {0}")]
    Library(String),
    /// The validator refuses the schema: `pointer` is where in it, as far as it tells.
    #[error("compile the schema: {message}")]
    Schema {
        /// Where in the schema's file, or in the wrapper that names it.
        pointer: Pointer,
        /// The validator's words.
        message: String,
    },
}

impl Library {
    /// Indexes `files`, each under its URI; references between them resolve, all others do not: nothing is fetched.
    ///
    /// # Errors
    /// [`Error::Library`] where a URI does not parse or two resources claim one identifier.
    pub fn new(files: IndexMap<String, Arc<Value>>) -> Result<Arc<Self>, Error> {
        let naming =
            if files.values().any(|file| is_named(file)) { Naming::Identifiers } else { Naming::Places };
        let library = Self::indexed_later(files, naming);
        if naming == Naming::Identifiers {
            let registry = library.index().map_err(|error| Error::Library(error.to_string()))?;
            library.registry.get_or_init(|| Some(registry));
        }
        Ok(Arc::new(library))
    }

    fn indexed_later(files: IndexMap<String, Arc<Value>>, naming: Naming) -> Self {
        Self {
            files,
            registry: OnceLock::new(),
            naming,
            discriminators: OnceLock::new(),
            judges: Mutex::default(),
        }
    }

    fn index(&self) -> Result<Registry<'static>, jsonschema::ReferencingError> {
        Registry::new()
            .draft(Draft::Draft202012)
            .extend(self.files.iter().map(|(uri, file)| (uri, Value::clone(file))))
            .and_then(jsonschema::RegistryBuilder::prepare)
    }

    /// All files, ready to resolve references between them.
    fn registry(&self) -> Option<&Registry<'static>> {
        self.registry.get_or_init(|| self.index().ok()).as_ref()
    }

    /// Whether references may name schemas otherwise than by place.
    fn is_named(&self) -> bool {
        self.naming == Naming::Identifiers
    }

    /// The schema that stands at `pointer` in the file `uri`. It is compiled when it is first asked to judge: a document
    /// has many more schemas than one client needs.
    ///
    /// # Errors
    /// [`Error::Schema`] where nothing stands there.
    pub fn compile(self: &Arc<Self>, uri: &str, pointer: &Pointer) -> Result<Schema, Error> {
        if self.node(uri, pointer).is_none() {
            let message = format!("nothing stands at `{pointer}`");
            return Err(Error::Schema { pointer: pointer.clone(), message });
        }
        Ok(Schema(Arc::new(Compiled {
            library: Arc::clone(self),
            uri: uri.to_owned(),
            pointer: pointer.clone(),
            judge: self.judge(Place { file: uri.into(), pointer: pointer.clone() }),
            properties: OnceLock::new(),
        })))
    }

    /// What judges by the schema at a place, through as many references as it takes.
    fn judge(self: &Arc<Self>, place: Place) -> Arc<Judge> {
        let is_reference = |value: &Value| value.as_object().is_some_and(|members| members.len() == 1);
        let node = self.node(&place.file, &place.pointer).filter(|node| is_reference(node));
        let end = node.and_then(|_| self.followed(&place.file, &place.pointer));
        let place = end.map_or(place, |(end, _)| end);
        // A panic elsewhere leaves the map as it was before or after one entry.
        let mut judges = self.judges.lock().unwrap_or_else(PoisonError::into_inner);
        let held = judges.entry(place.clone());
        Arc::clone(held.or_insert_with(|| Arc::new(Judge::new(place, Arc::downgrade(self)))))
    }

    /// Whether a value satisfies the schema at a place.
    fn accepts(self: &Arc<Self>, place: &Place, value: &Value) -> bool {
        self.judge(place.clone()).is_valid(value)
    }

    /// Whether it is proved that nothing satisfies `schema`, whose references are relative to the file `uri`.
    pub fn is_unsatisfiable(&self, uri: &str, schema: &Value) -> bool {
        self.canonical(&absolute(schema, &uri.into()))
            .is_some_and(|canonical| canonical.satisfiability() == Satisfiability::No)
    }

    /// A schema whose references are absolute in normal form; `None` where it cannot be brought to that form.
    fn canonical(&self, schema: &Value) -> Option<CanonicalSchema> {
        let registry = self.registry()?;
        let canonicalize = || {
            jsonschema::canonical::options()
                .with_draft(Draft::Draft202012)
                .with_registry(registry)
                .with_base_uri("standin:schema")
                .should_validate_formats(true)
                .canonicalize(schema)
        };
        deep(canonicalize).ok()
    }

    /// What stands at a place, through as many `$ref`s as it takes, and where that is.
    fn followed(&self, uri: &str, pointer: &Pointer) -> Option<(Place, &Value)> {
        let mut at = Place { file: uri.into(), pointer: pointer.clone() };
        // A chain longer than sixteen is one that leads back to itself, which the document's check has told.
        for _ in 0..16 {
            let value = self.node(&at.file, &at.pointer)?;
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return Some((at, value)) };
            at = document::target(&at.file, reference);
        }
        None
    }

    /// What the discriminators in all files say; found when first asked for.
    fn discriminators(&self) -> &Discriminators {
        self.discriminators.get_or_init(|| Discriminators::of(Files(&self.files)))
    }

    /// The node at `pointer` of the file `uri`, as written.
    pub fn node(&self, uri: &str, pointer: &Pointer) -> Option<&Value> {
        pointer.within(self.files.get(uri)?)
    }
}

/// Does what goes as deep as schemas refer to each other on a stack of its own: a document decides how deep that is, and no
/// thread of a server has room for all. What is not used of the stack takes no memory.
fn deep<T>(work: impl FnOnce() -> T) -> T {
    const NEEDED: usize = 16 * 1024 * 1024;
    const ROOM: usize = 512 * 1024 * 1024;
    stacker::maybe_grow(NEEDED, ROOM, work)
}

/// The schema with its references written out in full, so that it means the same wherever it stands.
fn absolute(schema: &Value, file: &Arc<str>) -> Value {
    match schema {
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                let value = match (name.as_str(), value.as_str()) {
                    ("$ref", Some(reference)) => {
                        let target = document::target(file, reference);
                        format!("{}#{}", target.file, target.pointer.fragment()).into()
                    }
                    _ => absolute(value, file),
                };
                (name.clone(), value)
            };
            Value::Object(members.iter().map(member).collect())
        }
        Value::Array(items) => items.iter().map(|item| absolute(item, file)).collect(),
        _ => schema.clone(),
    }
}

/// Whether something in a file names schemas by identifiers, or chooses another dialect.
fn is_named(file: &Value) -> bool {
    const NAMING: [&str; 7] =
        ["$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveAnchor", "$recursiveRef", "$schema"];
    match file {
        Value::Object(members) => {
            members.iter().any(|(key, member)| NAMING.contains(&key.as_str()) || is_named(member))
        }
        Value::Array(items) => items.iter().any(is_named),
        _ => false,
    }
}

/// Whether a text is of the format `byte`, which JSON Schema has not (`OpenAPI` Format Registry; RFC 4648, section 4).
fn is_base64(text: &str) -> bool {
    STANDARD.decode(text).is_ok()
}

/// A compiled schema: a small handle, cheap to clone, safe to share.
///
/// ```
/// use std::sync::Arc;
/// use serde_json::json;
/// use standin::{finding::Pointer, schema::{Dice, Library}};
///
/// let file = json!({"Pet": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}});
/// let library = Library::new([("standin:pets".to_owned(), Arc::new(file))].into_iter().collect())?;
/// let pet = library.compile("standin:pets", &Pointer::root().join("Pet"))?;
///
/// assert!(pet.is_valid(&json!({"name": "Rex"})));
/// assert_eq!(pet.violations(&json!({}))[0].keyword, "required");
/// assert!(pet.is_valid(&pet.generate(&mut Dice::seeded(1)).expect("some value satisfies it")));
/// # Ok::<(), standin::schema::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Schema(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    library: Arc<Library>,
    uri: String,
    pointer: Pointer,
    judge: Arc<Judge>,
    properties: OnceLock<IndexMap<String, Schema>>,
}

/// One way in which a value breaks its schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    /// The keyword that is broken, such as `required`.
    pub keyword: String,
    /// Where in the value.
    pub instance: Pointer,
    /// The file and the pointer of the broken keyword.
    pub schema: (String, Pointer),
    /// The property that is absent, where that is what is wrong.
    pub missing: Option<String>,
    /// What the keyword says, as written; null where its place is not known.
    pub rule: Value,
    /// What is wrong, in words.
    pub message: String,
}

impl Violation {
    /// What would be right, in words.
    pub fn expected(&self) -> String {
        let rule = &self.rule;
        match (self.keyword.as_str(), rule) {
            ("type", rule) => format!("expected the type {}", listed(rule)),
            ("enum", rule) => format!("expected one of {}", listed(rule)),
            ("const", rule) => format!("expected {rule}"),
            ("format", Value::String(format)) => format!("expected the format `{format}`"),
            ("pattern", Value::String(pattern)) => format!("expected a text that matches `{pattern}`"),
            ("contentMediaType", rule) => format!("expected content of {}", listed(rule)),
            ("header", rule) => format!("expected the header field {}", listed(rule)),
            ("required", Value::Null) => match &self.missing {
                Some(name) => format!("expected the property `{name}`"),
                None => "expected more properties".to_owned(),
            },
            ("required", rule) => format!("expected the properties {}", listed(rule)),
            ("additionalProperties" | "unevaluatedProperties", Value::Bool(false)) => {
                "expected no property that the schema does not name".to_owned()
            }
            ("falseSchema", _) => "expected nothing at this place".to_owned(),
            (keyword, Value::Number(bound)) => format!("expected `{keyword}` {bound}"),
            (keyword, _) => format!("expected what `{keyword}` of the schema says"),
        }
    }
}

/// The values of a list, or the one value, as a reader would name them; a long list is cut.
fn listed(rule: &Value) -> String {
    const SHOWN: usize = 12;
    let values = rule.as_array().map_or(std::slice::from_ref(rule), Vec::as_slice);
    let name = |value: &Value| value.as_str().map_or_else(|| value.to_string(), |text| format!("`{text}`"));
    let mut names: Vec<String> = values.iter().take(SHOWN).map(name).collect();
    if values.len() > SHOWN {
        names.push(format!("{} more", values.len() - SHOWN));
    }
    names.join(", ")
}

impl Schema {
    /// Whether `value` satisfies the schema, formats included.
    pub fn is_valid(&self, value: &Value) -> bool {
        self.0.judge.is_valid(value)
    }

    /// Every way in which `value` breaks the schema; empty where it satisfies it.
    pub fn violations(&self, value: &Value) -> Vec<Violation> {
        // Most values are valid, and to say only that takes a fraction of the time.
        if self.is_valid(value) {
            return Vec::new();
        }
        self.0.judge.errors(value, Told::Errors, |broken| self.violation(broken))
    }

    /// As [`Schema::violations`], but of `oneOf` and `anyOf` what is wrong in the branch that was meant.
    pub fn causes(&self, value: &Value) -> Vec<Violation> {
        let files = Files(&self.0.library.files);
        self.0.judge.errors(value, Told::Meant(files), |broken| self.violation(broken))
    }

    /// A value that satisfies the schema, decided by `dice`; `None` where nothing satisfies it, or nothing was found.
    pub fn generate(&self, dice: &mut Dice) -> Option<Value> {
        generate::value(self, dice)
    }

    /// The valid value that is nearest to a broken one, whatever of it is sound kept; `None` where nothing valid is found.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use serde_json::json;
    /// # use standin::{finding::Pointer, schema::{Dice, Library}};
    /// let file = json!({"required": ["id"], "properties": {"id": {"type": "integer"}, "tag": {"type": "string"}}});
    /// let library = Library::new([("standin:pets".to_owned(), Arc::new(file))].into_iter().collect())?;
    /// let pet = library.compile("standin:pets", &Pointer::root())?;
    /// let repaired = pet.repair(&json!({"id": "7", "tag": null, "name": "Rex"}), &mut Dice::smallest());
    /// assert_eq!(repaired, Some(json!({"id": 7, "name": "Rex"})));
    /// # Ok::<(), standin::schema::Error>(())
    /// ```
    pub fn repair(&self, value: &Value, dice: &mut Dice) -> Option<Value> {
        generate::repair(self, value, dice)
    }

    /// A valid `value` with one place of it exchanged for what the schema does not allow there, decided by `dice`, and that
    /// place; `None` where nothing was found that breaks the schema.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use serde_json::json;
    /// # use standin::{finding::Pointer, schema::{Dice, Library}};
    /// let file = json!({"required": ["id"], "properties": {"id": {"type": "integer"}}});
    /// let library = Library::new([("standin:pets".to_owned(), Arc::new(file))].into_iter().collect())?;
    /// let pet = library.compile("standin:pets", &Pointer::root())?;
    /// let (place, broken) = pet.broken(&json!({"id": 7, "name": "Rex"}), &mut Dice::seeded(1)).expect("it can be broken");
    /// assert!(!pet.is_valid(&broken), "{place}: {broken}");
    /// # Ok::<(), standin::schema::Error>(())
    /// ```
    pub fn broken(&self, value: &Value, dice: &mut Dice) -> Option<(Pointer, Value)> {
        generate::broken(self, value, dice)
    }

    /// A valid value that says of the names in `sent`, an object, what that says, wherever it may; the rest is made.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use serde_json::json;
    /// # use standin::{finding::Pointer, schema::{Dice, Library}};
    /// let file = json!({"required": ["id"], "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}});
    /// let library = Library::new([("standin:pets".to_owned(), Arc::new(file))].into_iter().collect())?;
    /// let pet = library.compile("standin:pets", &Pointer::root())?;
    /// let answer = pet.generate_like(&json!({"name": "Rex", "draft": true}), &mut Dice::smallest());
    /// assert_eq!(answer, Some(json!({"id": 1, "name": "Rex"})));
    /// # Ok::<(), standin::schema::Error>(())
    /// ```
    pub fn generate_like(&self, sent: &Value, dice: &mut Dice) -> Option<Value> {
        generate::like(self, sent, dice)
    }

    /// A valid `example` with what `sent`, an object, says of the same names, wherever it stays valid.
    pub fn echoed(&self, example: &Value, sent: &Value) -> Value {
        generate::echoed(self, example, sent)
    }

    /// How a discriminator in a valid `value` misnames what it is: by a name of no branch, or of one that the value does
    /// not satisfy (OAS 3.1, section 4.8.25). It is the first such fault; `None` where there is none.
    pub fn misnames(&self, value: &Value) -> Option<Violation> {
        generate::misnames(self, value)
    }

    /// The set of values that satisfy the schema, in normal form and without annotations; `None` where the schema cannot
    /// be brought to that form.
    pub fn canonical(&self) -> Option<&CanonicalSchema> {
        self.0.judge.canonical()
    }

    /// The schema as written, annotations included; references in it are not followed.
    pub fn written(&self) -> &Value {
        self.0.library.node(&self.0.uri, &self.0.pointer).unwrap_or(&Value::Bool(true))
    }

    /// The schema as written, a `$ref` that is all it says followed.
    pub fn resolved(&self) -> &Value {
        self.0.library.followed(&self.0.uri, &self.0.pointer).map_or(&Value::Bool(true), |(_, value)| value)
    }

    /// What is written about the values of the schema.
    pub fn about(&self) -> Written<'_> {
        Written::new(Files(&self.0.library.files), At { file: &self.0.uri, schema: self.written() })
    }

    /// The schema of the property `name`, where `properties` has it; compiled when the first property is asked for.
    pub fn property(&self, name: &str) -> Option<&Self> {
        self.0.properties.get_or_init(|| self.compile_properties()).get(name)
    }

    fn compile_properties(&self) -> IndexMap<String, Self> {
        let library = &self.0.library;
        let Some((place, value)) = library.followed(&self.0.uri, &self.0.pointer) else {
            return IndexMap::new();
        };
        let at = place.pointer.join("properties");
        let names = value.get("properties").and_then(Value::as_object).into_iter().flat_map(|all| all.keys());
        let compiled =
            names.filter_map(|name| Some((name.clone(), library.compile(&place.file, &at.join(name)).ok()?)));
        compiled.collect()
    }

    /// The schemas that a keyword of it lists, such as those of `oneOf`; none where it has no such keyword.
    pub fn parts(&self, keyword: &str) -> Vec<Self> {
        let Some((place, value)) = self.0.library.followed(&self.0.uri, &self.0.pointer) else {
            return Vec::new();
        };
        let listed = value.get(keyword).and_then(Value::as_array).map_or(0, Vec::len);
        let at = place.pointer.join(keyword);
        (0..listed).filter_map(|number| self.0.library.compile(&place.file, &at.join(number)).ok()).collect()
    }

    /// The schema of all items of a list, where `items` has it.
    pub fn items(&self) -> Option<Self> {
        let (place, _) = self.0.library.followed(&self.0.uri, &self.0.pointer)?;
        self.0.library.compile(&place.file, &place.pointer.join("items")).ok()
    }

    /// Where the schema stands: the URI of its file, and the pointer in it.
    pub fn place(&self) -> (&str, &Pointer) {
        (&self.0.uri, &self.0.pointer)
    }

    /// The files around the schema.
    pub fn library(&self) -> &Arc<Library> {
        &self.0.library
    }

    /// The places of a value that the schema refuses: of an object with properties that must not be there, those.
    fn refused(&self, value: &Value) -> Vec<Pointer> {
        use jsonschema::error::ValidationErrorKind::{AdditionalProperties, UnevaluatedProperties};
        let mut refused = Vec::new();
        self.0.judge.errors(value, Told::Errors, |broken| {
            let at = broken.at();
            match broken.error.kind() {
                AdditionalProperties { unexpected } | UnevaluatedProperties { unexpected } => {
                    refused.extend(unexpected.iter().map(|name| at.join(name)));
                }
                _ => refused.push(at),
            }
        });
        refused
    }

    fn violation(&self, broken: &Broken<'_, '_>) -> Violation {
        let error = broken.error;
        let schema = error
            .absolute_keyword_location()
            .and_then(|uri| {
                let (file, fragment) = uri.as_str().split_once('#')?;
                let pointer = percent_encoding::percent_decode_str(fragment).decode_utf8().ok()?;
                Some((file.to_owned(), Pointer::from_escaped(pointer)))
            })
            .unwrap_or_else(|| (self.0.uri.clone(), self.0.pointer.clone()));
        Violation {
            rule: self.0.library.node(&schema.0, &schema.1).cloned().unwrap_or_default(),
            keyword: error.kind().keyword().to_owned(),
            missing: match error.kind() {
                jsonschema::error::ValidationErrorKind::Required { property } => {
                    property.as_str().map(str::to_owned)
                }
                _ => None,
            },
            instance: broken.at(),
            schema,
            message: message(error),
        }
    }
}

/// The validator's words; a value too long to be read is not repeated in them.
fn message(error: &ValidationError<'_>) -> String {
    const READABLE: usize = 240;
    let full = error.to_string();
    if full.chars().count() <= READABLE {
        return full;
    }
    let masked = error.masked().to_string();
    masked.chars().take(READABLE).collect()
}
