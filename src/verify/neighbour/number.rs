//! A number → the numbers near it: at the bounds, a step beside them, far beyond, and between the steps.

use serde_json::{Number, Value, json};

use super::{Tried, tried};
use crate::schema::Written;

/// What is said of a whole number that is written as `1.0`: JSON has one kind of number, other forms have their own.
pub(in crate::verify) const AS_FRACTION: &str = "a whole number written with a fraction of zero";

/// From here on whole numbers are not exact in every reader of JSON (RFC 8259, section 6).
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Whether a number is too large for every reader to take it, whatever its schema says.
pub(in crate::verify) fn is_beyond(value: &Value) -> bool {
    value.is_number()
        && value.as_i64().is_none()
        && value.as_f64().is_some_and(|number| number.abs() >= EXACT)
}

pub(super) fn numbers(number: &Number, about: &Written<'_>) -> Vec<Tried> {
    let mut all = Vec::new();
    let step = of(about, "multipleOf").filter(|step| *step > 0.0).unwrap_or(1.0);
    for (keyword, words) in BOUNDS {
        let Some(bound) = of(about, keyword) else { continue };
        let around = [(bound, words[0]), (bound - step, words[1]), (bound + step, words[2])];
        all.extend(around.into_iter().filter_map(|(value, what)| Some((numeral(value)?, what.to_owned()))));
    }
    match about.keyword("format").and_then(Value::as_str) {
        Some("int32") => all.extend([
            tried(i32::MAX, "the largest int32"),
            tried(i32::MIN, "the smallest int32"),
            tried(i64::from(i32::MAX) + 1, "more than an int32"),
            tried(i64::from(i32::MIN) - 1, "less than an int32"),
        ]),
        Some("int64") => all.extend([
            tried(i64::MAX, "the largest int64"),
            tried(i64::MIN, "the smallest int64"),
            tried(json!(9_223_372_036_854_775_808_u64), "more than an int64"),
        ]),
        _ => {}
    }
    if let Some(value) = number.as_f64() {
        let between = [(value + 0.5, "a half more"), (value + step / 2.0, "half a step more")];
        all.extend(between.into_iter().filter_map(|(value, what)| Some((numeral(value)?, what.to_owned()))));
    }
    all.extend([
        tried(number.to_string(), "digits in a text"),
        tried(0, "zero"),
        tried(1, "one"),
        tried(-1, "a negative number"),
        tried(1e30, "ten to the thirtieth"),
        tried(-1e20, "minus ten to the twentieth"),
    ]);
    if let Some(whole) = number.as_i64() {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a number that is not the same is judged as what it is"
        )]
        all.push(tried(whole as f64, AS_FRACTION));
    }
    all
}

/// Each keyword that bounds a number, and what is said of the bound, of a step below it, and of one above.
const BOUNDS: [(&str, [&str; 3]); 4] = [
    ("minimum", ["the minimum", "a step below the minimum", "a step above the minimum"]),
    (
        "exclusiveMinimum",
        ["the exclusive minimum", "a step below the exclusive minimum", "a step above the exclusive minimum"],
    ),
    ("maximum", ["the maximum", "a step below the maximum", "a step above the maximum"]),
    (
        "exclusiveMaximum",
        ["the exclusive maximum", "a step below the exclusive maximum", "a step above the exclusive maximum"],
    ),
];

fn of(about: &Written<'_>, keyword: &str) -> Option<f64> {
    about.keyword(keyword).and_then(Value::as_f64)
}

/// A number as JSON, whole where it is.
fn numeral(value: f64) -> Option<Value> {
    #[expect(clippy::cast_possible_truncation, reason = "whole numbers below 2^53 are exact")]
    if value.fract() == 0.0 && value.abs() < EXACT {
        return Some(Value::from(value as i64));
    }
    Number::from_f64(value).map(Value::Number)
}
