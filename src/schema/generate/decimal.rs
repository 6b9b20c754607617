//! Numbers of JSON as exact decimals, so that bounds and divisors are reckoned as they are written.
//!
//! Binary floating point has no 0.1; a multiple of it is one only in decimals.

use std::cmp::Ordering;

use serde_json::Number;

/// Which number is the greater: exactly where both are short enough, else as floating point tells.
pub(super) fn compare(one: &Number, other: &Number) -> Option<Ordering> {
    let decimals = Decimal::of(one).zip(Decimal::of(other));
    let exact = decimals.and_then(|(one, other)| one.compare(other));
    exact.or_else(|| one.as_f64()?.partial_cmp(&other.as_f64()?))
}

/// Whether a number is a multiple of the step; `None` where that cannot be told exactly.
pub(super) fn divides(step: &Number, number: &Number) -> Option<bool> {
    let (step, number) = (Decimal::of(step)?, Decimal::of(number)?);
    let places = step.places.max(number.places);
    Some(number.at(places)?.checked_rem(step.at(places)?)? == 0)
}

/// `digits / 10^places`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decimal {
    pub(super) digits: i128,
    pub(super) places: u32,
}

impl Decimal {
    /// The decimal that the shortest text of the number shows; `None` beyond 38 digits.
    pub(super) fn of(number: &Number) -> Option<Self> {
        if let Some(whole) = number.as_i64().map(i128::from).or(number.as_u64().map(i128::from)) {
            return Some(Self { digits: whole, places: 0 });
        }
        let text = number.to_string();
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((&text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
        let exponent = exponent.parse::<i32>().ok()? - i32::try_from(fraction.len()).ok()?;
        let power = 10_i128.checked_pow(exponent.max(0).unsigned_abs())?;
        Some(Self { digits: digits.checked_mul(power)?, places: exponent.min(0).unsigned_abs() })
    }

    /// The digits at a finer precision.
    pub(super) fn at(self, places: u32) -> Option<i128> {
        let power = 10_i128.checked_pow(places.checked_sub(self.places)?)?;
        self.digits.checked_mul(power)
    }

    fn compare(self, other: Self) -> Option<Ordering> {
        let places = self.places.max(other.places);
        Some(self.at(places)?.cmp(&other.at(places)?))
    }

    /// The number in the shortest form; whole where it is.
    pub(super) fn number(self) -> Option<Number> {
        let mut digits = self.digits;
        let mut places = self.places;
        while places > 0 && digits % 10 == 0 {
            digits /= 10;
            places -= 1;
        }
        if places == 0 {
            let whole = i64::try_from(digits).map(Number::from);
            let whole = whole.or_else(|_| u64::try_from(digits).map(Number::from));
            if let Ok(number) = whole {
                return Some(number);
            }
        }
        Number::from_f64(format!("{digits}e-{places}").parse().ok()?)
    }
}
