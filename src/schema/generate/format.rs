//! A format → a text in it: those of JSON Schema 2020-12 and those that `OpenAPI` adds.
//!
//! Dates come from the decisions and an era that their names tell, no clock is read. Host names end in what RFC 2606 keeps
//! free for examples.

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use serde_json::Number;

use super::{choice::Choice, words};

/// The years from which dates are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Era {
    /// The usual one: most dates are of what has happened.
    Recent,
    /// Of births.
    Past,
    /// Of ends.
    Future,
}

/// A text in the format that fits between the lengths, if it can; `None` for a format that has no meaning for strings.
pub(super) fn text(
    format: &str,
    era: Era,
    min: u64,
    max: Option<u64>,
    choice: &mut Choice<'_>,
) -> Option<String> {
    let usual = usual(format, era, choice)?;
    let length = usual.chars().count() as u64;
    if length < min {
        return lengthened(format, &usual, min - length);
    }
    if let Some(bytes) = max.filter(|max| (4..length).contains(max) && matches!(format, "byte" | "base64")) {
        let plain = choice.word(&words::SENTENCES);
        return Some(BASE64_STANDARD.encode(plain.get(..usize::try_from(bytes / 4 * 3).ok()?)?));
    }
    if max.is_some_and(|max| max < length) {
        return shortest(format, max).map(str::to_owned);
    }
    Some(usual)
}

/// Whether strings in this format look different from other strings.
pub(super) fn is_known(format: &str) -> bool {
    let mut dice = super::super::Dice::smallest();
    usual(format, Era::Recent, &mut Choice::new(&mut dice, 0)).is_some()
}

fn usual(format: &str, era: Era, choice: &mut Choice<'_>) -> Option<String> {
    Some(match format {
        "date-time" => date_time(era, choice),
        "date" => date(era, choice),
        "time" => format!("{}Z", time(choice)),
        "duration" => duration(choice),
        "email" => email(choice),
        "idn-email" => format!("{}@{}.example", first_name(choice), choice.word(&words::FOREIGN)),
        "hostname" => hostname(choice),
        "idn-hostname" => format!("{}.example", choice.word(&words::FOREIGN)),
        "ipv4" => ipv4(choice),
        "ipv6" => ipv6(choice),
        "uri" | "url" => uri(choice),
        "uri-reference" => format!("/{}/{}", slug(choice), choice.below(1000)),
        "iri" => format!("{}/{}", uri(choice), choice.word(&words::FOREIGN)),
        "iri-reference" => format!("/{}/{}", slug(choice), choice.word(&words::FOREIGN)),
        "uri-template" => format!("{}/{{id}}", uri(choice)),
        "uuid" => uuid(choice),
        "json-pointer" => format!("/{}/{}", slug(choice), choice.below(10)),
        "relative-json-pointer" => format!("{}/{}", choice.below(4), slug(choice)),
        "regex" => format!("^{}[0-9]{{{}}}$", slug(choice), choice.between(1, 6)),
        "byte" | "base64" => BASE64_STANDARD.encode(choice.word(&words::SENTENCES)),
        "base64url" => BASE64_URL_SAFE_NO_PAD.encode(choice.word(&words::SENTENCES)),
        "binary" => choice.word(&words::SENTENCES).to_owned(),
        "password" => format!("{}-{}-{}", slug(choice), slug(choice), choice.between(10, 99)),
        _ => return registered(format, era, choice),
    })
}

/// The formats that the `OpenAPI` format registry adds.
fn registered(format: &str, era: Era, choice: &mut Choice<'_>) -> Option<String> {
    Some(match format {
        "date-time-local" => format!("{}T{}", date(era, choice), time(choice)),
        "time-local" => time(choice),
        "http-date" => http_date(era, choice)?,
        "char" => slug(choice).chars().take(1).collect(),
        "commonmark" => format!("**{}** {}", choice.word(&words::TITLES), choice.word(&words::SENTENCES)),
        "html" => format!("<p>{}</p>", choice.word(&words::SENTENCES)),
        "media-range" => choice.word(&["application/json", "text/*", "image/png", "*/*"]).to_owned(),
        "language" | "bcp47" => choice.word(&words::LOCALES).to_owned(),
        "sf-binary" => format!(":{}:", BASE64_STANDARD.encode(slug(choice))),
        "sf-boolean" => choice.word(&["?0", "?1"]).to_owned(),
        "sf-string" => format!("\"{}\"", slug(choice)),
        "sf-token" => slug(choice).to_owned(),
        "decimal" | "decimal128" | "double" | "float" | "sf-decimal" => {
            format!("{}.{:02}", choice.below(1000), choice.below(100))
        }
        "int8" | "uint8" | "int16" | "uint16" | "int32" | "uint32" | "int64" | "uint64" | "double-int"
        | "sf-integer" => choice.below(128).to_string(),
        _ => return None,
    })
}

