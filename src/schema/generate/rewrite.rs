//! A pattern (ECMA-262) → one that a parser of regular languages can read: look-around is taken out or written in place,
//! back-references become marks.
//!
//! Start at [`rewritten`] and [`with_marks`].

/// What becomes of look-around groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lookaround {
    /// They are left out.
    Left,
    /// What they ask for is written where they stand; what they forbid is left out.
    Written,
}

/// The pattern with its look-around groups rewritten, and those groups.
pub(super) fn rewritten(pattern: &str, lookaround: Lookaround) -> (String, Vec<&str>) {
    const OPENINGS: [(&str, bool); 4] = [("(?=", true), ("(?!", false), ("(?<=", true), ("(?<!", false)];
    let mut kept = String::new();
    let mut rest = pattern;
    let mut cut = Vec::new();
    let mut in_class = false;
    while let Some(unit) = unit(rest) {
        let opening = OPENINGS.iter().find(|(opening, _)| !in_class && rest.starts_with(opening));
        if let Some((opening, asks)) = opening {
            let (group, after) = rest.split_at(group_end(rest));
            cut.push(group);
            let body = group.strip_prefix(opening).and_then(|group| group.strip_suffix(')'));
            if let Some(body) = body.filter(|_| *asks && lookaround == Lookaround::Written) {
                kept.extend(["(?:", &rewritten(body, Lookaround::Left).0, ")"]);
            }
            rest = after;
            continue;
        }
        in_class = unit == "[" || in_class && unit != "]";
        kept.push_str(unit);
        rest = &rest[unit.len()..];
    }
    (kept, cut)
}

/// The first character of a pattern, or the first two where that escapes the second.
fn unit(rest: &str) -> Option<&str> {
    let mut characters = rest.chars();
    let first = characters.next()?;
    let escaped = if first == '\\' { characters.next().map_or(0, char::len_utf8) } else { 0 };
    rest.get(..first.len_utf8() + escaped)
}

/// Private characters stand for back-references, which no parser of regular languages can read.
const MARKS: u32 = 0xF_F000;
/// How many groups can be referred to.
const GROUPS: usize = 99;

/// The group that a character stands for, by its number less one.
pub(super) fn marked(character: char) -> Option<usize> {
    let group = usize::try_from(u32::from(character).checked_sub(MARKS)?).ok()?;
    (group < GROUPS).then_some(group)
}

/// The pattern with a mark in place of each back-reference.
pub(super) fn with_marks(pattern: &str) -> String {
    let names = groups(pattern);
    let mut kept = String::new();
    let mut rest = pattern;
    let mut in_class = false;
    while let Some(unit) = unit(rest) {
        let reference = if in_class { None } else { reference(rest, &names) };
        let (mark, length) = reference.unwrap_or((None, unit.len()));
        in_class = unit == "[" || in_class && unit != "]";
        match mark {
            Some(mark) => kept.push(mark),
            None => kept.push_str(unit),
        }
        rest = &rest[length..];
    }
    kept
}

/// The back-reference that `rest` starts with, as its mark, and its length.
fn reference(rest: &str, names: &[Option<&str>]) -> Option<(Option<char>, usize)> {
    let escaped = rest.strip_prefix('\\')?;
    let (group, length) = if let Some(named) = escaped.strip_prefix("k<") {
        let (name, _) = named.split_once('>')?;
        (names.iter().position(|other| *other == Some(name))?, name.len() + 4)
    } else {
        let digits = escaped.chars().take_while(char::is_ascii_digit).take(2).count();
        let number: usize = escaped.get(..digits)?.parse().ok()?;
        (number.checked_sub(1).filter(|group| *group < names.len())?, digits + 1)
    };
    let mark = char::from_u32(MARKS + u32::try_from(group).ok().filter(|_| group < GROUPS)?)?;
    Some((Some(mark), length))
}

/// The groups of a pattern that capture, in their order, each with its name.
fn groups(pattern: &str) -> Vec<Option<&str>> {
    let mut found = Vec::new();
    let mut rest = pattern;
    let mut in_class = false;
    while let Some(unit) = unit(rest) {
        let after = &rest[unit.len()..];
        if unit == "(" && !in_class {
            match after.strip_prefix("?<") {
                Some(named) if !named.starts_with(['=', '!']) => {
                    found.push(named.split_once('>').map(|(name, _)| name));
                }
                None if !after.starts_with('?') => found.push(None),
                _ => {}
            }
        }
        in_class = unit == "[" || in_class && unit != "]";
        rest = after;
    }
    found
}

/// Where the group that `text` starts with ends.
fn group_end(text: &str) -> usize {
    let (mut depth, mut in_class, mut escaped) = (0, false, false);
    for (index, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ']' => in_class = false,
            '[' => in_class = true,
            '(' if !in_class => depth += 1,
            ')' if !in_class => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return index + character.len_utf8();
        }
    }
    text.len()
}
