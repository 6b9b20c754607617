//! Bodies that are no text: which media types and schemas mean such, and small real files to answer with.

use serde_json::Value;

use super::text;
use crate::{
    api::Content,
    exchange::MediaType,
    schema::{Violation, Written},
};

/// Types below `application/` that are no text.
const BYTES: [&str; 12] = [
    "octet-stream",
    "pdf",
    "zip",
    "gzip",
    "x-gzip",
    "x-tar",
    "x-7z-compressed",
    "wasm",
    "protobuf",
    "x-protobuf",
    "msgpack",
    "cbor",
];

/// Whether bodies of this type are bytes and no text.
pub(super) fn is_bytes(media_type: &MediaType) -> bool {
    let essence = media_type.essence();
    match essence.split_once('/') {
        Some(("image", "svg+xml")) => false,
        Some(("image" | "audio" | "video" | "font", _)) => true,
        Some(("application", subtype)) => BYTES.contains(&subtype) || subtype.ends_with("+zip"),
        _ => false,
    }
}

/// Whether the author of the schema meant bytes (OAS 3.1, section 4.8.14.2; `format: binary` of OAS 3.0).
pub(super) fn is_meant(about: &Written<'_>) -> bool {
    let is_binary = about.keyword("format").and_then(Value::as_str) == Some("binary");
    let inner = about.keyword("contentMediaType").and_then(Value::as_str).and_then(MediaType::parse);
    let is_raw = about.keyword("contentEncoding").is_none();
    is_binary || is_raw && inner.is_some_and(|inner| is_bytes(&inner))
}

/// Whether a violation says something about bytes: their number, or that something else was to be sent.
pub(super) fn is_about_bytes(violation: &Violation) -> bool {
    ["minLength", "maxLength", "type"].contains(&violation.keyword.as_str())
}

/// The bytes of an answer: those of the value where the document gives it as an example, else a small real file of the
/// media type where there is one that satisfies the schema, else the value's.
pub(super) fn write(content: &Content, media_type: &MediaType, value: &Value) -> Vec<u8> {
    let is_example = content.examples.iter().any(|example| *example.value == *value);
    let sound = |bytes: &&[u8]| {
        let text = Value::String(text::from_bytes(bytes));
        content.schema.as_ref().is_none_or(|schema| schema.is_valid(&text))
    };
    let encoded =
        content.schema.as_ref().is_some_and(|schema| schema.about().keyword("contentEncoding").is_some());
    match (file(media_type.essence()).filter(sound), value) {
        (Some(file), _) if !is_example && !encoded => file.to_vec(),
        (_, Value::String(text)) => text::to_bytes(text),
        // What is made up for want of a schema is no file of this type.
        _ if content.schema.is_none() && !is_example => Vec::new(),
        (_, value) => value.to_string().into_bytes(),
    }
}

/// The smallest file of a type.
fn file(essence: &str) -> Option<&'static [u8]> {
    match essence {
        "image/png" => Some(PNG),
        "image/gif" => Some(GIF),
        "application/pdf" => Some(PDF),
        "application/zip" => Some(ZIP),
        _ => None,
    }
}

/// One black pixel (ISO/IEC 15948).
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55\
    \0\0\0\x0aIDAT\x78\xda\x63\x60\0\0\0\x02\0\x01\xe5\x27\xde\xfc\0\0\0\0IEND\xae\x42\x60\x82";

/// One black pixel.
const GIF: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0;";

/// One empty page (ISO 32000-1).
const PDF: &[u8] = b"%PDF-1.4\n\
1 0 obj<</Type/Catalog/Pages 2 0 R>> endobj\n\
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n\
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>> endobj\n\
xref\n0 4\n\
0000000000 65535 f \n\
0000000009 00000 n \n\
0000000053 00000 n \n\
0000000103 00000 n \n\
trailer<</Size 4/Root 1 0 R>>\nstartxref\n165\n%%EOF\n";

/// An archive of nothing.
const ZIP: &[u8] = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
