//! A JSON Schema that stands alone, of whichever draft it says, and the causes for which a value breaks it.
//!
//! A validator tells of each keyword that fails, also of those that fail only because another did. [`Standard::causes`]
//! follows `oneOf` and `anyOf` into the branch that was meant and leaves out what follows from something else, so that
//! one slip is one [`Cause`]. The branches are weighed in `cause`.

pub(super) mod cause;

use std::sync::Arc;

use indexmap::IndexMap;
use jsonschema::{Draft, Registry, Validator};
use serde_json::{Value, json};

use super::{Error, Files, Library};
use crate::finding::Pointer;

/// A compiled schema of a standard.
#[derive(Debug)]
pub struct Standard {
    library: Arc<Library>,
    validator: Validator,
}

/// One slip of a value against a [`Standard`].
#[derive(Debug, Clone, PartialEq)]
pub struct Cause {
    /// Where in the value: the property or item that is wrong, or the object that lacks something.
    pub instance: Pointer,
    /// What is wrong there.
    pub fault: Fault,
}

/// What is wrong at one place.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// The property has a name that the object does not know; these it knows.
    Unknown(Vec<String>),
    /// The property has no place beside what the object says otherwise.
    Misplaced,
    /// The object lacks the property, or one of the properties.
    Missing(Vec<String>),
    /// The properties exclude each other.
    Together(Vec<String>),
    /// The value is not of one of these types.
    Type(Vec<String>),
    /// The value is none of these.
    Value(Vec<Value>),
    /// The text, or the property's name where `is_name`, does not match the pattern.
    Pattern {
        /// The pattern.
        pattern: String,
        /// Whether it is the name of the property that does not match.
        is_name: bool,
    },
    /// The object or list is empty and must not be.
    Empty,
    /// A keyword that needs no more words than the validator's.
    Other(String),
}

impl Standard {
    /// Compiles what stands at `pointer` of the resource `uri`, the resources referring to each other.
    ///
    /// # Errors
    /// [`Error`] where a resource cannot be indexed or the schema not compiled.
    pub fn compile(
        resources: &IndexMap<String, Arc<Value>>,
        uri: &str,
        pointer: &Pointer,
    ) -> Result<Self, Error> {
        // The draft's own schemas are at hand only where it is named.
        let draft =
            resources.get(uri).map_or(Draft::Draft202012, |resource| Draft::Draft202012.detect(resource));
        let registry = Registry::new()
            .draft(draft)
            .extend(resources.iter().map(|(uri, resource)| (uri, Value::clone(resource))))
            .and_then(jsonschema::RegistryBuilder::prepare)
            .map_err(|error| Error::Library(error.to_string()))?;
        let library = Arc::new(Library { files: resources.clone(), registry });
        let validator = jsonschema::options()
            .with_draft(draft)
            .with_registry(&library.registry)
            .with_base_uri("standin:standard")
            .should_validate_formats(false)
            .build(&json!({ "$ref": format!("{uri}#{pointer}") }))
            .map_err(|error| Error::Schema { pointer: pointer.clone(), message: error.to_string() })?;
        Ok(Self { library, validator })
    }

    /// The causes for which `value` breaks the schema, in the order of the value; none where it satisfies it.
    pub fn causes(&self, value: &Value) -> Vec<Cause> {
        if self.validator.is_valid(value) {
            return Vec::new();
        }
        let errors: Vec<_> = self.validator.iter_errors(value).collect();
        cause::of(&errors, Files(&self.library.files))
    }
}
