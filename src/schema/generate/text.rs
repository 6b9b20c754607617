//! Facets of a string → a string: by likeness where that fits, else made from the patterns, the format or plain words.

use super::{
    choice::Choice,
    facets::Texts,
    format,
    judge::{Tests, text_fits},
    likeness,
    pattern::Pattern,
    words,
};

/// How many texts are made and tested before giving up.
const TRIES: u64 = 24;
/// The longest text that is made because `minLength` asks for it.
const LONGEST: u64 = 1 << 20;

/// What is known about a string beyond its facets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Likeness<'h> {
    pub(super) name: &'h str,
    /// The `format` as written, which may be one that validators do not know.
    pub(super) format: Option<&'h str>,
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
    let likely = likely(facets, likeness, choice).filter(|text| text_fits(text, facets, tests));
    likely.or_else(|| made(facets, likeness, tests, choice))
}

/// A text that looks like the property's name; never where the format says more than the name.
fn likely(facets: &Texts, likeness: Likeness<'_>, choice: &mut Choice<'_>) -> Option<String> {
    let says_more = |format: &str| format != "password" && format::is_known(format);
    let formats = facets.formats.iter().map(String::as_str).chain(likeness.format);
    if formats.into_iter().any(says_more) {
        return None;
    }
    likeness::text(likeness.name, facets.max, choice)
}

fn made(
    facets: &Texts,
    likeness: Likeness<'_>,
    tests: &mut Tests,
    choice: &mut Choice<'_>,
) -> Option<String> {
    let patterns: Vec<Pattern> =
        facets.patterns.iter().filter_map(|pattern| Pattern::read(pattern)).collect();
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
    patterns: &[Pattern],
    attempt: u64,
    choice: &mut Choice<'_>,
) -> Option<String> {
    let known = |format: &&str| format::is_known(format);
    let asserted = facets.formats.iter().map(String::as_str).find(known);
    let format = asserted.or_else(|| likeness.format.filter(|format| known(format)));
    let sources = patterns.len() as u64 + u64::from(format.is_some());
    let source = if sources == 0 { 0 } else { attempt % sources };
    if let Some(pattern) = usize::try_from(source).ok().and_then(|index| patterns.get(index)) {
        return pattern.text(facets.min, facets.max, choice);
    }
    match format {
        // An annotation alone is no reason to fail: after some attempts plain words must do.
        Some(format) if asserted.is_some() || attempt < TRIES / 2 => {
            format::text(format, facets.min, facets.max, choice)
        }
        _ => Some(plain(facets.min, facets.max, choice)),
    }
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
