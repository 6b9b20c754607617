//! The description of a value → a text of the kind that the description names.
//!
//! Only names of standards and formats count: prose about a value says too much that is not about its form.

use base64::{Engine, prelude::BASE64_STANDARD};

use super::{
    choice::Choice,
    format::{self, Era},
    words,
};

/// A text in the standard or format that `description` names.
pub(super) fn text(description: &str, choice: &mut Choice<'_>) -> Option<String> {
    let description = description.to_lowercase();
    let names = |words: &[&str]| words.iter().any(|word| description.contains(word));
    if names(&["iso 3166", "iso-3166", "iso3166"]) {
        let long = names(&["alpha-3", "alpha 3", "three"]);
        let codes: &[&str] = if long { &words::COUNTRY_CODES_3 } else { &words::COUNTRY_CODES };
        return choice.pick(codes).map(|code| (*code).to_owned());
    }
    if names(&["iso 4217", "iso-4217"]) {
        return Some(choice.word(&words::CURRENCIES).to_owned());
    }
    if names(&["iso 639", "iso-639"]) {
        return Some(choice.word(&words::LANGUAGES).to_owned());
    }
    if names(&["bcp 47", "bcp-47", "bcp47"]) {
        return Some(choice.word(&words::LOCALES).to_owned());
    }
    if names(&["yyyy-mm-ddthh"]) {
        return Some(format::date_time(Era::Recent, choice));
    }
    if names(&["yyyy-mm-dd"]) {
        return Some(format::date(Era::Recent, choice));
    }
    if names(&["iso 8601", "iso-8601", "rfc 3339", "rfc3339"]) && !names(&["duration", "period"]) {
        return Some(format::date_time(Era::Recent, choice));
    }
    if names(&["e.164"]) {
        return Some(format!("+999{}", choice.between(10_000_000, 99_999_999)));
    }
    if names(&["base64"]) {
        return Some(BASE64_STANDARD.encode(choice.word(&words::SENTENCES)));
    }
    names(&["uuid"]).then(|| format::uuid(choice))
}

#[cfg(test)]
mod tests {
    use super::{super::super::Dice, *};

    #[test]
    fn standards_named_in_prose_are_kept() {
        let mut dice = Dice::smallest();
        let mut choice = Choice::new(&mut dice, 0);
        assert_eq!(text("The two-letter country code (ISO 3166-1)", &mut choice).as_deref(), Some("NO"));
        assert_eq!(text("Day of birth, YYYY-MM-DD", &mut choice).as_deref(), Some("2024-01-01"));
        assert_eq!(text("What the guest had to say", &mut choice), None);
    }
}
