//! A text that is JSON, or would be if its variables were filled in → a sample.
//!
//! Postman sends a body after it has put values in the place of `{{variables}}` and taken out comments, so what a collection
//! keeps is often no JSON by itself.

use serde_json::Value;

use super::{
    super::Node,
    Reader, media,
    variables::{Variables, replaced},
};
use crate::inference::{Samples, Texts};

/// The text that stands for a variable of which nothing is known.
const GAP: &str = "{{?}}";

/// What a text of JSON shows.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) value: Value,
    /// Whether there are variables in it of which nothing is known.
    pub(super) has_gaps: bool,
}

impl Sample {
    pub(super) fn read(text: &str, variables: &Variables) -> Result<Self, String> {
        if let Ok(value) = serde_json::from_str(text) {
            return Ok(Self { value, has_gaps: false });
        }
        let filled = filled(text, variables);
        let value = serde_json::from_str(&filled).map_err(|error| {
            let message = error.to_string();
            message.split(" at line ").next().unwrap_or_default().to_owned()
        })?;
        Ok(Self { value, has_gaps: filled.contains(GAP) })
    }

    pub(super) fn note(&self, samples: &mut Samples) {
        samples.add_around(&self.value, GAP);
    }

    pub(super) fn schema(&self) -> Value {
        let mut samples = Samples::default();
        self.note(&mut samples);
        samples.schema(Texts::Plain)
    }
}

impl Reader {
    /// The sample that a text of a media type is; `None` where it is not JSON, or is said to be and is not.
    pub(super) fn sample(&mut self, text: &str, media_type: &str, node: &Node<'_>) -> Option<Sample> {
        if !media::is_json(media_type) {
            return None;
        }
        let read = Sample::read(text, &self.variables);
        read.map_err(|why| {
            let right = "mend the JSON, or name the media type that it is in `Content-Type`; as it is, it shows nothing";
            self.warn(node, format!("the body is no JSON: {why}"), right);
        })
        .ok()
    }
}

/// The text with values in the place of variables, and without comments.
fn filled(text: &str, variables: &Variables) -> String {
    let mut made = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '"' => {
                let length = string(rest);
                made.push_str(&rest[..length]);
                length
            }
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '{' if rest.starts_with("{{") => match rest.find("}}") {
                Some(end) => {
                    made.push_str(&replaced(&rest[..end + 2], |name| Some(value(name, variables))));
                    end + 2
                }
                None => rest.len(),
            },
            other => {
                made.push(other);
                other.len_utf8()
            }
        };
        rest = &rest[taken..];
    }
    made
}

/// The length of the string that a text begins with.
fn string(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            '"' if !is_escaped => return at + 1,
            '\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    text.len()
}

/// What stands for a variable in JSON: its value where that is JSON.
fn value(name: &str, variables: &Variables) -> String {
    let known = variables.value(name).filter(|value| serde_json::from_str::<Value>(value).is_ok());
    known.unwrap_or_else(|| format!("\"{GAP}\""))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn variables_outside_of_strings_and_comments_are_no_fault() {
        let text = "{ // the pet\n \"id\": {{id}}, /* {{no}} */ \"name\": \"a \\\" // {{name}}\" }";
        let sample = Sample::read(text, &Variables::default()).unwrap();
        assert_eq!(sample.value, json!({"id": GAP, "name": "a \" // {{name}}"}));
        assert!(sample.has_gaps);
        assert_eq!(sample.schema()["properties"], json!({"id": {}, "name": {"type": "string"}}));
    }

    #[test]
    fn what_is_no_json_for_another_reason_is_told() {
        for text in ["{\"a\": 1,}", "{{", "\"", "/*", "{\"a\": {{b}", "<a/>", ""] {
            assert!(Sample::read(text, &Variables::default()).is_err(), "{text}");
        }
    }
}
