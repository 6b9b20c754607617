//! The variables of a collection, such as `{{baseUrl}}`, and what they stand for.

use std::collections::HashMap;

use super::{Node, scalar};

/// How often a value is looked through for variables in its turn.
const ROUNDS: usize = 4;
/// How long a text may become by that, in bytes.
const LONGEST: usize = 16 * 1024;

/// The values of variables, by name.
#[derive(Debug, Default)]
pub(super) struct Variables(HashMap<String, String>);

impl Variables {
    pub(super) fn of(root: &Node<'_>) -> Self {
        let listed = root.raw("variable").map(|list| list.as_is()).unwrap_or_default();
        let named = listed.iter().filter(|variable| !variable.is_set("disabled")).filter_map(|variable| {
            let name = variable.text("key").or_else(|| variable.text("id"))?;
            let value = scalar(variable.value().get("value")?).filter(|value| !value.is_empty())?;
            Some((name.to_owned(), value))
        });
        Self(named.collect())
    }

    /// The value of the variable of that name.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        self.0.get(name.trim()).map(|value| self.resolved(value))
    }

    /// A text with the values of its variables; those that nothing is known of stay as they are.
    pub(super) fn resolved(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..ROUNDS {
            let next = replaced(&text, |name| self.0.get(name.trim()).cloned());
            if next == text || next.len() > LONGEST {
                break;
            }
            text = next;
        }
        text
    }

    /// A text with the values of its variables; `None` where one is not known, so that the text is none that was sent.
    pub(super) fn sent(&self, text: &str) -> Option<String> {
        let text = self.resolved(text);
        (!is_open(&text)).then_some(text)
    }
}

/// Whether a text has a variable.
pub(super) fn is_open(text: &str) -> bool {
    text.split_once("{{").is_some_and(|(_, rest)| rest.contains("}}"))
}

/// A text, each `{{name}}` in it replaced where there is something to replace it by.
pub(super) fn replaced(text: &str, by: impl Fn(&str) -> Option<String>) -> String {
    let mut made = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, following)) = after.split_once("}}") else { break };
        made.push_str(before);
        match by(name) {
            Some(value) => made.push_str(&value),
            None => made.push_str(&rest[before.len()..rest.len() - following.len()]),
        }
        rest = following;
    }
    made + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Variables {
        Variables(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn a_variable_may_stand_in_the_value_of_another_one() {
        let variables = variables(&[("base", "https://{{host}}/v1"), ("host", "example.org")]);
        assert_eq!(variables.resolved("{{base}}/{{path}}"), "https://example.org/v1/{{path}}");
        assert_eq!(variables.sent("{{base}}/{{path}}"), None);
    }

    #[test]
    fn a_variable_that_holds_itself_comes_to_an_end() {
        let variables = variables(&[("a", "{{a}}{{a}}{{a}}{{a}}")]);
        assert!(variables.resolved(&"{{a}}".repeat(100)).len() <= LONGEST);
    }
}
