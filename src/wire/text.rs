//! Bytes ↔ texts, by `charset` (RFC 6657); and bytes that are no text.
//!
//! Bytes that are no text are a string of as many characters as there are bytes, each U+0000 to U+00FF. So nothing is lost,
//! every string schema takes them, and `minLength` and `maxLength` count bytes, as OAS 3.2, section 4.14.3, has it.

use std::borrow::Cow;

use super::{Fault, Sent};
use crate::exchange::MediaType;

/// The bytes as a text in the charset that the media type names, UTF-8 without one; a byte order mark is left out.
///
/// # Errors
/// [`Fault`] where they are no such text, or the charset is none that is read.
pub(super) fn decoded<'b>(bytes: &'b [u8], media_type: Option<&MediaType>) -> Result<Cow<'b, str>, Fault> {
    let charset = media_type.and_then(|media_type| media_type.parameter("charset"));
    match charset.as_deref().map(str::to_ascii_lowercase).as_deref() {
        None | Some("utf-8" | "utf8") => Ok(utf8(bytes)?.into()),
        Some("us-ascii" | "ascii") => match bytes.iter().position(|byte| !byte.is_ascii()) {
            None => Ok(utf8(bytes)?.into()),
            Some(at) => Err(Fault::new(format!("the body is not US-ASCII from byte {at}"))),
        },
        Some("iso-8859-1" | "latin1") => Ok(from_bytes(bytes).into()),
        Some(charset) => Err(Fault::new(format!(
            "the charset `{charset}` is not read, only `utf-8`, `us-ascii` and `iso-8859-1` are"
        ))),
    }
}

/// The text of a body that is UTF-8 whatever its media type says (RFC 8259, section 8.1).
///
/// # Errors
/// [`Fault`] where it is not, or is said to be UTF-16 or UTF-32.
pub(super) fn unicode<'b>(bytes: &'b [u8], media_type: Option<&MediaType>) -> Result<&'b str, Fault> {
    let charset = media_type.and_then(|media_type| media_type.parameter("charset"));
    let charset = charset.map(|charset| charset.to_ascii_lowercase()).unwrap_or_default();
    if ["utf-16", "utf-32", "ucs-2", "utf16", "utf32"].iter().any(|wide| charset.starts_with(wide)) {
        return Err(Fault::new(format!("the charset is `{charset}`, but JSON is UTF-8")));
    }
    utf8(bytes)
}

/// The bytes as UTF-8, without a byte order mark.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str, Fault> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| Fault::new(format!("the body is not UTF-8 from byte {}", error.valid_up_to())))?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// A text as a body in the charset that the media type names; where that cannot say it, in UTF-8.
pub(super) fn encoded(text: &str, media_type: &MediaType) -> Sent {
    let charset = media_type.parameter("charset").map(|charset| charset.to_ascii_lowercase());
    let sent = |media_type: String, bytes: Vec<u8>| Sent { media_type, bytes: bytes.into() };
    match charset.as_deref() {
        None | Some("utf-8" | "utf8") => sent(media_type.to_string(), text.as_bytes().to_vec()),
        Some("us-ascii" | "ascii") if text.is_ascii() => {
            sent(media_type.to_string(), text.as_bytes().to_vec())
        }
        Some("iso-8859-1" | "latin1") if text.chars().all(|character| u8::try_from(character).is_ok()) => {
            sent(media_type.to_string(), to_bytes(text))
        }
        Some(_) => sent(format!("{}; charset=utf-8", media_type.essence()), text.as_bytes().to_vec()),
    }
}

/// Bytes as a string, a character for each.
pub(super) fn from_bytes(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// The bytes that a string stands for; where it is no string of bytes, those of the text in UTF-8.
pub(super) fn to_bytes(text: &str) -> Vec<u8> {
    let bytes: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
    bytes.unwrap_or_else(|_| text.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_a_character_and_comes_back() {
        let bytes: Vec<u8> = (0..=255).collect();
        let text = from_bytes(&bytes);
        assert_eq!(text.chars().count(), 256);
        assert_eq!(to_bytes(&text), bytes);
        assert_eq!(to_bytes("日"), "日".as_bytes());
    }

    #[test]
    fn a_text_is_decoded_by_its_charset() {
        let decode =
            |bytes, media_type| decoded(bytes, MediaType::parse(media_type).as_ref()).map(Cow::into_owned);
        assert_eq!(decode(b"Zo\xeb", "text/plain; charset=ISO-8859-1").unwrap(), "Zoë");
        assert_eq!(decode("\u{feff}Zoë".as_bytes(), "text/plain").unwrap(), "Zoë");
        let why = |bytes, media_type| decode(bytes, media_type).unwrap_err().message;
        assert_eq!(why(b"Zo\xeb", "text/plain"), "the body is not UTF-8 from byte 2");
        assert_eq!(why(b"Zo\xeb", "text/plain; charset=us-ascii"), "the body is not US-ASCII from byte 2");
        assert!(why(b"Zo\xeb", "text/plain; charset=koi8-r").contains("`koi8-r`"));
    }
}
