//! Two values that should be one → where they differ, in the eyes of somebody who wants no false alarm.
//!
//! Numbers are compared by value, moments as moments, and what is null is absent. [`difference`] compares what was answered
//! with what is read later; [`loss`] compares what was sent with what is read, and tells only what no tidying explains: a
//! provider may trim a text or write an address in lower case. Read those two first.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::finding::Pointer;

/// A place where something is not as it should be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Difference {
    pub(super) at: Pointer,
    pub(super) expected: Value,
    pub(super) got: Option<Value>,
}

impl Difference {
    fn of(at: &Pointer, expected: &Value, got: Option<&Value>) -> Self {
        Self { at: at.clone(), expected: expected.clone(), got: got.cloned() }
    }

    /// What came, in words.
    pub(super) fn got(&self) -> String {
        self.got.as_ref().map_or_else(|| "absent".to_owned(), shown)
    }
}

/// A value as it is shown in a sentence.
pub(super) fn shown(value: &Value) -> String {
    const MOST: usize = 60;
    let text = value.to_string();
    let length = text.chars().count();
    if length <= MOST {
        return format!("`{text}`");
    }
    let start: String = text.chars().take(MOST).collect();
    format!("`{start}…` ({length} characters)")
}

/// The first place where `got` is not what `expected` says; it may say more.
pub(super) fn difference(at: &Pointer, expected: &Value, got: Option<&Value>) -> Option<Difference> {
    let here = || Some(Difference::of(at, expected, got));
    let Some(value) = got.filter(|value| !value.is_null()) else {
        return if expected.is_null() { None } else { here() };
    };
    match (expected, value) {
        (Value::Object(members), Value::Object(others)) => {
            members.iter().find_map(|(name, member)| difference(&at.join(name), member, others.get(name)))
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            if is_same_set(items, others) {
                return None;
            }
            let pairs = items.iter().zip(others).enumerate();
            pairs
                .into_iter()
                .find_map(|(index, (item, other))| difference(&at.join(index), item, Some(other)))
        }
        _ if is_same(expected, value) => None,
        _ => here(),
    }
}

/// Whether two lists of plain values hold the same, in whatever order: a database keeps none unless it is told to.
fn is_same_set(items: &[Value], others: &[Value]) -> bool {
    let is_plain = |value: &Value| !value.is_object() && !value.is_array();
    let mut rest: Vec<&Value> = others.iter().collect();
    items.iter().all(|item| {
        let found = rest.iter().position(|other| is_plain(other) && is_same(item, other));
        found.map(|at| rest.swap_remove(at)).is_some()
    })
}

/// Whether two plain values are one.
pub(super) fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other
                || one.as_f64().zip(other.as_f64()).is_some_and(|(one, other)| is_close(one, other, 1e-12))
        }
        (Value::String(one), Value::String(other)) => one == other || is_same_text(one, other),
        _ => one == other,
    }
}

fn is_close(one: f64, other: f64, part: f64) -> bool {
    (one - other).abs() <= part * one.abs().max(other.abs())
}

/// Whether two texts mean one thing: the same moment to the second, which is what many databases keep; or the same address.
fn is_same_text(one: &str, other: &str) -> bool {
    if let (Ok(one), Ok(other)) = (one.parse::<Timestamp>(), other.parse::<Timestamp>()) {
        return one.as_second() == other.as_second();
    }
    let is_uuid = one.len() == 36 && one.matches('-').count() == 4;
    let knows_no_case = one.contains('@') || one.contains("://") || is_uuid;
    knows_no_case && one.trim_end_matches('/').eq_ignore_ascii_case(other.trim_end_matches('/'))
}

/// The first place at which what was sent is lost: what is read there is nothing, is cut off, or is another plain value.
pub(super) fn loss(at: &Pointer, sent: &Value, got: Option<&Value>) -> Option<Difference> {
    let here = || Some(Difference::of(at, sent, got));
    let Some(value) = got.filter(|value| !value.is_null()) else {
        return if is_empty(sent) { None } else { here() };
    };
    match (sent, value) {
        (Value::String(sent), Value::String(got)) if is_cut(sent, got) => here(),
        (Value::Number(sent), Value::Number(got)) => {
            let (sent, got) = sent.as_f64().zip(got.as_f64())?;
            // Sums of money are rounded.
            if is_close(sent, got, 0.001) || (sent - got).abs() < 0.01 { None } else { here() }
        }
        (Value::Bool(sent), Value::Bool(got)) if sent != got => here(),
        (Value::Array(items), Value::Array(others)) => {
            let mut known: Vec<&Value> = Vec::new();
            for item in items {
                if !known.contains(&item) {
                    known.push(item);
                }
            }
            if others.len() < known.len() {
                return here();
            }
            let pairs = items.iter().zip(others).enumerate().filter(|(_, (item, _))| item.is_object());
            pairs.into_iter().find_map(|(index, (item, other))| loss(&at.join(index), item, Some(other)))
        }
        (Value::Object(members), Value::Object(others)) => lost_member(at, members, others),
        _ => None,
    }
}

