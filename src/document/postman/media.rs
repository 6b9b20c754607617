//! The media types that Postman names, and how their texts are read.

use super::given::Given;

/// The media type that a `Content-Type` among the fields names, lower-cased where case means nothing.
///
/// Of JSON the parameters say nothing (RFC 8259, section 11), and two samples that differ in them are of one type.
pub(super) fn of_fields(fields: &[Given<'_>]) -> Option<String> {
    let named = |field: &&Given<'_>| field.is_sent && field.name.eq_ignore_ascii_case("content-type");
    let written = fields.iter().find(named)?.text.trim();
    let essence = essence(written);
    let is_whole = essence.split_once('/').is_some_and(|(kind, sort)| !kind.is_empty() && !sort.is_empty());
    if !is_whole || essence.contains(['{', ' ']) {
        return None;
    }
    Some(if is_json(&essence) { essence } else { written.to_owned() })
}

/// The media type of a language that Postman's editor names.
pub(super) fn of_language(language: &str) -> Option<&'static str> {
    Some(match language {
        "json" => "application/json",
        "xml" => "application/xml",
        "html" => "text/html",
        "javascript" => "application/javascript",
        "text" | "plain" => "text/plain",
        _ => return None,
    })
}

/// The media type of a text of which nothing else is known.
pub(super) fn of_text(text: &str) -> &'static str {
    let is_json = text.trim_start().starts_with(['{', '[']);
    if is_json { "application/json" } else { "text/plain" }
}

/// A media type without its parameters.
pub(super) fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether bodies of it are JSON.
pub(super) fn is_json(media_type: &str) -> bool {
    let essence = essence(media_type);
    matches!(essence.as_str(), "application/json" | "text/json") || essence.ends_with("+json")
}

/// Whether bodies of it are texts, and nothing but texts.
pub(super) fn is_text(media_type: &str) -> bool {
    let essence = essence(media_type);
    let is_other = matches!(essence.as_str(), "text/xml" | "text/event-stream");
    essence.starts_with("text/") && !is_other
}
