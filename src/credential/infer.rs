//! Reads who issues tokens and who carries them, from names, descriptions and examples; `x-standin-token` is the last word.

use jiff::SignedDuration;
use serde_json::Value;

use super::{
    Book, Credential, End, Extension, Foreign, Format, Issuer, Lifetime, Unit, Written, fits,
    gate::{Carrier, Gate, Proof, Scheme},
    opaque, words,
};
use crate::{
    api::{Api, Content, Operation, SchemeKind, SecurityScheme, Status},
    document::{Document, Node},
    finding::{Code, Finding, Location, Part, Place, Pointer, Severity},
};

/// How long a token lives when nothing says it.
const USUAL_LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// How deep in an answer a token is looked for.
const DEPTH: usize = 4;

/// Reads the credentials of `api`; `secret` signs them. The findings are those about `x-standin-token`, and tokens whose
/// schema has no room for an end.
pub fn infer(api: &Api, secret: &[u8], foreign: Foreign) -> (Book, Vec<Finding>) {
    let is_extended = api.document.files().values().any(|file| file.text.contains("x-standin-token"));
    let mut inference =
        Inference { api, is_extended, credentials: Vec::new(), issuers: Vec::new(), findings: Vec::new() };
    for (index, operation) in api.operations.iter().enumerate() {
        inference.issuers_of(index, operation);
    }
    let gates = api.operations.iter().map(|operation| inference.gate(operation)).collect();
    inference.findings.extend(unseen(api));
    let Inference { credentials, issuers, mut findings, .. } = inference;
    api.document.locate(&mut findings);
    (Book { secret: secret.to_vec(), foreign, credentials, issuers, gates }, findings)
}

struct Inference<'a> {
    api: &'a Api,
    /// Whether the document says somewhere itself what is a token.
    is_extended: bool,
    credentials: Vec<Credential>,
    issuers: Vec<Issuer>,
    findings: Vec<Finding>,
}

/// A place in an answer that may hold a token.
struct Field<'a> {
    pointer: Pointer,
    node: Node<'a>,
    /// The objects around it, innermost first.
    around: Vec<Node<'a>>,
}

