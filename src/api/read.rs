//! Walks the document once and reads what operations are made of.

use std::{
    collections::HashSet,
    sync::{Arc, OnceLock},
};

use http::Method;
use indexmap::IndexMap;
use serde_json::Value;

use super::{
    Api, Body, Content, Encoding, Example, Form, Link, Operation, Parameter, Response, SecurityScheme,
    Status, Style, security, server,
};
use crate::{
    document::{Direction, Document, METHODS, Node},
    exchange::MediaType,
    finding::{Code, Finding, Location, Part, Place, Severity},
    schema::{self, Dice, Library, Schema},
};

/// Reads what `document` says, and what is wrong with it.
///
/// A finding leaves out the part that it names, never the rest.
///
/// # Errors
/// The findings alone where the schemas of the document cannot be indexed at all.
pub fn read(document: Arc<Document>) -> Result<(Api, Vec<Finding>), Vec<Finding>> {
    let (requests, responses) = libraries(&document).map_err(|error| {
        let finding = document.root().error(Code::InvalidSchema, error.to_string());
        vec![finding.help("give each file its own URI")]
    })?;
    let mut reader = Reader {
        requests,
        responses,
        direction: Direction::Request,
        findings: document.findings().to_vec(),
        schemes: IndexMap::new(),
    };
    let root = document.root();
    reader.schemes = security::schemes(&root, &mut reader.findings);
    let operations = reader.operations(&root);
    let Reader { mut findings, schemes, .. } = reader;
    // What several operations refer to is one place with one fault.
    let mut told = HashSet::new();
    findings.retain(|finding| told.insert(finding.to_string()));
    document.locate(&mut findings);
    let title = root.get("info").and_then(|info| info.text("title")).unwrap_or(document.name()).to_owned();
    let base_paths = server::base_paths(&root).unwrap_or_default();
    Ok((Api { document, title, base_paths, operations, schemes }, findings))
}

/// The schemas as requests see them, and as responses do; the same where there is no difference.
fn libraries(document: &Document) -> Result<(Arc<Library>, Arc<Library>), schema::Error> {
    let (sent, received) = (document.seen_in(Direction::Request), document.seen_in(Direction::Response));
    let is_same = sent.values().zip(received.values()).all(|(one, other)| Arc::ptr_eq(one, other));
    let requests = Library::new(sent)?;
    let responses = if is_same { Arc::clone(&requests) } else { Library::new(received)? };
    Ok((requests, responses))
}

pub(super) struct Reader {
    requests: Arc<Library>,
    responses: Arc<Library>,
    /// Which way the message goes that is being read.
    pub(super) direction: Direction,
    schemes: IndexMap<String, SecurityScheme>,
    pub(super) findings: Vec<Finding>,
}

impl Reader {
    fn operations(&mut self, root: &Node<'_>) -> Vec<Operation> {
        let mut operations = Vec::new();
        for (path, item) in root.get("paths").iter().flat_map(Node::entries) {
            if !path.starts_with('/') {
                if !path.starts_with("x-") {
                    let message = format!("the path `{path}` does not begin with a slash");
                    self.findings.push(item.error(Code::InvalidStructure, message).help("write it as `/…`"));
                }
                continue;
            }
            for (method, node) in methods(&item) {
                operations.push(self.calling(method, path, &item, &node));
            }
        }
        operations
    }

    /// An operation with its callbacks. A callback has none: what it leads to is for those to tell who receive it.
    fn calling(&mut self, method: Method, path: &str, item: &Node<'_>, node: &Node<'_>) -> Operation {
        Operation { callbacks: self.callbacks(node), ..self.operation(method, path, item, node) }
    }

