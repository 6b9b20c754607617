//! Faults that are asked for: what goes wrong, how often, in which operation; and what of it a request gets.
//!
//! One grammar serves the command line, `Prefer`, and the control interface: `[OPERATION: ]FAULT[ at RATE]`, such as
//! `listPets: delay=100ms..2s at 10%`. Whether a fault strikes is decided by dice that are passed in. Read [`Fault`] first.

use std::{fmt, str::FromStr, time::Duration};

use super::duration;
use crate::{
    exchange::{Conduct, Cut, PARTS},
    schema::Dice,
};

/// The longest that an answer is held back.
pub const LONGEST: Duration = Duration::from_secs(600);

/// What a fault may be, for those who wrote none.
pub const FAULTS: &str = "write `delay=300ms`, `delay=100ms..2s`, `delay=normal(200ms,50ms)`, `error`, `error=503`, `drop`, \
                     `truncate`, `truncate=100` or `slow=1000B/s`, before it an operation as in `listPets: drop`, after \
                     it a rate as in `drop at 5%`";

/// Something that goes wrong because it was asked for.
///
/// ```
/// use standin::sandbox::Fault;
///
/// let fault: Fault = "listPets: delay=100ms..2s at 10%".parse().expect("it is one");
/// assert_eq!(fault.operation.as_deref(), Some("listPets"));
/// assert_eq!(fault.to_string(), "listPets: delay=100ms..2s at 10%");
/// assert!("dealy=1s".parse::<Fault>().unwrap_err().contains("`delay=300ms`"));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// The operation in which it happens, by its id, or by method and path; every one where none is named.
    pub operation: Option<String>,
    /// What happens.
    pub kind: Kind,
    /// How often, in millionths.
    rate: u64,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// The answer comes late.
    Delay(Time),
    /// It is an error that the operation declares: with this status, else any.
    Error(Option<u16>),
    /// The connection is closed without an answer.
    Drop,
    /// The body ends after so many bytes; somewhere, where no number is named.
    Truncate(Option<usize>),
    /// The body comes at so many bytes a second.
    Slow(u64),
}

/// How long something takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Time {
    /// So long.
    Fixed(Duration),
    /// Anything between the two.
    Between(Duration, Duration),
    /// About the first, the second being the standard deviation; never less than nothing.
    Normal(Duration, Duration),
}

/// What a request gets of the faults that are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Struck {
    /// How long its answer is held back.
    pub delay: Duration,
    /// Whether it gets an error: with this status, else any that is declared, by this number.
    pub error: Option<(Option<u16>, u64)>,
    /// What becomes of the answer on its way.
    pub conduct: Conduct,
    /// What strikes, as it is told.
    pub told: Vec<String>,
}

impl Struck {
    /// What strikes a request of this operation, by its id and its line (`GET /pets`). Every fault throws the same number of
    /// dice whether it strikes or not.
    pub fn of<'f>(
        faults: impl IntoIterator<Item = &'f Fault>,
        id: &str,
        line: &str,
        dice: &mut Dice,
    ) -> Self {
        let mut struck = Self::default();
        for fault in faults {
            let strikes = dice.below(PARTS) < fault.rate;
            let (one, other) = (dice.below(PARTS), dice.below(PARTS));
            let is_meant = fault.operation.as_deref().is_none_or(|wanted| wanted == id || wanted == line);
            if strikes && is_meant {
                struck.add(fault, one, other);
            }
        }
        struck
    }

    /// Adds what else strikes.
    pub fn join(&mut self, other: Self) {
        self.delay = (self.delay + other.delay).min(LONGEST);
        self.error = other.error.or(self.error);
        self.conduct = Conduct {
            is_dropped: self.conduct.is_dropped || other.conduct.is_dropped,
            cut: other.conduct.cut.or(self.conduct.cut),
            pace: other.conduct.pace.or(self.conduct.pace),
        };
        self.told.extend(other.told);
    }

    fn add(&mut self, fault: &Fault, one: u64, other: u64) {
        match fault.kind {
            Kind::Delay(time) => {
                let time = time.drawn(one, other);
                self.delay = (self.delay + time).min(LONGEST);
                self.told.push(format!("delay={}ms", time.as_millis()));
                return;
            }
            Kind::Error(status) => self.error = Some((status, one)),
            Kind::Drop => self.conduct.is_dropped = true,
            Kind::Truncate(bytes) => self.conduct.cut = Some(bytes.map_or(Cut::Part(one), Cut::After)),
            Kind::Slow(bytes) => self.conduct.pace = Some(bytes),
        }
        self.told.push(fault.kind.to_string());
    }
}

