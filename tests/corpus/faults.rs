//! Requests that are right but for one fault, and what each deserves.
//!
//! Whether a value is wrong is said by the second judge, whichever way its text may be read. Read [`faults`] first.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use standin::{
    api::{Parameter, SchemeKind, Style},
    exchange::Request,
    finding::Part,
    schema::Dice,
};

use crate::{
    declared::{Body, Operation},
    judge::{Judge, essence, is_of, readings, success},
    requests::{Draft, Scene, Wanted, Written, encoded, sent},
    schemas::Way,
};

/// A wrong request.
pub(crate) struct Fault {
    /// What is wrong with it.
    pub(crate) what: String,
    /// The kind of refusal that it deserves.
    pub(crate) kind: &'static str,
    pub(crate) request: Request,
}

/// Texts of which most values are made wrong.
const TEXTS: [&str; 8] = ["zzz~", "-1", "1.5", "true", "99999999999999999999999", "2020-99-99", "", "0"];

/// A media type that no document declares.
const UNKNOWN: &str = "application/x-nothing";

/// A place where something is wrong, made from requests that are right and have everything.
struct Maker<'m> {
    scene: Scene<'m>,
    judge: &'m Judge,
    declared: &'m Operation,
    draft: Draft,
    found: Vec<Fault>,
}

/// One request for each way to be wrong.
///
/// # Errors
/// Why there is no right request to begin with.
pub(crate) fn faults(scene: Scene<'_>, judge: &Judge, declared: &Operation) -> Result<Vec<Fault>, String> {
    let mut dice = Dice::seeded(0);
    let draft = scene.right(Wanted::Everything, &mut dice)?;
    let mut maker = Maker { scene, judge, declared, draft, found: Vec::new() };
    maker.parameters();
    maker.bodies(&mut dice);
    maker.representation();
    maker.credential();
    let found = maker.found.into_iter().filter(|fault| scene.is_meant_by(&fault.request));
    Ok(found.collect())
}

