//! Formats that no registry has, and patterns that no engine reads.

use indexmap::IndexMap;

use super::{
    near::nearest,
    walk::{Kind, Position},
};
use crate::{
    document::Node,
    finding::{Code, Finding, Severity},
};

/// The formats of JSON Schema 2020-12 (validation, section 7.3) and of the `OpenAPI` format registry.
const FORMATS: [&str; 51] = [
    "base64url",
    "binary",
    "byte",
    "char",
    "commonmark",
    "date",
    "date-time",
    "date-time-local",
    "decimal",
    "decimal128",
    "double",
    "double-int",
    "duration",
    "email",
    "float",
    "hostname",
    "html",
    "http-date",
    "idn-email",
    "idn-hostname",
    "int16",
    "int32",
    "int64",
    "int8",
    "ipv4",
    "ipv6",
    "iri",
    "iri-reference",
    "json-pointer",
    "media-range",
    "password",
    "regex",
    "relative-json-pointer",
    "sf-binary",
    "sf-boolean",
    "sf-decimal",
    "sf-integer",
    "sf-string",
    "sf-token",
    "single-int",
    "time",
    "time-local",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "unixtime",
    "uri",
    "uri-reference",
    "uri-template",
    "uuid",
];

/// What is wrong with the formats and patterns of schemas; each unknown format is told once, where it stands first.
pub(super) fn judge(positions: &[Position<'_>]) -> Vec<Finding> {
    let mut unknown: IndexMap<&str, (Node<'_>, usize)> = IndexMap::new();
    let mut findings = Vec::new();
    for Position { node, .. } in positions.iter().filter(|position| position.kind == Kind::Schema) {
        if let (Some(format), Some(at)) = (node.text("format"), node.raw("format"))
            && !FORMATS.contains(&format)
        {
            unknown.entry(format).or_insert((at, 0)).1 += 1;
        }
    }
    findings.extend(unknown.into_iter().map(|(format, (at, count))| unknown_format(format, &at, count)));
    findings
}

fn unknown_format(format: &str, at: &Node<'_>, count: usize) -> Finding {
    let places = match count {
        1 => String::new(),
        2 => ", here and in 1 other place".to_owned(),
        _ => format!(", here and in {} other places", count - 1),
    };
    let message = format!("the format `{format}` is in no registry{places}");
    let mut finding = at.error(Code::UnknownFormat, message);
    finding.severity = Severity::Note;
    let near = meant(format);
    finding.help(near.map_or_else(
        || "nothing is checked by it; say what it means by a `pattern`".to_owned(),
        |near| format!("did you mean `{near}`"),
    ))
}

/// The format that was meant: the same but for case and punctuation, or a long one but for a letter or two. Short names
/// such as `ulid` and `uuid` are alike by nature.
fn meant(format: &str) -> Option<&'static str> {
    let bare = |name: &str| name.to_lowercase().replace(['-', '_', ' '], "");
    if bare(format) == "url" {
        return Some("uri");
    }
    let same = FORMATS.into_iter().find(|known| bare(known) == bare(format));
    same.or_else(|| nearest(format, FORMATS).filter(|_| format.len() > 5))
}
