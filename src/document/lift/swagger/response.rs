//! `schema`, `examples` and `produces` of Swagger 2.0 → the `content` of responses. Read [`Lifter::response`] first.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::is_file;
use crate::{
    document::lift::Lifter,
    finding::{Place, Pointer, Trail},
};

impl Lifter<'_> {
    /// Gives a response its `content`, by what the document's root says it produces.
    pub(super) fn response(&mut self, part: &mut Map<String, Value>, trail: &Trail<'_>) {
        let produces = self.defaults.produces.clone();
        let home = self.pointer(trail);
        self.content(part, &home, &home, produces.as_deref());
    }

    /// Gives a response at `here` its `content`; its schema stands at `home`.
    fn content(
        &mut self,
        part: &mut Map<String, Value>,
        here: &Pointer,
        home: &Pointer,
        produces: Option<&[String]>,
    ) {
        if part.contains_key("$ref") || part.contains_key("content") {
            return;
        }
        let examples = part.get("examples").and_then(Value::as_object).cloned().unwrap_or_default();
        let is_file = part.get("schema").is_some_and(is_file);
        if !part.contains_key("schema") && examples.is_empty() {
            return;
        }
        let shown: Vec<String> = examples.keys().filter(|key| key.contains('/')).cloned().collect();
        let types = match produces {
            Some(types) => types.to_vec(),
            None if !shown.is_empty() => shown,
            None if is_file => vec!["application/octet-stream".to_owned()],
            None => vec!["application/json".to_owned()],
        };
        let mut content = Map::new();
        for (index, name) in types.iter().enumerate() {
            let mut media_type = Map::new();
            if part.contains_key("schema") {
                media_type
                    .insert("schema".to_owned(), json!({ "$ref": self.reference(&home.join("schema")) }));
            }
            let own = examples.get_key_value(name);
            // An example of a type that is not produced is still what the answer looks like.
            let any = || examples.iter().next().filter(|(key, _)| index == 0 && !types.contains(key));
            if let Some((key, example)) = own.or_else(any) {
                media_type.insert("example".to_owned(), example.clone());
                let there = here.join("content").join(name).join("example");
                self.moved.push((there, home.join("examples").join(key)));
            }
            content.insert(name.clone(), Value::Object(media_type));
        }
        part.insert("content".to_owned(), Value::Object(content));
    }

    /// Gives a response the `content` of an operation that says itself what it produces.
    pub(super) fn own_content(&mut self, response: &mut Value, here: &Pointer, produces: &[String]) {
        let place = Place { file: Arc::clone(&self.home.file), pointer: here.clone() };
        if let Some(target) = self.targets.get(&place).filter(|target| target.place.file == self.home.file) {
            *response = target.value.clone();
            let home = target.place.pointer.clone();
            if let Value::Object(part) = response {
                // The headers are lifted where they stand.
                if part.contains_key("headers") {
                    part.insert(
                        "headers".to_owned(),
                        json!({ "$ref": self.reference(&home.join("headers")) }),
                    );
                }
                self.content(part, here, &home, Some(produces));
                part.shift_remove("schema");
            }
        } else if let Value::Object(part) = response
            && !part.contains_key("$ref")
        {
            part.shift_remove("content");
            self.content(part, here, here, Some(produces));
        }
    }
}
