//! Text → a tree of elements (XML 1.0; Namespaces in XML 1.0).
//!
//! The reader of `quick-xml` finds the tags; what it lets pass and XML does not is refused here.

use std::sync::LazyLock;

use quick_xml::{
    NsReader, XmlVersion,
    escape::resolve_predefined_entity,
    events::{BytesDecl, BytesRef, BytesStart, Event, attributes::Attribute},
    name::{PrefixDeclaration, ResolveResult},
};
use regex::Regex;

use super::{
    DEEPEST,
    name::{is_character, is_name},
    tree::{Child, Element, Name, XMLNS},
};
use crate::wire::Fault;

/// What stands in a declaration (XML 1.0, productions 23 to 32).
static DECLARATION: LazyLock<Regex> = LazyLock::new(|| {
    let either = |name: &str, value: &str| format!(r#"\s+{name}\s*=\s*("{value}"|'{value}')"#);
    let (version, encoding) =
        (either("version", r"1\.[0-9]+"), either("encoding", "[A-Za-z][A-Za-z0-9._-]*"));
    let standalone = either("standalone", "(yes|no)");
    Regex::new(&format!("^xml{version}({encoding})?({standalone})?\\s*$")).expect("the pattern is one")
});

/// What stands in a tag after its name: attributes, each after a space.
static ATTRIBUTES: LazyLock<Regex> = LazyLock::new(|| {
    let attribute = r#"[ \t\r\n]+[^ \t\r\n=]+[ \t\r\n]*=[ \t\r\n]*("[^"]*"|'[^']*')"#;
    Regex::new(&format!(r"^({attribute})*[ \t\r\n]*$")).expect("the pattern is one")
});

/// How many attributes an element may have: each is compared with each.
const MOST_ATTRIBUTES: usize = 256;

/// Reads a document: its root element.
///
/// # Errors
/// [`Fault`] with the line and column at which the text stops being XML that is read.
pub(super) fn parse(text: &str) -> Result<Element, Fault> {
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    reader.config_mut().check_comments = true;
    let mut parser = Parser { reader, open: Vec::new(), root: None };
    loop {
        let before = parser.reader.buffer_position();
        match parser.step(before) {
            Ok(true) => {}
            Ok(false) => {
                return parser.root.ok_or_else(|| Fault::new("the XML has no element"));
            }
            Err(Wrong::Syntax(error)) => {
                return Err(fault(text, parser.reader.error_position(), &told(&error)));
            }
            Err(Wrong::Refused(message)) => return Err(fault(text, before, &message)),
        }
    }
}

/// The reader's words, without what kind of words they are.
fn told(error: &quick_xml::Error) -> String {
    match error {
        quick_xml::Error::Syntax(error) => error.to_string(),
        quick_xml::Error::IllFormed(error) => error.to_string(),
        quick_xml::Error::InvalidAttr(error) => error.to_string(),
        quick_xml::Error::Escape(error) => error.to_string(),
        quick_xml::Error::Namespace(error) => error.to_string(),
        error => error.to_string(),
    }
}

/// Whether the encoding that a text says it has is one that is read.
///
/// # Errors
/// [`Fault`] that names the encoding.
pub(super) fn encoding(start: &str) -> Result<(), Fault> {
    match NsReader::from_str(start).read_event() {
        Ok(Event::Decl(declaration)) => {
            declared_encoding(&declaration).map_or(Ok(()), |name| Err(unread_encoding(&name)))
        }
        _ => Ok(()),
    }
}

/// The fault of an encoding that is not read.
pub(super) fn unread_encoding(name: &str) -> Fault {
    Fault::new(format!("the encoding `{name}` of the XML is not read; expected UTF-8"))
}

/// The encoding that is declared, where it is one that is not read.
fn declared_encoding(declaration: &BytesDecl<'_>) -> Option<String> {
    let name = declaration.encoding()?.ok()?.into_owned();
    let is_read = ["utf-8", "utf8", "us-ascii", "ascii"].iter().any(|read| name.eq_ignore_ascii_case(read));
    (!is_read).then_some(name)
}

enum Wrong {
    /// The reader's word, at the reader's place.
    Syntax(quick_xml::Error),
    /// Ours, at the tag that was read.
    Refused(String),
}

impl From<quick_xml::Error> for Wrong {
    fn from(error: quick_xml::Error) -> Self {
        Self::Syntax(error)
    }
}

fn refused<T>(message: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong::Refused(message.into()))
}

