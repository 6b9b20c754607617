//! What becomes of an answer on its way, where that was asked for: nothing of it comes, not all of it, or all of it slowly.

/// In how many parts a share of a body is told.
pub const PARTS: u64 = 1_000_000;

/// What becomes of an answer on its way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Conduct {
    /// Whether the connection is closed in its place.
    pub is_dropped: bool,
    /// Where its body ends, though it has more.
    pub cut: Option<Cut>,
    /// How many bytes of the body are sent in a second.
    pub pace: Option<u64>,
}

/// Where a body ends.
///
/// ```
/// use standin::exchange::Cut;
///
/// assert_eq!([Cut::After(3).of(10), Cut::After(99).of(10), Cut::Part(500_000).of(10)], [3, 9, 5]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// After so many bytes.
    After(usize),
    /// After so many of the [`PARTS`] of it.
    Part(u64),
}

impl Cut {
    /// How many bytes of a body of this length are sent; never all of them.
    pub fn of(self, length: usize) -> usize {
        let most = length.saturating_sub(1);
        match self {
            Self::After(bytes) => bytes.min(most),
            Self::Part(part) => {
                let bytes = (length as u64).saturating_mul(part) / PARTS;
                usize::try_from(bytes).unwrap_or(most).min(most)
            }
        }
    }
}
