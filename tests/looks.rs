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

#[test]
fn a_person_has_the_address_of_the_name() {
    let text = json!({"type": "string"});
    let address = json!({"type": "string", "format": "email"});
    for value in objects(&json!({"firstName": text, "last_name": text, "email": address, "fullName": text})) {
        let names = [value["firstName"].as_str().unwrap(), value["last_name"].as_str().unwrap()];
        let local = names.join(".").to_lowercase();
        assert!(value["email"].as_str().unwrap().starts_with(&format!("{local}@")), "{value}");
        assert_eq!(value["fullName"], names.join(" "));
    }
    for value in objects(&json!({"name": text, "email": address})) {
        let local = value["name"].as_str().unwrap().to_lowercase().replace(' ', ".");
        assert!(value["email"].as_str().unwrap().starts_with(&local), "{value}");
    }
    let fixed = json!({"type": "string", "const": "root@example.com"});
    assert!(
        objects(&json!({"name": text, "email": fixed}))
            .iter()
            .all(|value| value["email"] == "root@example.com")
    );
}

#[test]
fn a_country_has_its_code() {
    let text = json!({"type": "string"});
    for value in objects(&json!({"country": text, "countryCode": text})) {
        let (name, code) = (value["country"].as_str().unwrap(), value["countryCode"].as_str().unwrap());
        let first_letters = [
            "Norway NO",
            "Germany DE",
            "Portugal PT",
            "Kenya KE",
            "Japan JP",
            "Canada CA",
            "Peru PE",
            "Italy IT",
            "Belgium BE",
            "India IN",
        ];
        assert!(first_letters.contains(&format!("{name} {code}").as_str()), "{value}");
    }
}

#[test]
fn texts_look_like_what_their_names_say() {
    for (name, pattern) in [
        ("email", r"^[a-z]+\.[a-z]+@[a-z.]+$"),
        ("phoneNumber", r"^\+999\d{8}$"),
        ("zip_code", r"^\d{5}$"),
        ("currency", "^[A-Z]{3}$"),
        ("country-code", "^[A-Z]{2}$"),
        ("avatarUrl", "^https://"),
        ("userUuid", "^[0-9a-f-]{36}$"),
        ("version", r"^\d\.\d\.\d$"),
        ("locale", "^[a-z]{2}-[A-Z]{2}$"),
        ("language", "^[a-z]{2}$"),
        ("timeZone", "^[A-Z][a-z]+/[A-Z][a-z]+$"),
        ("mimeType", "^[a-z]+/[a-z]+$"),
        ("file_name", r"^[a-z]+\.[a-z]+$"),
        ("sha256", "^[0-9a-f]{64}$"),
        ("ipAddress", r"^\d+\.\d+\.\d+\.\d+$"),
        ("createdAt", "^202[45]-.*Z$"),
        ("expiresAt", "^20(2[89]|3.)-.*Z$"),
        ("dateOfBirth", r"^(19|20)\d\d-\d\d-\d\d$"),
        ("createdBy", "^[A-Z][a-z]+ [A-Z][a-z]+$"),
        ("sku", r"^[A-Z]{3}-\d+$"),
        ("description", r"^[A-Z].*\.$"),
    ] {
        let shape = regex::Regex::new(pattern).unwrap();
        for value in objects(&json!({name: {"type": "string"}})) {
            assert!(shape.is_match(value[name].as_str().unwrap()), "{name}: {value}");
        }
    }
}

#[test]
fn numbers_that_carry_check_digits_carry_the_right_ones() {
    for value in objects(&json!({"iban": {"type": "string"}, "ean": {"type": "string"}})) {
        let iban = value["iban"].as_str().unwrap();
        let moved = format!("{}{}", &iban[4..], &iban[..4]).replace('X', "33");
        assert_eq!(moved.parse::<u128>().unwrap() % 97, 1, "{iban}");
        let digits: Vec<u32> =
            value["ean"].as_str().unwrap().chars().filter_map(|digit| digit.to_digit(10)).collect();
        let sum: u32 = digits.iter().enumerate().map(|(index, digit)| digit * [1, 3][index % 2]).sum();
        assert!(digits.len() == 13 && sum.is_multiple_of(10), "{value}");
    }
}
