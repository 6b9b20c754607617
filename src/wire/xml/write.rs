//! A value → a tree of elements, by the shape of a schema.

use serde_json::{Map, Value};

use super::{
    DEEPEST,
    name::{is_character, mended},
    read::TEXT,
    shape::{Kind, Shape},
    tree::{Child, Element, Name, XSI},
};
use crate::{finding::Trail, wire::Fault};

/// The namespace that a prefix is bound to for which the document declares none.
const UNDECLARED: &str = "urn:undeclared";

/// The root element of a document that says the value.
///
/// # Errors
/// [`Fault`] where XML cannot say it.
pub(super) fn root(shape: &Shape<'_>, value: &Value) -> Result<Element, Fault> {
    element(shape, shape.name(value), value, 1, &Trail::root())
}

fn element(
    shape: &Shape<'_>,
    name: &Name,
    value: &Value,
    depth: usize,
    at: &Trail<'_>,
) -> Result<Element, Fault> {
    if depth > DEEPEST {
        return Err(fault(at, format!("elements would be nested deeper than {DEEPEST}")));
    }
    let mut element = Element::new(bound(name));
    match value {
        Value::Null => element.attributes.push((Name::known("xsi", "nil", XSI), "true".to_owned())),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let shape = shape.item(index);
                let child = self::element(shape, shape.name(item), item, depth + 1, &at.index(index))?;
                element.children.push(Child::Element(child));
            }
        }
        Value::Object(members) => self::members(shape, &mut Vec::new(), members, &mut element, depth, at)?,
        scalar => {
            let text = text(scalar, at)?;
            if !text.is_empty() {
                element.children.push(Child::Text(text));
            }
        }
    }
    Ok(element)
}

/// Puts the members of an object into its element; `path` leads to the object from the one that has the element.
fn members<'v>(
    shape: &Shape<'_>,
    path: &mut Vec<&'v str>,
    members: &'v Map<String, Value>,
    element: &mut Element,
    depth: usize,
    at: &Trail<'_>,
) -> Result<(), Fault> {
    for (key, value) in members {
        path.push(key);
        let at = at.key(key);
        let leads_on = |path: &[&str]| {
            shape.fields().iter().any(|field| field.path.len() > path.len() && field.path.starts_with(path))
        };
        match (shape.field(path), value) {
            (Some(field), value) => member(&field.shape, None, value, element, depth, &at)?,
            (None, Value::Object(inner)) if leads_on(path) => {
                self::members(shape, path, inner, element, depth, &at)?;
            }
            (None, Value::String(_)) if key == TEXT => element.children.push(Child::Text(text(value, &at)?)),
            (None, value) => {
                member(shape.other(), Some(&Name::local(mended(key))), value, element, depth, &at)?;
            }
        }
        path.pop();
    }
    Ok(())
}

/// Puts one member into the element of its object: under the name of its shape, or the one that is given.
fn member(
    shape: &Shape<'_>,
    name: Option<&Name>,
    value: &Value,
    element: &mut Element,
    depth: usize,
    at: &Trail<'_>,
) -> Result<(), Fault> {
    match (shape.kind, value) {
        (Kind::Attribute | Kind::Text | Kind::Cdata, Value::Null) => {}
        (Kind::Attribute, value) => {
            let name = bound(name.unwrap_or_else(|| shape.name(value)));
            element.attributes.push((name, listed(value, at)?));
        }
        (Kind::Text, value) => element.children.push(Child::Text(listed(value, at)?)),
        (Kind::Cdata, value) => element.children.push(Child::Cdata(listed(value, at)?)),
        (Kind::Element | Kind::Hoisted, Value::Array(items)) if !shape.is_wrapped => {
            for (index, item) in items.iter().enumerate() {
                let shape = shape.item(index);
                let name = name.unwrap_or_else(|| shape.name(item));
                let child = self::element(shape, name, item, depth + 1, &at.index(index))?;
                element.children.push(Child::Element(child));
            }
        }
        (Kind::Element | Kind::Hoisted, value) => {
            let is_empty_list = shape.is_list() && !shape.is_wrapped;
            let own = if is_empty_list { shape.item(0).name(value) } else { shape.name(value) };
            let child = self::element(shape, name.unwrap_or(own), value, depth + 1, at)?;
            element.children.push(Child::Element(child));
        }
    }
    Ok(())
}

/// A scalar as text, or a list of scalars with spaces between them.
fn listed(value: &Value, at: &Trail<'_>) -> Result<String, Fault> {
    let Value::Array(items) = value else { return text(value, at) };
    let texts: Result<Vec<String>, Fault> =
        items.iter().enumerate().map(|(index, item)| text(item, &at.index(index))).collect();
    Ok(texts?.join(" "))
}

fn text(value: &Value, at: &Trail<'_>) -> Result<String, Fault> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Array(_) | Value::Object(_) => {
            return Err(fault(at, "an attribute or a text cannot hold what has parts".to_owned()));
        }
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    };
    match text.chars().find(|character| !is_character(*character)) {
        Some(character) => Err(fault(at, format!("XML has no character U+{:04X}", u32::from(character)))),
        None => Ok(text),
    }
}

/// A name whose prefix is bound to something, as it has to be (Namespaces in XML 1.0, section 5).
fn bound(name: &Name) -> Name {
    let namespace = match (&name.namespace, &name.prefix) {
        (None, Some(prefix)) => Some(format!("{UNDECLARED}:{prefix}")),
        (namespace, _) => namespace.clone(),
    };
    Name { namespace, ..name.clone() }
}

fn fault(at: &Trail<'_>, message: String) -> Fault {
    Fault { pointer: at.pointer(), message }
}