    pub(super) fn operation(
        &mut self,
        method: Method,
        path: &str,
        item: &Node<'_>,
        node: &Node<'_>,
    ) -> Operation {
        let text = |key: &str| node.text(key).unwrap_or_default().trim().to_owned();
        let (summary, description) = (text("summary"), text("description"));
        Operation {
            id: node.text("operationId").map_or_else(|| format!("{method} {path}"), str::to_owned),
            // What some documents write after the path, so that it may stand there twice, is no part of a path.
            path: path.split(['#', '?']).next().unwrap_or(path).to_owned(),
            base_paths: [node, item, &node.document().root()]
                .into_iter()
                .find_map(server::base_paths)
                .unwrap_or_default(),
            description: format!("{summary}\n{description}"),
            summary: if summary.is_empty() { description } else { summary },
            parameters: self.parameters(path, item, node),
            body: node.get("requestBody").map(|body| self.body(&body)),
            responses: self.responses(node),
            callbacks: Vec::new(),
            is_deprecated: node.is_set("deprecated"),
            security: security::requirements(node, &self.schemes, &mut self.findings),
            place: node.place().clone(),
            method,
        }
    }

    /// The operation's parameters, and those of the path item that it does not replace (OAS 3.1, section 4.8.10).
    fn parameters(&mut self, path: &str, item: &Node<'_>, operation: &Node<'_>) -> Vec<Parameter> {
        let mut parameters: Vec<Parameter> = Vec::new();
        for list in [operation, item].into_iter().filter_map(|node| node.get("parameters")) {
            for node in list.items() {
                let Some(parameter) = self.parameter(&node) else { continue };
                let known = |other: &Parameter| other.part == parameter.part && other.name == parameter.name;
                if parameters.iter().any(known) {
                    continue;
                }
                match misplaced(&parameter, path, &node) {
                    Some(finding) => self.findings.push(finding),
                    None => parameters.push(parameter),
                }
            }
        }
        parameters.retain(|parameter| !is_ignored(parameter));
        parameters
    }

    fn parameter(&mut self, node: &Node<'_>) -> Option<Parameter> {
        let part = match node.text("in") {
            Some("path") => Part::Path,
            Some("query" | "querystring") => Part::Query,
            Some("header") => Part::Header,
            Some("cookie") => Part::Cookie,
            _ => {
                let finding = node.error(Code::InvalidStructure, "a parameter says not where it stands");
                self.findings.push(finding.help("`in` is one of path, query, querystring, header, cookie"));
                return None;
            }
        };
        let Some(name) = node.text("name") else {
            let finding = node.error(Code::InvalidStructure, "a parameter has no name");
            self.findings.push(finding.help("give it a `name`"));
            return None;
        };
        let mut parameter = self.described(node, name, part);
        parameter.is_required |= part == Part::Path;
        if node.text("in") == Some("querystring") {
            parameter.style = Style::QueryString;
        }
        Some(parameter)
    }

    /// What parameters and headers have in common.
    fn described(&mut self, node: &Node<'_>, name: &str, part: Part) -> Parameter {
        let content = node.get("content").and_then(|content| content.entries().next());
        let media_type = content.as_ref().and_then(|(name, _)| MediaType::parse(name));
        let holder = content.map_or_else(|| node.clone(), |(_, content)| content);
        let schema = self.schema(&holder, "schema");
        let examples = self.examples(&holder, schema.as_ref(), None);
        let style = node.text("style").and_then(Style::named).unwrap_or_else(|| Style::usual(part));
        let explode = node.value().get("explode").and_then(Value::as_bool);
        Parameter {
            name: name.to_owned(),
            part,
            is_required: node.is_set("required"),
            is_deprecated: node.is_set("deprecated"),
            description: node.text("description").unwrap_or_default().to_owned(),
            style,
            explode: explode.unwrap_or(matches!(style, Style::Form | Style::Cookie)),
            allow_reserved: node.is_set("allowReserved"),
            allow_empty: node.is_set("allowEmptyValue"),
            media_type,
            token: node.value().get("x-standin-token").cloned(),
            schema,
            examples,
            place: node.place().clone(),
        }
    }

