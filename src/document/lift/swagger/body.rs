//! Parameters in `body` and `formData` of Swagger 2.0 → a `requestBody`. Read [`Lifter::request_body`] first.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Taken, is_file};
use crate::{
    document::{lift::Lifter, reference},
    finding::{Place, Pointer, Trail},
};

impl Lifter<'_> {
    /// The body that the parameters make which an operation has taken.
    pub(super) fn request_body(
        &mut self,
        taken: &[Taken],
        consumes: Option<Vec<String>>,
        trail: &Trail<'_>,
    ) -> Option<Value> {
        let (first, ..) = taken.first()?;
        let here = self.pointer(trail).join("requestBody");
        self.moved.push((here.clone(), first.clone()));
        let is_body = |(_, _, meant): &&Taken| meant.get("in").and_then(Value::as_str) == Some("body");
        if let Some((at, place, meant)) = taken.iter().find(is_body) {
            let types = consumes.unwrap_or_else(|| vec!["application/json".to_owned()]);
            let mut content = Map::new();
            let schema = match (place.pointer == *at, meant.get("schema")) {
                (_, None) => json!({}),
                // The parameter leaves its list, and its schema with it.
                (true, Some(schema)) => schema.clone(),
                (false, Some(_)) => self.elsewhere(place),
            };
            for name in types {
                let there = here.join("content").join(&name).join("schema");
                self.moved.push((there, at.join("schema")));
                content.insert(name, json!({ "schema": schema }));
            }
            let mut body =
                json!({ "content": content, "required": meant.get("required") == Some(&json!(true)) });
            if let Some(description) = meant.get("description") {
                body["description"] = description.clone();
            }
            return Some(body);
        }
        Some(self.form(taken, consumes, &here))
    }

    fn elsewhere(&self, place: &Place) -> Value {
        json!({ "$ref": reference::between(&self.home.file, &Place { pointer: place.pointer.join("schema"), file: Arc::clone(&place.file) }) })
    }

    /// A form: one object with a property for each parameter.
    fn form(&mut self, taken: &[Taken], consumes: Option<Vec<String>>, here: &Pointer) -> Value {
        let (mut properties, mut required, mut encoding) = (Map::new(), Vec::new(), Map::new());
        let mut has_file = false;
        for (at, place, meant) in taken {
            let Some(name) = meant.get("name").and_then(Value::as_str) else { continue };
            has_file |= is_file(meant) || meant.get("schema").is_some_and(is_file);
            let schema = if place.pointer == *at {
                meant.get("schema").cloned().unwrap_or_else(|| json!({}))
            } else {
                self.elsewhere(place)
            };
            properties.insert(name.to_owned(), schema);
            if meant.get("required") == Some(&json!(true)) {
                required.push(name.to_owned());
            }
            let written = ["style", "explode"]
                .iter()
                .filter_map(|key| Some(((*key).to_owned(), meant.get(*key)?.clone())));
            let written: Map<String, Value> = written.collect();
            if !written.is_empty() {
                encoding.insert(name.to_owned(), Value::Object(written));
            }
        }
        let is_form =
            |name: &String| name.starts_with("multipart/") || name == "application/x-www-form-urlencoded";
        let usual = if has_file { "multipart/form-data" } else { "application/x-www-form-urlencoded" };
        let mut types: Vec<String> = consumes.unwrap_or_default().into_iter().filter(is_form).collect();
        if types.is_empty() {
            types.push(usual.to_owned());
        }
        let mut content = Map::new();
        for name in types {
            let there = here.join("content").join(&name).join("schema").join("properties");
            for (at, _, meant) in taken {
                if let Some(name) = meant.get("name").and_then(Value::as_str) {
                    self.moved.push((there.join(name), at.clone()));
                    let least = at.join("schema").join("minLength");
                    let made = self.moved.iter().find(|(now, _)| *now == least);
                    let made = made.map(|(_, before)| (there.join(name).join("minLength"), before.clone()));
                    self.moved.extend(made);
                }
            }
            let schema = json!({ "type": "object", "properties": properties, "required": required });
            let mut media_type = json!({ "schema": schema });
            if !encoding.is_empty() {
                media_type["encoding"] = Value::Object(encoding.clone());
            }
            content.insert(name, media_type);
        }
        json!({ "content": content, "required": !required.is_empty() })
    }
}
