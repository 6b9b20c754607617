//! What Swagger 2.0 and `OpenAPI` 3.0 forbid and their official schemas do not tell: bodies and forms of operations,
//! arrays without `items`.
//!
//! It is judged on the text as it was written, because only there a document of these versions has these things.

use serde_json::{Map, Value};

use super::official::Version;
use crate::finding::{Pointer, Trail};

/// Something wrong: where, what, and what would be right.
pub(super) struct Slip {
    pub(super) at: Pointer,
    pub(super) message: String,
    pub(super) help: &'static str,
}

/// What is wrong with a document of a version, and is not told by its schema.
pub(super) fn judge(root: &Value, version: Version) -> Vec<Slip> {
    let mut slips = Vec::new();
    if version == Version::V2_0 {
        operations(root, &mut slips);
    }
    if let Version::V2_0 | Version::V3_0 = version {
        arrays(root, &Trail::root(), Names::Keywords, &mut slips);
    }
    slips
}

fn operations(root: &Value, slips: &mut Vec<Slip>) {
    let start = Trail::root();
    let paths = start.key("paths");
    for (path, item) in members(root.get("paths")).filter(|(path, _)| path.starts_with('/')) {
        let trail = paths.key(path);
        let shared = parameters(root, item, &trail);
        bodies(&shared, slips);
        for (method, operation) in members(Some(item)).filter(|(_, value)| value.get("responses").is_some()) {
            let own = parameters(root, operation, &trail.key(method));
            forms(root, operation, &merged(own, &shared), slips);
            statuses(operation, &trail.key(method), slips);
        }
    }
}

fn members(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

/// A parameter, and where it stands in its list.
#[derive(Clone)]
struct Listed<'v> {
    value: &'v Value,
    at: Pointer,
}

impl Listed<'_> {
    fn is(&self, part: &str) -> bool {
        self.value.get("in").and_then(Value::as_str) == Some(part)
    }
}

fn parameters<'v>(root: &'v Value, holder: &'v Value, trail: &Trail<'_>) -> Vec<Listed<'v>> {
    let list = holder.get("parameters").and_then(Value::as_array);
    let listed = list.into_iter().flatten().enumerate().map(|(index, item)| {
        let local = item.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#'));
        let value = local.and_then(|pointer| root.pointer(pointer)).unwrap_or(item);
        Listed { value, at: trail.key("parameters").index(index).pointer() }
    });
    listed.collect()
}

/// The operation's parameters and those of the path item that they do not replace.
fn merged<'v>(own: Vec<Listed<'v>>, shared: &[Listed<'v>]) -> Vec<Listed<'v>> {
    let same = |one: &Listed<'_>, other: &Listed<'_>| {
        ["name", "in"].iter().all(|key| one.value.get(*key) == other.value.get(*key))
    };
    let inherited: Vec<Listed<'v>> =
        shared.iter().filter(|one| !own.iter().any(|other| same(one, other))).cloned().collect();
    own.into_iter().chain(inherited).collect()
}

/// Three digits that are no status; the official schema takes any.
fn statuses(operation: &Value, trail: &Trail<'_>, slips: &mut Vec<Slip>) {
    let responses = trail.key("responses");
    for (status, _) in members(operation.get("responses")) {
        if status.parse().is_ok_and(|code: u16| !(100..600).contains(&code)) {
            slips.push(Slip {
                at: responses.key(status).pointer(),
                message: format!("`{status}` is no status"),
                help: "a response is declared for a status such as `404`, or for `default`",
            });
        }
    }
}

/// A second body among parameters of one list.
fn bodies(listed: &[Listed<'_>], slips: &mut Vec<Slip>) {
    for second in listed.iter().filter(|parameter| parameter.is("body")).skip(1) {
        slips.push(Slip {
            at: second.at.clone(),
            message: "an operation has one body, and this is the second".to_owned(),
            help: "make one schema of the two, or leave one out",
        });
    }
}

/// The body and the form of an operation: there is one body at most, or a form, and a file travels in a form.
fn forms(root: &Value, operation: &Value, listed: &[Listed<'_>], slips: &mut Vec<Slip>) {
    let has_two = |slips: &Vec<Slip>, at: &Pointer| slips.iter().any(|slip| slip.at == *at);
    let mut seconds = Vec::new();
    bodies(listed, &mut seconds);
    seconds.retain(|slip| !has_two(slips, &slip.at));
    slips.extend(seconds);
    let form = listed.iter().find(|parameter| parameter.is("formData"));
    if let (Some(form), true) = (form, listed.iter().any(|parameter| parameter.is("body"))) {
        slips.push(Slip {
            at: form.at.clone(),
            message: "an operation has a body or a form, and this one has both".to_owned(),
            help: "keep the `body` parameter, or those in `formData`",
        });
    }
    let is_file =
        |parameter: &&Listed<'_>| parameter.value.get("type").and_then(Value::as_str) == Some("file");
    let consumes = operation.get("consumes").or_else(|| root.get("consumes")).and_then(Value::as_array);
    let is_form = |media_type: &str| {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        essence.starts_with("multipart/") || essence.ends_with("x-www-form-urlencoded")
    };
    let takes_forms = consumes.into_iter().flatten().filter_map(Value::as_str).any(is_form);
    if let Some(file) = listed.iter().find(is_file).filter(|_| !takes_forms) {
        slips.push(Slip {
            at: file.at.clone(),
            message: "a file travels in a form, and the operation consumes none".to_owned(),
            help: "let `consumes` have `multipart/form-data`",
        });
    }
}

/// Whether the keys of an object are keywords, or names that somebody chose.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    Keywords,
    Chosen,
}

/// Arrays that do not say what they hold, in every parameter, header and schema.
fn arrays(value: &Value, trail: &Trail<'_>, names: Names, slips: &mut Vec<Slip>) {
    const HOLD_NAMES: [&str; 14] = [
        "properties",
        "responses",
        "definitions",
        "parameters",
        "headers",
        "schemas",
        "requestBodies",
        "callbacks",
        "links",
        "securitySchemes",
        "paths",
        "content",
        "encoding",
        "securityDefinitions",
    ];
    const DATA: [&str; 5] = ["example", "examples", "default", "enum", "value"];
    match value {
        Value::Object(members) => {
            if names == Names::Keywords
                && members.get("type").and_then(Value::as_str) == Some("array")
                && !members.contains_key("items")
            {
                slips.push(Slip {
                    at: trail.pointer(),
                    message: "the array does not say what it holds".to_owned(),
                    help: "add `items`",
                });
            }
            for (key, member) in members {
                let is_keyword = names == Names::Keywords;
                if is_keyword && (DATA.contains(&key.as_str()) || key.starts_with("x-")) {
                    continue;
                }
                let holds = is_keyword && HOLD_NAMES.contains(&key.as_str());
                let inner = if holds { Names::Chosen } else { Names::Keywords };
                arrays(member, &trail.key(key), inner, slips);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                arrays(item, &trail.index(index), Names::Keywords, slips);
            }
        }
        _ => {}
    }
}