    fn body(&mut self, node: &Node<'_>) -> Body {
        Body {
            is_required: node.is_set("required"),
            content: self.content(node),
            place: node.place().clone(),
        }
    }

    fn responses(&mut self, operation: &Node<'_>) -> Vec<Response> {
        self.direction = self.direction.turned();
        let responses = self.responses_of(operation);
        self.direction = self.direction.turned();
        responses
    }

    fn responses_of(&mut self, operation: &Node<'_>) -> Vec<Response> {
        let mut responses = Vec::new();
        for (key, node) in operation.get("responses").iter().flat_map(Node::entries) {
            let Some(status) = Status::parse(key) else {
                if !key.starts_with("x-") {
                    let message = format!("`{key}` is no status");
                    let right = "a response is declared for a status such as `404`, a range such as `4XX`, or `default`";
                    self.findings.push(node.error(Code::InvalidStructure, message).help(right));
                }
                continue;
            };
            responses.push(Response {
                status,
                description: node.text("description").unwrap_or_default().to_owned(),
                content: self.content(&node),
                headers: self.headers(&node),
                links: links(&node),
                place: node.place().clone(),
            });
        }
        responses
    }

    fn content(&mut self, holder: &Node<'_>) -> Vec<Content> {
        let mut all = Vec::new();
        for (name, node) in holder.get("content").iter().flat_map(Node::entries) {
            let Some(media_type) = MediaType::parse(name) else {
                let finding = node.error(Code::InvalidStructure, format!("`{name}` is no media type"));
                self.findings.push(finding.help("a media type is written as in `application/json`"));
                continue;
            };
            let schema = self.schema(&node, "schema");
            let item_schema = self.schema(&node, "itemSchema");
            let mut examples = self.examples(&node, schema.as_ref(), Some(&media_type));
            examples.retain(|example| self.has_sound_items(example, item_schema.as_ref()));
            all.push(Content {
                media_type,
                examples,
                as_written: as_written(&node),
                item_schema,
                encoding: self.encodings(&node),
                prefix_encoding: self.prefix_encoding(&node),
                item_encoding: node.get("itemEncoding").map(|encoding| self.encoding(&encoding)),
                schema,
                place: node.place().clone(),
            });
        }
        all
    }

    /// How the properties of a form are written (OAS 3.1, section 4.8.15).
    fn encodings(&mut self, content: &Node<'_>) -> IndexMap<String, Encoding> {
        let encodings = content.get("encoding");
        let encodings = encodings.iter().flat_map(Node::entries);
        encodings.map(|(name, node)| (name.to_owned(), self.encoding(&node))).collect()
    }

    fn prefix_encoding(&mut self, content: &Node<'_>) -> Vec<Encoding> {
        let encodings = content.get("prefixEncoding");
        encodings.iter().flat_map(Node::items).map(|node| self.encoding(&node)).collect()
    }

    fn encoding(&mut self, node: &Node<'_>) -> Encoding {
        let explicit = ["style", "explode", "allowReserved"];
        let is_styled = explicit.iter().any(|key| node.value().get(key).is_some());
        let is_refused = node.value().get("allowReserved") == Some(&Value::Bool(false));
        let types = node.text("contentType").unwrap_or_default().split(',');
        Encoding {
            content_types: types.filter_map(MediaType::parse).collect(),
            headers: self.headers(node),
            style: node.text("style").and_then(Style::named).or(is_styled.then_some(Style::Form)),
            explode: node.value().get("explode").and_then(Value::as_bool),
            allow_reserved: node.is_set("allowReserved"),
            forbids_reserved: is_refused && node.value().get("style").is_some(),
            place: Some(node.place().clone()),
        }
    }

    /// The declared header fields of a response or a part; `Content-Type` is said elsewhere and ignored here.
    fn headers(&mut self, holder: &Node<'_>) -> Vec<Parameter> {
        let headers = holder.get("headers");
        let headers = headers.iter().flat_map(Node::entries);
        headers
            .filter(|(name, _)| !name.eq_ignore_ascii_case("content-type"))
            .map(|(name, header)| self.described(&header, name, Part::Header))
            .collect()
    }

