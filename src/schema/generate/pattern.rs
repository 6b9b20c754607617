//! A regular expression (ECMA-262) → a text that it matches.
//!
//! A pattern is written in one of several ways: without its look-around, or with what that asks for in its place. Neither
//! is always right: the text is tested against the pattern as a whole by whoever asked for it, and asks again. Start at
//! [`Pattern::text`].

use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

use super::{
    choice::Choice,
    rewrite::{Lookaround, marked, rewritten, with_marks},
};

/// How often an unbounded repetition repeats beyond what it must, unless length is wanted.
const USUAL: u32 = 4;
/// The longest text that is made.
const LONGEST: usize = 1 << 16;

/// A pattern, ready to make texts.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    /// The pattern in each way in which it can be written.
    trees: Vec<Hir>,
    /// What look-ahead asks to be somewhere in the text; only a test can judge whether it is.
    ahead: Vec<Hir>,
}

impl Pattern {
    /// Reads a pattern; `None` where it cannot be read.
    pub(super) fn read(pattern: &str) -> Option<Self> {
        let pattern = with_marks(pattern);
        let (plain, cut) = rewritten(&pattern, Lookaround::Left);
        let bodies = cut.iter().filter_map(|group| group.strip_prefix("(?=")?.strip_suffix(')'));
        let mut ways = vec![plain];
        if !cut.is_empty() {
            ways.push(rewritten(&pattern, Lookaround::Written).0);
        }
        let trees: Vec<Hir> = ways.iter().filter_map(|way| parse(way)).collect();
        let ahead = bodies.filter_map(|body| parse(&rewritten(body, Lookaround::Left).0)).collect();
        (!trees.is_empty()).then_some(Self { trees, ahead })
    }

    /// A text that matches, between `min` and `max` characters long where the pattern allows.
    pub(super) fn text(&self, min: u64, max: Option<u64>, choice: &mut Choice<'_>) -> Option<String> {
        let way = usize::try_from(choice.shift() / 2).unwrap_or(0) % self.trees.len();
        let tree = &self.trees[way];
        let needed = shortest(tree);
        let min = usize::try_from(min).ok()?;
        let max = max.map_or(LONGEST, |max| usize::try_from(max).unwrap_or(LONGEST).min(LONGEST));
        if needed > LONGEST || min > LONGEST {
            return None;
        }
        let mut writer = Writer {
            text: String::new(),
            wanted: min.saturating_sub(needed),
            room: max.saturating_sub(needed),
            groups: Vec::new(),
        };
        writer.write(tree, choice)?;
        let mut text = pad(tree, writer.text, min, choice);
        // What `\B` asks for is seldom there, unless something stands on both sides.
        if choice.shift() % 8 == 7 && text.chars().count() + 2 <= max {
            text = format!("{}{text}{}", letter(choice), letter(choice));
        }
        Some(if way == 0 { self.overlay(text, choice) } else { text })
    }

    /// Puts what look-ahead asks for over the text, from some position on, one after the other.
    fn overlay(&self, text: String, choice: &mut Choice<'_>) -> String {
        let mut pieces = Writer::default();
        if !self.ahead.iter().all(|piece| pieces.write(piece, choice).is_some()) || pieces.text.is_empty() {
            return text;
        }
        let mut characters: Vec<char> = text.chars().collect();
        let count = pieces.text.chars().count();
        let start = choice.index(characters.len().saturating_sub(count) + 1);
        for (place, piece) in characters.iter_mut().skip(start).zip(pieces.text.chars()) {
            *place = piece;
        }
        characters.into_iter().collect()
    }
}

/// Lengthens a text that is too short, where the pattern is not bound to its ends.
fn pad(tree: &Hir, mut text: String, min: usize, choice: &mut Choice<'_>) -> String {
    let missing = min.saturating_sub(text.chars().count());
    let filler = (0..missing).map(|_| letter(choice)).collect::<String>();
    let looks = tree.properties();
    if !looks.look_set_suffix_any().contains_anchor() {
        text.push_str(&filler);
    } else if !looks.look_set_prefix_any().contains_anchor() {
        text.insert_str(0, &filler);
    }
    text
}

#[derive(Default)]
struct Writer {
    text: String,
    /// Characters that are still to be added beyond the shortest text.
    wanted: usize,
    /// Characters that may still be added.
    room: usize,
    /// What the groups have been written as, each by its number less one.
    groups: Vec<String>,
}

