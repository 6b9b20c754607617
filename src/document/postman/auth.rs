//! How requests prove who they are → security schemes.
//!
//! Of signatures (OAuth 1.0, Hawk, AWS, NTLM, `EdgeGrid`) nobody here could tell whether they are right; that they are there
//! is all that is asked.

use serde_json::{Value, json};

use super::{Node, Reader, given::Given, scalar};
use crate::finding::Pointer;

/// A security scheme that must be met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scheme {
    pub(super) name: String,
    pub(super) value: Value,
    pub(super) at: Pointer,
}

/// The query parameters of a signature of OAuth 1.0 (RFC 5849, section 3.1).
const OAUTH1: [&str; 5] =
    ["oauth_consumer_key", "oauth_signature_method", "oauth_timestamp", "oauth_nonce", "oauth_signature"];

/// The query parameters of a signed request to AWS.
const AWS: [&str; 5] =
    ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Signature"];

const KNOWN: &str = "known are noauth, basic, bearer, digest, apikey, oauth2, jwt, oauth1, hawk, awsv4, ntlm, edgegrid and asap";

impl Reader {
    /// The schemes that must all be met; none where everybody is let in.
    pub(super) fn schemes(&mut self, auth: Option<&Node<'_>>, headers: &[Given<'_>]) -> Vec<Scheme> {
        let asked = auth.map(|auth| self.asked(auth)).unwrap_or_default();
        if asked.is_empty() && auth.is_none_or(|auth| auth.text("type") != Some("noauth")) {
            return by_hand(headers).into_iter().collect();
        }
        asked
    }

    fn asked(&mut self, auth: &Node<'_>) -> Vec<Scheme> {
        let Some(kind) = auth.text("type") else {
            self.warn(auth, "the authentication has no `type`; nothing is asked for", KNOWN);
            return Vec::new();
        };
        let at = &auth.place().pointer;
        let said = |key: &str| attribute(auth, kind, key);
        let is_said = |key: &str, value: &str| said(key).is_some_and(|said| said.eq_ignore_ascii_case(value));
        let header = |names: &[&str]| names.iter().map(|name| key("header", name, at)).collect();
        let query = |names: &[&str]| names.iter().map(|name| key("query", name, at)).collect();
        match kind {
            "noauth" => Vec::new(),
            "basic" | "bearer" | "digest" => vec![http(kind, at)],
            "apikey" => self.api_key(auth),
            "oauth2" if is_said("addTokenTo", "queryParams") => query(&["access_token"]),
            "jwt" if is_said("addTokenTo", "queryParam") => {
                let name = said("queryParamKey").filter(|name| !name.is_empty());
                query(&[name.as_deref().unwrap_or("token")])
            }
            "oauth2" | "jwt" | "asap" => vec![http("bearer", at)],
            "oauth1" if !is_said("addParamsToHeader", "true") => query(&OAUTH1),
            "awsv4" if is_said("addAuthDataToQuery", "true") => query(&AWS),
            "awsv4" => header(&["Authorization", "X-Amz-Date"]),
            "oauth1" | "hawk" | "ntlm" | "edgegrid" => header(&["Authorization"]),
            other => {
                let message = format!("the authentication `{other}` is not known; nothing is asked for");
                self.warn(auth, message, KNOWN);
                Vec::new()
            }
        }
    }

    fn api_key(&mut self, auth: &Node<'_>) -> Vec<Scheme> {
        let name = attribute(auth, "apikey", "key").map(|name| self.variables.resolved(&name));
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            let right = "name the header or the query parameter in `key`";
            self.warn(auth, "the API key has no name; nothing is asked for", right);
            return Vec::new();
        };
        let part =
            if attribute(auth, "apikey", "in").as_deref() == Some("query") { "query" } else { "header" };
        vec![key(part, &name, &auth.place().pointer)]
    }
}

/// A scheme that somebody wrote as a header field, without the word `auth`.
fn by_hand(headers: &[Given<'_>]) -> Option<Scheme> {
    let field =
        headers.iter().find(|field| field.is_sent && field.name.eq_ignore_ascii_case("authorization"))?;
    let at = &field.node.place().pointer;
    let name = field.text.split(' ').next().unwrap_or_default().to_ascii_lowercase();
    Some(match name.as_str() {
        "basic" | "bearer" | "digest" => http(&name, at),
        _ => key("header", "Authorization", at),
    })
}

/// What is said of an authentication: v2.1 lists keys and values, v2.0 has an object.
fn attribute(auth: &Node<'_>, kind: &str, key: &str) -> Option<String> {
    match auth.value().get(kind)? {
        Value::Array(list) => {
            let found = list.iter().find(|one| one.get("key").and_then(Value::as_str) == Some(key))?;
            scalar(found.get("value")?)
        }
        said => scalar(said.get(key)?),
    }
}

fn http(scheme: &str, at: &Pointer) -> Scheme {
    Scheme { name: scheme.to_owned(), value: json!({"type": "http", "scheme": scheme}), at: at.clone() }
}

fn key(part: &str, name: &str, at: &Pointer) -> Scheme {
    let value = json!({"type": "apiKey", "in": part, "name": name});
    // The names of components have no other characters (OAS 3.1, section 4.8.7.1).
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
    let name = format!("{part}-{name}").replace(|character| !is_plain(character), "_");
    Scheme { name, value, at: at.clone() }
}
