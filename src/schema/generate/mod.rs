//! A schema and a [`Dice`] → a value that satisfies the schema and looks like what people write.
//!
//! Values are made by construction over the normal form of the schema (`normal`), or over its keywords where it has none
//! (`keywords`); both become the same facets (`facets`), and `solve` makes values of facets. What the author wrote beside
//! the truth (names, examples) comes from `hint`, `likeness` and `description`, and is only a proposal. The same search
//! repairs a broken value and echoes what was sent, when it is given a value to go by (`like`), and breaks a valid one when
//! it is given the negation of its schema (`broken`). Discriminators are set right afterwards (`naming`). No value but a broken one
//! leaves this module before the validator has accepted it. Start at [`value`],
//! then read `solve`.

mod agree;
mod array;
mod broken;
mod choice;
mod content;
mod decimal;
mod description;
mod discriminator;
mod distance;
mod echo;
mod facets;
mod format;
mod hint;
mod judge;
mod keywords;
mod like;
mod likeness;
mod naming;
mod near;
mod negate;
mod node;
mod normal;
mod number;
mod object;
mod order;
mod pattern;
mod rank;
mod repair;
mod rewrite;
mod solve;
mod surprise;
mod text;
mod words;

use jsonschema::canonical::CanonicalKind;
use serde_json::Value;

pub(super) use self::{
    broken::broken,
    discriminator::Discriminators,
    echo::{echoed, like},
    naming::misnames,
    repair::repair,
};
use self::{
    choice::Choice,
    hint::Hint,
    judge::Tests,
    like::{Aim, Like},
    node::{Files, Node, Place},
    solve::{Goal, Maker, Site},
};
use super::{Dice, Schema};

/// How many values are made and judged before the fallbacks.
const ATTEMPTS: u64 = 20;
/// How many of them may end without any value, valid or not.
const FAILURES: u32 = 4;
/// How many of the smallest values are made and judged after that.
const FALLBACKS: u64 = 4;
/// From this attempt on, only what is required is made, and costlier ways are taken.
const LEAN: u64 = 3;
/// How many goals the first attempt may set; the others get less.
const FUEL: u32 = 8_000;
/// How many places a value fills beyond what is required, roughly.
const ROOM: u32 = 400;

/// A value that satisfies `schema`; `None` where none was found.
pub(super) fn value(schema: &Schema, dice: &mut Dice) -> Option<Value> {
    let origin = Origin::of(schema)?;
    let mut tests = Tests::default();
    let made = origin.search(schema, dice, ATTEMPTS, &mut tests);
    let made = made.or_else(|| origin.fallback(schema, &mut tests));
    made.map(|made| naming::named(schema, made, dice))
}

/// Where the walk over a schema starts: what must hold, and what is written.
struct Origin<'a> {
    node: Node<'a>,
    place: Place<'a>,
    files: Files<'a>,
}

impl<'a> Origin<'a> {
    /// `None` where it is proven that nothing satisfies the schema.
    fn of(schema: &'a Schema) -> Option<Self> {
        let files = Files(&schema.library().files);
        let (file, _) = schema.place();
        let place = Place { file, schema: schema.written() };
        let node = match schema.canonical() {
            Some(canonical) if canonical.kind() == CanonicalKind::False => return None,
            Some(canonical) if canonical.kind() != CanonicalKind::Raw => Node::Normal(canonical.clone()),
            _ => Node::Written(place),
        };
        Some(Self { node, place, files })
    }

    /// Makes values until one is valid, or it is clear that more attempts will not help.
    fn search(&self, schema: &Schema, dice: &mut Dice, attempts: u64, tests: &mut Tests) -> Option<Value> {
        let mut failed = 0;
        for attempt in 0..attempts {
            match self.attempt(None, dice, attempt, tests) {
                Some(made) if schema.is_valid(&made) => return Some(made),
                Some(_) => {}
                None if failed == FAILURES => return None,
                None => failed += 1,
            }
        }
        None
    }

    /// One value, not yet judged; each attempt shifts the decisions a little further.
    fn attempt<'l>(
        &'l self,
        like: Option<Like<'l>>,
        dice: &mut Dice,
        attempt: u64,
        tests: &mut Tests,
    ) -> Option<Value> {
        let room = if attempt < LEAN { ROOM } else { 0 };
        let fuel = if attempt == 0 { FUEL } else { FUEL / 8 };
        let mut maker = Maker {
            files: self.files,
            choice: Choice::new(dice, attempt),
            tests: std::mem::take(tests),
            fuel,
            thorough: attempt >= LEAN,
            most: like.filter(|like| like.aim == Aim::Fill).and_then(Like::members).and_then(echo::most),
        };
        let made = maker.solve(Goal {
            nodes: vec![self.node.clone()],
            hint: Hint::new(vec![self.place], ""),
            site: Site { room, depth: 0 },
            like,
        });
        *tests = maker.tests;
        made
    }

    /// The first valid one of: the smallest values, the author's examples, and the plainest values there are.
    fn fallback(&self, schema: &Schema, tests: &mut Tests) -> Option<Value> {
        let made = self.search(schema, &mut Dice::smallest(), FALLBACKS, tests);
        made.or_else(|| {
            let hint = Hint::new(vec![self.place], "");
            let written = hint.examples(self.files).into_iter().chain(hint.listed(self.files)).cloned();
            written.chain(solve::plainest()).find(|value| schema.is_valid(value))
        })
    }
}