impl Maker<'_> {
    fn add(&mut self, what: impl Into<String>, kind: &'static str, draft: &Draft) {
        let request = draft.request(self.scene.operation());
        self.found.push(Fault { what: what.into(), kind, request });
    }

    fn parameters(&mut self) {
        for at in 0..self.draft.parameters.len() {
            let (number, value, _) = self.draft.parameters[at].clone();
            let parameter = &self.scene.operation().parameters[number];
            if self.is_credential(parameter) {
                continue;
            }
            let told = format!("the {} `{}`", parameter.part, parameter.name);
            if parameter.is_required
                && parameter.part != Part::Path
                && is_told_from_nothing(parameter, &value)
            {
                let mut draft = self.draft.clone();
                draft.parameters.remove(at);
                self.add(format!("without {told}"), "missing-param", &draft);
            }
            if value.is_object() {
                continue;
            }
            if let Some((text, written)) = self.wrong(parameter) {
                let mut draft = self.draft.clone();
                draft.parameters[at].2 = written;
                self.add(format!("{told} as `{text}`"), "invalid-param", &draft);
            }
        }
    }

    /// Whether the parameter is one that a security scheme is carried by.
    fn is_credential(&self, parameter: &Parameter) -> bool {
        let schemes = self.scene.api().schemes.values();
        let mut kinds = schemes.map(|scheme| &scheme.kind);
        kinds.any(|kind| match kind {
            SchemeKind::ApiKey { part, name } => {
                *part == parameter.part && name.eq_ignore_ascii_case(&parameter.name)
            }
            _ => false,
        })
    }

    /// A text that no value of the parameter is written as.
    fn wrong(&self, parameter: &Parameter) -> Option<(String, Written)> {
        let declared = self
            .declared
            .parameters
            .iter()
            .find(|one| one.name == parameter.name && one.place == parameter.part.to_string())?;
        let is_wrong = |text: &&str| {
            let schema = declared.schema.as_ref();
            readings(text).iter().all(|value| self.judge.admits(Way::Request, schema, value).is_err())
        };
        let fits = |text: &&str| match (parameter.part, parameter.style) {
            // A dot, and nothing, mean something else here.
            (Part::Path, Style::Label) => !text.is_empty() && !text.contains('.'),
            (Part::Path, _) => !text.is_empty(),
            (Part::Query, _) => !(text.is_empty() && parameter.allow_empty),
            _ => true,
        };
        if parameter.style == Style::DeepObject {
            return None;
        }
        let long = "z".repeat(5000);
        let mut texts = TEXTS.iter().copied().chain([long.as_str()]);
        let text = texts.find(|text| fits(text) && is_wrong(text))?;
        let name = encoded(&parameter.name);
        let written = match (parameter.part, parameter.style) {
            (Part::Path, Style::Matrix) => Written::Path(format!(";{name}={text}")),
            (Part::Path, Style::Label) => Written::Path(format!(".{text}")),
            (Part::Path, _) => Written::Path(text.to_owned()),
            (Part::Header, _) => Written::Header(text.to_owned()),
            (Part::Cookie, _) => Written::Pairs(vec![(parameter.name.clone(), text.to_owned())]),
            _ => Written::Pairs(vec![(name, text.to_owned())]),
        };
        Some((text.chars().take(30).collect(), written))
    }

    fn bodies(&mut self, dice: &mut Dice) {
        let (Some(body), Some(declared)) = (&self.scene.operation().body, &self.declared.body) else {
            return;
        };
        if body.content.is_empty() {
            return;
        }
        if declared.is_required {
            let mut draft = self.draft.clone();
            draft.body = None;
            self.add("without a body", "missing-body", &draft);
        }
        for (number, content) in body.content.iter().enumerate() {
            let Some((value, written)) = (0..4).find_map(|_| sent(content, dice).ok()) else { continue };
            let mut draft = self.draft.clone();
            let media_type = written.media_type.clone();
            draft.body = Some((number, value.clone(), written));
            let is_known = body.content.iter().any(|one| is_of(UNKNOWN, one.media_type.essence()));
            if !is_known && number == 0 {
                let mut draft = draft.clone();
                draft.retype(UNKNOWN);
                self.add(format!("a body of `{UNKNOWN}`"), "unsupported-media-type", &draft);
            }
            match essence(&media_type) {
                name if name.ends_with("/json") || name.ends_with("+json") => {
                    self.json(declared, number, &draft, &value);
                }
                name if name == "application/x-www-form-urlencoded" => {
                    self.form(declared, number, &draft, &value);
                }
                _ => {}
            }
        }
    }

    fn json(&mut self, declared: &Body, number: usize, draft: &Draft, value: &Value) {
        self.rewritten("a body that breaks off", draft, b"{\"a\":".to_vec());
        let mut kinds = BTreeSet::new();
        for (what, wrong) in variants(value) {
            // One of each sort suffices for each property.
            if !kinds.contains(&what) && self.is_wrong(declared, number, &wrong) {
                self.rewritten(&format!("a body with {what}"), draft, wrong.to_string().into_bytes());
                kinds.insert(what);
            }
        }
    }

    /// A form without one of its fields.
    fn form(&mut self, declared: &Body, number: usize, draft: &Draft, value: &Value) {
        let Some((_, _, written)) = &draft.body else { return };
        let text = String::from_utf8_lossy(&written.bytes).into_owned();
        for name in value.as_object().into_iter().flat_map(serde_json::Map::keys) {
            let mut wrong = value.clone();
            wrong.as_object_mut().map(|members| members.shift_remove(name));
            let key = encoded(name);
            let is_other = |pair: &&str| pair.split(['=', '[']).next() != Some(&key);
            let left: Vec<&str> = text.split('&').filter(is_other).collect();
            let is_gone = left.len() < text.split('&').count() && !left.is_empty();
            if is_gone && self.is_wrong(declared, number, &wrong) {
                self.rewritten(&format!("a form without `{name}`"), draft, left.join("&").into_bytes());
            }
        }
    }

    fn is_wrong(&self, declared: &Body, number: usize, value: &Value) -> bool {
        if !declared.fields.is_empty() {
            let mut fields = declared.fields.iter();
            return fields.any(|field| field.is_required && value.get(&field.name).is_none());
        }
        declared
            .content
            .get(number)
            .is_some_and(|content| self.judge.admits(Way::Request, content.schema.as_ref(), value).is_err())
    }

    fn rewritten(&mut self, what: &str, draft: &Draft, bytes: Vec<u8>) {
        let mut draft = draft.clone();
        if let Some((_, _, written)) = &mut draft.body {
            written.bytes = bytes.into();
        }
        self.add(what, "invalid-body", &draft);
    }

    /// Who accepts nothing that the operation answers in.
    fn representation(&mut self) {
        let Some(response) = success(self.declared) else { return };
        let content = &response.content;
        if !content.is_empty() && !content.iter().any(|one| is_of(UNKNOWN, &essence(&one.media_type))) {
            let mut draft = self.draft.clone();
            draft.accept = Some(UNKNOWN.to_owned());
            self.add(format!("who accepts `{UNKNOWN}`"), "not-acceptable", &draft);
        }
    }

    fn credential(&mut self) {
        let schemes = &self.scene.api().schemes;
        let is_seen =
            |name: &String| schemes.get(name).is_some_and(|scheme| scheme.kind != SchemeKind::Unseen);
        let security = &self.scene.operation().security;
        let is_asked_for = !security.is_empty()
            && security.iter().all(|one| one.0.iter().any(|needed| is_seen(&needed.scheme)));
        let parameters = &self.scene.operation().parameters;
        if is_asked_for && !parameters.iter().any(|parameter| self.is_credential(parameter)) {
            let mut draft = self.draft.clone();
            draft.credentials.clear();
            self.add("without credentials", "missing-credential", &draft);
        }
    }
}

/// Whether the parameter is there at all: a list without items is written as nothing.
fn is_told_from_nothing(parameter: &Parameter, value: &Value) -> bool {
    let is_spread =
        value.is_object() && parameter.explode && matches!(parameter.part, Part::Query | Part::Cookie);
    let is_empty = value.as_array().is_some_and(Vec::is_empty) || value.is_null();
    !is_spread && !is_empty
}

/// A value with one thing changed: taken away, or of another type.
fn variants(value: &Value) -> Vec<(String, Value)> {
    let others = || [json!(null), json!(true), json!(-1.5), json!("zzz~"), json!([]), json!({})];
    let mut variants: Vec<(String, Value)> =
        others().into_iter().map(|other| ("another type".to_owned(), other)).collect();
    for (name, _) in value.as_object().into_iter().flatten() {
        let mut less = value.clone();
        less.as_object_mut().map(|members| members.shift_remove(name));
        variants.push((format!("no `{name}`"), less));
        for other in others() {
            let mut changed = value.clone();
            changed[name.as_str()] = other;
            variants.push((format!("another `{name}`"), changed));
        }
    }
    variants
}