    fn schema(&mut self, holder: &Node<'_>, key: &str) -> Option<Schema> {
        let node = holder.raw(key)?;
        let place = node.place();
        let library = match self.direction {
            Direction::Request => &self.requests,
            Direction::Response => &self.responses,
        };
        match library.compile(&place.file, &place.pointer) {
            Ok(schema) => Some(schema),
            Err(schema::Error::Schema { message, .. } | schema::Error::Library(message)) => {
                let finding = node.error(Code::InvalidSchema, message);
                self.findings.push(
                    finding.help("a schema follows JSON Schema 2020-12; until it does, it judges nothing"),
                );
                None
            }
        }
    }

    /// The examples at a place that may be sent, those that satisfy `schema` first: they, texts of the media type, which
    /// only its reader can judge, and in a response the nearest value to each other one; of each of these, findings.
    fn examples(
        &mut self,
        holder: &Node<'_>,
        schema: Option<&Schema>,
        media_type: Option<&MediaType>,
    ) -> Vec<Example> {
        let (mut kept, mut repaired) = (Vec::new(), Vec::new());
        for (name, node, form) in written_examples(holder) {
            let has_reader = |media_type: &MediaType| !media_type.is_json() && !media_type.is_range();
            let is_text = media_type.is_some_and(has_reader) && node.value().is_string();
            let broken = match schema {
                Some(schema) if form == Form::Value => schema.violations(node.value()),
                _ => Vec::new(),
            };
            let form = if is_text && !broken.is_empty() { Form::Serialized } else { form };
            let place = node.place().clone();
            if broken.is_empty() || form == Form::Serialized {
                kept.push(Example {
                    name,
                    value: Arc::new(node.value().clone()),
                    form,
                    meaning: OnceLock::new(),
                    place,
                });
                continue;
            }
            self.findings.extend(broken.into_iter().map(|violation| unsound(node.place(), violation)));
            let is_sent = self.direction == Direction::Response;
            let nearest = schema.filter(|_| is_sent).and_then(|schema| {
                // The same document gives the same values on every machine.
                schema.repair(node.value(), &mut Dice::seeded(0))
            });
            repaired.extend(nearest.map(|value| Example {
                name,
                value: Arc::new(value),
                form,
                meaning: OnceLock::new(),
                place,
            }));
        }
        kept.append(&mut repaired);
        kept
    }

    /// Whether every item of an example of a stream satisfies the schema of the items; of each other one, a finding.
    fn has_sound_items(&mut self, example: &Example, schema: Option<&Schema>) -> bool {
        let Some(schema) = schema else { return true };
        let items = example.value.as_array().into_iter().flatten().enumerate();
        let broken: Vec<Finding> = items
            .flat_map(|(at, item)| {
                let place =
                    Place { file: Arc::clone(&example.place.file), pointer: example.place.pointer.join(at) };
                schema.violations(item).into_iter().map(move |violation| unsound(&place, violation))
            })
            .collect();
        let is_sound = broken.is_empty();
        self.findings.extend(broken);
        is_sound
    }
}

/// The operations of a path item. Methods that have no key of their own stand apart, in the case in which they are sent
/// (OAS 3.2, section 4.9.1).
pub(super) fn methods<'d>(item: &Node<'d>) -> Vec<(Method, Node<'d>)> {
    let known = item.entries().filter(|(name, _)| METHODS.contains(name));
    let known = known.map(|(name, node)| (name.to_ascii_uppercase(), node));
    let others = item.get("additionalOperations");
    let others = others.iter().flat_map(Node::entries).map(|(name, node)| (name.to_owned(), node));
    known
        .chain(others)
        .filter_map(|(name, node)| Some((Method::from_bytes(name.as_bytes()).ok()?, node)))
        .collect()
}