impl Time {
    /// One of the times, by two numbers below [`PARTS`].
    #[expect(clippy::cast_precision_loss, reason = "they are below a million")]
    fn drawn(self, one: u64, other: u64) -> Duration {
        let (one, other) = (one as f64 / PARTS as f64, other as f64 / PARTS as f64);
        let seconds = match self {
            Self::Fixed(time) => return time,
            Self::Between(low, high) => low.as_secs_f64() + (high.as_secs_f64() - low.as_secs_f64()) * one,
            // Box and Muller; the logarithm is not of zero.
            Self::Normal(mean, deviation) => {
                let drawn = (-2.0 * (1.0 - one).ln()).sqrt() * (std::f64::consts::TAU * other).cos();
                mean.as_secs_f64() + deviation.as_secs_f64() * drawn
            }
        };
        Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(LONGEST).min(LONGEST)
    }
}

impl FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let pair = |text: &str, by: &str| {
            let (low, high) = text.split_once(by)?;
            Some((time(low.trim())?, time(high.trim())?))
        };
        let normal = text.strip_prefix("normal(").and_then(|rest| rest.strip_suffix(')'));
        let read = match normal {
            Some(inner) => pair(inner, ",").map(|(mean, deviation)| Self::Normal(mean, deviation)),
            None if text.contains("..") => {
                pair(text, "..").filter(|(low, high)| low <= high).map(|(low, high)| Self::Between(low, high))
            }
            None => time(text).map(Self::Fixed),
        };
        read.ok_or_else(|| {
            "a time such as `300ms` or `2s`, no longer than 10 minutes, or `100ms..2s`, or `normal(200ms,50ms)`".to_owned()
        })
    }
}

/// A time such as `300ms`; without a unit, in milliseconds.
fn time(text: &str) -> Option<Duration> {
    let milliseconds = text.parse().map(Duration::from_millis).ok();
    let written = || duration(text).ok()?.try_into().ok();
    milliseconds.or_else(written).filter(|time| *time <= LONGEST)
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = |time: &Duration| match time.as_millis() {
            0 => "0ms".to_owned(),
            whole if whole % 1000 == 0 => format!("{}s", whole / 1000),
            whole => format!("{whole}ms"),
        };
        match self {
            Self::Fixed(time) => f.write_str(&told(time)),
            Self::Between(low, high) => write!(f, "{}..{}", told(low), told(high)),
            Self::Normal(mean, deviation) => write!(f, "normal({},{})", told(mean), told(deviation)),
        }
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) =
            text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value.trim())));
        let wrong = |right: &str| format!("`{text}` is no fault; write {right}");
        match (name.trim(), value) {
            ("delay", Some(value)) => value.parse().map(Self::Delay).map_err(|right: String| wrong(&right)),
            ("error", None) => Ok(Self::Error(None)),
            ("error", Some(value)) => {
                let status = value.parse().ok().filter(|status| (400..600).contains(status));
                status
                    .map(|status| Self::Error(Some(status)))
                    .ok_or_else(|| wrong("a status from 400 to 599"))
            }
            ("drop", None) => Ok(Self::Drop),
            ("truncate", None) => Ok(Self::Truncate(None)),
            ("truncate", Some(value)) => {
                let bytes = value.trim_end_matches('B').trim().parse().ok();
                bytes
                    .map(|bytes| Self::Truncate(Some(bytes)))
                    .ok_or_else(|| wrong("a number of bytes, as in `truncate=100`"))
            }
            ("slow", Some(value)) => {
                let bytes = value.trim_end_matches("B/s").trim().parse().ok().filter(|bytes| *bytes > 0);
                bytes.map(Self::Slow).ok_or_else(|| wrong("bytes a second, as in `slow=1000B/s`"))
            }
            _ => Err(format!("`{text}` is no fault; {FAULTS}")),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delay(time) => write!(f, "delay={time}"),
            Self::Error(None) => f.write_str("error"),
            Self::Error(Some(status)) => write!(f, "error={status}"),
            Self::Drop => f.write_str("drop"),
            Self::Truncate(None) => f.write_str("truncate"),
            Self::Truncate(Some(bytes)) => write!(f, "truncate={bytes}"),
            Self::Slow(bytes) => write!(f, "slow={bytes}B/s"),
        }
    }
}

