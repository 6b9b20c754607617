//! What is wrong with what a request shows for a scheme or a parameter → a finding.
//!
//! It knows nothing of schemes; read [`Fault::of`] first.

use super::Verdict;
use crate::finding::{Code, Finding, Location, Part, Place, Pointer};

/// What is wrong with a credential, wherever it is carried.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) distance: Distance,
    message: String,
    help: String,
}

/// How far something is from a credential that would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Distance {
    /// The token lacks a scope.
    Scope,
    /// The token is past its end.
    Expired,
    /// It is not of its form, or not what it says it is.
    Invalid,
    /// It is a credential of another scheme.
    OfAnother,
    /// There is none.
    Absent,
}

impl Fault {
    pub(super) fn new(distance: Distance, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { distance, message: message.into(), help: help.into() }
    }

    pub(super) fn absent(help: impl Into<String>) -> Self {
        Self::new(Distance::Absent, "required, but absent", help)
    }

    /// What a verdict on a token amounts to.
    pub(super) fn of(verdict: Verdict) -> Option<Self> {
        Some(match verdict {
            Verdict::Valid(_) => return None,
            Verdict::Expired(end) => {
                Self::new(Distance::Expired, format!("the token ended at {end}"), "get a new one")
            }
            Verdict::Invalid(reason) => Self::new(
                Distance::Invalid,
                format!("the token is not valid: {reason}"),
                "send the token as it was issued",
            ),
            Verdict::Foreign => Self::new(
                Distance::Invalid,
                "the token was not issued here",
                "get one from the operation that issues it, or from the control interface",
            ),
        })
    }

    /// The finding about it, at the place where it is carried; `rule` is where that is declared.
    pub(super) fn at(self, part: Part, name: &str, rule: &Place) -> Finding {
        let code = match self.distance {
            Distance::Scope => Code::InsufficientScope,
            Distance::Expired => Code::TokenExpired,
            Distance::Invalid | Distance::OfAnother => Code::InvalidCredential,
            Distance::Absent => Code::MissingCredential,
        };
        let location = Location::Request(part, Pointer::root().join(name));
        Finding::error(code, location, self.message).help(self.help).ruled_by(rule)
    }
}
