//! The dice as the generator throws them: every decision plus a shift.
//!
//! A second attempt at a place must differ from the first even where the dice say the same again (the smallest dice
//! always do). So each attempt has a shift that is added to its decisions; the first attempt has none.

use super::super::{Dice, Temper};

/// From this attempt on, what is made surprises nobody: it is there to be right.
const CALM: u64 = 3;

/// A source of decisions; zero is the plainest, as with [`Dice`].
#[derive(Debug)]
pub(super) struct Choice<'d> {
    dice: &'d mut Dice,
    shift: u64,
    /// Whether the shift alone decides, so that counting it up walks through all that can be chosen.
    counted: bool,
    surprises: bool,
}

impl<'d> Choice<'d> {
    pub(super) fn new(dice: &'d mut Dice, shift: u64) -> Self {
        let surprises = dice.temper() == Temper::Surprising && shift < CALM;
        Self { dice, shift, counted: false, surprises }
    }

    /// Whether it is made what few expect.
    pub(super) fn surprises(&self) -> bool {
        self.surprises
    }

    /// A whole number from zero up to, not including, `bound`; zero where `bound` is zero.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        let thrown = if self.counted { 0 } else { self.dice.below(bound) };
        thrown.wrapping_add(self.shift).checked_rem(bound).unwrap_or(0)
    }

    /// As [`Choice::below`], for positions in a list.
    pub(super) fn index(&mut self, bound: usize) -> usize {
        usize::try_from(self.below(bound as u64)).unwrap_or(0)
    }

    /// Yes in all but one of `parts` cases; no is the plainer.
    pub(super) fn mostly(&mut self, parts: u64) -> bool {
        self.below(parts) != 0
    }

    /// Yes in one of `parts` cases; no is the plainer.
    pub(super) fn rarely(&mut self, parts: u64) -> bool {
        self.below(parts) + 1 == parts
    }

    /// One of `choices`, the first being the plainest; `None` of none.
    pub(super) fn pick<'c, T>(&mut self, choices: &'c [T]) -> Option<&'c T> {
        let index = self.index(choices.len());
        choices.get(index)
    }

    /// One of some words, which must not be none.
    pub(super) fn word(&mut self, words: &[&'static str]) -> &'static str {
        self.pick(words).copied().unwrap_or_default()
    }

    /// A whole number between two others, both included; the lower one is the plainest.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below((high.saturating_sub(low)).saturating_add(1))
    }

    /// What the following decisions are shifted by; returns the shift so far.
    pub(super) fn set_shift(&mut self, shift: u64) -> u64 {
        std::mem::replace(&mut self.shift, shift)
    }

    /// Makes the shift alone decide, or the dice again.
    pub(super) fn set_counted(&mut self, counted: bool) {
        self.counted = counted;
    }

    pub(super) fn shift(&self) -> u64 {
        self.shift
    }
}