impl From<Kind> for Fault {
    /// A fault that always strikes.
    fn from(kind: Kind) -> Self {
        Self { operation: None, kind, rate: PARTS }
    }
}

impl Fault {
    /// The same in one of so many cases, in millionths.
    #[must_use]
    pub fn at(self, rate: u64) -> Self {
        Self { rate: rate.min(PARTS), ..self }
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (operation, rest) = match text.split_once(": ") {
            Some((operation, rest)) => (Some(operation.trim().to_owned()), rest),
            None => (None, text),
        };
        let (kind, rate) = match rest.split_once(" at ") {
            Some((kind, rate)) => (kind, self::rate(rate)?),
            None => (rest, PARTS),
        };
        Ok(Self { operation, kind: kind.trim().parse()?, rate })
    }
}

/// A rate such as `5%` or `0.05`, in millionths.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from zero to a million")]
fn rate(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let (number, whole) = text.strip_suffix('%').map_or((text, 1.0), |number| (number.trim(), 100.0));
    let share = number.parse::<f64>().ok().map(|number| number / whole);
    let share = share.filter(|share| (0.0..=1.0).contains(share));
    let share = share.ok_or_else(|| format!("`{text}` is no rate; write `5%`, or `0.05`"))?;
    Ok((share * 1_000_000.0).round() as u64)
}

impl fmt::Display for Fault {
    #[expect(clippy::cast_precision_loss, reason = "it is below a million")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = &self.operation {
            write!(f, "{operation}: ")?;
        }
        write!(f, "{}", self.kind)?;
        if self.rate < PARTS { write!(f, " at {}%", self.rate as f64 / 10_000.0) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Fault {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_written_is_read_and_written_the_same() {
        for text in [
            "delay=300ms",
            "delay=100ms..2s",
            "delay=normal(200ms,50ms)",
            "error",
            "error=503 at 5%",
            "GET /pets/{petId}: drop at 0.5%",
            "truncate",
            "truncate=100",
            "listPets: slow=1000B/s",
        ] {
            assert_eq!(fault(text).to_string(), text);
        }
        assert_eq!(fault("delay=300"), fault("delay=300ms"));
        assert_eq!(fault("drop at 0.05"), fault("drop at 5%"));
    }

    #[test]
    fn what_is_no_fault_is_told_with_what_would_be_right() {
        for (text, right) in [
            ("", "`drop`"),
            ("dealy=1s", "`delay=300ms`"),
            ("delay=1h", "no longer than 10 minutes"),
            ("delay=2s..1s", "`100ms..2s`"),
            ("delay=normal(1s)", "`normal(200ms,50ms)`"),
            ("error=200", "400 to 599"),
            ("drop at 200%", "`5%`"),
            ("slow=0", "`slow=1000B/s`"),
            ("truncate=x", "`truncate=100`"),
        ] {
            let told = text.parse::<Fault>().unwrap_err();
            assert!(told.contains(right), "{text}: {told}");
        }
    }

    #[test]
    fn as_many_are_struck_as_the_rate_says_and_the_same_ones_again() {
        let faults = [fault("drop at 20%"), fault("other: error"), fault("delay=normal(200ms,50ms)")];
        let run = || -> Vec<Struck> {
            (0..1000).map(|seed| Struck::of(&faults, "own", "GET /own", &mut Dice::seeded(seed))).collect()
        };
        let struck = run();
        assert_eq!(struck, run());
        let dropped = struck.iter().filter(|one| one.conduct.is_dropped).count();
        assert!((150..250).contains(&dropped), "{dropped}");
        assert!(struck.iter().all(|one| one.error.is_none()));
        let millis: Vec<u128> = struck.iter().map(|one| one.delay.as_millis()).collect();
        let mean = millis.iter().sum::<u128>() / 1000;
        let near = millis.iter().filter(|one| (150..=250).contains(*one)).count();
        assert!(
            (190..210).contains(&mean) && (630..730).contains(&near),
            "{mean} ms, {near} within one deviation"
        );
    }
}
