//! The identity of a case: short, and the same on every machine for the same document and seed.
//!
//! It names the operation and the case, not their positions, so that it holds when a document grows. A case that was thrown
//! is found by its number alone, for the seed makes it again. Read [`Replay`] first.

use std::{fmt, str::FromStr};

use sha2::{Digest, Sha256};

use crate::api::Operation;

/// What finds a case again; its text is what `--replay` takes.
///
/// ```
/// use standin::verify::Replay;
///
/// let id: Replay = "5be01d77-f17-42".parse()?;
/// assert_eq!((id.seed(), id.to_string().as_str()), (42, "5be01d77-f17-42"));
/// assert!("5be01d77".parse::<Replay>().is_err());
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Replay {
    operation: u32,
    pub(super) key: Key,
    seed: u64,
}

/// What tells a case of an operation from the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// What is tried and what must become of it.
    Case(u32),
    /// The number of the throw.
    Throw(u64),
}

impl Replay {
    /// A case that is planned: `what` is tried, and `expected` must become of it.
    pub(super) fn case(operation: &Operation, what: &str, expected: &str, seed: u64) -> Self {
        let key = Key::Case(digest(&[what, expected]));
        Self { operation: name(operation), key, seed }
    }

    /// A case that is thrown.
    pub(super) fn throw(operation: &Operation, number: u64, seed: u64) -> Self {
        Self { operation: name(operation), key: Key::Throw(number), seed }
    }

    /// The seed of the run that it is of.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Whether the case is one of this operation.
    pub(super) fn is_of(&self, operation: &Operation) -> bool {
        self.operation == name(operation)
    }

    /// Whether it is the same case, whatever the seed.
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        (self.operation, self.key) == (other.operation, other.key)
    }

    /// A number that is as good as random, and the same for the same case whatever the seed.
    pub(super) fn lot(&self) -> u32 {
        let Self { operation, key, .. } = self;
        digest(&[&format!("{operation:08x}"), &key.to_string()])
    }
}

fn name(operation: &Operation) -> u32 {
    digest(&[&operation.line(), &operation.id])
}

fn digest(texts: &[&str]) -> u32 {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().iter().take(4).fold(0, |number, byte| number << 8 | u32::from(*byte))
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Case(digest) => write!(f, "c{digest:08x}"),
            Self::Throw(number) => write!(f, "f{number}"),
        }
    }
}

impl fmt::Display for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}-{}-{}", self.operation, self.key, self.seed)
    }
}

impl FromStr for Replay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let mut parts = text.split('-');
            let (operation, key, seed) = (parts.next()?, parts.next()?, parts.next()?);
            let hex = |text: &str| {
                let is_hex = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
                is_hex.then(|| u32::from_str_radix(text, 16).ok())?
            };
            let key = match (key.strip_prefix('c'), key.strip_prefix('f')) {
                (Some(digest), _) => Key::Case(hex(digest)?),
                (_, Some(number)) => Key::Throw(number.parse().ok()?),
                (None, None) => return None,
            };
            let id = Self { operation: hex(operation)?, key, seed: seed.parse().ok()? };
            parts.next().is_none().then_some(id)
        };
        read().ok_or_else(|| "it is told with each violation, as in `5be01d77-f17-0`".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_is_written_and_short() {
        for key in [Key::Case(7), Key::Case(u32::MAX), Key::Throw(0), Key::Throw(123_456)] {
            let id = Replay { operation: 0xab, key, seed: u64::MAX };
            assert_eq!(id.to_string().parse(), Ok(id));
            assert!(id.to_string().len() < 60);
        }
        for wrong in [
            "",
            "nonsense",
            "5be01d77-f17",
            "5be01d77-f17-0-0",
            "5be01d7-f17-0",
            "5be01d77-x1-0",
            "+be01d77-f1-0",
        ] {
            assert!(wrong.parse::<Replay>().is_err(), "{wrong}");
        }
    }
}
