//! The body of a message ↔ a value: which reader and writer a media type has.

use serde_json::Value;

use super::{
    Fault, Read, Sent, binary, form, media, multipart, scalar,
    sequence::{self, Framing},
    text,
    typed::{Draft, meanings, settle, wanted},
    xml,
};
use crate::{
    api::Content,
    exchange::MediaType,
    schema::{Schema, Types, Violation},
};

/// What the bodies of a media type are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Json,
    Sequence(Framing),
    Form,
    Multipart,
    Xml,
    Bytes,
    /// Texts, and whatever is not known: it is taken for a text where it is one.
    Text,
}

impl Kind {
    fn of(media_type: &MediaType) -> Self {
        if let Some(framing) = Framing::of(media_type) {
            return Self::Sequence(framing);
        }
        match media_type.essence() {
            _ if media_type.is_json() => Self::Json,
            "application/x-www-form-urlencoded" => Self::Form,
            essence if essence.starts_with("multipart/") => Self::Multipart,
            _ if media_type.is_xml() => Self::Xml,
            _ if binary::is_bytes(media_type) => Self::Bytes,
            _ => Self::Text,
        }
    }
}

/// What a body means, and how it breaks the schema of its content; `None` where its media type is none that is read.
///
/// `sent` is the media type that the message names. Bytes that are no text are a string of as many characters, U+0000 to
/// U+00FF, of which only the length is judged.
///
/// # Errors
/// [`Fault`] where the bytes are not what the media type says.
pub fn read(content: &Content, sent: Option<&MediaType>, bytes: &[u8]) -> Result<Option<Read>, Fault> {
    let declared = &content.media_type;
    let media_type = sent.filter(|sent| declared.matches(sent)).unwrap_or(declared);
    let judge = |value: &Value| judge(content, value);
    let found = match Kind::of(media_type) {
        Kind::Json => {
            let value = json(text::unicode(bytes, Some(media_type))?)?;
            Read { violations: judge(&value), value }
        }
        Kind::Sequence(framing) => sequence::read(content, framing, text::unicode(bytes, Some(media_type))?)?,
        Kind::Form => form::read(content, &text::decoded(bytes, Some(media_type))?, judge)?,
        Kind::Multipart => multipart::read(content, media_type, bytes, judge)?,
        Kind::Xml => xml::read(content.schema.as_ref(), bytes)?,
        Kind::Bytes => return Ok(of_bytes(content, media_type, bytes)),
        Kind::Text => return of_text(content, media_type, bytes),
    };
    Ok(Some(found))
}

/// How a value breaks what the document says of a body: the schema, and the schema of the items of a stream.
pub fn judge(content: &Content, value: &Value) -> Vec<Violation> {
    if matches!(Kind::of(&content.media_type), Kind::Sequence(_)) {
        return sequence::judge(content, value);
    }
    let mut violations = content.schema.as_ref().map(|schema| schema.violations(value)).unwrap_or_default();
    violations.extend(content.item_schema.iter().flat_map(|schema| sequence::each(schema, value)));
    violations
}

fn json(text: &str) -> Result<Value, Fault> {
    scalar::json(text).map_err(|error| Fault::new(format!("the body is not JSON: {error}")))
}

/// The types that the schema asks for.
fn types(content: &Content) -> Types {
    content.schema.as_ref().map_or(Types::ALL, |schema| wanted(&schema.about()))
}

/// A body of bytes; `None` where the schema asks for what no bytes are, and they are not JSON.
fn of_bytes(content: &Content, media_type: &MediaType, bytes: &[u8]) -> Option<Read> {
    if !types(content).meets(Types::STRING) {
        return of_text(content, media_type, bytes).ok()?;
    }
    let value = Value::String(text::from_bytes(bytes));
    let mut violations = judge(content, &value);
    violations.retain(binary::is_about_bytes);
    Some(Read { value, violations })
}

