//! A part of a run that is shared out over several machines.

use std::str::FromStr;

use super::Replay;

/// One of several parts of a run, which together have every case once.
///
/// ```
/// use standin::verify::Shard;
///
/// assert_eq!("2/5".parse(), Ok(Shard { number: 2, of: 5 }));
/// assert!("3/2".parse::<Shard>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which part it is, from 1.
    pub number: u32,
    /// How many there are.
    pub of: u32,
}

impl Shard {
    /// Whether a case belongs to this part; its identity decides, so that no machine need know what the others plan.
    pub(super) fn has(self, id: &Replay) -> bool {
        id.lot() % self.of.max(1) + 1 == self.number
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (number, of) = text.split_once('/')?;
            Some(Self { number: number.parse().ok()?, of: of.parse().ok()? })
        };
        match read() {
            Some(shard) if (1..=shard.of).contains(&shard.number) => Ok(shard),
            Some(Self { of, .. }) if of > 0 => Err(format!("the parts of {of} are 1/{of} to {of}/{of}")),
            _ => Err("it is written as in `2/5`, which is the second part of five".to_owned()),
        }
    }
}
