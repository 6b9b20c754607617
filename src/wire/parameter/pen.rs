//! One text → the same in a message: which characters a part of it may hold, and which are encoded.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    api::{Parameter, Style},
    finding::Part,
    wire::Fault,
};

/// What stays as it is everywhere (RFC 3986, section 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What `allowReserved` lets stay in a path: reserved characters without a meaning there, and in no style.
const RESERVED_IN_PATH: &AsciiSet = &UNRESERVED
    .remove(b':')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*');
/// What it lets stay in a part of a query value. A percent sign is encoded all the same: values come decoded.
const RESERVED_IN_ITEM: &AsciiSet = &RESERVED_IN_PATH.remove(b'/').remove(b'?').remove(b';').remove(b'=');
/// What it lets stay in a query value.
const RESERVED_IN_QUERY: &AsciiSet = &RESERVED_IN_ITEM.remove(b',');

/// What writes one parameter.
#[derive(Clone, Copy)]
pub(super) struct Pen<'p> {
    pub(super) parameter: &'p Parameter,
    pub(super) style: Style,
}

impl Pen<'_> {
    /// A text that stands between delimiters.
    pub(super) fn item(self, text: &str) -> Result<String, Fault> {
        let delimiter = match self.style {
            Style::SpaceDelimited if !self.parameter.explode => Some(' '),
            Style::PipeDelimited if !self.parameter.explode => Some('|'),
            Style::TabDelimited if !self.parameter.explode => Some('\t'),
            // A dot needs no percent-encoding, so nobody has to tell an encoded one from a plain one.
            Style::Label if self.parameter.explode => Some('.'),
            _ if self.is_plain() => Some(','),
            _ => None,
        };
        if let Some(delimiter) = delimiter.filter(|delimiter| text.contains(*delimiter)) {
            return Err(Fault::new(format!("`{text}` holds `{delimiter}`, at which it would be cut")));
        }
        if self.is_reserved() && !self.parameter.explode && self.parameter.part == Part::Query {
            return Ok(utf8_percent_encode(text, RESERVED_IN_ITEM).to_string());
        }
        self.alone(text)
    }

    /// A text that is a whole value.
    pub(super) fn alone(self, text: &str) -> Result<String, Fault> {
        let set = match self.parameter.part {
            Part::Header => return field(text),
            Part::Cookie if self.is_plain() => return cookie(text),
            Part::Query if self.is_reserved() => RESERVED_IN_QUERY,
            Part::Path if self.is_reserved() => RESERVED_IN_PATH,
            _ => UNRESERVED,
        };
        Ok(utf8_percent_encode(text, set).to_string())
    }

    /// The name of a pair.
    pub(super) fn name(self, name: &str) -> Result<String, Fault> {
        if !self.is_plain() {
            return Ok(encoded(name));
        }
        let is_token =
            |character: char| character.is_ascii_graphic() && !"\"(),/:;<=>?@[\\]{}".contains(character);
        if name.is_empty() || !name.chars().all(is_token) {
            return Err(Fault::new(format!("`{name}` cannot be the name of a cookie")));
        }
        Ok(name.to_owned())
    }

    /// Whether nothing is percent-encoded.
    pub(super) fn is_plain(self) -> bool {
        self.parameter.part == Part::Header || self.style == Style::Cookie
    }

    fn is_reserved(self) -> bool {
        self.parameter.allow_reserved
    }

    /// What stands between items.
    pub(super) fn between(self) -> &'static str {
        match self.style {
            Style::SpaceDelimited => "%20",
            Style::PipeDelimited => "%7C",
            Style::TabDelimited => "%09",
            _ => ",",
        }
    }
}

/// A text, percent-encoded.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// A text as the value of a header field (RFC 9110, section 5.5).
fn field(text: &str) -> Result<String, Fault> {
    let is_allowed = |character: char| character.is_ascii_graphic() || character == ' ' || character == '\t';
    if let Some(other) = text.chars().find(|character| !is_allowed(*character)) {
        return Err(Fault::new(format!("{other:?} cannot stand in a header field")));
    }
    if text.trim() != text {
        return Err(Fault::new("spaces at the ends of a value are lost in a header field"));
    }
    Ok(text.to_owned())
}

/// A text as the value of a cookie that is not encoded (RFC 6265, section 4.1.1).
fn cookie(text: &str) -> Result<String, Fault> {
    let is_allowed = |character: char| character.is_ascii_graphic() && !"\",;\\".contains(character);
    match text.chars().find(|character| !is_allowed(*character)) {
        Some(other) => Err(Fault::new(format!("{other:?} cannot stand in a cookie"))),
        None => Ok(text.to_owned()),
    }
}
