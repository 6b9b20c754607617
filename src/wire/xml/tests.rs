//! What is written is read again, and is XML for a parser that is not ours; what is not XML is refused.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{read, write};
use crate::{
    finding::Pointer,
    schema::{Dice, Library, Schema},
};

fn schema(named: &str, all: Value) -> Schema {
    let files = [("standin:test".to_owned(), Arc::new(all))].into_iter().collect();
    Library::new(files).unwrap().compile("standin:test", &Pointer::root().join(named)).unwrap()
}

fn only(schema: impl Into<Value>) -> Schema {
    self::schema("body", json!({ "body": schema.into() }))
}

/// The value of a text, and what is wrong with it.
fn told(schema: &Schema, text: &str) -> (Value, Vec<String>) {
    let read = read(Some(schema), text.as_bytes()).unwrap();
    (read.value, read.violations.into_iter().map(|violation| violation.message).collect())
}

fn right(schema: &Schema, text: &str) -> Value {
    let (value, wrong) = told(schema, text);
    assert_eq!(wrong, Vec::<String>::new(), "{text}");
    value
}

fn refused(text: &str) -> String {
    read(None, text.as_bytes()).unwrap_err().message
}

/// The written text without its declaration.
fn written(schema: &Schema, value: &Value) -> String {
    let text = write(Some(schema), value).unwrap();
    text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").unwrap().to_owned()
}

fn pets() -> Value {
    json!({
        "Tag": {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}, "xml": {"name": "tag"}},
        "Category": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
        "Pet": {
            "type": "object",
            "required": ["id", "name", "photoUrls"],
            "additionalProperties": false,
            "properties": {
                "id": {"type": "integer", "xml": {"attribute": true}},
                "name": {"type": "string"},
                "weight": {"type": ["number", "null"]},
                "sold": {"type": "boolean"},
                "category": {"$ref": "#/Category"},
                "photoUrls": {"type": "array", "items": {"type": "string", "xml": {"name": "photoUrl"}}},
                "tags": {"type": "array", "items": {"$ref": "#/Tag"}, "xml": {"wrapped": true}},
            },
        },
        "body": {"$ref": "#/Pet"},
    })
}

#[test]
fn a_pet_is_written_as_its_schema_names_it_and_read_again() {
    let schema = schema("body", pets());
    let pet = json!({
        "id": 7, "name": "Rex & <co>", "weight": null, "sold": true, "category": {"name": "Dogs"},
        "photoUrls": ["a", "b"], "tags": [{"id": 1, "name": "x"}],
    });
    let text = written(&schema, &pet);
    assert_eq!(
        text,
        concat!(
            r#"<Pet id="7"><name>Rex &amp; &lt;co&gt;</name>"#,
            r#"<weight xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/><sold>true</sold>"#,
            "<category><name>Dogs</name></category><photoUrl>a</photoUrl><photoUrl>b</photoUrl>",
            "<tags><tag><id>1</id><name>x</name></tag></tags></Pet>",
        )
    );
    assert_eq!(right(&schema, &text), pet);
}

