//! The operation that makes something → the properties of which no two things have the same value, as its texts say.

use crate::{
    api::{Operation, Status},
    schema::Schema,
};

/// The names of such properties, and why each is held to be one.
pub(super) fn keys(maker: &Operation) -> (Vec<String>, Vec<String>) {
    let refusal = maker.responses.iter().find(|response| response.status == Status::Exact(409));
    let Some(refusal) = refusal else { return Default::default() };
    let mut contents = maker.body.iter().flat_map(|body| &body.content);
    let schema = contents.find_map(|content| content.schema.as_ref());
    let Some(about) = schema.map(Schema::about) else { return Default::default() };
    let line = maker.line();
    let named = |name: &&str| {
        let told = about.property(name).keyword("description").and_then(|told| told.as_str());
        if told.is_some_and(|told| words(told).any(|word| word == "unique")) {
            return Some(format!("`{name}` is unique, as its description says"));
        }
        let is_named = words(&refusal.description).any(|word| word == name.to_ascii_lowercase());
        is_named.then(|| format!("`{name}` is unique, as the 409 of `{line}` names it"))
    };
    let all = about.names();
    all.iter().filter_map(|name| Some(((*name).to_owned(), named(name)?))).unzip()
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|character: char| !character.is_alphanumeric() && character != '_');
    words.map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::{
        api,
        document::{self, Source},
    };

    #[test]
    fn a_key_is_named_by_the_refusal_or_by_its_own_description() {
        let text = json!({"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": {"/users": {"post": {
            "requestBody": {"content": {"application/json": {"schema": {"properties": {
                "email": {"type": "string"}, "nick": {"type": "string", "description": "Must be unique."},
                "name": {"type": "string", "description": "Any"},
            }}}}},
            "responses": {"201": {"description": "Made"}, "409": {"description": "That Email is taken"}},
        }}}});
        let source = Source::Text { name: "a.json".into(), text: text.to_string().into() };
        let api = api::read(Arc::new(document::load(&source).unwrap())).unwrap().0;
        assert_eq!(keys(&api.operations[0]).0, ["email", "nick"]);
    }
}