impl Writer {
    fn write(&mut self, tree: &Hir, choice: &mut Choice<'_>) -> Option<()> {
        match tree.kind() {
            HirKind::Empty | HirKind::Look(_) => Some(()),
            HirKind::Literal(literal) => {
                for character in std::str::from_utf8(&literal.0).ok()?.chars() {
                    match marked(character) {
                        // A group that has not been written yet matches the empty text.
                        Some(group) => {
                            let text = self.groups.get(group).cloned().unwrap_or_default();
                            self.text.push_str(&text);
                        }
                        None => self.text.push(character),
                    }
                }
                (self.text.len() <= LONGEST).then_some(())
            }
            HirKind::Class(class) => {
                let character = character(class, choice)?;
                self.text.push(character);
                Some(())
            }
            HirKind::Repetition(repetition) => self.repeat(repetition, choice),
            HirKind::Capture(capture) => {
                let start = self.text.len();
                self.write(&capture.sub, choice)?;
                let group = usize::try_from(capture.index).ok()?.checked_sub(1)?;
                self.groups.resize(self.groups.len().max(group + 1), String::new());
                self.groups[group] = self.text.get(start..)?.to_owned();
                Some(())
            }
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.write(part, choice)),
            HirKind::Alternation(branches) => self.alternate(branches, choice),
        }
    }

    fn repeat(&mut self, repetition: &Repetition, choice: &mut Choice<'_>) -> Option<()> {
        let each = shortest(&repetition.sub).max(1);
        let most = u32::try_from(self.room / each).unwrap_or(u32::MAX);
        let most = repetition.max.map_or(most, |max| most.min(max.saturating_sub(repetition.min)));
        let wanted = u32::try_from(self.wanted.div_ceil(each)).unwrap_or(u32::MAX).min(most);
        let more = wanted + u32::try_from(choice.below(u64::from(USUAL.min(most - wanted)) + 1)).unwrap_or(0);
        let added = each.saturating_mul(usize::try_from(more).unwrap_or(usize::MAX));
        self.room = self.room.saturating_sub(added);
        self.wanted = self.wanted.saturating_sub(added);
        (0..repetition.min.saturating_add(more)).try_for_each(|_| {
            (self.text.len() <= LONGEST).then_some(())?;
            self.write(&repetition.sub, choice)
        })
    }

    /// Writes one of the branches that there is room for.
    fn alternate(&mut self, branches: &[Hir], choice: &mut Choice<'_>) -> Option<()> {
        let least = branches.iter().map(shortest).min()?;
        let fitting: Vec<&Hir> =
            branches.iter().filter(|branch| shortest(branch) - least <= self.room).collect();
        let branch = choice.pick(&fitting)?;
        let added = shortest(branch) - least;
        self.room -= added;
        self.wanted = self.wanted.saturating_sub(added);
        self.write(branch, choice)
    }
}

/// A character of a class, a plain one where it has some.
fn character(class: &Class, choice: &mut Choice<'_>) -> Option<char> {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class.ranges().iter().map(|range| (range.start(), range.end())).collect(),
        Class::Bytes(class) => {
            let ascii = class.ranges().iter().filter(|range| range.end().is_ascii());
            ascii.map(|range| (char::from(range.start()), char::from(range.end()))).collect()
        }
    };
    let within = |character: char| ranges.iter().any(|(start, end)| (*start..=*end).contains(&character));
    let visible: Vec<char> = (' '..='~').filter(|character| within(*character)).collect();
    let is_wide = visible.len() > 64;
    let usual: Vec<char> =
        visible.iter().copied().filter(|&character| is_usual(character, is_wide)).collect();
    let some = if usual.is_empty() { visible } else { usual };
    choice.pick(&some).copied().or_else(|| rare(&ranges, choice))
}

/// Whether a character is a good pick from a class; from a wide one, small letters and digits are enough.
fn is_usual(character: char, is_wide: bool) -> bool {
    character.is_ascii_lowercase()
        || character.is_ascii_digit()
        || (!is_wide && character.is_ascii_alphanumeric())
}

/// A character of a class without visible ASCII.
fn rare(ranges: &[(char, char)], choice: &mut Choice<'_>) -> Option<char> {
    let (start, end) = *choice.pick(ranges)?;
    let span = u64::from(u32::from(end) - u32::from(start)).min(255);
    let offset = u32::try_from(choice.below(span + 1)).unwrap_or(0);
    char::from_u32(u32::from(start) + offset).or(Some(start))
}

fn letter(choice: &mut Choice<'_>) -> char {
    char::from(b'a' + u8::try_from(choice.below(26)).unwrap_or(0))
}

/// The length of the shortest text, in characters.
fn shortest(tree: &Hir) -> usize {
    match tree.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => String::from_utf8_lossy(&literal.0).chars().count(),
        HirKind::Class(_) => 1,
        HirKind::Repetition(repetition) => {
            shortest(&repetition.sub).saturating_mul(usize::try_from(repetition.min).unwrap_or(usize::MAX))
        }
        HirKind::Capture(capture) => shortest(&capture.sub),
        HirKind::Concat(parts) => parts.iter().fold(0, |sum, part| sum.saturating_add(shortest(part))),
        HirKind::Alternation(branches) => branches.iter().map(shortest).min().unwrap_or(0),
    }
}

fn parse(pattern: &str) -> Option<Hir> {
    let translated = jsonschema_regex::to_rust_regex(pattern).ok()?;
    regex_syntax::parse(&translated).ok()
}

#[cfg(test)]
mod tests {
    use super::{super::super::Dice, *};

    #[test]
    fn look_around_is_cut_out_whole() {
        let pattern = r"^(?=.*[)\d])(?!a(b)c)x[(?=]$";
        let (kept, cut) = rewritten(pattern, Lookaround::Left);
        assert_eq!(kept, "^x[(?=]$");
        assert_eq!(rewritten(pattern, Lookaround::Written).0, r"^(?:.*[)\d])x[(?=]$");
        assert_eq!(cut, [r"(?=.*[)\d])", "(?!a(b)c)"]);
    }

    #[test]
    fn back_references_repeat_what_their_groups_were_written_as() {
        for seed in 0..20 {
            let mut dice = Dice::seeded(seed);
            let mut choice = Choice::new(&mut dice, 0);
            let quoted = Pattern::read(r"^(?:x)(?<q>['`])\w(?=\1)\k<q>$").unwrap();
            let text: Vec<char> = quoted.text(0, None, &mut choice).unwrap().chars().collect();
            assert_eq!((text.len(), text[1]), (4, text[3]));
        }
    }

    #[test]
    fn length_bounds_are_kept_where_the_pattern_allows() {
        for seed in 0..200 {
            let mut dice = Dice::seeded(seed);
            let text =
                Pattern::read("^(ab|c)+[0-9]*$").unwrap().text(6, Some(9), &mut Choice::new(&mut dice, 0));
            assert!((6..=9).contains(&text.unwrap().len()));
        }
    }
}