/// The numbers that a numeric format admits, from the least to the greatest (`OpenAPI` format registry).
pub(super) fn range(format: &str) -> Option<(Number, Number)> {
    let whole = |low: i64, high: i64| Some((low.into(), high.into()));
    let float = |limit: f64| Some((Number::from_f64(-limit)?, Number::from_f64(limit)?));
    match format {
        "int8" => whole(i8::MIN.into(), i8::MAX.into()),
        "uint8" => whole(0, u8::MAX.into()),
        "int16" => whole(i16::MIN.into(), i16::MAX.into()),
        "uint16" => whole(0, u16::MAX.into()),
        "int32" => whole(i32::MIN.into(), i32::MAX.into()),
        "uint32" => whole(0, u32::MAX.into()),
        "int64" => whole(i64::MIN, i64::MAX),
        "uint64" => Some((0.into(), u64::MAX.into())),
        // What a double holds without loss (IEEE 754), and what a structured field holds (RFC 9651, section 3.3.1).
        "double-int" => whole(-(1 << 53) + 1, (1 << 53) - 1),
        "sf-integer" | "sf-decimal" => whole(-999_999_999_999, 999_999_999_999),
        "float" => float(f32::MAX.into()),
        _ => None,
    }
}

/// A moment as HTTP writes it (RFC 9110, section 5.6.7).
fn http_date(era: Era, choice: &mut Choice<'_>) -> Option<String> {
    let moment: jiff::Timestamp = date_time(era, choice).parse().ok()?;
    Some(moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
}

/// A short text in the format, where the usual ones are too long.
fn shortest(format: &str, max: Option<u64>) -> Option<&'static str> {
    let text = match format {
        "date-time" => "2024-01-01T00:00:00Z",
        "date" => "2024-01-01",
        "time" => "00:00:00Z",
        "duration" => "P1D",
        "email" | "idn-email" => "a@b.co",
        "hostname" | "idn-hostname" | "sf-token" => "a",
        "ipv4" => "1.1.1.1",
        "ipv6" | "sf-binary" => "::",
        "uri" | "iri" | "url" => "a:b",
        "uri-reference" | "iri-reference" | "uri-template" | "json-pointer" | "regex" | "byte" | "base64"
        | "base64url" | "binary" | "password" | "html" | "commonmark" => "",
        "relative-json-pointer"
        | "decimal"
        | "decimal128"
        | "double"
        | "float"
        | "int8"
        | "uint8"
        | "int16"
        | "uint16"
        | "int32"
        | "uint32"
        | "int64"
        | "uint64"
        | "double-int"
        | "sf-integer" => "0",
        "sf-decimal" => "0.0",
        "sf-string" => "\"\"",
        "media-range" => "*/*",
        "language" | "bcp47" => "en",
        _ => return None,
    };
    (text.len() as u64 <= max.unwrap_or(u64::MAX)).then_some(text)
}

/// A text in the format with so many characters more.
fn lengthened(format: &str, text: &str, more: u64) -> Option<String> {
    let more = usize::try_from(more).ok().filter(|more| *more <= 1 << 20)?;
    let filler = "a".repeat(more);
    Some(match format {
        "email" | "idn-email" => lengthened_email(text, more)?,
        "hostname" | "idn-hostname" => format!("{}{text}", labels(more)?),
        "date-time" | "time" if more > 1 => {
            format!("{}.{}Z", text.trim_end_matches('Z'), "0".repeat(more - 1))
        }
        "time" | "date-time" => format!("{}+00:00", text.trim_end_matches('Z')),
        "duration" => format!("P{}D", "1".repeat(more + text.len() - 2)),
        "uri" | "iri" | "url" if more == 1 => format!("{text}/"),
        "uri" | "iri" | "url" => format!("{text}/{}", &filler[1..]),
        "byte" | "base64" => {
            let bytes = (text.len() + more).div_ceil(4) * 3;
            BASE64_STANDARD.encode("standing in ".repeat(bytes).get(..bytes)?)
        }
        "base64url" => {
            let length = text.len() + more;
            // A last group of one character would hold less than a byte (RFC 4648, section 4).
            let bytes = length / 4 * 3 + [0, 1, 1, 2][length % 4];
            BASE64_URL_SAFE_NO_PAD.encode("standing in ".repeat(bytes).get(..bytes)?)
        }
        "regex" => format!("{}{filler}$", text.trim_end_matches('$')),
        "html" => text.replacen("</p>", &format!("{filler}</p>"), 1),
        "sf-string" => format!("{}{filler}\"", text.trim_end_matches('"')),
        "uri-reference"
        | "iri-reference"
        | "uri-template"
        | "json-pointer"
        | "relative-json-pointer"
        | "binary"
        | "sf-token"
        | "commonmark"
        | "password" => format!("{text}{filler}"),
        _ => return None,
    })
}