struct Parser<'t> {
    reader: NsReader<&'t [u8]>,
    /// The elements that are not closed yet, outermost first.
    open: Vec<Element>,
    root: Option<Element>,
}

impl Parser<'_> {
    /// Takes the next thing; false at the end of the text.
    fn step(&mut self, before: u64) -> Result<bool, Wrong> {
        match self.reader.read_event()? {
            Event::Start(start) => self.open(&start)?,
            Event::End(_) => self.close(),
            Event::Empty(_) => {}
            Event::Comment(text) => characters(&text)?,
            Event::PI(instruction) => {
                let target = instruction.target();
                if !is_name(target) || target.eq_ignore_ascii_case("xml") {
                    return refused(format!("`{target}` is no name of a processing instruction"));
                }
                characters(&instruction)?;
            }
            Event::Text(text) if text.contains("]]>") => {
                return refused("`]]>` stands outside of a CDATA section");
            }
            Event::Text(text) => self.text(&text.xml10_content())?,
            Event::CData(text) if self.open.is_empty() => return refused(outside(&text)),
            Event::CData(text) => {
                let text = text.xml10_content();
                characters(&text)?;
                self.open
                    .last_mut()
                    .into_iter()
                    .for_each(|open| open.children.push(Child::Cdata(text.to_string())));
            }
            Event::GeneralRef(reference) => self.text(&referred(&reference)?)?,
            Event::Decl(_) if before > 0 => {
                return refused("the XML declaration does not stand at the start");
            }
            Event::Decl(declaration) => {
                if !DECLARATION.is_match(&declaration) {
                    return refused(
                        "the XML declaration is not one; write `<?xml version=\"1.0\" encoding=\"UTF-8\"?>`",
                    );
                }
                if let Some(name) = declared_encoding(&declaration) {
                    return refused(format!("the encoding `{name}` is not read; expected UTF-8"));
                }
            }
            Event::DocType(_) => return refused("a document type is not read; leave `<!DOCTYPE …>` out"),
            Event::Eof => {
                return match self.open.pop() {
                    Some(element) => refused(format!("`<{}>` is not closed", element.name.local)),
                    None => Ok(false),
                };
            }
        }
        Ok(true)
    }

    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), Wrong> {
        if self.open.len() >= DEEPEST {
            return refused(format!("elements are nested deeper than {DEEPEST}"));
        }
        if self.open.is_empty() && self.root.is_some() {
            return refused(format!("`<{}>` stands beside the root element", start.name().into_inner()));
        }
        if !ATTRIBUTES.is_match(start.attributes_raw()) {
            return refused(format!(
                "`<{}>` has attributes that are not written as `name=\"value\"`",
                start.name().into_inner()
            ));
        }
        let (namespace, local) = self.reader.resolver().resolve_element(start.name());
        let prefix = start.name().prefix().map(|prefix| prefix.into_inner().to_owned());
        let mut element = Element::new(named(prefix, local.into_inner(), namespace)?);
        for attribute in start.attributes() {
            let attribute = attribute.map_err(quick_xml::Error::from)?;
            if element.attributes.len() >= MOST_ATTRIBUTES {
                return refused(format!("an element has more than {MOST_ATTRIBUTES} attributes"));
            }
            element.attributes.push(self.attribute(&attribute)?);
        }
        if let Some((name, _)) = twice(&element.attributes) {
            return refused(format!("the attribute `{}` stands twice in one element", name.local));
        }
        self.open.push(element);
        Ok(())
    }

    fn attribute(&self, attribute: &Attribute<'_>) -> Result<(Name, String), Wrong> {
        if attribute.value.contains('<') {
            return refused("`<` stands in the value of an attribute; write `&lt;`");
        }
        let value = attribute.normalized_value(XmlVersion::Implicit1_0)?.into_owned();
        characters(&value)?;
        let written = attribute.key.into_inner();
        match attribute.key.as_namespace_binding() {
            Some(PrefixDeclaration::Named(prefix)) if !is_name(prefix) || value.is_empty() => {
                return refused(format!("`{written}` binds no prefix to a namespace"));
            }
            Some(_) => {
                return Ok((Name { namespace: Some(XMLNS.to_owned()), ..Name::local(written) }, value));
            }
            None => {}
        }
        let (namespace, local) = self.reader.resolver().resolve_attribute(attribute.key);
        let prefix = attribute.key.prefix().map(|prefix| prefix.into_inner().to_owned());
        Ok((named(prefix, local.into_inner(), namespace)?, value))
    }

    fn close(&mut self) {
        let Some(element) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(Child::Element(element)),
            None => self.root = Some(element),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), Wrong> {
        characters(text)?;
        let Some(element) = self.open.last_mut() else {
            let is_blank = text.chars().all(|character| matches!(character, ' ' | '\t' | '\n' | '\r'));
            return if is_blank { Ok(()) } else { refused(outside(text)) };
        };
        match element.children.last_mut() {
            Some(Child::Text(held)) => held.push_str(text),
            _ => element.children.push(Child::Text(text.to_owned())),
        }
        Ok(())
    }
}

