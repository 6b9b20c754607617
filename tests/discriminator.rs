//! Laws of discriminators: a made value names what it is, and a value that names something else is found out.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use serde_json::{Value, json};
use standin::{
    finding::Pointer,
    schema::{Dice, Library, Schema},
};

/// The schema `name` among these named ones.
fn compile(schemas: &Value, name: &str) -> Schema {
    let root = json!({"components": {"schemas": schemas}});
    let files = [("standin:test".to_owned(), Arc::new(root))];
    let library = Library::new(files.into_iter().collect()).unwrap();
    library.compile("standin:test", &Pointer::from_escaped("/components/schemas").join(name)).unwrap()
}

fn beside_one_of() -> Value {
    json!({
        "Cat": {"type": "object", "required": ["kind", "lives"], "properties": {"kind": {"type": "string"}, "lives": {"type": "integer"}}},
        "Dog": {"type": "object", "required": ["kind", "bark"], "properties": {"kind": {"type": "string"}, "bark": {"type": "string"}}},
        "Pet": {"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
            "discriminator": {"propertyName": "kind", "mapping": {"feline": "#/components/schemas/Cat"}}},
        "Shelter": {"type": "object", "required": ["pets"], "properties": {"pets":
            {"type": "array", "minItems": 3, "items": {"$ref": "#/components/schemas/Pet"}}}},
    })
}

fn inherited() -> Value {
    json!({
        "Pet": {"type": "object", "required": ["petType", "name"], "properties": {"petType": {"type": "string"}, "name": {"type": "string"}},
            "discriminator": {"propertyName": "petType", "mapping": {"dog": "Dog"}}},
        "Cat": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"type": "object", "required": ["hunts"],
            "properties": {"hunts": {"enum": ["lazy", "keen"]}}}]},
        "Dog": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"type": "object", "required": ["packSize"],
            "properties": {"packSize": {"type": "integer", "minimum": 1}}}]},
        "Puppy": {"allOf": [{"$ref": "#/components/schemas/Dog"}, {"type": "object", "required": ["weeks"],
            "properties": {"weeks": {"type": "integer"}}}]},
        "Owner": {"type": "object", "required": ["pet"], "properties": {"pet": {"$ref": "#/components/schemas/Pet"}}},
    })
}

fn made(schema: &Schema) -> impl Iterator<Item = Value> + '_ {
    (0..100).map(|seed| {
        let value = schema.generate(&mut Dice::seeded(seed)).unwrap();
        assert!(schema.is_valid(&value), "{value}");
        assert_eq!(schema.misnames(&value), None, "{value}");
        value
    })
}

#[test]
fn a_branch_of_one_of_is_named_by_its_mapping_or_its_schema() {
    let pet = compile(&beside_one_of(), "Pet");
    let mut kinds: Vec<String> = made(&pet)
        .map(|pet| {
            let expected = if pet.get("lives").is_some() { "feline" } else { "Dog" };
            assert_eq!(pet["kind"], expected);
            expected.to_owned()
        })
        .collect();
    kinds.sort();
    kinds.dedup();
    assert_eq!(kinds, ["Dog", "feline"]);
}

#[test]
fn every_item_of_a_list_is_named_by_itself() {
    for shelter in made(&compile(&beside_one_of(), "Shelter")) {
        for pet in shelter["pets"].as_array().unwrap() {
            assert_eq!(pet["kind"], if pet.get("lives").is_some() { "feline" } else { "Dog" });
        }
    }
}

#[test]
fn a_constant_of_the_branch_has_the_last_word() {
    let schemas = json!({
        "A": {"type": "object", "required": ["t"], "properties": {"t": {"const": "first"}}},
        "B": {"type": "object", "required": ["t"], "properties": {"t": {"enum": ["second", "B"]}}},
        "Either": {"anyOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}],
            "discriminator": {"propertyName": "t", "mapping": {"first": "A"}}},
    });
    for value in made(&compile(&schemas, "Either")) {
        assert!(value["t"] == "first" || value["t"] == "B", "{value}");
    }
}

#[test]
fn a_schema_that_others_extend_is_made_as_one_of_them() {
    let schemas = inherited();
    let (cat, dog) = (compile(&schemas, "Cat"), compile(&schemas, "Dog"));
    let mut names: Vec<String> = Vec::new();
    for owner in made(&compile(&schemas, "Owner"))
        .chain(made(&compile(&schemas, "Pet")).map(|pet| json!({"pet": pet})))
    {
        let name = owner["pet"]["petType"].as_str().unwrap();
        match name {
            "Cat" => assert!(cat.is_valid(&owner["pet"])),
            "dog" | "Puppy" => assert!(dog.is_valid(&owner["pet"])),
            other => panic!("{other}"),
        }
        names.push(name.to_owned());
    }
    names.sort();
    names.dedup();
    assert_eq!(names, ["Cat", "Puppy", "dog"]);
}

#[test]
fn a_schema_that_extends_another_is_named_as_itself_or_what_extends_it() {
    let schemas = inherited();
    assert!(made(&compile(&schemas, "Cat")).all(|cat| cat["petType"] == "Cat"));
    assert!(made(&compile(&schemas, "Dog")).all(|dog| dog["petType"] == "dog" || dog["petType"] == "Puppy"));
}