#[test]
fn what_the_schema_does_not_name_so_is_told() {
    let schema = schema("body", pets());
    let wrong = |inner: &str| {
        let (_, wrong) = told(&schema, &format!(r#"<Pet id="7"><name>Rex</name>{inner}</Pet>"#));
        wrong.join("; ")
    };
    assert_eq!(wrong("<photoUrl>a</photoUrl>"), "");
    assert!(wrong("<colour>red</colour>").contains("colour"), "{}", wrong("<colour>red</colour>"));
    assert!(wrong("<photoUrls>a</photoUrls>").contains("expected `<photoUrl>`"));
    assert!(wrong("<id>8</id>").contains("expected the attribute `id`"));
    assert!(wrong("<tags><Tag/></tags>").contains("an item is `<Tag>`; expected `<tag>`"));
    assert_eq!(wrong("<tags/><tags/>"), "`<tags>` stands twice; expected one around all items");
    assert!(wrong("<sold>true</sold><sold>true</sold>").contains("[true,true] is not of type"));
    assert!(wrong("stray").contains("#text"), "{}", wrong("stray"));
    let (_, root) = told(&schema, r#"<pet id="7"><name>Rex</name></pet>"#);
    assert_eq!(root, ["the root element is `<pet>`; expected `<Pet>`"]);
    let (_, text) = told(&schema, r#"<Pet id="seven"><name>Rex</name></Pet>"#);
    assert_eq!(text, [r#""seven" is not of type "integer""#]);
}

#[test]
fn comments_instructions_entities_and_cdata_are_read() {
    let schema =
        only(json!({"type": "object", "properties": {"a": {"type": "string"}}, "xml": {"name": "r"}}));
    let text = "\u{feff}<?xml version='1.0' encoding='utf-8'?>\n<!-- c --><r><?p i?><a>1<!-- x -->&lt;&#x41;&#66;<![CDATA[<&]]>\r\n</a></r>\n";
    assert_eq!(right(&schema, text), json!({"a": "1<AB<&\n"}));
}

#[test]
fn an_empty_element_is_what_its_type_has_that_is_empty() {
    let schema = only(json!({
        "type": "object",
        "xml": {"name": "r"},
        "properties": {
            "s": {"type": "string"}, "o": {"type": "object"}, "n": {"type": ["integer", "null"]},
            "l": {"type": "array", "items": {"type": "string"}, "xml": {"wrapped": true}},
        },
    }));
    assert_eq!(right(&schema, "<r><s/><o/><n/><l/></r>"), json!({"s": "", "o": {}, "n": null, "l": []}));
    let date = only(json!({"type": ["string", "null"], "format": "date", "xml": {"name": "r"}}));
    assert_eq!(right(&date, "<r/>"), json!(null));
    let either = only(json!({"enum": [1, "2", "true", false], "xml": {"name": "r"}}));
    assert_eq!(right(&either, "<r>1</r>"), json!(1));
    assert_eq!(right(&either, "<r>2</r>"), json!("2"));
    let number = only(json!({"type": "integer", "xml": {"name": "r"}}));
    assert_eq!(told(&number, "<r/>").1, [r#""" is not of type "integer""#]);
}

#[test]
fn an_attribute_that_is_not_there_is_null_where_it_must_be_there() {
    let schema = only(json!({
        "type": "object", "required": ["a"], "xml": {"name": "r"},
        "properties": {"a": {"type": ["integer", "null"], "xml": {"attribute": true}}},
    }));
    assert_eq!(written(&schema, &json!({"a": null})), "<r/>");
    assert_eq!(right(&schema, "<r/>"), json!({"a": null}));
    assert_eq!(right(&schema, "<r a='1'/>"), json!({"a": 1}));
}

#[test]
fn a_prefix_is_any_and_the_namespace_decides() {
    let schema = only(json!({
        "type": "object",
        "required": ["a"],
        "xml": {"name": "r", "namespace": "urn:one", "prefix": "o"},
        "properties": {
            "a": {"type": "string", "xml": {"namespace": "urn:two", "prefix": "t"}},
            "b": {"type": "string", "xml": {"namespace": "urn:two", "prefix": "t", "attribute": true}},
        },
    }));
    let value = json!({"a": "x", "b": "y"});
    let text = written(&schema, &value);
    assert_eq!(text, r#"<o:r xmlns:o="urn:one" xmlns:t="urn:two" t:b="y"><t:a>x</t:a></o:r>"#);
    assert_eq!(right(&schema, &text), value);
    assert_eq!(right(&schema, r#"<r xmlns="urn:one"><a xmlns="urn:two">x</a></r>"#), json!({"a": "x"}));
    let (_, wrong) = told(&schema, r#"<r xmlns="urn:one"><a>x</a></r>"#);
    assert_eq!(
        wrong[0],
        "`<a>` of the namespace `urn:one` is not the property `a`; expected `<a>` of the namespace `urn:two`"
    );
    assert!(wrong[1].contains("required"), "{wrong:?}");
}

#[test]
fn an_alternative_has_its_own_name() {
    let all = json!({
        "Cat": {"type": "object", "required": ["lives"], "properties": {"lives": {"type": "integer"}}, "xml": {"name": "cat"}},
        "Dog": {"type": "object", "required": ["tricks"], "properties": {"tricks": {"type": "string"}}, "xml": {"name": "dog"}},
        "body": {"type": "array", "items": {"oneOf": [{"$ref": "#/Cat"}, {"$ref": "#/Dog"}]}, "xml": {"name": "zoo"}},
    });
    let schema = schema("body", all);
    let value = json!([{"tricks": "sit"}, {"lives": 9}]);
    let text = written(&schema, &value);
    assert_eq!(text, "<zoo><dog><tricks>sit</tricks></dog><cat><lives>9</lives></cat></zoo>");
    assert_eq!(right(&schema, &text), value);
}

#[test]
fn what_is_no_name_is_mended_and_read_again() {
    let schema = only(json!({
        "type": "object", "title": "not a name",
        "properties": {"1st": {"type": "integer"}, "my key": {"type": "boolean"}},
    }));
    let value = json!({"1st": 1, "my key": false});
    assert_eq!(written(&schema, &value), "<root><_1st>1</_1st><my_key>false</my_key></root>");
    assert_eq!(right(&schema, &written(&schema, &value)), value);
}

#[test]
fn without_a_schema_elements_are_objects_and_texts_strings() {
    let read = read(None, b"<a x='1'><b>2</b><b/><c><d>e</d> f</c></a>").unwrap();
    assert_eq!(read.value, json!({"x": "1", "b": ["2", ""], "c": {"d": "e", "#text": " f"}}));
    assert!(read.violations.is_empty());
}

#[test]
fn xml_that_is_written_already_is_sent_as_it_is() {
    let object = only(json!({"type": "object"}));
    assert_eq!(write(Some(&object), &json!("<a>1</a>")).unwrap(), "<a>1</a>");
    assert_eq!(write(None, &json!("<a>1</a>")).unwrap(), "<a>1</a>");
    let text = only(json!({"type": "string", "xml": {"name": "t"}}));
    assert_eq!(written(&text, &json!("<a>1</a>")), "<t>&lt;a&gt;1&lt;/a&gt;</t>");
    let raw = only(json!({"type": "string"}));
    assert_eq!(write(Some(&raw), &json!("<a>1</a>")).unwrap(), "<a>1</a>");
    assert_eq!(right(&raw, "<a><b/></a>"), json!("<a><b/></a>"));
    assert_eq!(right(&raw, "<a>b</a>"), json!("b"));
}

#[test]
fn what_xml_cannot_hold_is_a_fault_at_its_place() {
    let fault = write(None, &json!({"a": [{"b": "\u{1}"}]})).unwrap_err();
    assert_eq!((fault.pointer.as_str(), fault.message.as_str()), ("/a/0/b", "XML has no character U+0001"));
    let mut deep = json!(1);
    for _ in 0..300 {
        deep = json!({ "a": deep });
    }
    assert_eq!(write(None, &deep).unwrap_err().message, "elements would be nested deeper than 256");
}

#[test]
fn what_is_not_xml_is_refused_with_its_place() {
    let at = "line";
    for (text, why) in [
        ("", "the XML has no element".to_owned()),
        ("<a>\n<b></a>", format!("{at} 2, column 4 of the XML: expected `</b>`, but `</a>` was found")),
        ("<a>", format!("{at} 1, column 4 of the XML: `<a>` is not closed")),
        ("<a/><b/>", format!("{at} 1, column 5 of the XML: `<b>` stands beside the root element")),
        ("<a/>x", format!("{at} 1, column 5 of the XML: the text `x` stands outside of the root element")),
        (
            "<a>&nbsp;</a>",
            format!("{at} 1, column 4 of the XML: the entity `&nbsp;` is not one of XML's own"),
        ),
        ("<a>&#1;</a>", format!("{at} 1, column 4 of the XML: XML has no character U+0001")),
        (
            "<a b='<'/>",
            format!("{at} 1, column 1 of the XML: `<` stands in the value of an attribute; write `&lt;`"),
        ),
        ("<x:a/>", format!("{at} 1, column 1 of the XML: the prefix `x` is bound to no namespace")),
        ("<1a/>", format!("{at} 1, column 1 of the XML: `1a` is no name")),
        (
            "<a x:b='' y:b='' xmlns:x='u' xmlns:y='u'/>",
            format!("{at} 1, column 1 of the XML: the attribute `b` stands twice in one element"),
        ),
        ("<a xmlns:x=''/>", format!("{at} 1, column 1 of the XML: `xmlns:x` binds no prefix to a namespace")),
        (
            "<a b=''c=''/>",
            format!(
                "{at} 1, column 1 of the XML: `<a>` has attributes that are not written as `name=\"value\"`"
            ),
        ),
        (
            "<?xml?><a/>",
            format!(
                "{at} 1, column 1 of the XML: the XML declaration is not one; write `<?xml version=\"1.0\" encoding=\"UTF-8\"?>`"
            ),
        ),
        (
            "<a/><?xml version='1.0'?>",
            format!("{at} 1, column 5 of the XML: the XML declaration does not stand at the start"),
        ),
        (
            "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
            format!("{at} 1, column 1 of the XML: a document type is not read; leave `<!DOCTYPE …>` out"),
        ),
        (
            "<?xml version='1.0' encoding='latin1'?><a/>",
            format!("{at} 1, column 1 of the XML: the encoding `latin1` is not read; expected UTF-8"),
        ),
    ] {
        assert_eq!(refused(text), why, "{text}");
    }
    assert!(refused(&"<a>".repeat(100_000)).ends_with("elements are nested deeper than 256"));
    assert!(refused("<a b='1' b='2'/>").contains("duplicate"), "{}", refused("<a b='1' b='2'/>"));
    let latin = read(None, b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>").unwrap_err();
    assert!(latin.message.contains("`ISO-8859-1`"), "{}", latin.message);
    let many: Vec<String> = (0..300).map(|number| format!("a{number}=''")).collect();
    assert!(
        refused(&format!("<a {}/>", many.join(" "))).ends_with("an element has more than 256 attributes")
    );
    assert!(read(None, b"\xff\xfe<\0a\0").unwrap_err().message.contains("UTF-16"));
}

/// Schemas whose values XML can tell apart, with every feature of the `xml` keyword somewhere.
fn tellable() -> Vec<Schema> {
    let text = json!({"type": "string", "pattern": "^[a-z<&>' \"\\]\n\r\t]{1,8}$"});
    let with = |xml: Value| {
        let mut schema = text.clone();
        schema["xml"] = xml;
        schema
    };
    let object = |properties: Value| json!({"type": "object", "properties": properties, "additionalProperties": false});
    let list = |items: &Value, xml: Value| json!({"type": "array", "items": items, "xml": xml, "minItems": 1, "maxItems": 4});
    let mut named = object(json!({"a": with(json!({"name": "b"})), "b": with(json!({"name": "a"}))}));
    named["xml"] = json!({"name": "swapped", "namespace": "urn:s"});
    let mut schemas = vec![
        schema("body", pets()),
        only(named),
        only(object(
            json!({"a": with(json!({"attribute": true})), "t": {"type": "integer", "xml": {"nodeType": "text"}}}),
        )),
        only(object(
            json!({"a": with(json!({"nodeType": "attribute", "namespace": "urn:a"})), "c": with(json!({"nodeType": "cdata"}))}),
        )),
        only(object(
            json!({"wrapped": list(&text, json!({"wrapped": true, "name": "w"})), "bare": list(&text, json!({"name": "x"}))}),
        )),
        only(object(
            json!({"numbers": list(&json!({"type": "number"}), json!({"attribute": true})), "on": {"type": "boolean", "xml": {"attribute": true}}}),
        )),
        only(list(&list(&json!({"type": "integer"}), json!({"name": "row"})), json!({"name": "matrix"}))),
        only(object(json!({"grid": list(&list(&text, json!({})), json!({"nodeType": "element"}))}))),
        only(object(
            json!({"in": {"type": "object", "xml": {"nodeType": "none"}, "minProperties": 1, "additionalProperties": false,
            "properties": {"p": text, "q": with(json!({"attribute": true}))}}, "r": text}),
        )),
        only(object(
            json!({"d": {"type": ["number", "null"]}, "n": {"type": ["string", "null"], "minLength": 1, "maxLength": 3, "pattern": "^[a-z]+$"}}),
        )),
        only(object(
            json!({"x y": text, "ä": text, "9": {"const": 9}, "dc:title": text, "p": with(json!({"prefix": "p"}))}),
        )),
        only(object(
            json!({"a": with(json!({"namespace": "urn:1", "prefix": "n"})), "b": with(json!({"namespace": "urn:2", "prefix": "n", "attribute": true})),
            "c": object(json!({"d": with(json!({"namespace": "urn:3"}))}))}),
        )),
        only(
            json!({"type": "object", "additionalProperties": {"type": "integer"}, "propertyNames": {"pattern": "^[a-z]{1,5}$"}, "maxProperties": 4}),
        ),
        only(text.clone()),
        only(json!({"type": ["integer", "null"]})),
    ];
    schemas.push(schema(
        "body",
        json!({
            "Node": object(json!({"value": {"enum": ["a", "b", "1", "true"]}, "next": {"$ref": "#/Node"}})),
            "body": {"$ref": "#/Node"},
        }),
    ));
    schemas
}

/// A value in whose strings letters have become what XML has a use for, or changes where it may.
fn spiced(value: &mut Value) {
    match value {
        Value::String(text) => {
            let spices = [
                ('a', '<'),
                ('e', '&'),
                ('n', '\r'),
                ('m', '\n'),
                ('f', ']'),
                ('y', '>'),
                ('t', '\t'),
                ('x', '"'),
                ('s', ' '),
            ];
            *text = spices
                .iter()
                .fold(text.clone(), |text, (plain, spice)| text.replace(*plain, &spice.to_string()));
        }
        Value::Array(items) => items.iter_mut().for_each(spiced),
        Value::Object(members) => members.values_mut().for_each(spiced),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_written_is_read_again_and_is_xml_for_others(seed: u64) {
        for schema in tellable() {
            let mut value = schema.generate(&mut Dice::seeded(seed)).unwrap();
            if seed % 4 > 0 {
                spiced(&mut value);
            }
            let text = write(Some(&schema), &value).unwrap();
            prop_assert!(roxmltree::Document::parse(&text).is_ok(), "{}: {:?}", text, roxmltree::Document::parse(&text));
            let again = read(Some(&schema), text.as_bytes()).unwrap();
            prop_assert_eq!(&again.value, &value, "{}", text);
            prop_assert_eq!(again.violations.is_empty(), schema.is_valid(&value), "{}", text);
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic_and_what_it_takes_others_take(text in "[<>/a-b:='\" &;!\\[\\]?x#\\-\n]{0,40}") {
        if read(None, text.as_bytes()).is_ok() {
            prop_assert!(roxmltree::Document::parse(&text).is_ok(), "{}: {:?}", text, roxmltree::Document::parse(&text));
        }
    }

    #[test]
    fn what_is_taken_of_damaged_xml_is_xml_for_others(
        seed in 0_u64..1000,
        at: prop::sample::Index,
        length in 0_usize..6,
        put in r#"[<>/a:=' "&;!\[\]?x-]{0,4}"#,
    ) {
        for schema in tellable() {
            let value = schema.generate(&mut Dice::seeded(seed)).unwrap();
            let text: Vec<char> = write(Some(&schema), &value).unwrap().chars().collect();
            let at = at.index(text.len());
            let rest = text.iter().skip(at + length);
            let damaged: String = text[..at].iter().copied().chain(put.chars()).chain(rest.copied()).collect();
            if read(Some(&schema), damaged.as_bytes()).is_ok() {
                let other = roxmltree::Document::parse(&damaged);
                prop_assert!(other.is_ok(), "{}: {:?}", damaged, other);
            }
        }
    }
}
