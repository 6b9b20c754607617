//! Patterns (ECMA-262) that texts are made for: each text matches, by the validator's own engine and within its lengths.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use serde_json::{Value, json};
use standin::{
    finding::Pointer,
    schema::{Dice, Library, Schema},
};

const SEEDS: u64 = 30;

fn compile(schema: &Value) -> Schema {
    let files = [("standin:test".to_owned(), Arc::new(schema.clone()))];
    let library = Library::new(files.into_iter().collect()).unwrap();
    library.compile("standin:test", &Pointer::root()).unwrap_or_else(|error| panic!("{schema}: {error}"))
}

/// A text for each pattern that is known to match, so that a wrong pattern in the table shows.
const TABLE: [(&str, &str); 74] = [
    // Plain forms.
    (r"^[a-z]+$", "a"),
    (r"^[A-Z][a-z]{2,8}$", "Abc"),
    (r"^\d{3}-\d{4}$", "123-4567"),
    (r"^\w+@\w+\.\w{2,}$", "a@b.co"),
    (r"^(\+\d{1,3})? ?\d{6,12}$", "+1 123456"),
    (r"^[0-9a-fA-F]{24}$", "0123456789abcdef01234567"),
    (r"^#(?:[0-9a-f]{3}){1,2}$", "#abc"),
    (r"^\S+$", "x"),
    (r"^\s*$", ""),
    (r"^.{3,5}$", "abc"),
    (r"^$", ""),
    (r"a", "a"),
    (r"", ""),
    (r"^[^/]+/[^/]+$", "a/b"),
    (r"^v?\d+\.\d+\.\d+(-[0-9A-Za-z-.]+)?$", "1.2.3"),
    (r"^[\w.-]+$", "a.b-c"),
    (r"^[!-~]+$", "!"),
    (r"^\$\{[a-z]+\}$", "${a}"),
    (r"^\[\d+\]$", "[1]"),
    (r"^arn:aws:[a-z0-9-]+:[a-z0-9-]*:\d{12}:.+$", "arn:aws:s3:eu:123456789012:x"),
    (r"^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$", "NO1234567890123"),
    (r"^(?:[01]\d|2[0-3]):[0-5]\d$", "23:59"),
    (r"^(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}$", "1.2.3.4"),
    (r"^\/[a-z\/]*$", "/a/b"),
    (r"^a*?b+?c{2,3}?$", "bcc"),
    // Alternations, anchored in the middle and at one end.
    (r"^(GET|PUT|POST)$", "GET"),
    (r"^(a|ab|abc)$", "abc"),
    (r"^foo$|^bar$", "bar"),
    (r"(^|,)\d+(,|$)", "1"),
    (r"^a|b$", "b"),
    (r"\bword\b", "word"),
    (r"\Bx\B", "axa"),
    (r"end$", "end"),
    (r"^start", "start"),
    (r"^(?:|none|all)$", "none"),
    // Classes.
    (r"^[\d\s]+$", "1 2"),
    (r"^[^\d\s]+$", "a"),
    (r"^\D\W\S$", "a-b"),
    (r"^[\]\\^-]+$", "]"),
    (r"^[a\-z]+$", "-"),
    (r"^[a-z&&b]+$", "&"),
    (r"^[[]$", "["),
    (r"^[\s\S]{4}$", "abcd"),
    (r"^[\x41-\x43\u0061]+$", "Aa"),
    // Unicode.
    (r"^\p{L}+$", "ä"),
    (r"^\p{Lu}\p{Ll}*$", "Äa"),
    (r"^\p{N}{2}$", "12"),
    (r"^\P{L}+$", "12"),
    (r"^[\p{L}\p{M}' -]+$", "O'Neil"),
    (r"^\p{Script=Greek}+$", "α"),
    (r"^\u00e4\u00f6$", "äö"),
    (r"^[\u0400-\u04FF]{3}$", "абв"),
    (r"^[À-ÿ]+$", "é"),
    (r"^\t\n\r\f\v$", "\t\n\r\u{c}\u{b}"),
    (r"^\cJ$", "\n"),
    // Look-around.
    (r"^(?=.*\d)(?=.*[a-z])(?=.*[A-Z]).{8,20}$", "aaaaaA1a"),
    (r"^(?=.*[!@#$%])[\w!@#$%]{6,}$", "abcde!"),
    (r"^(?!draft)[a-z]+$", "final"),
    (r"^(?!.*\.\.)[a-z.]+$", "a.b"),
    (r"^(?!-)[a-z0-9-]{1,63}(?<!-)$", "a-b"),
    (r"\d+(?=%)", "12%"),
    (r"(?<=\$)\d+", "$12"),
    (r"^(?!0+$)\d{4}$", "0001"),
    (r"^(?:(?!bad)\w)+$", "good"),
    (r"^[a-z]+(?<!foo)$", "bar"),
    (r"^(?=[a-f]+$).{3}$", "abc"),
    (r"^(?=.{5,9}$)[a-z]+-[a-z]+$", "ab-cd"),
    // Back-references.
    (r#"^(["']).*\1$"#, "''"),
    (r"^(\w)\1$", "aa"),
    (r"^<(\w+)>[^<]*</\1>$", "<a>b</a>"),
    (r"^(\d)(\d)\2\1$", "1221"),
    // Counted repeats.
    (r"^[a-f]{1000}$", ""),
    (r"^(ab){0,500}$", "ab"),
    (r"^x{3,}$", "xxx"),
];

#[test]
fn a_text_is_made_for_every_pattern() {
    let mut faults = Vec::new();
    for (pattern, known) in TABLE {
        let file = Arc::new(json!({"type": "string", "pattern": pattern}));
        let library = Library::new([("standin:test".to_owned(), file)].into_iter().collect()).unwrap();
        let Ok(schema) = library.compile("standin:test", &Pointer::root()) else {
            faults.push(format!("{pattern} does not compile"));
            continue;
        };
        if !(known.is_empty() || schema.is_valid(&json!(known))) {
            faults.push(format!("{pattern} does not match {known:?}"));
        }
        for seed in 0..SEEDS {
            let made = schema.generate(&mut Dice::seeded(seed));
            if !made.as_ref().is_some_and(|made| schema.is_valid(made)) {
                faults.push(format!("{pattern}: {made:?}"));
                break;
            }
        }
    }
    assert!(faults.is_empty(), "{} patterns:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn patterns_are_kept_within_lengths() {
    for (pattern, min, max) in [
        (r"^[a-z]+$", 40, 41),
        (r"^(?=.*\d)(?=.*[a-z])(?=.*[A-Z]).*$", 30, 30),
        (r"^\w+( \w+)*$", 10, 12),
        (r"[0-9]{2}", 7, 7),
        (r"^(\w)\w*\1$", 5, 9),
        (r"^(?!a)\w+$", 3, 3),
        (r"^\d+$|^[a-z]+$", 20, 24),
        (r"^[A-Z0-9]{1,50}$", 12, 12),
    ] {
        let schema =
            compile(&json!({"type": "string", "pattern": pattern, "minLength": min, "maxLength": max}));
        for seed in 0..SEEDS {
            let made = schema.generate(&mut Dice::seeded(seed));
            assert!(made.is_some_and(|made| schema.is_valid(&made)), "{pattern} {min} {max}");
        }
    }
}

#[test]
fn a_name_that_fits_the_pattern_is_preferred() {
    let schema = compile(&json!({"type": "object", "required": ["country", "email"], "properties": {
        "country": {"type": "string", "pattern": "^[A-Z]{2}$", "maxLength": 2},
        "email": {"type": "string", "pattern": "^\\S+@\\S+$"}}}));
    for seed in 0..SEEDS {
        let made = schema.generate(&mut Dice::seeded(seed)).unwrap();
        let countries = ["NO", "DE", "PT", "KE", "JP", "CA", "PE", "IT", "BE", "IN"];
        assert!(countries.contains(&made["country"].as_str().unwrap()), "{made}");
        assert!(made["email"].as_str().unwrap().contains('.'), "{made}");
    }
}
