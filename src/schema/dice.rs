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
pub struct Dice {
    source: Source,
    /// What was decided so far, where somebody wants to know.
    record: Option<Vec<u64>>,
    temper: Temper,
}

/// Which of the values that a schema allows are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Temper {
    /// Such as people write.
    #[default]
    Usual,
    /// Such as few expect: short of what is optional, null, empty, long, of unusual characters, of other branches.
    Surprising,
}

#[derive(Debug, Clone)]
enum Source {
    Seeded(Pcg64Mcg),
    Replayed { decisions: Vec<u64>, next: usize },
    Smallest,
}

impl Dice {
    fn of(source: Source) -> Self {
        Self { source, record: None, temper: Temper::Usual }
    }

    /// The same, with every decision from here on kept.
    ///
    /// ```
    /// use standin::schema::Dice;
    ///
    /// let mut dice = Dice::seeded(7).recorded();
    /// let thrown: Vec<u64> = (0..4).map(|_| dice.below(100)).collect();
    /// assert_eq!(dice.decisions(), thrown);
    /// ```
    #[must_use]
    pub fn recorded(self) -> Self {
        Self { record: Some(Vec::new()), ..self }
    }

    /// The same decisions for other values: with this temper.
    #[must_use]
    pub fn with(self, temper: Temper) -> Self {
        Self { temper, ..self }
    }

    /// Which values are made from here on; the temper so far.
    pub fn set_temper(&mut self, temper: Temper) -> Temper {
        std::mem::replace(&mut self.temper, temper)
    }

    /// Which values are made.
    pub fn temper(&self) -> Temper {
        self.temper
    }

    /// What was decided since it is kept, in the form that [`Dice::replayed`] takes.
    pub fn decisions(&self) -> &[u64] {
        self.record.as_deref().unwrap_or_default()
    }

    /// Decisions that depend on `seed` alone, the same on every machine.
    pub fn seeded(seed: u64) -> Self {
        Self::of(Source::Seeded(Pcg64Mcg::new(u128::from(seed) << 1 | 1)))
    }

    /// Decisions taken from a list, each reduced to the range asked for; zero when the list is used up.
    pub fn replayed(decisions: Vec<u64>) -> Self {
        Self::of(Source::Replayed { decisions, next: 0 })
    }

    /// The plainest choice each time: the minimal example.
    pub fn smallest() -> Self {
        Self::of(Source::Smallest)
    }

    /// A whole number from zero up to, not including, `bound`; zero where `bound` is zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        let raw = match &mut self.source {
            Source::Seeded(random) => random.next_u64(),
            Source::Replayed { decisions, next } => {
                *next += 1;
                decisions.get(*next - 1).copied().unwrap_or(0)
            }
            Source::Smallest => 0,
        };
        let decision = raw.checked_rem(bound).unwrap_or(0);
        if let Some(record) = &mut self.record {
            record.push(decision);
        }
        decision
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
