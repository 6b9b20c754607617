//! Laws of runtime expressions: what is read is printed as it was written, and no text is too much for the reader.

use http::Method;
use proptest::prelude::*;
use standin::exchange::{
    Request,
    expression::{Exchange, Expression, Grammar, Template},
};

/// Texts that are expressions, or nearly so.
fn nearly() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => prop::sample::select(vec![
            "$url", "$method", "$statusCode", "$request", "$response", "$steps", "$inputs", ".header", ".query", ".path",
            ".body", ".outputs", "#/", "#", "/", "~0", "~1", "{", "}", "{$", ".a-b", "é",
        ])
        .prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
}

/// Texts that are expressions for certain.
fn surely() -> impl Strategy<Value = String> {
    let pointer = prop::option::of("(/([a-z.{ é]|~0|~1){0,4}){0,3}")
        .prop_map(|pointer| pointer.map(|pointer| format!("#{pointer}")).unwrap_or_default());
    prop_oneof![
        prop::sample::select(vec!["$url", "$method", "$statusCode"]).prop_map(str::to_owned),
        "\\$request\\.(query|path)\\.[a-z.#$é{ ]{1,6}",
        "\\$(request|response)\\.header\\.[A-Za-z0-9._#~-]{1,6}",
        ("\\$(request|response)\\.body", pointer.clone()).prop_map(|(body, pointer)| body + &pointer),
        ("\\$(inputs|outputs|steps|workflows|components|sourceDescriptions)\\.[a-z.]{1,8}", pointer)
            .prop_map(|(name, pointer)| name + &pointer),
    ]
}

fn request() -> Request {
    Request::new(Method::GET, "/?a=b").header("host", "a.test")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_is_read_is_printed_as_it_was_written(text in surely(), around in "[a-z/?=]{1,6}") {
        let read = Expression::parse(&text, Grammar::Arazzo).expect("it is an expression");
        prop_assert_eq!(read.to_string(), text.clone());
        let embedded = format!("{around}{{{text}}}{around}");
        let template = Template::parse(&embedded, Grammar::Arazzo).expect("it holds one");
        prop_assert_eq!(template.to_string(), embedded);
        prop_assert_eq!(template.expressions().collect::<Vec<_>>(), [&read]);
    }

    #[test]
    fn every_text_is_printed_as_it_was_written_or_told_to_be_wrong_at_one_of_its_characters(text in nearly()) {
        for grammar in [Grammar::OpenApi, Grammar::Arazzo] {
            match Template::parse(&text, grammar) {
                Ok(template) => {
                    prop_assert_eq!(template.to_string(), text.clone());
                    let request = request();
                    let exchange = Exchange {
                        request: &request,
                        request_body: None,
                        path_values: &[],
                        response: None,
                        response_body: None,
                    };
                    let unknown = template.value(&exchange).err();
                    prop_assert!(unknown.is_none_or(|expression| text.contains(&expression.to_string())));
                }
                Err(fault) => prop_assert!((1..=text.chars().count() + 1).contains(&fault.at), "{}", fault),
            }
        }
    }
}
