//! A tree of elements → text; a namespace is declared on the element that first needs it.

use std::borrow::Cow;

use quick_xml::{
    Writer,
    escape::minimal_escape,
    events::{BytesCData, BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

use super::tree::{Child, Element, Name, XML, XMLNS};
use crate::wire::Fault;

/// The prefixes that are bound where an element stands, innermost last; the default namespace has an empty prefix.
type Scope = Vec<(String, String)>;

/// What a name is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Element,
    Attribute,
}

/// Writes a document whose root is `root`.
///
/// # Errors
/// [`Fault`] where the text cannot be written, which memory alone could cause.
pub(super) fn print(root: &Element) -> Result<String, Fault> {
    let mut writer = Writer::new(Vec::new());
    let written = writer
        .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))
        .and_then(|()| writer.write_event(Event::Text(BytesText::from_escaped("\n"))))
        .and_then(|()| element(&mut writer, root, &mut Scope::new()));
    written.map_err(|error| Fault::new(error.to_string()))?;
    String::from_utf8(writer.into_inner()).map_err(|error| Fault::new(error.to_string()))
}

fn element(writer: &mut Writer<Vec<u8>>, element: &Element, scope: &mut Scope) -> std::io::Result<()> {
    let outside = scope.len();
    let (start, name) = start(element, scope);
    if element.children.is_empty() {
        writer.write_event(Event::Empty(start))?;
    } else {
        writer.write_event(Event::Start(start))?;
        for child in &element.children {
            match child {
                Child::Element(child) => self::element(writer, child, scope)?,
                Child::Text(text) => {
                    writer.write_event(Event::Text(BytesText::from_escaped(escaped(text))))?;
                }
                Child::Cdata(text) => cdata(writer, text)?,
            }
        }
        writer.write_event(Event::End(BytesEnd::new(name)))?;
    }
    scope.truncate(outside);
    Ok(())
}

/// A text in which nothing is markup. A carriage return as it is would be read as a line feed, and `]]>` must not stand.
fn escaped(text: &str) -> Cow<'_, str> {
    let escaped = minimal_escape(text);
    if escaped.contains(['\r', '>']) {
        return escaped.replace('\r', "&#13;").replace('>', "&gt;").into();
    }
    escaped
}

/// A text as CDATA sections; carriage returns, which those cannot hold, stand between them.
fn cdata(writer: &mut Writer<Vec<u8>>, text: &str) -> std::io::Result<()> {
    for (at, part) in text.split('\r').enumerate() {
        if at > 0 {
            writer.write_event(Event::Text(BytesText::from_escaped("&#13;")))?;
        }
        for section in BytesCData::escaped(part) {
            writer.write_event(Event::CData(section))?;
        }
    }
    Ok(())
}

/// The start tag of an element with the declarations that it needs, and the name that it has there.
fn start(element: &Element, scope: &mut Scope) -> (BytesStart<'static>, String) {
    let outside = scope.len();
    for (name, value) in element.attributes.iter().filter(|(name, _)| name.is_in(XMLNS)) {
        let prefix = name.local.strip_prefix("xmlns:").unwrap_or_default();
        if prefix.is_empty() || !value.is_empty() {
            scope.push((prefix.to_owned(), value.clone()));
        }
    }
    let name = qualified(&element.name, Of::Element, outside, scope);
    let attributes = element.attributes.iter().filter(|(name, _)| !name.is_in(XMLNS));
    let attributes: Vec<(String, &str)> = attributes
        .map(|(name, value)| (qualified(name, Of::Attribute, outside, scope), value.as_str()))
        .collect();
    let mut start = BytesStart::new(name.clone());
    for (prefix, namespace) in &scope[outside..] {
        let key = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
        start.push_attribute((key.as_str(), namespace.as_str()));
    }
    for (key, value) in attributes {
        start.push_attribute((key.as_str(), value));
    }
    (start, name)
}

/// The name with the prefix that its namespace has here; one is bound where there is none.
fn qualified(name: &Name, of: Of, outside: usize, scope: &mut Scope) -> String {
    let Some(namespace) = &name.namespace else { return name.local.clone() };
    if namespace == XML {
        return format!("xml:{}", name.local);
    }
    let wanted = name.prefix.clone().unwrap_or_default();
    let prefix = prefix(&wanted, namespace, of, outside, scope);
    if prefix.is_empty() { name.local.clone() } else { format!("{prefix}:{}", name.local) }
}

fn prefix(wanted: &str, namespace: &str, of: Of, outside: usize, scope: &mut Scope) -> String {
    let bound = |prefix: &str, scope: &Scope| {
        let found = scope.iter().rev().find(|(known, _)| known == prefix);
        found.map(|(_, namespace)| namespace.clone())
    };
    let is_free = |prefix: &str, scope: &Scope| scope[outside..].iter().all(|(known, _)| known != prefix);
    // An attribute without a prefix is in no namespace, whatever the default is.
    let usable = |prefix: &str| {
        !prefix.to_ascii_lowercase().starts_with("xml") && (of == Of::Element || !prefix.is_empty())
    };
    let made = (1..).map(|number| format!("ns{number}"));
    for prefix in std::iter::once(wanted.to_owned()).chain(made).filter(|prefix| usable(prefix)) {
        if bound(&prefix, scope).as_deref() == Some(namespace) {
            return prefix;
        }
        if is_free(&prefix, scope) {
            scope.push((prefix.clone(), namespace.to_owned()));
            return prefix;
        }
    }
    wanted.to_owned()
}
