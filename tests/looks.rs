//! What made values look like: what belongs in an order is in it, and what stands side by side agrees.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use serde_json::{Value, json};
use standin::{
    finding::Pointer,
    schema::{Dice, Library, Schema},
};

const SEEDS: u64 = 200;

fn compile(schema: &Value) -> Schema {
    let files = [("standin:test".to_owned(), Arc::new(schema.clone()))];
    let library = Library::new(files.into_iter().collect()).unwrap();
    library.compile("standin:test", &Pointer::root()).unwrap()
}

/// Objects with all of these properties, each a valid one.
fn objects(properties: &Value) -> Vec<Value> {
    let names: Vec<&String> = properties.as_object().unwrap().keys().collect();
    let schema = compile(&json!({"type": "object", "properties": properties, "required": names}));
    let made = |seed| schema.generate(&mut Dice::seeded(seed)).unwrap();
    (0..SEEDS).map(made).inspect(|value| assert!(schema.is_valid(value), "{value}")).collect()
}

#[test]
fn moments_and_bounds_are_in_their_order() {
    let moment = json!({"type": "string", "format": "date-time"});
    let day = json!({"type": "string", "format": "date"});
    for (first, second, schema) in [
        ("created_at", "updated_at", &moment),
        ("updatedAt", "deletedAt", &moment),
        ("startDate", "endDate", &day),
        ("valid-from", "valid-until", &day),
        ("start", "end", &json!({"type": "string", "format": "time"})),
        ("issuedAt", "expiresAt", &json!({"type": "integer"})),
        ("min", "max", &json!({"type": "integer"})),
        ("priceMin", "priceMax", &json!({"type": "number"})),
        ("from", "to", &json!({"type": "string", "format": "date"})),
    ] {
        for value in objects(&json!({first: schema, "between": {"type": "string"}, second: schema})) {
            let in_order = match (&value[first], &value[second]) {
                (Value::String(first), Value::String(second)) => first <= second,
                (first, second) => first.as_f64() <= second.as_f64(),
            };
            assert!(in_order, "{value}");
        }
    }
}

#[test]
fn what_is_bound_to_its_place_is_not_swapped() {
    let bound = objects(
        &json!({"min": {"type": "integer", "minimum": 10}, "max": {"type": "integer", "maximum": 5}}),
    );
    assert!(bound.iter().all(|value| value["min"].as_i64() >= Some(10) && value["max"].as_i64() <= Some(5)));
}