impl Inference<'_> {
    fn issuers_of(&mut self, index: usize, operation: &Operation) {
        if !self.is_extended && !creates(operation) {
            return;
        }
        let success = operation
            .responses
            .iter()
            .find(|response| matches!(response.status, Status::Exact(200..=299) | Status::Range(2)));
        let Some((response, content)) = success.and_then(|response| {
            let json = response.content.iter().find(|content| content.media_type.is_json())?;
            Some((response, json))
        }) else {
            return;
        };
        let Some(schema) = self.api.document.at(&content.place).and_then(|node| node.get("schema")) else {
            return;
        };
        let mut fields = Vec::new();
        let search = Search { is_extended: self.is_extended };
        search.collect(
            &Field { pointer: Pointer::root(), node: schema, around: Vec::new() },
            DEPTH,
            &mut fields,
        );
        for field in fields {
            let texts = [response.description.as_str(), operation.description.as_str()];
            self.issuer(index, operation, content, &field, texts);
        }
    }

    fn issuer(
        &mut self,
        index: usize,
        operation: &Operation,
        content: &Content,
        field: &Field<'_>,
        texts: [&str; 2],
    ) {
        let Some(said) = self.extension(&field.node, field.node.value().get("x-standin-token")) else {
            return;
        };
        let name = field.pointer.last().unwrap_or_default();
        let is_said = field.node.value().get("x-standin-token").is_some();
        let is_named_so = creates(operation) && words::is_token(&name) && is_text(&field.node);
        if !is_said && !is_named_so {
            return;
        }
        let mut reasons = vec![format!(
            "`{}` of its answer {}",
            field.pointer,
            if is_said { "says so" } else { "is named so" }
        )];
        let Some(format) = self.format(&said, content, field, &mut reasons) else { return };
        let lifetime = lifetime(&said, operation, field, texts, &mut reasons, &self.api.document);
        let end = said.expires.as_deref().map_or_else(
            || sibling_end(field),
            |pointer| Some(End { field: Pointer::from_escaped(pointer), unit: Unit::UnixSeconds }),
        );
        if let Some(end) = &end {
            reasons.push(format!("`{}` tells its end", end.field));
        }
        let credential =
            self.credential(said.name.unwrap_or_else(|| operation.id.clone()), format, lifetime, reasons);
        self.credentials[credential].issued_by = Some(operation.line());
        self.issuers.push(Issuer { operation: index, credential, token: field.pointer.clone(), end });
    }

    /// How the tokens at `field` are written; `None`, and a finding, where its schema has room for none that lives.
    fn format(
        &mut self,
        said: &Extension,
        content: &Content,
        field: &Field<'_>,
        reasons: &mut Vec<String>,
    ) -> Option<Format> {
        let place = field.node.place();
        let schema = content.schema.as_ref()?.library().compile(&place.file, &place.pointer).ok()?;
        let opaque = opaque::ENCODINGS.map(Format::Opaque);
        let candidates: Vec<Format> = match said.format {
            Some(Written::Jwt) => vec![Format::Jwt],
            Some(Written::Opaque) => opaque.to_vec(),
            None if looks_like_jwt(content, field) => [&[Format::Jwt][..], &opaque].concat(),
            None => [&opaque[..], &[Format::Jwt]].concat(),
        };
        let chosen = candidates.into_iter().find(|format| fits(*format, &schema));
        if let Some(format) = chosen {
            reasons.push(format!("written as {format}"));
        } else {
            let message = "the schema of this token has no room for an end and a signature; it is not judged";
            let finding = field.node.error(Code::TokenWithoutRoom, message);
            self.findings.push(Finding { severity: Severity::Warning, ..finding });
        }
        chosen
    }

    /// The credential of that name, made where there is none yet.
    fn credential(
        &mut self,
        name: String,
        format: Format,
        lifetime: Lifetime,
        reasons: Vec<String>,
    ) -> usize {
        if let Some(index) = self.credentials.iter().position(|known| known.name == name) {
            return index;
        }
        let carried_by = Vec::new();
        self.credentials.push(Credential { name, format, lifetime, issued_by: None, carried_by, reasons });
        self.credentials.len() - 1
    }

    fn gate(&mut self, operation: &Operation) -> Gate {
        let api = self.api;
        let alternatives = operation.security.iter().map(|requirement| {
            let schemes =
                requirement.0.iter().filter_map(|needed| Some((needed, api.schemes.get(&needed.scheme)?)));
            schemes.map(|(needed, scheme)| self.scheme(scheme, &needed.scopes)).collect()
        });
        let alternatives = alternatives.collect();
        let mut parameters = Vec::new();
        for parameter in &operation.parameters {
            if parameter.part == Part::Path
                || !(words::is_token(&parameter.name) || parameter.token.is_some())
            {
                continue;
            }
            let hint = Hint {
                name: &parameter.name,
                carrier: format!("{} `{}`", parameter.part, parameter.name),
                description: &parameter.description,
                token: parameter.token.as_ref(),
                place: &parameter.place,
                is_bearer: false,
            };
            let credential = self.carried(&hint);
            let (part, name, place) = (parameter.part, parameter.name.clone(), parameter.place.clone());
            parameters.push(Carrier { part, name, credential, place });
        }
        Gate { alternatives, parameters }
    }

    fn scheme(&mut self, scheme: &SecurityScheme, scopes: &[String]) -> Scheme {
        let proof = match &scheme.kind {
            SchemeKind::ApiKey { part, name } => {
                let credential = self.of_scheme(scheme, name, format!("{part} `{name}`"), false);
                Proof::Key { part: *part, name: name.clone(), credential }
            }
            SchemeKind::Http(http) if http == "bearer" => self.bearer(scheme, "Bearer"),
            SchemeKind::Bearer(challenge) => self.bearer(scheme, challenge),
            SchemeKind::Http(http) => Proof::Http(http.clone()),
            SchemeKind::Unseen => Proof::Unseen,
        };
        Scheme { proof, scopes: scopes.to_vec(), place: scheme.place.clone() }
    }

    fn bearer(&mut self, scheme: &SecurityScheme, challenge: &'static str) -> Proof {
        let carrier = "`Authorization: bearer`".to_owned();
        Proof::Bearer { challenge, credential: self.of_scheme(scheme, &scheme.name, carrier, true) }
    }

    fn of_scheme(&mut self, scheme: &SecurityScheme, name: &str, carrier: String, is_bearer: bool) -> usize {
        self.carried(&Hint {
            name,
            carrier,
            description: &scheme.description,
            token: scheme.token.as_ref(),
            place: &scheme.place,
            is_bearer,
        })
    }

    /// The credential that a carrier carries: the one it names, else the likeliest issued one, else one of its own.
    fn carried(&mut self, hint: &Hint<'_>) -> usize {
        let node = self.api.document.at(hint.place);
        let said = node.and_then(|node| self.extension(&node, hint.token)).unwrap_or_default();
        let named =
            said.name.as_ref().and_then(|name| self.credentials.iter().position(|known| known.name == *name));
        let (credential, reason) = match named {
            Some(index) => (index, "it says so".to_owned()),
            None => self.likeliest(hint).unwrap_or_else(|| {
                let name = said.name.unwrap_or_else(|| hint.name.to_owned());
                let lifetime = Lifetime { fixed: USUAL_LIFETIME, from_request: None };
                let nobody =
                    vec!["nobody issues it: any value is accepted, unless tokens are strict".to_owned()];
                let opaque = Format::Opaque(opaque::ENCODINGS[0]);
                let format = if hint.is_bearer { Format::Jwt } else { opaque };
                (self.credential(name, format, lifetime, nobody), "it is declared so".to_owned())
            }),
        };
        let known = &mut self.credentials[credential];
        if !known.carried_by.contains(&hint.carrier) {
            known.carried_by.push(hint.carrier.clone());
            known.reasons.push(format!("{} carries it: {reason}", hint.carrier));
        }
        credential
    }

    fn likeliest(&self, hint: &Hint<'_>) -> Option<(usize, String)> {
        let issued = || self.issuers.iter().map(|issuer| (issuer, &self.api.operations[issuer.operation]));
        let told = issued().find(|(_, operation)| hint.description.contains(&operation.line()));
        if let Some((issuer, operation)) = told {
            return Some((issuer.credential, format!("its description names `{}`", operation.line())));
        }
        if !hint.is_bearer && !words::is_token(hint.name) {
            return None;
        }
        let own = words::words(hint.name);
        let score = |issuer: &Issuer, operation: &Operation| {
            let names =
                format!("{} {} {}", issuer.token, operation.id, self.credentials[issuer.credential].name);
            let theirs = words::words(&names);
            own.iter().filter(|word| *word != "token" && *word != "x" && theirs.contains(word)).count()
        };
        let best = issued()
            .map(|(issuer, operation)| (score(issuer, operation), issuer.credential))
            .max_by_key(|(score, _)| *score);
        match best {
            Some((score, credential)) if score > 0 => {
                Some((credential, "their names share words".to_owned()))
            }
            Some((_, credential)) if self.issuers.len() == 1 => {
                Some((credential, "it is the only token that the document issues".to_owned()))
            }
            _ => None,
        }
    }

    /// Reads `x-standin-token`; nothing where it is absent; `None`, and a finding, where it is not of its form.
    fn extension(&mut self, node: &Node<'_>, value: Option<&Value>) -> Option<Extension> {
        let said = match value {
            None => Ok(Extension::default()),
            Some(Value::Bool(false)) => return None,
            Some(value) => {
                serde_json::from_value::<Extension>(value.clone()).map_err(|error| error.to_string())
            }
        };
        match said {
            Ok(said) => Some(said),
            Err(message) => {
                let mut at = node.place().clone();
                at.pointer.push("x-standin-token");
                let right = "it has `name`, `format` (jwt or opaque), `lifetime` (as in `5m`), `lifetimeFrom` and `expires` (pointers)";
                let finding = Finding::error(Code::InvalidExtension, Location::Document(at, None), message);
                self.findings.push(finding.help(right));
                None
            }
        }
    }
}