/// The examples at a place, as they are written (OAS 3.1, section 4.8.19; `dataValue` and `serializedValue` of OAS 3.2).
fn written_examples<'d>(holder: &Node<'d>) -> Vec<(Option<String>, Node<'d>, Form)> {
    let mut all: Vec<_> = holder.raw("example").map(|node| (None, node, Form::Value)).into_iter().collect();
    if all.is_empty() && holder.raw("examples").is_none() {
        // What the schema as a whole shows is an example of the content as well.
        let schema = holder.get("schema");
        let single = schema.iter().filter_map(|schema| schema.raw("example"));
        let several = schema.iter().filter_map(|schema| schema.raw("examples")).flat_map(|list| list.as_is());
        all.extend(single.chain(several).map(|node| (None, node, Form::Value)));
        return all;
    }
    for (name, node) in holder.get("examples").iter().flat_map(Node::entries) {
        let value = node.raw("value").or_else(|| node.raw("dataValue")).map(|value| (value, Form::Value));
        let serialized = || node.raw("serializedValue").map(|value| (value, Form::Serialized));
        if let Some((value, form)) = value.or_else(serialized) {
            all.push((Some(name.to_owned()), value, form));
        }
    }
    all
}

/// The examples at a place to the letter.
fn as_written(holder: &Node<'_>) -> Vec<Example> {
    let all = written_examples(holder).into_iter();
    all.map(|(name, node, form)| Example {
        name,
        value: Arc::new(node.value().clone()),
        form,
        place: node.place().clone(),
        meaning: OnceLock::new(),
    })
    .collect()
}

fn links(response: &Node<'_>) -> Vec<Link> {
    let links = response.get("links");
    let link = |(name, node): (&str, Node<'_>)| Link {
        name: name.to_owned(),
        operation_id: node.text("operationId").map(str::to_owned),
        operation_ref: node.text("operationRef").map(str::to_owned),
        parameters: node
            .get("parameters")
            .iter()
            .flat_map(Node::entries)
            .map(|(name, value)| (name.to_owned(), value.value().clone()))
            .collect(),
        body: node.raw("requestBody").map(|body| body.value().clone()),
        place: node.place().clone(),
    };
    links.iter().flat_map(Node::entries).map(link).collect()
}

/// A parameter in the path has a template there (OAS 3.1, section 4.8.12.1); without one no request could have it.
fn misplaced(parameter: &Parameter, path: &str, node: &Node<'_>) -> Option<Finding> {
    let template = format!("{{{}}}", parameter.name);
    if parameter.part != Part::Path || path.contains(&template) {
        return None;
    }
    let message = format!("the path `{path}` has no template for the parameter `{}`", parameter.name);
    let finding = node.error(Code::UnusedPathParameter, message);
    Some(finding.help(format!(
        "write `{template}` in the path, or let the parameter stand elsewhere; it is left out"
    )))
}

/// Definitions of these header parameters are to be ignored (OAS 3.1, section 4.8.12.2).
fn is_ignored(parameter: &Parameter) -> bool {
    let ignored = ["accept", "content-type", "authorization"];
    parameter.part == Part::Header && ignored.contains(&parameter.name.to_ascii_lowercase().as_str())
}

fn unsound(example: &Place, violation: schema::Violation) -> Finding {
    let place =
        Place { file: Arc::clone(&example.file), pointer: example.pointer.append(&violation.instance) };
    let rule = Place { file: violation.schema.0.into(), pointer: violation.schema.1 };
    let message = format!("the example breaks `{}`: {}", violation.keyword, violation.message);
    let mut finding = Finding::error(Code::ExampleBreaksSchema, Location::Document(place, None), message);
    finding.severity = Severity::Warning;
    finding.help("it is not sent as it is, but mended, or another one in its place, unless `--examples trust` says so").ruled_by(&rule)
}
