//! Walks the document once and reads what operations are made of.

use std::{collections::HashSet, sync::Arc};

use http::Method;
use indexmap::IndexMap;
use serde_json::Value;

use super::{
    Api, AsWritten, Body, Content, Encoding, Examples, Link, Operation, Parameter, Response, SecurityScheme,
    Status, Style, example::Written, security, server,
};
use crate::{
    document::{Direction, Document, METHODS, Node},
    exchange::MediaType,
    finding::{Code, Finding, Part},
    schema::{self, Library, Schema},
};

/// Reads what `document` says, and what is wrong with it.
///
/// A finding leaves out the part that it names, never the rest.
///
/// # Errors
/// The findings alone where the schemas of the document cannot be indexed at all.
pub fn read(document: Arc<Document>) -> Result<(Api, Vec<Finding>), Vec<Finding>> {
    read_judging(document, Judging::Now)
}

/// The same, but examples are judged when they are first asked for; [`Api::judge_examples`] tells what is wrong with them. Nor is
/// it looked up where in the text the findings stand ([`Document::locate`]), for which all of it is read again.
///
/// # Errors
/// As [`read()`].
pub fn read_unjudged(document: Arc<Document>) -> Result<(Api, Vec<Finding>), Vec<Finding>> {
    read_judging(document, Judging::Later)
}

fn read_judging(document: Arc<Document>, judging: Judging) -> Result<(Api, Vec<Finding>), Vec<Finding>> {
    let (requests, responses) = libraries(&document).map_err(|error| {
        let finding = document.root().error(Code::InvalidSchema, error.to_string());
        vec![finding.help("give each file its own URI")]
    })?;
    let mut reader = Reader {
        document: Arc::clone(&document),
        judging,
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
    told_once(&mut findings);
    if judging == Judging::Now {
        document.locate(&mut findings);
    }
    let title = root.get("info").and_then(|info| info.text("title")).unwrap_or(document.name()).to_owned();
    let base_paths = server::base_paths(&root).unwrap_or_default();
    Ok((Api { document, title, base_paths, operations, schemes }, findings))
}

/// What several operations refer to is one place with one fault.
pub(super) fn told_once(findings: &mut Vec<Finding>) {
    let mut told = HashSet::new();
    findings.retain(|finding| told.insert(finding.to_string()));
}

/// When examples are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judging {
    /// When they are read.
    Now,
    /// When they are asked for.
    Later,
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
    document: Arc<Document>,
    judging: Judging,
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
        let examples = self.examples(Written {
            document: Arc::clone(&self.document),
            holder: holder.place().clone(),
            schema: schema.clone(),
            item_schema: None,
            may_be_texts: false,
            direction: self.direction,
        });
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
            let examples = self.examples(Written {
                document: Arc::clone(&self.document),
                holder: node.place().clone(),
                schema: schema.clone(),
                item_schema: item_schema.clone(),
                may_be_texts: !media_type.is_json() && !media_type.is_range(),
                direction: self.direction,
            });
            all.push(Content {
                media_type,
                examples,
                as_written: AsWritten::new(Arc::clone(&self.document), node.place().clone()),
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

    /// The examples at a place, which are judged at once where everything is to be told at once.
    fn examples(&mut self, written: Written) -> Examples {
        let examples = Examples::new(written);
        if self.judging == Judging::Now {
            self.findings.extend_from_slice(examples.findings());
        }
        examples
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
