//! The events of a reader → a tree that takes no more room than it needs.
//!
//! A map or a list that grows as its members come is moved several times, and keeps room for as many again; a document is
//! hundreds of thousands of them. So members are gathered on one stack for all, and a map is made when they are all there.
//! Read [`Whole`] first.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

/// Where members wait until all of a map or a list are there.
#[derive(Default)]
struct Stack {
    members: Vec<(String, Value)>,
    items: Vec<Value>,
}

/// A whole text, read.
pub(super) struct Whole(pub(super) Value);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Tree(&mut Stack::default()).deserialize(deserializer).map(Self)
    }
}

/// Reads one value.
struct Tree<'s>(&'s mut Stack);

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any valid JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Value, E> {
        let number = Number::from_i128(value).ok_or_else(|| E::custom("JSON number out of range"))?;
        Ok(Value::Number(number))
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Value, E> {
        let number = Number::from_u128(value).ok_or_else(|| E::custom("JSON number out of range"))?;
        Ok(Value::Number(number))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let stack = self.0;
        let start = stack.items.len();
        while let Some(item) = items.next_element_seed(Tree(stack))? {
            stack.items.push(item);
        }
        Ok(Value::Array(stack.items.split_off(start)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let stack = self.0;
        let start = stack.members.len();
        while let Some(name) = members.next_key::<String>()? {
            let member = members.next_value_seed(Tree(stack))?;
            stack.members.push((name, member));
        }
        let mut map = Map::with_capacity(stack.members.len() - start);
        // Of a name that is there twice the last value counts, as with every reader of JSON.
        map.extend(stack.members.drain(start..));
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_what_the_readers_own_is() {
        let text = r#"{"b": [1, -2, 3.5, "x\n", null, true, [], {}], "a": {"c": {"d": [[0]]}}, "b": 18446744073709551615}"#;
        let mut stack = Stack::default();
        let tree = Tree(&mut stack).deserialize(&mut serde_json::Deserializer::from_str(text)).unwrap();
        assert_eq!(tree, serde_json::from_str::<Value>(text).unwrap());
        assert_eq!(tree.as_object().unwrap().keys().collect::<Vec<_>>(), ["b", "a"]);
        assert!(stack.members.is_empty() && stack.items.is_empty());
    }
}