#[test]
fn a_value_that_names_another_branch_is_found_out() {
    let pet = compile(&beside_one_of(), "Pet");
    let fault = pet.misnames(&json!({"kind": "Dog", "lives": 9})).unwrap();
    assert_eq!((fault.keyword.as_str(), fault.instance.as_str()), ("discriminator", "/kind"));
    assert_eq!(fault.schema.1.as_str(), "/components/schemas/Pet/discriminator");
    assert_eq!(fault.message, "the discriminator `kind` names `Dog`, which the object does not satisfy");
    let unknown = pet.misnames(&json!({"kind": "cow", "lives": 9})).unwrap();
    assert_eq!(unknown.message, "the discriminator `kind` is \"cow\", which names no schema");
    for right in [
        json!({"kind": "feline", "lives": 9}),
        json!({"kind": "Cat", "lives": 9}),
        json!({"kind": "Dog", "bark": "b"}),
    ] {
        assert_eq!(pet.misnames(&right), None, "{right}");
    }
    let shelter = compile(&beside_one_of(), "Shelter");
    let fault = shelter
        .misnames(&json!({"pets": [{"kind": "Cat", "lives": 9}, {"kind": "Cat", "bark": "b"}]}))
        .unwrap();
    assert_eq!(fault.instance.as_str(), "/pets/1/kind");
}

#[test]
fn an_unknown_name_stands_for_the_default_where_there_is_one() {
    let mut schemas = beside_one_of();
    schemas["Pet"]["discriminator"]["defaultMapping"] = json!("Dog");
    let pet = compile(&schemas, "Pet");
    assert_eq!(pet.misnames(&json!({"kind": "cow", "bark": "b"})), None);
    assert!(pet.misnames(&json!({"kind": "cow", "lives": 9})).is_some());
}

#[test]
fn repair_keeps_the_name_and_mends_the_rest() {
    let pet = compile(&inherited(), "Pet");
    let repaired = pet.repair(&json!({"petType": "dog", "name": "Rex"}), &mut Dice::seeded(1)).unwrap();
    assert_eq!((&repaired["petType"], &repaired["name"]), (&json!("dog"), &json!("Rex")));
    assert!(repaired["packSize"].is_u64());
}

#[test]
fn a_document_that_contradicts_itself_still_gets_valid_values() {
    let schemas = json!({
        "A": {"type": "object", "required": ["t"], "properties": {"t": {"const": "a"}}},
        "Either": {"oneOf": [{"$ref": "#/components/schemas/A"}], "discriminator": {"propertyName": "t", "mapping": {"x": "A"}}},
    });
    let either = compile(&schemas, "Either");
    let value = either.generate(&mut Dice::seeded(1)).unwrap();
    assert!(either.is_valid(&value));
    assert_eq!(either.misnames(&value), None, "the branch has the last word");
}

#[test]
fn a_branch_that_lists_its_own_names_goes_by_these() {
    let kind = |value: &str| json!({"type": "object", "required": ["kind"], "properties": {"kind": {"const": value}}});
    let schemas = json!({
        "Cat": kind("cat"),
        "Dog": kind("dog"),
        "Pet": {"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
            "discriminator": {"propertyName": "kind"}},
    });
    let pet = compile(&schemas, "Pet");
    assert_eq!(pet.misnames(&json!({"kind": "dog"})), None);
    assert!(made(&pet).any(|pet| pet["kind"] == "cat"));
}

#[test]
fn schemas_of_swagger_2_are_named_by_their_definitions_or_an_extension() {
    let root = json!({"definitions": {
        "Fish": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}},
            "discriminator": {"propertyName": "kind"}},
        "Salmon": {"allOf": [{"$ref": "#/definitions/Fish"}, {"required": ["wild"], "properties": {"wild": {"type": "boolean"}}}]},
        "GoblinShark": {"x-ms-discriminator-value": "goblin",
            "allOf": [{"$ref": "#/definitions/Fish"}, {"required": ["teeth"], "properties": {"teeth": {"type": "integer"}}}]},
    }});
    let files = [("standin:test".to_owned(), Arc::new(root))];
    let library = Library::new(files.into_iter().collect()).unwrap();
    let fish = library.compile("standin:test", &Pointer::from_escaped("/definitions/Fish")).unwrap();
    let mut kinds: Vec<String> = made(&fish).map(|fish| fish["kind"].as_str().unwrap().to_owned()).collect();
    kinds.sort();
    kinds.dedup();
    assert_eq!(kinds, ["Salmon", "goblin"]);
    assert_eq!(fish.misnames(&json!({"kind": "GoblinShark", "teeth": 300})), None);
    assert!(fish.misnames(&json!({"kind": "Herring"})).is_some());
}

#[test]
fn a_schema_that_nobody_here_extends_may_be_named_as_others_elsewhere_are() {
    let schemas = json!({"Event": {"type": "object", "required": ["type"], "properties": {"type": {"type": "string"}},
        "discriminator": {"propertyName": "type"}}});
    assert_eq!(compile(&schemas, "Event").misnames(&json!({"type": "created"})), None);
}