/// The schemes that operations ask for and no request shows: whoever needs them is let in, which is told once and not with
/// each request.
fn unseen(api: &Api) -> Vec<Finding> {
    let needed = || api.operations.iter().flat_map(|operation| &operation.security).flat_map(|one| &one.0);
    let schemes = api.schemes.values().filter(|scheme| scheme.kind == SchemeKind::Unseen);
    schemes
        .filter(|scheme| needed().any(|needed| needed.scheme == scheme.name))
        .map(|scheme| {
            let message = format!("no request shows `{}`: whoever would need it is let in", scheme.name);
            let location = Location::Document(scheme.place.clone(), None);
            Finding::warning(Code::UncheckedSecurityScheme, location, message)
                .help("what a header, the query or a cookie carries would be judged")
        })
        .collect()
}

/// What a carrier shows of itself.
struct Hint<'h> {
    name: &'h str,
    carrier: String,
    description: &'h str,
    token: Option<&'h Value>,
    place: &'h Place,
    is_bearer: bool,
}

/// Whether an operation makes something, which may be a token.
fn creates(operation: &Operation) -> bool {
    operation.method == http::Method::POST || operation.method == http::Method::PUT
}

/// Looks for the properties of an answer that may be tokens.
#[derive(Clone, Copy)]
struct Search {
    is_extended: bool,
}

