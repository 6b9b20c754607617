//! Requests, responses and findings → the same without their secrets, for whatever tells of them.
//!
//! This is the one place that knows what a secret is: a value under a name that carries credentials, a token in an answer,
//! and the same texts wherever else they appear. It knows nothing of reports and journals, which only tell what comes out
//! of here. Read [`Mask::learn`] first.

use std::{collections::BTreeSet, sync::LazyLock};

use http::{HeaderMap, HeaderValue};
use percent_encoding::percent_decode_str;
use regex::{Captures, Regex};

use crate::{
    api::SchemeKind,
    credential::Book,
    exchange::{Request, Response},
    finding::{Finding, Part},
    plan::Plan,
    sandbox,
};

/// What stands where a secret was.
const HIDDEN: &str = "***";

/// How long a text is at least that is hidden wherever it appears: a shorter one is part of too many words.
const TELLING: usize = 6;

/// Header fields that say nothing of who asks, though somebody gave them.
const HARMLESS: [&str; 8] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "content-type",
    "host",
    "origin",
    "prefer",
    "user-agent",
];

/// The names of tokens and secrets in OAuth 2.0 (RFC 6749) and `OpenID` Connect.
const TOKENS: [&str; 4] = ["access_token", "refresh_token", "id_token", "client_secret"];

static JWT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*|\z)").expect("the pattern of a JWT is an expression")
});

/// A member of a JSON object whose value is a text: its name, what stands between, the text. Where a body is cut, the
/// last text has no end.
static MEMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#""((?:[^"\\]|\\.)*)"(\s*:\s*)"((?:[^"\\]|\\.)*)(?:"|\\?\z)"#)
        .expect("the pattern of a member is an expression")
});

static USER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"://[^/@\s]+@").expect("the pattern of who asks is an expression"));

/// The names under which secrets stand.
#[derive(Debug, Default)]
pub struct Mask {
    /// Header fields, in lower case.
    fields: BTreeSet<String>,
    /// Parameters of the query, and of forms.
    parameters: BTreeSet<String>,
    /// Members of JSON objects.
    members: BTreeSet<String>,
    /// Texts that the caller gave.
    given: BTreeSet<String>,
}

impl Mask {
    /// What is secret in the documents of `plan`, whose credentials are `books`, and in the header fields that the caller gave.
    pub fn new(plan: &Plan, books: &[Book], given: &[(String, String)]) -> Self {
        let mut mask = Self::default();
        let usual = ["authorization", "proxy-authorization", "cookie", "set-cookie"];
        mask.fields.extend(usual.map(str::to_owned));
        mask.parameters.extend(TOKENS.map(str::to_owned));
        mask.members.extend(TOKENS.map(str::to_owned));
        for scheme in plan.apis().iter().flat_map(|api| api.schemes.values()) {
            if let SchemeKind::ApiKey { part, name } = &scheme.kind {
                mask.add(*part, name);
            }
        }
        for (book, api) in books.iter().zip(plan.apis()) {
            let carriages = (0..api.operations.len()).flat_map(|number| book.carriages(number)).flatten();
            carriages.for_each(|carriage| mask.add(carriage.part, &carriage.name));
            let issuers = (0..book.credentials().len()).flat_map(|number| book.issuers(number));
            mask.members.extend(issuers.filter_map(|(_, token)| token.tokens().last()));
        }
        let given = given.iter().filter(|(name, _)| !HARMLESS.contains(&name.to_lowercase().as_str()));
        for (name, value) in given {
            mask.fields.insert(name.to_lowercase());
            mask.given.extend(texts(name, value));
        }
        mask
    }

    /// Hides what another one hides as well.
    pub fn join(&mut self, other: Self) {
        let Self { fields, parameters, members, given } = other;
        self.fields.extend(fields);
        self.parameters.extend(parameters);
        self.members.extend(members);
        self.given.extend(given);
    }

    fn add(&mut self, part: Part, name: &str) {
        match part {
            Part::Header => self.fields.insert(name.to_lowercase()),
            Part::Query => self.parameters.insert(name.to_owned()),
            Part::Body => self.members.insert(name.to_owned()),
            // A cookie is hidden with the field that it stands in.
            Part::Line | Part::Path | Part::Cookie => false,
        };
    }

