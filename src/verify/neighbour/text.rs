//! A text → the texts near it: at the bounds of its length, around its pattern, its format and the values that are listed.

use serde_json::Value;

use super::{Tried, length_of, tried};
use crate::schema::Written;

pub(super) fn texts(text: &str, about: &Written<'_>) -> Vec<Tried> {
    // What the schema draws a line for comes first: of a large value not all is tried.
    let mut all = Vec::new();
    all.extend(of_lengths(text, about));
    if about.keyword("enum").is_some() || about.keyword("const").is_some() {
        all.extend(near_listed(text));
    }
    if about.keyword("pattern").is_some() {
        all.extend(around_pattern(text));
    }
    if let Some(format) = about.keyword("format").and_then(Value::as_str) {
        all.extend(
            extremes(format).iter().map(|text| tried(*text, &format!("`{text}`, which is a {format}"))),
        );
        all.extend(
            misformed(format).iter().map(|text| tried(*text, &format!("`{text}`, which is no {format}"))),
        );
    }
    all.extend([
        tried("", "an empty text"),
        tried("Zoë Åström", "letters with accents"),
        tried("漢字かな", "Chinese and Japanese characters"),
        tried("😀🎈", "characters beyond the Basic Multilingual Plane"),
        tried("\"a\" \\ 'b'", "quotes and a backslash"),
        tried("a\nb\tc", "a line break and a tab"),
        tried(" padded ", "spaces around a text"),
        tried("12", "digits in a text"),
        tried("true", "the text `true`"),
    ]);
    all
}

/// Texts at the bounds of the length, in ASCII and beyond: lengths are counted in characters.
fn of_lengths(text: &str, about: &Written<'_>) -> Vec<Tried> {
    let seed = if text.is_empty() { "a" } else { text };
    let of_length = |length: usize| seed.chars().cycle().take(length).collect::<String>();
    let wide = |length: usize| "😀".repeat(length);
    let mut all = Vec::new();
    if let Some(least) = length_of(about, "minLength") {
        all.push(tried(of_length(least), "the shortest text"));
        if let Some(fewer) = least.checked_sub(1) {
            all.push(tried(of_length(fewer), "a text that is too short"));
            all.push(tried(
                wide(fewer),
                "a text of emoji that is too short, unless bytes or UTF-16 units are counted",
            ));
        }
    }
    if let Some(most) = length_of(about, "maxLength") {
        all.push(tried(of_length(most), "the longest text"));
        all.push(tried(wide(most), "the longest text, of emoji"));
        all.push(tried(of_length(most + 1), "a text that is too long"));
        all.push(tried(of_length(most.saturating_mul(2).clamp(100, 20_000)), "a text that is far too long"));
    }
    all
}

fn near_listed(text: &str) -> Vec<Tried> {
    let mut all = vec![
        tried(text.to_uppercase(), "a listed value in upper case"),
        tried(text.to_lowercase(), "a listed value in lower case"),
        tried(format!("{text} "), "a listed value and a space"),
        tried(format!("{text}s"), "a listed value and a letter"),
    ];
    all.extend(without_last(text).map(|cut| tried(cut, "a listed value without its last character")));
    all
}

fn around_pattern(text: &str) -> Vec<Tried> {
    let first: String = text.chars().take(1).collect();
    let last: String = text.chars().last().into_iter().collect();
    let mut all = vec![
        tried(format!("{text}!"), "a character after the pattern"),
        tried(format!("!{text}"), "a character before the pattern"),
        tried(format!("{text}{last}"), "the last character of the pattern twice"),
        tried(format!("{first}{text}"), "the first character of the pattern twice"),
        tried(format!("{text}\n"), "a line break after the pattern"),
        tried(format!("\n{text}"), "a line break before the pattern"),
        tried(format!("{text}{text}"), "the pattern twice"),
        tried(text.to_uppercase(), "the pattern in upper case"),
        tried(text.to_lowercase(), "the pattern in lower case"),
        tried(text.chars().skip(1).collect::<String>(), "the pattern without its first character"),
    ];
    all.extend(without_last(text).map(|cut| tried(cut, "the pattern without its last character")));
    all
}

fn without_last(text: &str) -> Option<String> {
    let mut cut = text.to_owned();
    cut.pop().map(|_| cut)
}

/// Texts at the edge of a format that are surely of it.
fn extremes(format: &str) -> &'static [&'static str] {
    match format {
        "date" => &["2024-02-29", "2026-12-31", "2026-01-01"],
        "date-time" => &[
            "2024-02-29T23:59:59Z",
            "2026-06-15T12:00:00+14:00",
            "2026-06-15T12:00:00-11:30",
            "2026-06-15T12:00:00.123456Z",
        ],
        "time" => &["00:00:00Z", "23:59:59+05:30"],
        "duration" => &["P1D", "PT1M", "P1Y2M3DT4H5M6S"],
        "uuid" => &["F47AC10B-58CC-4372-A567-0E02B2C3D479"],
        "email" | "idn-email" => &["first.last+tag@mail.example.org"],
        "uri" | "url" | "iri" => &["https://example.org/a%20b/c?d=e&f=g#h"],
        "ipv4" => &["0.0.0.0", "255.255.255.255"],
        "ipv6" => &["::1", "2001:db8:85a3:8d3:1319:8a2e:370:7348"],
        "byte" => &["YQ==", "YWI=", "+/+/"],
        _ => &[],
    }
}

/// Texts that look like a format and are not of it.
fn misformed(format: &str) -> &'static [&'static str] {
    match format {
        "date" => {
            &["2026-02-30", "2026-13-01", "2025-02-29", "01.02.2026", "2026-01-01T00:00:00Z", "2026-1-1"]
        }
        "date-time" => &[
            "2026-13-45T25:61:61Z",
            "2026-02-30T12:00:00Z",
            "2026-01-01",
            "2026-01-01T00:00:00",
            "2026-01-01 00:00",
            "1767225600",
        ],
        "time" => &["25:00:00Z", "12:61:00Z", "noon"],
        "duration" => &["P", "1 day", "PT1X"],
        "uuid" => {
            &["123e4567-e89b-12d3-a456-42661417400z", "123e4567-e89b-12d3-a456-4266141740000", "123e4567"]
        }
        "email" | "idn-email" => &["nobody", "a@b@c", "@example.org", "a@"],
        "uri" | "url" | "iri" => &["no uri", "//", "http://[", "/relative"],
        "uri-reference" | "iri-reference" => &["http://[", "\\\\"],
        "ipv4" => &["256.1.1.1", "1.2.3", "1.2.3.4.5"],
        "ipv6" => &["::g", "1.2.3.4", "1::2::3"],
        "hostname" => &["-a-.example", "a b"],
        "byte" => &["$$$", "YQ=", "a"],
        "json-pointer" => &["a", "/~2"],
        "regex" => &["("],
        _ => &[],
    }
}
