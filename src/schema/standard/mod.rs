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

use super::{Error, Files};
use crate::finding::Pointer;

/// A compiled schema of a standard.
#[derive(Debug)]
pub struct Standard {
    /// The resources, by URI.
    files: IndexMap<String, Arc<Value>>,
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
        let validator = jsonschema::options()
            .with_draft(draft)
            .with_registry(&registry)
            .with_base_uri("standin:standard")
            .should_validate_formats(false)
            .build(&json!({ "$ref": format!("{uri}#{pointer}") }))
            .map_err(|error| Error::Schema { pointer: pointer.clone(), message: error.to_string() })?;
        Ok(Self { files: resources.clone(), validator })
    }

    /// The causes for which `value` breaks the schema, in the order of the value; none where it satisfies it.
    pub fn causes(&self, value: &Value) -> Vec<Cause> {
        if self.validator.is_valid(value) {
            return Vec::new();
        }
        let errors: Vec<_> = self.validator.iter_errors(value).collect();
        cause::of(&errors, Files(&self.files))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn causes(schema: Value, value: &Value) -> Vec<Cause> {
        let resources = IndexMap::from([("https://example.com/standard".to_owned(), Arc::new(schema))]);
        let (uri, _) = resources.first().unwrap();
        Standard::compile(&resources, uri, &Pointer::root()).unwrap().causes(value)
    }

    fn cause(instance: &str, fault: Fault) -> Cause {
        Cause { instance: Pointer::from_escaped(instance), fault }
    }

    #[test]
    fn the_branch_that_was_meant_is_the_one_whose_outside_fits() {
        let schema = json!({"oneOf": [
            {"type": "object", "required": ["$ref"]},
            {"type": "object", "properties": {"size": {"type": "object", "properties": {"least": {"type": "integer"}}}}},
        ]});
        let found = causes(schema, &json!({"size": {"least": "3"}}));
        assert_eq!(found, [cause("/size/least", Fault::Type(vec!["integer".to_owned()]))]);
    }

    #[test]
    fn a_misspelt_name_is_one_slip_though_the_right_one_is_missing() {
        let schema = json!({
            "required": ["name"],
            "properties": {"name": true},
            "unevaluatedProperties": false,
        });
        let found = causes(schema, &json!({"nmae": 1}));
        assert_eq!(found, [cause("/nmae", Fault::Unknown(vec!["name".to_owned()]))]);
    }

    #[test]
    fn a_property_without_a_place_because_another_part_fails_is_no_slip() {
        let schema = json!({
            "properties": {"kind": {"enum": ["a", "b"]}},
            "if": {"properties": {"kind": {"const": "a"}}},
            "then": {"properties": {"deep": {"type": "string"}}},
            "unevaluatedProperties": false,
        });
        let found = causes(schema.clone(), &json!({"kind": "a", "deep": 1}));
        assert_eq!(found, [cause("/deep", Fault::Type(vec!["string".to_owned()]))]);
        let found = causes(schema, &json!({"kind": "b", "deep": "x"}));
        assert_eq!(found, [cause("/deep", Fault::Misplaced)]);
    }

    #[test]
    fn branches_that_ask_for_one_property_each_are_one_cause() {
        let schema = json!({"oneOf": [{"required": ["schema"]}, {"required": ["content"]}]});
        let names = vec!["schema".to_owned(), "content".to_owned()];
        assert_eq!(causes(schema.clone(), &json!({})), [cause("", Fault::Missing(names.clone()))]);
        let both = causes(schema, &json!({"schema": 1, "content": 2}));
        assert_eq!(both, [cause("", Fault::Together(names))]);
    }
}
