//! A criterion (Arazzo 1.0, section 4.6.11) → what can be asked of an exchange.
//!
//! Regular expressions and `JSONPath` compare exactly, simple conditions without regard to case. Read [`Criterion::unmet`]
//! first.

use fancy_regex::Regex;
use serde_json::Value;
use serde_json_path::JsonPath;

use super::Condition;
use crate::{
    exchange::expression::{Context, Expression},
    finding::Place,
};

/// Something that must hold of an exchange.
#[derive(Debug, Clone)]
pub struct Criterion {
    /// Where it stands.
    pub place: Place,
    /// The condition as written.
    pub text: String,
    /// How it is judged.
    pub test: Test,
}

/// How a criterion is judged.
#[derive(Debug, Clone)]
pub enum Test {
    /// By a condition.
    Simple(Condition),
    /// The text of this value matches.
    Regex(Expression, Box<Regex>),
    /// The query finds something in this value.
    JsonPath(Expression, Query),
}

/// A query and what it is asked of.
#[derive(Debug, Clone)]
pub struct Query {
    path: JsonPath,
    asked: Asked,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// The value.
    Itself,
    /// A list of the value alone, so that a filter is about the value and not about what is in it.
    Listed,
    /// Either.
    Both,
}

impl Query {
    /// Reads a query; a bare comparison such as `$.name == 'a'`, which is none (RFC 9535), is taken for a filter.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        match JsonPath::parse(text) {
            Ok(path) => {
                let asked = if text.starts_with("$[?") { Asked::Both } else { Asked::Itself };
                Ok(Self { path, asked })
            }
            Err(fault) => match JsonPath::parse(&format!("$[?{}]", of_each(text))) {
                Ok(path) => Ok(Self { path, asked: Asked::Listed }),
                Err(_) => Err(format!("what stands at character {} does not fit", fault.position() + 1)),
            },
        }
    }

    fn finds(&self, value: &Value) -> bool {
        let finds = |value: &Value| !self.path.query(value).is_empty();
        let listed = || finds(&Value::Array(vec![value.clone()]));
        match self.asked {
            Asked::Itself => finds(value),
            Asked::Listed => listed(),
            // Widely used runners ask a filter of the list.
            Asked::Both => finds(value) || (value.is_object() && listed()),
        }
    }
}

/// A text whose roots are the item that a filter is about; those in quotes are texts.
fn of_each(text: &str) -> String {
    let mut quote = None;
    let turned = text.chars().map(|one| match (quote, one) {
        (None, '$') => '@',
        (None, '\'' | '"') => {
            quote = Some(one);
            one
        }
        (Some(open), one) if open == one => {
            quote = None;
            one
        }
        _ => one,
    });
    turned.collect()
}

impl Criterion {
    /// Why it does not hold, in words; `None` where it does.
    pub fn unmet(&self, context: &impl Context) -> Option<String> {
        match &self.test {
            Test::Simple(condition) => {
                let seen = || {
                    condition
                        .expressions()
                        .into_iter()
                        .map(|expression| told(expression, context))
                        .collect::<Vec<_>>()
                };
                (!condition.holds(context)).then(|| seen().join(", "))
            }
            Test::Regex(of, regex) => {
                let text = of.evaluate(context).map(|value| match &*value {
                    Value::String(text) => text.clone(),
                    value => value.to_string(),
                });
                let is_match = text.is_some_and(|text| regex.is_match(&text).unwrap_or(false));
                (!is_match).then(|| told(of, context))
            }
            Test::JsonPath(of, query) => {
                let is_found = of.evaluate(context).is_some_and(|value| query.finds(&value));
                (!is_found).then(|| told(of, context))
            }
        }
    }

    /// The expressions in it.
    pub fn expressions(&self) -> Vec<&Expression> {
        match &self.test {
            Test::Simple(condition) => condition.expressions(),
            Test::Regex(of, _) | Test::JsonPath(of, _) => vec![of],
        }
    }
}

/// How much of a value is told.
const SHOWN: usize = 120;

fn told(expression: &Expression, context: &impl Context) -> String {
    let Some(value) = expression.evaluate(context) else { return format!("`{expression}` is absent") };
    let text = value.to_string();
    let cut: String = text.chars().take(SHOWN).collect();
    let rest = if cut.len() < text.len() { "…" } else { "" };
    format!("`{expression}` is {cut}{rest}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_query_is_asked_as_users_write_it() {
        let body = json!({"name": "A$", "pets": [{"id": 1}, {"id": 2}]});
        for (text, is_found) in [
            ("$.pets[?@.id == 2]", true),
            ("$.pets[?@.id == 3]", false),
            ("$[?count(@.pets) > 0]", true),
            ("$[?@.name == 'A$']", true),
            ("$[?@.name == 'a$']", false),
            ("$.name == 'A$'", true),
            ("$.name == 'B'", false),
            ("$.pets[0].id == 1 && $.name == 'A$'", true),
        ] {
            assert_eq!(Query::parse(text).unwrap().finds(&body), is_found, "{text}");
        }
        assert!(Query::parse("$.pets[").is_err());
    }
}