/// A longer local part first (RFC 5321, section 4.5.3.1.1: 64 octets), then a longer domain.
fn lengthened_email(text: &str, more: usize) -> Option<String> {
    let (local, domain) = text.split_once('@')?;
    let local_more = more.min(60_usize.saturating_sub(local.len()));
    Some(format!("{local}{}@{}{domain}", "a".repeat(local_more), labels(more - local_more)?))
}

/// Host name labels of so many characters, dots included; one character alone cannot be a label with its dot.
fn labels(length: usize) -> Option<String> {
    let mut text = String::new();
    let mut left = length;
    while left > 0 {
        let label = match left {
            1 => return (length == 1).then(|| "aa.".to_owned()),
            2..=40 => left,
            41 => 39,
            _ => 40,
        };
        text.push_str(&"a".repeat(label - 1));
        text.push('.');
        left -= label;
    }
    Some(text)
}

fn two(number: u64) -> String {
    format!("{number:02}")
}

pub(super) fn date(era: Era, choice: &mut Choice<'_>) -> String {
    let (first, last) = match era {
        Era::Recent => (2024, 2025),
        Era::Past => (1960, 2004),
        Era::Future => (2028, 2031),
    };
    let year = choice.between(first, last);
    format!("{year}-{}-{}", two(choice.between(1, 12)), two(choice.between(1, 28)))
}

pub(super) fn time(choice: &mut Choice<'_>) -> String {
    format!("{}:{}:{}", two(choice.below(24)), two(choice.below(60)), two(choice.below(60)))
}

pub(super) fn date_time(era: Era, choice: &mut Choice<'_>) -> String {
    format!("{}T{}Z", date(era, choice), time(choice))
}

fn duration(choice: &mut Choice<'_>) -> String {
    let amount = choice.between(1, 30);
    let unit = choice.word(&["D", "W", "M", "Y", "H", "S"]);
    if matches!(unit, "H" | "S") { format!("PT{amount}{unit}") } else { format!("P{amount}{unit}") }
}

fn first_name(choice: &mut Choice<'_>) -> String {
    choice.word(&words::FIRST_NAMES).to_lowercase()
}

pub(super) fn email(choice: &mut Choice<'_>) -> String {
    let first = first_name(choice);
    let last = choice.word(&words::LAST_NAMES).to_lowercase();
    format!("{first}.{last}@{}", choice.word(&words::HOSTS))
}

pub(super) fn hostname(choice: &mut Choice<'_>) -> String {
    format!(
        "{}.{}",
        choice.word(&["www", "api", "mail", "files", "eu", "status"]),
        choice.word(&words::HOSTS)
    )
}

pub(super) fn ipv4(choice: &mut Choice<'_>) -> String {
    // RFC 5737 keeps these networks for documentation.
    let network = choice.word(&["192.0.2", "198.51.100", "203.0.113"]);
    format!("{network}.{}", choice.between(1, 254))
}

pub(super) fn ipv6(choice: &mut Choice<'_>) -> String {
    // RFC 3849 keeps this prefix for documentation.
    format!("2001:db8::{:x}:{:x}", choice.between(1, 0xffff), choice.between(1, 0xffff))
}

pub(super) fn uri(choice: &mut Choice<'_>) -> String {
    format!("https://{}/{}/{}", choice.word(&words::HOSTS), slug(choice), choice.between(1, 999))
}

pub(super) fn uuid(choice: &mut Choice<'_>) -> String {
    let digits = |choice: &mut Choice<'_>, count: u32| {
        let number = choice.below(1 << (4 * count));
        format!("{number:0width$x}", width = count as usize)
    };
    let (one, two, three) = (digits(choice, 8), digits(choice, 4), digits(choice, 3));
    let (four, five) = (digits(choice, 3), digits(choice, 12));
    format!("{one}-{two}-4{three}-8{four}-{five}")
}

pub(super) fn slug(choice: &mut Choice<'_>) -> &'static str {
    choice.word(&words::NOUNS)
}
