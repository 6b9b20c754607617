//! A format → a text in it: those of JSON Schema 2020-12 and those that `OpenAPI` adds.
//!
//! Dates come from the decisions and an era that their names tell, no clock is read. Host names end in what RFC 2606 keeps
//! free for examples.

use base64::{Engine, prelude::BASE64_STANDARD};

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
        "binary" => choice.word(&words::SENTENCES).to_owned(),
        "password" => format!("{}-{}-{}", slug(choice), slug(choice), choice.between(10, 99)),
        _ => return None,
    })
}

/// A short text in the format, where the usual ones are too long.
fn shortest(format: &str, max: Option<u64>) -> Option<&'static str> {
    let text = match format {
        "date-time" => "2024-01-01T00:00:00Z",
        "date" => "2024-01-01",
        "time" => "00:00:00Z",
        "duration" => "P1D",
        "email" | "idn-email" => "a@b.co",
        "hostname" | "idn-hostname" => "a",
        "ipv4" => "1.1.1.1",
        "ipv6" => "::",
        "uri" | "iri" | "url" => "a:b",
        "uri-reference" | "iri-reference" | "uri-template" | "json-pointer" | "regex" | "byte" | "base64"
        | "binary" | "password" => "",
        "relative-json-pointer" => "0",
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
        "regex" => format!("{}{filler}$", text.trim_end_matches('$')),
        "uri-reference"
        | "iri-reference"
        | "uri-template"
        | "json-pointer"
        | "relative-json-pointer"
        | "binary"
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

fn ipv6(choice: &mut Choice<'_>) -> String {
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
