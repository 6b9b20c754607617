//! The body of a message ↔ a value: which reader and writer a media type has.

use bytes::Bytes;
use serde_json::Value;

use super::{Fault, Read, Sent, form, xml};
use crate::{api::Content, exchange::MediaType};

/// What a body means, and how it breaks the schema of its content; `None` where its media type is none that is read.
///
/// `sent` is the media type that the message names; where the document declares a range, it tells what the body is.
///
/// # Errors
/// [`Fault`] where the bytes are not what the media type says.
pub fn read(content: &Content, sent: Option<&MediaType>, bytes: &[u8]) -> Result<Option<Read>, Fault> {
    let media_type = sent.filter(|_| content.media_type.is_range()).unwrap_or(&content.media_type);
    let value = if media_type.is_json() {
        serde_json::from_str(text(bytes)?)
            .map_err(|error| Fault::new(format!("the body is not JSON: {error}")))?
    } else if media_type.essence() == "application/x-www-form-urlencoded" {
        form::read(content, text(bytes)?)
    } else if media_type.is_xml() {
        return xml::read(content.schema.as_ref(), bytes).map(Some);
    } else if media_type.is_text() {
        Value::String(text(bytes)?.to_owned())
    } else {
        return Ok(None);
    };
    let violations = content.schema.as_ref().map(|schema| schema.violations(&value)).unwrap_or_default();
    Ok(Some(Read { value, violations }))
}

/// Writes a value as a body of the content's media type; a range is written as a type in it.
///
/// # Errors
/// [`Fault`] where the media type has no way to say the value.
pub fn write(content: &Content, value: &Value) -> Result<Sent, Fault> {
    let declared = &content.media_type;
    let media_type = if declared.is_range() { "application/json".to_owned() } else { declared.to_string() };
    let bytes = match value {
        value if declared.is_xml() => Bytes::from(xml::write(content.schema.as_ref(), value)?),
        Value::String(text) if !declared.is_json() => Bytes::from(text.clone()),
        value => Bytes::from(value.to_string()),
    };
    Ok(Sent { media_type, bytes })
}

/// The bytes as a text.
pub(super) fn text(bytes: &[u8]) -> Result<&str, Fault> {
    std::str::from_utf8(bytes)
        .map_err(|error| Fault::new(format!("the body is not UTF-8 from byte {}", error.valid_up_to())))
}
