//! The parts of a run, each of which can be chosen.

use std::fmt;

/// A part of a run: where its cases come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// What the document itself shows.
    Examples,
    /// Each constraint at and around its bound, each part present and absent: the same for each seed, but for the values that
    /// do not matter.
    Coverage,
    /// Values as the seed will have them, right ones, and wrong ones with a single fault.
    Fuzz,
    /// Several requests, each with what the answer to the one before gave.
    Stateful,
}

impl Phase {
    /// Every phase, in the order in which they are run.
    pub const ALL: [Self; 4] = [Self::Examples, Self::Coverage, Self::Fuzz, Self::Stateful];

    /// The name, as it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Examples => "examples",
            Self::Coverage => "coverage",
            Self::Fuzz => "fuzz",
            Self::Stateful => "stateful",
        }
    }

    /// The phase of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.name() == name)
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
