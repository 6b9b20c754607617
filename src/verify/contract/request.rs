//! A step → the request that it sends.

use bytes::Bytes;
use serde_json::Value;

use super::scope::Scope;
use crate::{
    api::{Operation, Parameter},
    contract::{Argument, Payload, Step},
    exchange::{MediaType, Request, expression::Expression},
    finding::{Part, Pointer},
    plan::{Address, Draft, Plan},
    wire::{self, Spelled},
};

/// A request, and what is known of it.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) request: Request,
    pub(super) body: Option<Value>,
    pub(super) path_values: Vec<(String, String)>,
}

/// The request of a step that calls an operation of `plan`.
///
/// # Errors
/// Why it cannot be sent, in words.
pub(super) fn made(
    plan: &Plan,
    number: usize,
    step: &Step,
    scope: &Scope<'_>,
    headers: &[(String, String)],
) -> Result<Made, String> {
    let operation = &plan.apis()[0].operations[number];
    let mut draft = Draft::default();
    let mut path_values = Vec::new();
    let mut content_type = step.body.as_ref().and_then(|body| body.content_type.clone());
    for argument in &step.parameters {
        let Some(part) = argument.part else { continue };
        let value = argument.value.value(scope).map_err(valueless)?;
        let is_type = part == Part::Header && argument.name.eq_ignore_ascii_case("content-type");
        if is_type && step.body.is_some() {
            content_type.get_or_insert_with(|| text(&value));
            continue;
        }
        match declared(operation, argument, part) {
            Some((at, parameter)) => {
                if let Ok(Spelled::Path(text)) = wire::write_parameter(parameter, &value) {
                    path_values.push((parameter.name.clone(), text));
                }
                draft.parameters.push((at, value));
            }
            None if part == Part::Path => return Err(format!("the path has no `{}`", argument.name)),
            None => draft.carried.push((part, argument.name.clone(), text(&value))),
        }
    }
    if let Some(name) = unfilled(operation, &path_values) {
        return Err(format!("`{name}` in the path is given no value"));
    }
    let body = step.body.as_ref().map(|body| written(operation, body, content_type, scope)).transpose()?;
    let address = Address { api: 0, operation: number };
    let mut request = plan.write(address, &draft).map_err(|fault| fault.message)?;
    for (name, text) in headers
        .iter()
        .filter(|(name, _)| !request.headers.contains_key(name.as_str()))
        .cloned()
        .collect::<Vec<_>>()
    {
        request = request.header(&name, &text);
    }
    let (request, body) = match body {
        Some((media_type, bytes, value)) => {
            (request.header("content-type", &media_type).body(bytes), Some(value))
        }
        None => (request, None),
    };
    Ok(Made { request, body, path_values })
}

fn valueless(expression: &Expression) -> String {
    format!("`{expression}` has no value")
}

/// The declared parameter that an argument is for, and its number.
fn declared<'o>(operation: &'o Operation, argument: &Argument, part: Part) -> Option<(usize, &'o Parameter)> {
    let is_meant = |one: &Parameter| {
        let is_named = match part {
            Part::Header => one.name.eq_ignore_ascii_case(&argument.name),
            _ => one.name == argument.name,
        };
        one.part == part && is_named
    };
    operation.parameters.iter().enumerate().find(|(_, one)| is_meant(one))
}

/// A template of the path for which there is no value.
fn unfilled<'o>(operation: &'o Operation, values: &[(String, String)]) -> Option<&'o str> {
    let templates = operation.path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    templates.into_iter().find(|name| !values.iter().any(|(known, _)| known == name))
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The media type, the bytes and the value of a body.
fn written(
    operation: &Operation,
    body: &Payload,
    content_type: Option<String>,
    scope: &Scope<'_>,
) -> Result<(String, Bytes, Value), String> {
    let contents = || operation.body.iter().flat_map(|body| &body.content);
    let usual = || {
        let json = contents().find(|content| content.media_type.is_json());
        json.or_else(|| contents().next()).map(|content| content.media_type.to_string())
    };
    let named = content_type.or_else(usual).unwrap_or_else(|| "application/json".to_owned());
    let media_type = MediaType::parse(&named).ok_or_else(|| format!("`{named}` is no media type"))?;
    let value = value(body, &media_type, scope)?;
    if media_type.is_json() {
        return Ok((named, value.to_string().into(), value));
    }
    if let Value::String(text) = &value {
        return Ok((named, text.clone().into(), value));
    }
    let content = contents().find(|content| content.media_type.matches(&media_type));
    let content = content.ok_or_else(|| format!("the operation takes no body of `{named}`"))?;
    let sent = wire::write(content, &value).map_err(|fault| fault.message)?;
    Ok((sent.media_type, sent.bytes, value))
}

fn value(body: &Payload, media_type: &MediaType, scope: &Scope<'_>) -> Result<Value, String> {
    let payload = body.payload.as_ref().map(|payload| payload.value(scope)).transpose().map_err(valueless)?;
    let mut value = match payload {
        // A whole body can be written as a text with expressions in it.
        Some(Value::String(text)) if media_type.is_json() && text.trim_start().starts_with(['{', '[']) => {
            serde_json::from_str(&text).map_err(|error| format!("the payload is no JSON: {error}"))?
        }
        Some(value) => value,
        None => Value::Object(serde_json::Map::new()),
    };
    for (target, replacement) in &body.replacements {
        put(&mut value, target, replacement.value(scope).map_err(valueless)?)?;
    }
    Ok(value)
}

/// Puts a value at a place, whose parent must be there.
fn put(whole: &mut Value, target: &Pointer, value: Value) -> Result<(), String> {
    if let Some(held) = whole.pointer_mut(target.as_str()) {
        *held = value;
        return Ok(());
    }
    let parent = target.parent().and_then(|parent| whole.pointer_mut(parent.as_str()));
    match (parent, target.last()) {
        (Some(Value::Object(members)), Some(name)) => {
            members.insert(name, value);
            Ok(())
        }
        _ => Err(format!("the payload has nothing at `{target}`")),
    }
}
