//! JSON read as JSON Schema has it: poem-openapi's `String` takes numbers and booleans as well, and its `i32` refuses 60.0.

use std::borrow::Cow;

use poem_openapi::{
    registry::{MetaSchemaRef, Registry},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;

/// A value that is read only from what the schema of its type allows.
#[derive(Debug, Clone)]
pub(crate) struct Strict<T>(pub(crate) T);

/// A type that says which JSON it can be read from.
pub(crate) trait Lawful: ParseFromJSON + ToJSON {
    /// The value in the form in which poem-openapi reads it; nothing where the schema does not allow it.
    fn lawful(value: &Value) -> Option<Value>;
}

impl Lawful for String {
    fn lawful(value: &Value) -> Option<Value> {
        value.is_string().then(|| value.clone())
    }
}

impl Lawful for i32 {
    fn lawful(value: &Value) -> Option<Value> {
        let whole =
            value.as_f64().filter(|number| number.fract() == 0.0 && number.abs() <= f64::from(u32::MAX))?;
        #[expect(clippy::cast_possible_truncation, reason = "it is whole, and far from the ends of 64 bits")]
        let whole = whole as i64;
        Some(whole.into())
    }
}

impl<T: Lawful> Type for Strict<T> {
    const IS_REQUIRED: bool = T::IS_REQUIRED;

    type RawValueType = T::RawValueType;
    type RawElementValueType = T::RawElementValueType;

    fn name() -> Cow<'static, str> {
        T::name()
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        self.0.as_raw_value()
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self::RawElementValueType> + 'a> {
        self.0.raw_element_iter()
    }
}

impl<T: Lawful> ParseFromJSON for Strict<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let value = value.unwrap_or_default();
        match T::lawful(&value) {
            Some(value) => T::parse_from_json(Some(value)).map(Self).map_err(ParseError::propagate),
            None => Err(ParseError::expected_type(value)),
        }
    }
}

impl<T: Lawful> ToJSON for Strict<T> {
    fn to_json(&self) -> Option<Value> {
        self.0.to_json()
    }
}