impl Search {
    /// The properties under `at` that are no objects and may be tokens, through `allOf`, down to a depth. Answers have
    /// hundreds of properties, and next to none of them is one, so that a node is only made where there is something to see.
    fn collect<'a>(self, at: &Field<'a>, depth: usize, fields: &mut Vec<Field<'a>>) {
        if depth == 0 {
            return;
        }
        for part in at.node.get("allOf").iter().flat_map(Node::items) {
            let part = Field { pointer: at.pointer.clone(), node: part, around: at.around.clone() };
            self.collect(&part, depth - 1, fields);
        }
        let Some(properties) = at.node.get("properties") else { return };
        let members = properties.value().as_object().into_iter().flatten();
        for (name, value) in members {
            let may_hold = ["$ref", "properties", "allOf"].iter().any(|key| value.get(key).is_some());
            if !may_hold && !self.is_extended && !words::is_token(name) {
                continue;
            }
            let Some(node) = properties.get(name) else { continue };
            let is_object = ["properties", "allOf"].iter().any(|key| node.value().get(key).is_some());
            if !is_object && !self.is_extended && !words::is_token(name) {
                continue;
            }
            let around = std::iter::once(at.node.clone()).chain(at.around.iter().cloned()).collect();
            let field = Field { pointer: at.pointer.join(name), node, around };
            if is_object {
                self.collect(&field, depth - 1, fields);
            } else {
                fields.push(field);
            }
        }
    }
}

fn is_text(node: &Node<'_>) -> bool {
    match node.value().get("type") {
        Some(Value::String(name)) => name == "string",
        Some(Value::Array(names)) => names.iter().any(|name| name == "string"),
        _ => false,
    }
}

fn looks_like_jwt(content: &Content, field: &Field<'_>) -> bool {
    let node = field.node.value();
    let of_schema =
        node.get("examples").and_then(Value::as_array).into_iter().flatten().chain(node.get("example"));
    let of_content =
        content.examples.iter().filter_map(|example| example.value.pointer(field.pointer.as_str()));
    let mut samples = of_schema.chain(of_content).chain(node.get("default")).filter_map(Value::as_str);
    node.get("format").is_some_and(|format| format == "jwt")
        || samples.any(|sample| sample.starts_with("eyJ"))
}

fn lifetime(
    said: &Extension,
    operation: &Operation,
    field: &Field<'_>,
    texts: [&str; 2],
    reasons: &mut Vec<String>,
    document: &Document,
) -> Lifetime {
    let from_request = said.lifetime_from.as_deref().map(Pointer::from_escaped).or_else(|| {
        let body = operation.body.as_ref()?.content.iter().find(|content| content.media_type.is_json())?;
        let schema = document.at(&body.place)?.get("schema")?;
        let mut properties = schema.get("properties")?.entries();
        let (name, _) = properties.find(|(name, _)| words::is_lifetime(name))?;
        Some(Pointer::root().join(name))
    });
    if let Some(pointer) = &from_request {
        reasons.push(format!("`{pointer}` of the request is its lifetime"));
    }
    let described = |node: &Node<'_>| node.text("description").unwrap_or_default().to_owned();
    let siblings = field.around.first().and_then(|parent| parent.get("properties"));
    let ends = siblings.iter().flat_map(Node::entries).filter(|(name, _)| words::is_end(name));
    let own = std::iter::once(described(&field.node)).chain(ends.map(|(_, node)| described(&node)));
    let around = field.around.iter().map(described).chain(texts.map(str::to_owned));
    let told = own.chain(around).find_map(|text| words::lifetime(&text));
    let fixed = match (said.lifetime, told) {
        (Some(said), _) => {
            reasons.push(format!("`x-standin-token` gives it {said:#}"));
            said
        }
        (None, Some((told, words))) => {
            reasons.push(format!("a description says \"{words}\""));
            told
        }
        (None, None) => {
            reasons.push(format!("nothing tells its lifetime: {USUAL_LIFETIME:#}"));
            USUAL_LIFETIME
        }
    };
    Lifetime { fixed, from_request }
}

/// The field beside a token that tells its end.
fn sibling_end(field: &Field<'_>) -> Option<End> {
    let parent = field.pointer.parent()?;
    let siblings = field.around.first()?.get("properties")?;
    let mut ends = siblings.entries().filter_map(|(name, node)| {
        let text = is_text(&node);
        let unit = match words::words(name).join(" ").as_str() {
            "expires in" if !text => Unit::SecondsFromNow,
            _ if !words::is_end(name) => return None,
            _ if text => Unit::DateTime,
            _ if sample(&node) > 100_000_000_000 => Unit::UnixMilliseconds,
            _ => Unit::UnixSeconds,
        };
        Some(End { field: parent.join(name), unit })
    });
    ends.next()
}

fn sample(node: &Node<'_>) -> i64 {
    let value = node.value();
    let first = value.get("examples").and_then(|examples| examples.get(0)).or_else(|| value.get("example"));
    first.and_then(Value::as_i64).unwrap_or(0)
}