/// A member that is absent may be one that is never told, unless others of its object are.
fn lost_member(
    at: &Pointer,
    members: &Map<String, Value>,
    others: &Map<String, Value>,
) -> Option<Difference> {
    let told = members.iter().filter(|(name, _)| others.contains_key(*name));
    told.into_iter().find_map(|(name, member)| loss(&at.join(name), member, others.get(name)))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_empty),
        Value::Bool(true) | Value::Number(_) => false,
    }
}

/// Whether a text is only the start of another, and not that without the spaces around it.
fn is_cut(sent: &str, got: &str) -> bool {
    let (sent, got) = (sent.trim(), got.trim());
    got.len() < sent.len() && sent.starts_with(got)
}

/// Whether what is read is what was there before, and cannot be taken for what was sent.
pub(super) fn is_kept(before: &Value, sent: &Value, got: &Value) -> bool {
    let plain = |value: &Value| {
        let text = value.as_str()?.split_whitespace().collect::<String>();
        Some(text.to_lowercase())
    };
    let is_near = plain(sent).is_some_and(|sent| Some(sent) == plain(got));
    let root = Pointer::root();
    let differs = |one: &Value, other: &Value| difference(&root, one, Some(other)).is_some();
    !is_near && differs(sent, got) && !differs(before, got) && !differs(got, before)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn differs(expected: &Value, got: &Value) -> Option<String> {
        difference(&Pointer::root(), expected, Some(got)).map(|found| found.at.to_string())
    }

    fn loses(sent: &Value, got: &Value) -> Option<String> {
        loss(&Pointer::root(), sent, Some(got)).map(|found| found.at.to_string())
    }

    #[test]
    fn values_that_mean_one_thing_do_not_differ() {
        for (one, other) in [
            (json!(1), json!(1.0)),
            (json!("2026-01-01T12:00:00Z"), json!("2026-01-01T13:00:00.000+01:00")),
            (json!("Ann@Example.org"), json!("ann@example.org")),
            (json!({"a": null}), json!({"b": 1})),
            (json!(["b", "a"]), json!(["a", "b"])),
        ] {
            assert_eq!(differs(&one, &other), None, "{one} {other}");
        }
        assert_eq!(
            differs(&json!({"a": {"b": "Text"}}), &json!({"a": {"b": "text"}})),
            Some("/a/b".to_owned())
        );
        assert_eq!(differs(&json!([{"a": 1}]), &json!([{"a": 2}])), Some("/0/a".to_owned()));
        assert_eq!(differs(&json!({"a": 1}), &json!({})), Some("/a".to_owned()));
    }

    #[test]
    fn only_what_no_tidying_explains_is_lost() {
        for (sent, got) in [
            (json!(" spaces "), json!("spaces")),
            (json!("+49 30 1"), json!("0049301")),
            (json!(1.005), json!(1.01)),
            (json!({"secret": "a", "b": 1}), json!({"b": 1})),
            (json!(["a", "a"]), json!(["a"])),
            (json!(""), Value::Null),
        ] {
            assert_eq!(loses(&sent, &got), None, "{sent} {got}");
        }
        for (sent, got, at) in [
            (json!("a long text"), json!("a long"), ""),
            (json!({"a": 3, "b": 1}), json!({"a": 4, "b": 1}), "/a"),
            (json!([1, 2]), json!([1]), ""),
            (json!("text"), Value::Null, ""),
        ] {
            assert_eq!(loses(&sent, &got).as_deref(), Some(at), "{sent} {got}");
        }
    }

    #[test]
    fn what_was_there_before_is_kept_where_something_else_was_sent() {
        assert!(is_kept(&json!("old"), &json!("new"), &json!("old")));
        assert!(!is_kept(&json!("Name"), &json!("name"), &json!("Name")));
        assert!(!is_kept(&json!("old"), &json!("new"), &json!("new")));
    }
}
