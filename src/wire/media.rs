//! A declared media type or range → the type that an answer is sent as.

use serde_json::Value;

use super::binary;
use crate::{exchange::MediaType, schema::Written};

/// The type itself, or the one in the range that suits the value best.
pub(super) fn concrete(declared: &MediaType, value: &Value, about: Option<&Written<'_>>) -> String {
    if !declared.is_range() {
        return declared.to_string();
    }
    let is_bytes = value.is_string() && about.is_some_and(binary::is_meant);
    let (kind, subtype) = declared.essence().split_once('/').unwrap_or(("*", "*"));
    let found = match (kind, subtype.strip_prefix('*')) {
        ("*" | "application", Some("")) if is_bytes => "application/octet-stream",
        ("*" | "application", Some("")) => "application/json",
        ("text", Some("")) => "text/plain",
        ("image", Some("")) => "image/png",
        ("audio", Some("")) => "audio/mpeg",
        ("video", Some("")) => "video/mp4",
        ("font", Some("")) => "font/woff2",
        ("multipart", Some("")) if value.is_array() => "multipart/mixed",
        ("multipart", Some("")) => "multipart/form-data",
        // A suffix is no range of the standard, but is written for one: `application/*+json`.
        (kind, Some(suffix)) if suffix.starts_with('+') && kind != "*" => {
            return format!("{kind}/vnd.standin{suffix}");
        }
        _ => "application/json",
    };
    found.to_owned()
}
