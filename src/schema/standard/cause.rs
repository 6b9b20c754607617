//! The errors of a validator → the causes: which branch was meant, which error follows from another.

use jsonschema::{ValidationError, error::TypeKind, error::ValidationErrorKind as Kind};
use serde_json::Value;

use super::{Cause, Fault};
use crate::{
    finding::Pointer,
    schema::written::{Files, Place},
};

/// How many schemas are looked through for the names that an object knows.
const WIDEST: usize = 64;

/// The causes of `errors`, each once, without those that follow from others.
pub(super) fn of(errors: &[ValidationError<'_>], files: Files<'_>) -> Vec<Cause> {
    let mut causes: Vec<Cause> = Vec::new();
    for cause in errors.iter().flat_map(|error| expand(error, files)) {
        if !causes.contains(&cause) {
            causes.push(cause);
        }
    }
    let all = causes.clone();
    causes.retain(|cause| !follows(cause, &all));
    causes
}

/// Whether a cause is the shadow of another one: a property is without a place because a part beside it or in it failed,
/// or a property is missing because it was misspelt.
fn follows(cause: &Cause, all: &[Cause]) -> bool {
    let is_mistyped =
        |other: &Cause| other.instance == cause.instance && matches!(other.fault, Fault::Type(_));
    if !matches!(cause.fault, Fault::Type(_)) && all.iter().any(is_mistyped) {
        return true;
    }
    let object = match cause.fault {
        Fault::Misplaced => cause.instance.parent().unwrap_or_default(),
        Fault::Missing(_) => cause.instance.clone(),
        _ => return false,
    };
    all.iter().any(|other| match (&cause.fault, &other.fault) {
        (Fault::Misplaced, Fault::Misplaced) => false,
        (Fault::Misplaced, _) => is_within(&other.instance, &object),
        (Fault::Missing(_), Fault::Empty) => other.instance == object,
        (Fault::Missing(names), Fault::Unknown(_)) => {
            let name = other.instance.last().unwrap_or_default();
            let is_near = |missing: &String| missing == "default" || strsim::osa_distance(missing, &name) < 3;
            other.instance.parent().as_ref() == Some(&object) && names.iter().any(is_near)
        }
        _ => false,
    })
}

fn is_within(pointer: &Pointer, around: &Pointer) -> bool {
    pointer
        .as_str()
        .strip_prefix(around.as_str())
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn expand(error: &ValidationError<'_>, files: Files<'_>) -> Vec<Cause> {
    let at = Pointer::from_escaped(error.instance_path().as_str());
    let one = |fault| vec![Cause { instance: at.clone(), fault }];
    match error.kind() {
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => branch(&at, context, files),
        Kind::OneOfMultipleValid { context } => one(several(error, context, files)),
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            unexpected_properties(error, &at, unexpected, files)
        }
        Kind::Required { property } => one(Fault::Missing(vec![text(property)])),
        Kind::Type { kind } => one(Fault::Type(types(kind))),
        Kind::Enum { options } => one(Fault::Value(options.as_array().cloned().unwrap_or_default())),
        Kind::Constant { expected_value } => one(Fault::Value(vec![Value::clone(expected_value)])),
        Kind::Pattern { pattern } => one(Fault::Pattern { pattern: pattern.clone(), is_name: false }),
        Kind::PropertyNames { error: inner } => {
            let fault = match inner.kind() {
                Kind::Pattern { pattern } => Fault::Pattern { pattern: pattern.clone(), is_name: true },
                _ => Fault::Other(inner.to_string()),
            };
            vec![Cause { instance: at.join(text(inner.instance())), fault }]
        }
        Kind::Not { schema } => {
            one(required_names(schema).map_or_else(|| Fault::Other(excluded(error, schema)), Fault::Together))
        }
        Kind::FalseSchema => one(Fault::Misplaced),
        Kind::MinProperties { limit: 1 } | Kind::MinItems { limit: 1 } => one(Fault::Empty),
        _ => one(Fault::Other(error.masked().to_string())),
    }
}

fn excluded(error: &ValidationError<'_>, schema: &Value) -> String {
    match schema.get("enum") {
        Some(options) => format!("must be none of {options}"),
        None => error.masked().to_string(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn types(kind: &TypeKind) -> Vec<String> {
    match kind {
        TypeKind::Single(name) => vec![name.to_string()],
        TypeKind::Multiple(names) => names.iter().map(|name| name.to_string()).collect(),
    }
}

/// The causes of the branch that was meant; where all fail alike, what would satisfy one of them.
fn branch(at: &Pointer, context: &[Vec<ValidationError<'_>>], files: Files<'_>) -> Vec<Cause> {
    let branches: Vec<Vec<Cause>> = context.iter().map(|errors| of(errors, files)).collect();
    if let Some(joined) = joined(&branches) {
        return vec![joined];
    }
    if let Some(told) = told_apart(at, &branches) {
        return vec![told];
    }
    let best = branches.into_iter().min_by_key(|causes| distance(at, causes));
    best.unwrap_or_default()
}

/// One cause for branches that all fail for want of a property, or for one value at the same place.
fn joined(branches: &[Vec<Cause>]) -> Option<Cause> {
    let mut all = branches.iter().map(|causes| match causes.as_slice() {
        [cause] => Some(cause),
        _ => None,
    });
    let mut joined = all.next()??.clone();
    for cause in all {
        let cause = cause?;
        if cause.instance != joined.instance {
            return None;
        }
        match (&mut joined.fault, &cause.fault) {
            (Fault::Missing(names), Fault::Missing(others)) if !others.contains(&"$ref".to_owned()) => {
                names.extend(others.iter().filter(|name| !names.contains(name)).cloned().collect::<Vec<_>>());
            }
            (Fault::Value(values), Fault::Value(others)) => {
                values.extend(
                    others.iter().filter(|value| !values.contains(value)).cloned().collect::<Vec<_>>(),
                );
            }
            (Fault::Type(names), Fault::Type(others)) => {
                names.extend(others.iter().filter(|name| !names.contains(name)).cloned().collect::<Vec<_>>());
            }
            _ => return None,
        }
    }
    Some(joined)
}

/// One cause where no branch takes the value of the property that tells them apart.
fn told_apart(at: &Pointer, branches: &[Vec<Cause>]) -> Option<Cause> {
    let property = at.join("in");
    let values = branches.iter().map(|causes| {
        causes.iter().find_map(|cause| match &cause.fault {
            Fault::Value(values) if cause.instance == property => Some(values.clone()),
            _ => None,
        })
    });
    let values: Option<Vec<Vec<Value>>> = values.collect();
    Some(Cause { instance: property, fault: Fault::Value(values?.concat()) })
}

/// How far a branch is from what was meant. The properties that tell the kinds of objects apart weigh most.
fn distance(at: &Pointer, causes: &[Cause]) -> usize {
    let telling = |name: &str| match name {
        "in" => 20_000,
        "type" => 5_000,
        "flow" | "scheme" => 2_000,
        _ => 100,
    };
    let weight = |cause: &Cause| match &cause.fault {
        Fault::Missing(names) if cause.instance == *at && names.iter().any(|name| name == "$ref") => 50_000,
        Fault::Type(_) if cause.instance == *at => 100_000,
        Fault::Value(_) if cause.instance.parent().as_ref() == Some(at) => {
            cause.instance.last().map_or(100, |name| telling(&name))
        }
        Fault::Unknown(_) if cause.instance.last().as_deref() == Some("$ref") => 1_000,
        Fault::Unknown(_) => 20,
        // What is wrong far inside tells that the outside fits.
        _ => 12_usize.saturating_sub(cause.instance.tokens().count() - at.tokens().count()).max(1),
    };
    causes.iter().map(weight).sum()
}

/// More than one branch of a `oneOf` is satisfied: the properties of which there must be only one.
fn several(error: &ValidationError<'_>, context: &[Vec<ValidationError<'_>>], files: Files<'_>) -> Fault {
    let satisfied = context.iter().enumerate().filter(|(_, errors)| errors.is_empty());
    let branches = keyword_place(error, files).map(|(_, schema)| schema);
    let names: Option<Vec<String>> = satisfied
        .map(|(index, _)| required_names(branches?.get(index)?).filter(|names| names.len() == 1))
        .map(|names| Some(names?.remove(0)))
        .collect();
    match names {
        Some(names) if names.len() > 1 => Fault::Together(names),
        _ => Fault::Other("it is of two forms at once, of which it must have one".to_owned()),
    }
}

/// The names of a schema that says only which properties there must be.
fn required_names(schema: &Value) -> Option<Vec<String>> {
    let members = schema.as_object()?;
    let says_only = members.keys().all(|key| ["required", "description", "type"].contains(&key.as_str()));
    let names = members.get("required")?.as_array()?;
    says_only.then(|| names.iter().map(text).collect())
}

/// Each property that has no place: unknown where nothing names it, else misplaced.
fn unexpected_properties(
    error: &ValidationError<'_>,
    at: &Pointer,
    unexpected: &[String],
    files: Files<'_>,
) -> Vec<Cause> {
    let mut known = Vec::new();
    if let Some((parent, _)) = keyword_place(error, files) {
        names(parent, files, &mut Vec::new(), &mut known);
    }
    let cause = |name: &String| {
        let fault = if known.contains(name) { Fault::Misplaced } else { Fault::Unknown(known.clone()) };
        Cause { instance: at.join(name), fault }
    };
    unexpected.iter().map(cause).collect()
}

/// The schema that holds the failing keyword, and the keyword's value.
fn keyword_place<'a>(error: &ValidationError<'_>, files: Files<'a>) -> Option<(Place<'a>, &'a Value)> {
    let uri = error.absolute_keyword_location()?.as_str().to_owned();
    let parent = &uri[..uri.rfind('/')?];
    let place = files.at(parent)?;
    let keyword = place.schema.get(error.kind().keyword())?;
    Some((place, keyword))
}

/// The names of the properties that the schema and all that apply in place with it may speak of.
fn names<'a>(place: Place<'a>, files: Files<'a>, seen: &mut Vec<&'a Value>, known: &mut Vec<String>) {
    if seen.len() > WIDEST || seen.iter().any(|schema| std::ptr::eq(*schema, place.schema)) {
        return;
    }
    seen.push(place.schema);
    let properties = place.schema.get("properties").and_then(Value::as_object);
    for name in properties.into_iter().flat_map(|properties| properties.keys()) {
        if !known.contains(name) {
            known.push(name.clone());
        }
    }
    let patterns = place.schema.get("patternProperties").and_then(Value::as_object);
    known.extend(
        patterns.into_iter().flat_map(|patterns| patterns.keys()).flat_map(|pattern| listed(pattern)),
    );
    let reference = place.schema.get("$ref").and_then(Value::as_str);
    if let Some(target) = reference.and_then(|reference| files.follow(place.file, reference)) {
        names(target, files, seen, known);
    }
    for keyword in ["allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas"] {
        let inner: Vec<&Value> = match place.schema.get(keyword) {
            Some(Value::Array(schemas)) => schemas.iter().collect(),
            Some(Value::Object(schemas)) if keyword == "dependentSchemas" => schemas.values().collect(),
            Some(schema) => vec![schema],
            None => continue,
        };
        for schema in inner {
            names(Place { file: place.file, schema }, files, seen, known);
        }
    }
}

/// The names that a pattern such as `^(get|put)$` lists; none of any other.
fn listed(pattern: &str) -> Vec<String> {
    let inner = pattern.strip_prefix("^(").and_then(|rest| rest.strip_suffix(")$")).unwrap_or_default();
    let is_plain = inner.chars().all(|character| character.is_ascii_alphabetic() || character == '|');
    inner.split('|').filter(|name| is_plain && !name.is_empty()).map(str::to_owned).collect()
}

/// The errors that are no `oneOf` or `anyOf` but say what is wrong in the branch that was meant.
pub(in crate::schema) fn leaves<'e, 'v>(
    error: &'e ValidationError<'v>,
    files: Files<'_>,
) -> Vec<&'e ValidationError<'v>> {
    let (Kind::AnyOf { context } | Kind::OneOfNotValid { context }) = error.kind() else {
        return vec![error];
    };
    let at = Pointer::from_escaped(error.instance_path().as_str());
    let meant = context.iter().min_by_key(|errors| distance(&at, &of(errors, files)));
    let found: Vec<_> = meant.into_iter().flatten().flat_map(|error| leaves(error, files)).collect();
    if found.is_empty() { vec![error] } else { found }
}
