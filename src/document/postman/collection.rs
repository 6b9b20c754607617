//! Folders and items → the requests that can be answered, each with what the folders around it say.

use super::{
    Node, Reader,
    auth::Scheme,
    body::Body,
    description,
    given::Form,
    member,
    parameter::{Parameter, parameters},
    response::Saved,
    text,
    url::Target,
};

/// One request of the collection.
#[derive(Debug)]
pub(super) struct Request<'d> {
    pub(super) item: Node<'d>,
    pub(super) name: String,
    pub(super) description: String,
    /// The names of the folders around it, outermost first.
    pub(super) folders: Vec<String>,
    pub(super) method: String,
    pub(super) target: Target<'d>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<Body>,
    pub(super) responses: Vec<Saved<'d>>,
    /// What must all be met; empty where everybody is let in.
    pub(super) schemes: Vec<Scheme>,
}

/// What a folder hands on to its items.
#[derive(Clone)]
struct Around<'d> {
    folders: Vec<String>,
    auth: Option<Node<'d>>,
}

impl Reader {
    /// The requests of a collection, in their order.
    pub(super) fn requests<'d>(&mut self, root: &Node<'d>) -> Vec<Request<'d>> {
        let mut found = Vec::new();
        let around = Around { folders: Vec::new(), auth: member(root, "auth") };
        self.folder(root, &around, &mut found);
        found
    }

    fn folder<'d>(&mut self, holder: &Node<'d>, around: &Around<'d>, found: &mut Vec<Request<'d>>) {
        for item in holder.raw("item").map(|list| list.as_is()).unwrap_or_default() {
            let auth = member(&item, "auth").or_else(|| around.auth.clone());
            if item.raw("item").is_some_and(|list| list.value().is_array()) {
                let mut folders = around.folders.clone();
                folders.extend(text(&item, "name"));
                self.folder(&item, &Around { folders, auth }, found);
                continue;
            }
            let is_request = |node: &Node<'_>| node.value().is_object() || node.value().is_string();
            if let Some(request) = member(&item, "request").filter(is_request) {
                let around = Around { folders: around.folders.clone(), auth };
                found.extend(self.request(item, &request, around));
            } else {
                let right = "a request has `request`, and a folder has a list `item`";
                self.tell(&item, "the item is neither a request nor a folder", right);
            }
        }
    }

    fn request<'d>(&mut self, item: Node<'d>, request: &Node<'d>, around: Around<'d>) -> Option<Request<'d>> {
        let method = self.method(request)?;
        let target = self.target(request)?;
        let headers = self.given(member(request, "header"), Form::Lines);
        let auth = member(request, "auth").or(around.auth);
        let schemes = self.schemes(auth.as_ref(), &headers);
        let mut parameters = parameters(&target, &headers);
        // What a scheme asks for need not be asked for twice.
        parameters.retain(|parameter| !schemes.iter().any(|scheme| scheme.is(parameter)));
        let said = [description(request), description(&item)];
        Some(Request {
            name: text(&item, "name").unwrap_or_default().trim().to_owned(),
            description: said.into_iter().find(|said| !said.is_empty()).unwrap_or_default(),
            folders: around.folders,
            method,
            parameters,
            body: self.body(request, &headers),
            responses: self.responses(&item),
            schemes,
            target,
            item,
        })
    }

    /// The method of a request; `None`, and a finding, where it is none that could be sent.
    fn method(&mut self, request: &Node<'_>) -> Option<String> {
        let Some(node) = member(request, "method") else { return Some("GET".to_owned()) };
        let method = text(request, "method").unwrap_or_default();
        // RFC 9110, sections 5.6.2 and 9.1.
        let is_token =
            |character: char| character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character);
        if method.is_empty() || !method.chars().all(is_token) {
            self.tell(
                &node,
                format!("`{method}` is no method"),
                "write one such as `GET`; the request is left out",
            );
            return None;
        }
        Some(method.to_ascii_uppercase())
    }
}

impl Scheme {
    /// Whether the scheme is this parameter.
    fn is(&self, parameter: &Parameter) -> bool {
        let said = |key: &str| self.value.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
        let is_named = match parameter.part {
            "header" => said("name").eq_ignore_ascii_case(&parameter.name),
            _ => said("name") == parameter.name,
        };
        said("in") == parameter.part && is_named
    }
}
