//! The formats of JSON Schema that texts certainly have.
//!
//! Less is taken for a format than the standards allow: what is told here is certain for whoever judges it.

use std::{
    net::{Ipv4Addr, Ipv6Addr},
    sync::LazyLock,
};

use regex::Regex;

/// A format, and whether a text has it.
type Format = (&'static str, fn(&str) -> bool);

/// From the narrowest to the widest.
const KNOWN: [Format; 7] = [
    ("uuid", is_uuid),
    ("date-time", is_date_time),
    ("date", is_date),
    ("ipv4", |text| text.parse::<Ipv4Addr>().is_ok()),
    ("ipv6", |text| text.parse::<Ipv6Addr>().is_ok()),
    ("email", is_email),
    ("uri", is_uri),
];

/// The formats that all texts seen so far have.
#[derive(Debug, Clone)]
pub(super) struct Formats(Vec<Format>);

impl Formats {
    /// The formats of a text.
    pub(super) fn of(text: &str) -> Self {
        Self(KNOWN.into_iter().filter(|(_, has)| has(text)).collect())
    }

    /// Keeps those that this text has as well.
    pub(super) fn keep(&mut self, text: &str) {
        self.0.retain(|(_, has)| has(text));
    }

    /// The name of the narrowest.
    pub(super) fn name(&self) -> Option<&'static str> {
        self.0.first().map(|(name, _)| *name)
    }
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the patterns of this file are tried by its tests")
}

fn is_uuid(text: &str) -> bool {
    static UUID: LazyLock<Regex> =
        LazyLock::new(|| pattern("^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"));
    UUID.is_match(text)
}

fn is_date_time(text: &str) -> bool {
    // A leap second is a time in one place and none in another, so it is no certain one.
    static DATE_TIME: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]([.][0-9]{1,9})?(Z|[+-][01][0-9]:[0-5][0-9])$",
        )
    });
    DATE_TIME.is_match(text) && text.parse::<jiff::Timestamp>().is_ok()
}

fn is_date(text: &str) -> bool {
    static DATE: LazyLock<Regex> = LazyLock::new(|| pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}$"));
    DATE.is_match(text) && text.parse::<jiff::civil::Date>().is_ok()
}

fn is_email(text: &str) -> bool {
    static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
        pattern("^[A-Za-z0-9_+-]{1,30}([.][A-Za-z0-9_+-]{1,30})?@([A-Za-z0-9]{1,60}[.]){1,3}[A-Za-z]{2,10}$")
    });
    EMAIL.is_match(text)
}

fn is_uri(text: &str) -> bool {
    static URI: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            "^https?://[A-Za-z0-9]+([.-][A-Za-z0-9]+)*(:[0-9]{2,4})?(/[A-Za-z0-9._~/-]*)?([?][A-Za-z0-9._~/=&-]*)?$",
        )
    });
    URI.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_has_texts_that_have_it_and_texts_that_nearly_do() {
        let texts = [
            ("uuid", "7e6b2f0a-1f1e-4c5b-9f0e-3d2c1b0a9f8e", "7e6b2f0a1f1e4c5b9f0e3d2c1b0a9f8e"),
            ("date-time", "2026-01-31T23:59:59.5+01:00", "2026-01-31 23:59:59"),
            ("date", "2024-02-29", "2026-02-29"),
            ("ipv4", "127.0.0.1", "127.0.0.256"),
            ("ipv6", "2001:db8::1", "2001:db8::1::2"),
            ("email", "rex.dog@pets.example.org", "rex@localhost"),
            ("uri", "https://example.org:8080/pets?tag=a", "/pets?tag=a"),
        ];
        for (name, text, near) in texts {
            assert_eq!(Formats::of(text).name(), Some(name), "{text}");
            assert_eq!(Formats::of(near).name(), None, "{near}");
        }
    }
}