fn named(prefix: Option<String>, local: &str, namespace: ResolveResult<'_>) -> Result<Name, Wrong> {
    if !is_name(local) {
        return refused(format!("`{local}` is no name"));
    }
    let namespace = match namespace {
        ResolveResult::Unbound => None,
        ResolveResult::Bound(namespace) => Some(namespace.into_inner().to_owned()),
        ResolveResult::Unknown(prefix) => {
            return refused(format!("the prefix `{prefix}` is bound to no namespace"));
        }
    };
    Ok(Name {
        prefix,
        local: local.to_owned(),
        namespace: namespace.filter(|namespace| !namespace.is_empty()),
    })
}

/// An attribute that stands twice under different prefixes; the reader tells of those under one.
fn twice(attributes: &[(Name, String)]) -> Option<&(Name, String)> {
    let is_same = |one: &Name, other: &Name| one.local == other.local && one.namespace == other.namespace;
    let prefixed = attributes.iter().enumerate().filter(|(_, (name, _))| name.prefix.is_some());
    let mut repeated = prefixed
        .filter(|(at, (name, _))| attributes[..*at].iter().any(|(earlier, _)| is_same(earlier, name)));
    repeated.next().map(|(_, attribute)| attribute)
}

/// What `&name;` or `&#number;` stands for.
fn referred(reference: &BytesRef<'_>) -> Result<String, Wrong> {
    if let Some(character) = reference.resolve_char_ref()? {
        return Ok(character.to_string());
    }
    match resolve_predefined_entity(reference) {
        Some(text) => Ok(text.to_owned()),
        None => refused(format!("the entity `&{};` is not one of XML's own", &**reference)),
    }
}

fn characters(text: &str) -> Result<(), Wrong> {
    match text.chars().find(|character| !is_character(*character)) {
        Some(character) => refused(format!("XML has no character U+{:04X}", u32::from(character))),
        None => Ok(()),
    }
}

fn outside(text: &str) -> String {
    let start: String = text.trim().chars().take(20).collect();
    format!("the text `{start}` stands outside of the root element")
}

/// A fault with the line and column, both from 1, of the byte at an offset.
fn fault(text: &str, offset: u64, message: &str) -> Fault {
    let offset = usize::try_from(offset).unwrap_or(text.len()).min(text.len());
    let before = String::from_utf8_lossy(&text.as_bytes()[..offset]);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Fault::new(format!("line {line}, column {column} of the XML: {message}"))
}
