//! Security schemes and requirements (OAS 3.1, sections 4.8.27 and 4.8.30).

use indexmap::IndexMap;
use serde_json::Value;

use crate::{
    document::Node,
    finding::{Code, Finding, Part, Place},
};

/// A declared way to prove who one is.
#[derive(Debug)]
pub struct SecurityScheme {
    /// Its name under `securitySchemes`.
    pub name: String,
    /// How the proof is carried.
    pub kind: SchemeKind,
    /// What it means.
    pub description: String,
    /// What `x-standin-token` says at this place.
    pub token: Option<Value>,
    /// Where it stands in the document.
    pub place: Place,
}

/// How a security scheme's proof is carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemeKind {
    /// A value of its own in a header, the query or a cookie.
    ApiKey {
        /// Where.
        part: Part,
        /// Under which name.
        name: String,
    },
    /// `Authorization` with this scheme, in lower case (RFC 9110, section 11).
    Http(String),
    /// A bearer token from OAuth 2.0 or `OpenID` Connect, and what a 401 calls it.
    Bearer(&'static str),
    /// Something that no header shows, such as mutual TLS.
    Unseen,
}

impl SchemeKind {
    /// Whether it is the query parameter of that name.
    pub fn is_in_query(&self, name: &str) -> bool {
        matches!(self, Self::ApiKey { part: Part::Query, name: own } if own == name)
    }
}

/// One alternative: the schemes that must all be met; none for anyone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement(pub Vec<Needed>);

/// A scheme that must be met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needed {
    /// Its name under `securitySchemes`.
    pub scheme: String,
    /// The scopes that the proof must have; empty where none is asked for.
    pub scopes: Vec<String>,
}

/// Reads the declared schemes.
pub(super) fn schemes(root: &Node<'_>, findings: &mut Vec<Finding>) -> IndexMap<String, SecurityScheme> {
    let declared = root.get("components").and_then(|components| components.get("securitySchemes"));
    let declared = declared.iter().flat_map(Node::entries);
    declared
        .filter_map(|(name, node)| {
            let Some(kind) = kind(&node) else {
                let message = format!("the security scheme `{name}` has no `type` that is known, or lacks a field of it");
                let right = "`type` is apiKey (with `in` and `name`), http (with `scheme`), oauth2, openIdConnect or mutualTLS";
                findings.push(node.error(Code::InvalidStructure, message).help(right));
                return None;
            };
            let scheme = SecurityScheme {
                name: name.to_owned(),
                kind,
                description: node.text("description").unwrap_or_default().to_owned(),
                token: node.value().get("x-standin-token").cloned(),
                place: node.place().clone(),
            };
            Some((name.to_owned(), scheme))
        })
        .collect()
}

fn kind(node: &Node<'_>) -> Option<SchemeKind> {
    match node.text("type")? {
        "apiKey" => Some(SchemeKind::ApiKey {
            part: match node.text("in")? {
                "header" => Part::Header,
                "query" => Part::Query,
                "cookie" => Part::Cookie,
                _ => return None,
            },
            name: node.text("name")?.to_owned(),
        }),
        "http" => Some(SchemeKind::Http(node.text("scheme")?.to_ascii_lowercase())),
        "oauth2" => Some(SchemeKind::Bearer("OAuth2")),
        "openIdConnect" => Some(SchemeKind::Bearer("OpenID")),
        "mutualTLS" => Some(SchemeKind::Unseen),
        _ => None,
    }
}

/// Reads the `security` of an operation, or of the document where the operation has none.
pub(super) fn requirements(
    operation: &Node<'_>,
    schemes: &IndexMap<String, SecurityScheme>,
    findings: &mut Vec<Finding>,
) -> Vec<Requirement> {
    let own = operation.get("security");
    let root = operation.document().root();
    let Some(list) = own.or_else(|| root.get("security")) else {
        return Vec::new();
    };
    let written = root.get("components").and_then(|components| components.get("securitySchemes"));
    list.items()
        .map(|requirement| {
            let needed = requirement.entries().filter_map(|(name, node)| {
                if schemes.contains_key(name) {
                    let scopes = node.items().filter_map(|scope| scope.value().as_str().map(str::to_owned));
                    return Some(Needed { scheme: name.to_owned(), scopes: scopes.collect() });
                }
                // A scheme that is written but cannot be read was told where it stands.
                if written.as_ref().is_some_and(|written| written.get(name).is_some()) {
                    return None;
                }
                let names: Vec<&str> = schemes.keys().map(String::as_str).collect();
                let message = format!("the security scheme `{name}` is not declared");
                let right = format!("`components/securitySchemes` declares: {}", names.join(", "));
                findings.push(node.error(Code::UndeclaredSecurityScheme, message).help(right));
                None
            });
            Requirement(needed.collect())
        })
        .collect()
}
