//! A schema and a [`Dice`] → a value that satisfies the schema.

use serde_json::Value;

use super::{Dice, Schema};

/// A value that satisfies `schema`; `None` where none was found.
pub(super) fn value(schema: &Schema, dice: &mut Dice) -> Option<Value> {
    let _ = dice.flip();
    schema.is_valid(&Value::Null).then_some(Value::Null)
}
