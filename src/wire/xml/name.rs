//! Names that XML can hold (XML 1.0, section 2.3; Namespaces in XML 1.0, section 3).

/// Whether a text is a name without a prefix.
pub(super) fn is_name(text: &str) -> bool {
    text.chars().next().is_some_and(starts_name) && text.chars().all(in_name)
}

/// A text as a name: what no name can hold becomes `_`.
pub(super) fn mended(text: &str) -> String {
    let mut name: String =
        text.chars().map(|character| if in_name(character) { character } else { '_' }).collect();
    if !name.chars().next().is_some_and(starts_name) {
        name.insert(0, '_');
    }
    name
}

/// A name as its prefix, where it has one, and what follows it.
pub(super) fn split(text: &str) -> (Option<&str>, &str) {
    match text.split_once(':') {
        Some((prefix, local)) if is_name(prefix) && is_name(local) => (Some(prefix), local),
        _ => (None, text),
    }
}

/// Whether XML can hold a character at all (XML 1.0, section 2.2).
pub(super) fn is_character(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

fn starts_name(character: char) -> bool {
    matches!(
        character,
        'A'..='Z' | '_' | 'a'..='z'
            | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
            | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}'
            | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}'
            | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}'
    )
}

fn in_name(character: char) -> bool {
    starts_name(character)
        || matches!(
            character,
            '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}'
        )
}
