//! Facets of a string → a string: by likeness where that fits, else made from the patterns, the format or plain words.

use std::sync::Arc;

use super::{
    choice::Choice,
    description,
    facets::Texts,
    format,
    judge::{Tests, text_fits},
    likeness,
    pattern::Pattern,
    surprise, words,
};

/// How many texts are made and tested before giving up.
const TRIES: u64 = 96;
/// The longest text that is made because `minLength` asks for it.
const LONGEST: u64 = 1 << 20;

/// What is known about a string beyond its facets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Likeness<'h> {
    /// What the value is called, likeliest first.
    pub(super) names: &'h [&'h str],
    /// The `format` as written, which may be one that validators do not know.
    pub(super) format: Option<&'h str>,
    pub(super) description: Option<&'h str>,
}

/// A string with these facets.
pub(super) fn value(
    facets: &Texts,
    likeness: Likeness<'_>,
    tests: &mut Tests,
    choice: &mut Choice<'_>,
) -> Option<String> {
    if facets.min > LONGEST || facets.max.is_some_and(|max| max < facets.min) {
        return None;
    }
    if let Some(text) = surprise::text(facets, has_format(facets, likeness), tests, choice) {
        return Some(text);
    }
    for likely in [described, named] {
        let text = likely(facets, likeness, choice);
        if let Some(text) = text.filter(|text| text_fits(text, facets, tests)) {
            return Some(text);
        }
    }
    made(facets, likeness, tests, choice)
}

/// A text in the standard that the description names; never where there is a format.
fn described(facets: &Texts, likeness: Likeness<'_>, choice: &mut Choice<'_>) -> Option<String> {
    let told = likeness.description.filter(|_| !has_format(facets, likeness));
    description::text(told?, choice)
}

/// A text that looks like the value's name; never where the format says more than the name.
fn named(facets: &Texts, likeness: Likeness<'_>, choice: &mut Choice<'_>) -> Option<String> {
    if has_format(facets, likeness) {
        return None;
    }
    let mut names = likeness.names.iter();
    names.find_map(|name| likeness::text(name, facets.max, choice))
}

/// Whether a format says what the text looks like.
fn has_format(facets: &Texts, likeness: Likeness<'_>) -> bool {
    let says_more = |format: &str| format != "password" && format::is_known(format);
    let mut formats = facets.formats.iter().map(String::as_str).chain(likeness.format);
    formats.any(says_more)
}

fn made(
    facets: &Texts,
    likeness: Likeness<'_>,
    tests: &mut Tests,
    choice: &mut Choice<'_>,
) -> Option<String> {
    let patterns: Vec<Arc<Pattern>> =
        facets.patterns.iter().filter_map(|pattern| tests.pattern(pattern)).collect();
    let before = choice.shift();
    for attempt in 0..TRIES {
        choice.set_shift(before + attempt);
        let text = candidate(facets, likeness, &patterns, attempt, choice);
        if let Some(text) = text.filter(|text| text_fits(text, facets, tests)) {
            choice.set_shift(before);
            return Some(text);
        }
    }
    choice.set_shift(before);
    let witnesses = facets.patterns.iter().filter_map(|pattern| jsonschema_regex::pattern_witness(pattern));
    witnesses.into_iter().find(|text| text_fits(text, facets, tests))
}

/// A text made from one of the facets; which one changes with each attempt.
fn candidate(
    facets: &Texts,
    likeness: Likeness<'_>,
    patterns: &[Arc<Pattern>],
    attempt: u64,
    choice: &mut Choice<'_>,
) -> Option<String> {
    let known = |format: &&str| format::is_known(format);
    let asserted = facets.formats.iter().map(String::as_str).find(known);
    let format = asserted.or_else(|| likeness.format.filter(|format| known(format)));
    let several = usize::from(patterns.len() > 1);
    let sources = patterns.len() + usize::from(format.is_some()) + several;
    let source = usize::try_from(attempt).ok()?.checked_rem(sources).unwrap_or(0);
    // The format comes first: a pattern beside it often says less, such as only how a URL begins.
    if let Some(source) = source.checked_sub(usize::from(format.is_some())) {
        if let Some(pattern) = patterns.get(source) {
            return pattern.text(facets.min, facets.max, choice);
        }
        if several > 0 {
            return joined(facets, patterns, choice);
        }
    }
    match format {
        // An annotation alone is no reason to fail: after some attempts plain words must do.
        Some(format) if attempt < TRIES / 2 || asserted.is_some() && attempt.is_multiple_of(2) => {
            format::text(format, likeness::era(likeness.names), facets.min, facets.max, choice)
        }
        _ => Some(plain(facets.min, facets.max, choice)),
    }
}

/// Texts of all patterns one after the other: right where one asks for the start and another for the end.
fn joined(facets: &Texts, patterns: &[Arc<Pattern>], choice: &mut Choice<'_>) -> Option<String> {
    let mut text = String::new();
    for pattern in patterns {
        let missing = facets.min.saturating_sub(text.chars().count() as u64);
        let share = missing.div_ceil(patterns.len() as u64);
        text.push_str(&pattern.text(share, facets.max, choice)?);
    }
    Some(text)
}

/// Plain words, as long as they must be.
fn plain(min: u64, max: Option<u64>, choice: &mut Choice<'_>) -> String {
    let mut text = choice.word(&words::NOUNS).to_owned();
    let round = choice.shift() / words::NOUNS.len() as u64;
    if round > 0 {
        text.push_str(&round.to_string());
    }
    while (text.len() as u64) < min {
        text.push(' ');
        text.push_str(choice.word(&words::NOUNS));
    }
    // All words are ASCII: a byte is a character.
    text.truncate(max.and_then(|max| usize::try_from(max).ok()).unwrap_or(usize::MAX));
    if text.ends_with(' ') {
        text.pop();
        text.push('s');
    }
    text
}
