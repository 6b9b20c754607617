//! The body of a request → its media type, and a schema inferred from the sample.

use serde_json::{Map, Value, json};

use super::{
    Node, Reader,
    given::{Form, Given},
    media, member, scalar,
};
use crate::finding::Pointer;

/// The body of one request.
#[derive(Debug, Clone)]
pub(super) struct Body {
    pub(super) media_type: String,
    /// What it must satisfy; `None` where the sample tells nothing.
    pub(super) schema: Option<Value>,
    /// The sample, where it is one that could be sent.
    pub(super) example: Option<Value>,
    /// The media types of the parts of a form, by name.
    pub(super) encoding: Map<String, Value>,
    pub(super) at: Pointer,
}

impl Reader {
    /// Reads the body of a request; `None` where there is none.
    pub(super) fn body(&mut self, request: &Node<'_>, headers: &[Given<'_>]) -> Option<Body> {
        let body =
            member(request, "body").filter(|body| body.value().is_object() && !body.is_set("disabled"))?;
        let mode = member(&body, "mode")?;
        let named = media::of_fields(headers);
        match mode.value().as_str()? {
            "raw" => self.raw(&body, named),
            "urlencoded" => {
                let fields = self.given(member(&body, "urlencoded"), Form::Query);
                form(&fields, named.as_deref().unwrap_or("application/x-www-form-urlencoded"), &body)
            }
            "formdata" => {
                let fields = self.given(member(&body, "formdata"), Form::Query);
                form(&fields, "multipart/form-data", &body)
            }
            "graphql" => self.graphql(&member(&body, "graphql")?, named),
            "file" => Some(Body {
                media_type: named.unwrap_or_else(|| "application/octet-stream".to_owned()),
                schema: None,
                example: None,
                encoding: Map::new(),
                at: body.place().pointer.clone(),
            }),
            other => {
                let right = "known are raw, urlencoded, formdata, graphql and file";
                self.warn(&mode, format!("the body's mode `{other}` is not known; any body is taken"), right);
                None
            }
        }
    }

    fn raw(&mut self, body: &Node<'_>, named: Option<String>) -> Option<Body> {
        let node = member(body, "raw")?;
        let text = scalar(node.value()).filter(|text| !text.trim().is_empty())?;
        let options = member(body, "options").and_then(|options| member(&options, "raw"));
        let language = options.as_ref().and_then(|raw| media::of_language(raw.text("language")?));
        // Postman's editor says `text` of whatever nobody chose a language for.
        let language =
            language.filter(|language| *language != "text/plain" || media::of_text(&text) == "text/plain");
        let media_type =
            named.or(language.map(str::to_owned)).unwrap_or_else(|| media::of_text(&text).to_owned());
        let sample = self.sample(&text, &media_type, &node);
        let example = match &sample {
            Some(sample) => Some(sample.value.clone()).filter(|_| !sample.has_gaps),
            None if media::is_json(&media_type) => None,
            None => self.variables.sent(&text).map(Value::String),
        };
        let is_text = media::is_text(&media_type);
        let schema =
            sample.map(|sample| sample.schema()).or_else(|| is_text.then(|| json!({"type": "string"})));
        Some(Body { media_type, schema, example, encoding: Map::new(), at: node.place().pointer.clone() })
    }

    /// A query in the form of its own (GraphQL over HTTP, section 5.4).
    fn graphql(&mut self, node: &Node<'_>, named: Option<String>) -> Option<Body> {
        let query = node.text("query").filter(|query| !query.trim().is_empty())?;
        let mut properties =
            json!({"query": {"type": "string"}, "operationName": {"type": ["string", "null"]}});
        let mut required = vec!["query"];
        let mut example = Some(json!({ "query": query }));
        let variables = member(node, "variables");
        let written =
            variables.as_ref().and_then(|node| node.value().as_str()).filter(|text| !text.trim().is_empty());
        let sample = written.and_then(|text| self.sample(text, "application/json", variables.as_ref()?));
        if let Some(sample) =
            sample.filter(|sample| sample.value.as_object().is_some_and(|held| !held.is_empty()))
        {
            properties["variables"] = sample.schema();
            required.push("variables");
            example = example.filter(|_| !sample.has_gaps);
            if let Some(example) = &mut example {
                example["variables"] = sample.value;
            }
        }
        Some(Body {
            media_type: named.unwrap_or_else(|| "application/json".to_owned()),
            schema: Some(json!({"type": "object", "properties": properties, "required": required})),
            example,
            encoding: Map::new(),
            at: node.place().pointer.clone(),
        })
    }
}

/// A form: an object of texts, and of files where it has parts.
fn form(fields: &[Given<'_>], media_type: &str, body: &Node<'_>) -> Option<Body> {
    if fields.is_empty() {
        return None;
    }
    let (mut properties, mut example, mut encoding) = (Map::new(), Map::new(), Map::new());
    let mut required: Vec<&str> = Vec::new();
    for field in fields {
        let is_file = field.node.text("type") == Some("file");
        let schema =
            if is_file { json!({"type": "string", "format": "binary"}) } else { json!({"type": "string"}) };
        let is_again = required.contains(&field.name.as_str()) && field.is_sent;
        let schema = if is_again { json!({"type": "array", "items": schema}) } else { schema };
        if is_again || !properties.contains_key(&field.name) {
            properties.insert(field.name.clone(), schema);
        }
        if field.is_sent && !is_again {
            required.push(&field.name);
            example.insert(field.name.clone(), json!(field.text));
        }
        if let Some(named) = field.node.text("contentType").filter(|named| !named.is_empty()) {
            encoding.insert(field.name.clone(), json!({ "contentType": named }));
        }
    }
    let is_plain = properties.values().all(|schema| *schema == json!({"type": "string"}));
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    Some(Body {
        media_type: media_type.to_owned(),
        schema: Some(schema),
        example: is_plain.then_some(Value::Object(example)),
        encoding,
        at: body.place().pointer.clone(),
    })
}