    /// The secrets in these exchanges, which are then hidden wherever they stand.
    pub fn learn<'e>(&self, exchanges: impl IntoIterator<Item = (&'e Request, &'e Response)>) -> Secrets<'_> {
        let mut hidden = self.given.clone();
        for (request, response) in exchanges {
            self.learn_fields(&request.headers, &mut hidden);
            self.learn_fields(&response.headers, &mut hidden);
            self.learn_pairs(request.query.as_deref().unwrap_or_default(), &mut hidden);
            for body in [request.bytes(), &response.body] {
                let text = String::from_utf8_lossy(body);
                self.learn_pairs(&text, &mut hidden);
                let members = MEMBER.captures_iter(&text).filter(|member| self.members.contains(&member[1]));
                hidden.extend(members.map(|member| member[3].to_owned()));
            }
        }
        Secrets { mask: self, texts: Texts::new(hidden) }
    }

    /// A text without what the caller gave, and without tokens that look like some.
    pub fn text(&self, text: &str) -> String {
        Texts::new(self.given.clone()).hidden(text)
    }

    /// A URL without who asks and with which password.
    pub fn url(&self, url: &str) -> String {
        Texts::new(self.given.clone()).hidden(url)
    }

    fn learn_fields(&self, headers: &HeaderMap, hidden: &mut BTreeSet<String>) {
        for (name, value) in headers.iter().filter(|(name, _)| self.fields.contains(name.as_str())) {
            hidden.extend(texts(name.as_str(), &String::from_utf8_lossy(value.as_bytes())));
        }
    }

    /// Takes the values of a query or a form, as they are sent and as they are meant.
    fn learn_pairs(&self, text: &str, hidden: &mut BTreeSet<String>) {
        let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
        for (_, value) in pairs.filter(|(name, _)| self.parameters.contains(&decoded(name))) {
            hidden.extend([value.to_owned(), decoded(&value.replace('+', " "))]);
        }
    }

    fn hide_response(&self, response: &mut Response, texts: &Texts) {
        let Response { headers, body, .. } = response;
        self.hide_fields(headers, texts);
        if let Some(masked) = self.body(body, texts) {
            *body = masked.into();
        }
    }

    fn hide_request(&self, request: &mut Request, texts: &Texts) {
        request.path = texts.hidden(&request.path);
        request.query = request.query.as_deref().map(|query| texts.hidden(&self.pairs(query)));
        self.hide_fields(&mut request.headers, texts);
        let is_form = request
            .header_values("content-type")
            .iter()
            .any(|media| media.starts_with("application/x-www-form-urlencoded"));
        let bytes = request.bytes().to_vec();
        let form = is_form.then(|| self.pairs(&String::from_utf8_lossy(&bytes)).into_bytes());
        let masked = self.body(form.as_deref().unwrap_or(&bytes), texts);
        if let Some(masked) = masked.or(form) {
            *request = request.clone().body(masked);
        }
    }

    fn hide_fields(&self, headers: &mut HeaderMap, texts: &Texts) {
        for (name, value) in headers.iter_mut() {
            let text = String::from_utf8_lossy(value.as_bytes());
            let masked = if self.fields.contains(name.as_str()) {
                field(name.as_str(), &text)
            } else {
                texts.hidden(&text)
            };
            if masked != text {
                *value = HeaderValue::from_bytes(masked.as_bytes())
                    .expect("a field's value stays one where a part of it is replaced by stars");
            }
        }
    }

    /// A body without its secrets; `None` where it has none.
    fn body(&self, bytes: &[u8], texts: &Texts) -> Option<Vec<u8>> {
        let text = String::from_utf8_lossy(bytes);
        let members = MEMBER.replace_all(&text, |member: &Captures<'_>| {
            if self.members.contains(&member[1]) {
                format!("\"{}\"{}\"{HIDDEN}\"", &member[1], &member[2])
            } else {
                member[0].to_owned()
            }
        });
        let masked = texts.hidden(&members);
        (masked != text).then(|| masked.into_bytes())
    }

    /// A query or a form, pair by pair.
    fn pairs(&self, text: &str) -> String {
        let pair = |pair: &str| match pair.split_once('=') {
            Some((name, value)) if !value.is_empty() && self.parameters.contains(&decoded(name)) => {
                format!("{name}={HIDDEN}")
            }
            _ => pair.to_owned(),
        };
        text.split('&').map(pair).collect::<Vec<_>>().join("&")
    }
}