/// A body of text, read as the schema wants it; `None` where the schema asks for something that is not written as JSON.
fn of_text(content: &Content, media_type: &MediaType, bytes: &[u8]) -> Result<Option<Read>, Fault> {
    let schema = content.schema.as_ref().map(Schema::about);
    let is_meant = schema.as_ref().is_some_and(binary::is_meant);
    let types = types(content);
    let decoded = match text::decoded(bytes, Some(media_type)) {
        Ok(_) if is_meant => return Ok(of_bytes(content, media_type, bytes)),
        Ok(text) => text,
        Err(_) if !types.meets(Types::STRING) && !media_type.is_text() => return Ok(None),
        Err(_) if is_meant || !media_type.is_text() => return Ok(of_bytes(content, media_type, bytes)),
        Err(fault) => return Err(fault),
    };
    let readings = match &schema {
        Some(about) => meanings(about, &decoded),
        None => vec![Value::String(decoded.into_owned())],
    };
    // Other forms of text, such as YAML and CSV, have values as well, which are not read here.
    let is_structured = !types.meets(Types::STRING.or(Types::NUMBER).or(Types::BOOLEAN));
    if is_structured && media_type.essence() != "text/plain" && readings.iter().all(Value::is_string) {
        return Ok(None);
    }
    Ok(Some(settle(Draft::whole(readings), |value| judge(content, value))))
}

/// Writes a value as a body of the content's media type; a range is written as a type in it that suits the value.
///
/// # Errors
/// [`Fault`] where the media type has no way to say the value, or would say it so that it breaks its schema.
pub fn write(content: &Content, value: &Value) -> Result<Sent, Fault> {
    let about = content.schema.as_ref().map(Schema::about);
    write_as(content, media::concrete(&content.media_type, value, about.as_ref()), value)
}

/// The same, a range as this type in it where that type can say the value.
///
/// # Errors
/// As [`write()`].
pub fn write_wanted(content: &Content, wanted: Option<&MediaType>, value: &Value) -> Result<Sent, Fault> {
    let is_said = |wanted: &&MediaType| {
        let is_scalar = !value.is_object() && !value.is_array();
        // JSON in a text is a text; in a page or a picture it is none.
        let is_text =
            matches!(Kind::of(wanted), Kind::Text | Kind::Bytes) && wanted.essence() != "text/plain";
        content.media_type.is_range() && content.media_type.matches(wanted) && (is_scalar || !is_text)
    };
    let sent = wanted.filter(is_said).map(|wanted| write_as(content, wanted.plain(), value));
    sent.and_then(Result::ok).map_or_else(|| write(content, value), Ok)
}

fn write_as(content: &Content, declared: String, value: &Value) -> Result<Sent, Fault> {
    let media_type = MediaType::parse(&declared).unwrap_or_else(|| content.media_type.clone());
    let kind = Kind::of(&media_type);
    let sent = match kind {
        Kind::Multipart => multipart::write(content, &media_type, value)?,
        Kind::Bytes => {
            Sent { bytes: binary::write(content, &media_type, value).into(), media_type: declared }
        }
        Kind::Xml => Sent { bytes: xml::write(content.schema.as_ref(), value)?.into(), media_type: declared },
        Kind::Json => text::encoded(&value.to_string(), &media_type),
        Kind::Sequence(framing) => text::encoded(&sequence::write(content, framing, value)?, &media_type),
        Kind::Form => text::encoded(&form::write(content, value)?, &media_type),
        Kind::Text => of_value(content, &media_type, value),
    };
    if kind != Kind::Json {
        sound(content, &sent)?;
    }
    Ok(sent)
}

fn of_value(content: &Content, media_type: &MediaType, value: &Value) -> Sent {
    match value {
        Value::String(text)
            if content.schema.as_ref().is_some_and(|schema| binary::is_meant(&schema.about())) =>
        {
            Sent { media_type: media_type.to_string(), bytes: text::to_bytes(text).into() }
        }
        Value::String(text) => text::encoded(text, media_type),
        value => text::encoded(&value.to_string(), media_type),
    }
}

/// Whoever reads the body finds the value that the document asks for; not every form can say every value.
fn sound(content: &Content, sent: &Sent) -> Result<(), Fault> {
    let read = read(content, MediaType::parse(&sent.media_type).as_ref(), &sent.bytes)?;
    let violation = read.and_then(|read| read.violations.into_iter().next());
    match violation {
        None => Ok(()),
        Some(violation) => Err(Fault { pointer: violation.instance, message: violation.message }),
    }
}
