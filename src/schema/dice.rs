//! Where every decision of the generator comes from.

use rand_core::Rng;
use rand_pcg::Pcg64Mcg;

/// A source of decisions. Zero is always the plainest choice, so a list of smaller decisions is a smaller value.
///
/// ```
/// use standin::schema::Dice;
///
/// let once: Vec<u64> = { let mut dice = Dice::seeded(7); (0..4).map(|_| dice.below(100)).collect() };
/// let again: Vec<u64> = { let mut dice = Dice::seeded(7); (0..4).map(|_| dice.below(100)).collect() };
/// assert_eq!(once, again);
/// assert_eq!(Dice::replayed(vec![205, 3]).below(100), 5);
/// assert_eq!(Dice::smallest().below(100), 0);
/// ```
#[derive(Debug, Clone)]
pub struct Dice(Source);

#[derive(Debug, Clone)]
enum Source {
    Seeded(Pcg64Mcg),
    Replayed { decisions: Vec<u64>, next: usize },
    Smallest,
}

impl Dice {
    /// Decisions that depend on `seed` alone, the same on every machine.
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded(Pcg64Mcg::new(u128::from(seed) << 1 | 1)))
    }

    /// Decisions taken from a list, each reduced to the range asked for; zero when the list is used up.
    pub fn replayed(decisions: Vec<u64>) -> Self {
        Self(Source::Replayed { decisions, next: 0 })
    }

    /// The plainest choice each time: the minimal example.
    pub fn smallest() -> Self {
        Self(Source::Smallest)
    }

    /// A whole number from zero up to, not including, `bound`; zero where `bound` is zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        let raw = match &mut self.0 {
            Source::Seeded(random) => random.next_u64(),
            Source::Replayed { decisions, next } => {
                *next += 1;
                decisions.get(*next - 1).copied().unwrap_or(0)
            }
            Source::Smallest => 0,
        };
        raw.checked_rem(bound).unwrap_or(0)
    }

    /// Yes or no; no is the plainer.
    pub fn flip(&mut self) -> bool {
        self.below(2) == 1
    }

    /// One of `choices`, the first being the plainest; `None` of none.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        let index = usize::try_from(self.below(choices.len() as u64)).ok()?;
        choices.get(index)
    }
}