/// What is to be hidden: what stands under the names of a mask, and the texts that were learned from exchanges.
#[derive(Debug)]
pub struct Secrets<'m> {
    mask: &'m Mask,
    texts: Texts,
}

impl Secrets<'_> {
    /// A text without them.
    pub fn text(&self, text: &str) -> String {
        self.texts.hidden(text)
    }

    /// Hides them in a finding.
    pub fn hide_in_finding(&self, finding: &mut Finding) {
        let Finding { message, help, challenge, .. } = finding;
        *message = self.text(message);
        *help = help.as_deref().map(|help| self.text(help));
        *challenge = challenge.as_deref().map(|challenge| self.text(challenge));
    }

    /// Hides them in a request.
    pub fn hide_in_request(&self, request: &mut Request) {
        self.mask.hide_request(request, &self.texts);
    }

    /// Hides them in a response.
    pub fn hide_in_response(&self, response: &mut Response) {
        self.mask.hide_response(response, &self.texts);
    }
}

/// Texts that are hidden wherever they stand, the longest first: it may hold another.
#[derive(Debug)]
struct Texts(Vec<String>);

impl Texts {
    fn new(hidden: BTreeSet<String>) -> Self {
        let forms = hidden.into_iter().flat_map(|text| [decoded(&text), escaped(&text), text]);
        let telling: BTreeSet<String> = forms.filter(|text| text.chars().count() >= TELLING).collect();
        let mut texts: Vec<String> = telling.into_iter().collect();
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        Self(texts)
    }

    fn hidden(&self, text: &str) -> String {
        let text = self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret, HIDDEN));
        let text = JWT.replace_all(&text, HIDDEN);
        USER.replace_all(&text, format!("://{HIDDEN}@")).into_owned()
    }
}

/// The secret texts in the value of a field.
fn texts(name: &str, value: &str) -> Vec<String> {
    match name.to_lowercase().as_str() {
        "cookie" => {
            let pairs = value.split(';').filter_map(|pair| pair.split_once('='));
            let secret = pairs.filter(|(name, _)| !is_sandbox(name));
            secret.map(|(_, value)| value.trim().to_owned()).collect()
        }
        "set-cookie" => {
            let pair = value.split(';').next().and_then(|pair| pair.split_once('='));
            pair.map(|(_, value)| value.trim().to_owned()).into_iter().collect()
        }
        "authorization" | "proxy-authorization" => {
            vec![value.split_once(' ').map_or(value, |(_, credential)| credential).trim().to_owned()]
        }
        _ => vec![value.to_owned()],
    }
}

/// Whether a cookie names a sandbox, which is no secret.
fn is_sandbox(name: &str) -> bool {
    name.trim().eq_ignore_ascii_case(sandbox::FIELD)
}

/// The value of a field that is secret: what says how it is to be read stays, and so does an empty one.
fn field(name: &str, value: &str) -> String {
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name, value)) if !value.is_empty() && !is_sandbox(name) => format!("{name}={HIDDEN}"),
        _ => pair.to_owned(),
    };
    match (name, value) {
        (_, "") => String::new(),
        ("cookie", value) => value.split(';').map(pair).collect::<Vec<_>>().join(";"),
        ("set-cookie", value) => match value.split_once(';') {
            Some((first, attributes)) => format!("{};{attributes}", pair(first)),
            None => pair(value),
        },
        ("authorization" | "proxy-authorization", value) => match value.split_once(' ') {
            Some((scheme, credential)) if !credential.trim().is_empty() => format!("{scheme} {HIDDEN}"),
            Some(_) => value.to_owned(),
            None => HIDDEN.to_owned(),
        },
        _ => HIDDEN.to_owned(),
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// As it stands within a JSON text.
fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}
