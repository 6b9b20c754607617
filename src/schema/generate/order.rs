//! Members of one object that belong in an order, such as `createdAt` and `updatedAt`: made values are swapped into it.
//!
//! Names belong together where they differ in one word alone, and that word has a place in an order. Values are swapped
//! only where each satisfies what is asked of the other. Start at [`Maker::put_in_order`].

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::{facets::Objects, judge::member_nodes, like::Like, likeness, solve::Maker};

/// The longest list of members that belong together.
const MOST: usize = 12;

/// Words of a life in the order in which they happen; those of one line happen in any order.
const LIFE: [&[&str]; 8] = [
    &["birth", "born", "birthday"],
    &[
        "created",
        "creation",
        "create",
        "added",
        "registered",
        "registration",
        "issued",
        "issue",
        "iat",
        "ordered",
        "submitted",
    ],
    &["approved", "authorized", "confirmed", "accepted", "published", "started", "activated", "nbf"],
    &["paid", "captured", "shipped", "processed", "sent", "received"],
    &["updated", "update", "modified", "modification", "changed", "edited", "delivered"],
    &["completed", "finished", "ended", "closed", "resolved", "cancelled", "canceled", "archived"],
    &["deleted", "removed", "deletion"],
    &["expires", "expired", "expiry", "expiration", "expire", "exp"],
];

/// Pairs of words, the lower one first.
const PAIRS: [(&[&str], &[&str]); 11] = [
    (&["start", "starts", "begin", "begins", "starting"], &["end", "ends", "stop", "finish", "ending"]),
    (&["from", "since"], &["to", "until", "till", "through", "thru"]),
    (&["min", "minimum", "least"], &["max", "maximum", "most"]),
    (&["low", "lower", "lowest"], &["high", "upper", "highest"]),
    (&["after", "earliest", "oldest"], &["before", "latest", "newest"]),
    (&["open", "opens", "opening"], &["close", "closes", "closing"]),
    (&["departure", "departs", "depart"], &["arrival", "arrives", "arrive", "return"]),
    (&["checkin", "in"], &["checkout", "out"]),
    (&["pickup", "collection"], &["dropoff", "delivery"]),
    (&["effective", "valid"], &["expiration", "expiry", "expires"]),
    (&["first"], &["last"]),
];

/// Words that say of which kind a value is, not which one.
const KINDS: [&str; 10] =
    ["at", "on", "date", "time", "timestamp", "datetime", "utc", "day", "value", "last"];

/// Where a name stands among those that it belongs with.
struct Place {
    /// Which order, and what else the name says.
    group: (usize, Vec<String>),
    rank: usize,
}

impl<'a> Maker<'a, '_> {
    /// Swaps values of members that belong in an order, where they are not in it. Those that the object was told to have
    /// stay as they are.
    pub(super) fn put_in_order(
        &mut self,
        objects: &Objects<'a>,
        like: Option<Like<'a>>,
        members: &mut Map<String, Value>,
    ) {
        let has_order = |value: &Value| value.is_number() || value.as_str().and_then(form).is_some();
        let ordered = members.iter().filter(|(_, value)| has_order(value));
        let names: Vec<String> = ordered.map(|(name, _)| name.clone()).collect();
        if names.len() < 2 {
            return;
        }
        let places: Vec<(String, Vec<Place>)> = names
            .into_iter()
            .map(|name| (name.clone(), places(&name)))
            .filter(|(_, places)| !places.is_empty())
            .collect();
        if places.len() < 2 || places.len() > MOST {
            return;
        }
        // As many rounds as there are members put any list in order.
        for _ in 0..places.len() {
            for (index, (one, mine)) in places.iter().enumerate() {
                for (other, theirs) in &places[index + 1..] {
                    let (lower, upper) = match order(mine, theirs) {
                        Some(Ordering::Less) => (one, other),
                        Some(Ordering::Greater) => (other, one),
                        _ => continue,
                    };
                    self.part(objects, like, members, lower, upper);
                }
            }
        }
    }

    /// Puts two values in order where each may stand in the other's place; one that was told becomes both.
    fn part(
        &mut self,
        objects: &Objects<'a>,
        like: Option<Like<'a>>,
        members: &mut Map<String, Value>,
        lower: &str,
        upper: &str,
    ) {
        let (Some(low), Some(high)) = (members.get(lower), members.get(upper)) else { return };
        if compared(low, high) != Some(Ordering::Greater) {
            return;
        }
        let (low, high) = (low.clone(), high.clone());
        let is_told = |name: &str| like.is_some_and(|like| like.member(name).is_some());
        let (new_low, new_high) = match (is_told(lower), is_told(upper)) {
            (true, true) => return,
            (true, false) => (low.clone(), low),
            (false, true) => (high.clone(), high),
            (false, false) => (high, low),
        };
        if self.may_be(objects, lower, &new_low) && self.may_be(objects, upper, &new_high) {
            members.insert(lower.to_owned(), new_low);
            members.insert(upper.to_owned(), new_high);
        }
    }

    /// Whether the property `name` may have this value.
    pub(super) fn may_be(&mut self, objects: &Objects<'a>, name: &str, value: &Value) -> bool {
        let nodes = member_nodes(objects, name, &mut self.tests);
        nodes.into_iter().all(|node| self.judge().accepts(node, value))
    }
}

/// Which of two names comes first; `None` where they do not belong together.
fn order(mine: &[Place], theirs: &[Place]) -> Option<Ordering> {
    mine.iter().find_map(|place| {
        let other = theirs.iter().find(|other| other.group == place.group && other.rank != place.rank)?;
        Some(place.rank.cmp(&other.rank))
    })
}

fn places(name: &str) -> Vec<Place> {
    let words = likeness::split(name);
    let mut found = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let is = |list: &[&str]| list.contains(&word.as_str());
        let mut add = |family: usize, rank: usize| {
            let mut rest = words.clone();
            rest.remove(index);
            // `validFrom` and `validUntil`, `startsAt` and `endDate` say the same but for one word.
            rest.retain(|word| !KINDS.contains(&word.as_str()));
            found.push(Place { group: (family, rest), rank });
        };
        if let Some(rank) = LIFE.iter().position(|list| is(list)) {
            add(0, rank);
        }
        for (family, (lower, upper)) in PAIRS.iter().enumerate() {
            if is(lower) || is(upper) {
                add(family + 1, usize::from(is(upper)));
            }
        }
    }
    found
}

/// Which of two values is the greater, where both are numbers, or texts of one numeric form such as dates.
fn compared(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => super::decimal::compare(one, other),
        (Value::String(one), Value::String(other)) => {
            if form(one)? == form(other)? {
                return Some(one.cmp(other));
            }
            one.parse::<f64>().ok()?.partial_cmp(&other.parse::<f64>().ok()?)
        }
        _ => None,
    }
}

/// The form of a text that begins with a digit: every digit as `0`. Times of one form are in the order of their texts.
fn form(text: &str) -> Option<String> {
    let is_numeric = |character: char| character.is_ascii_digit() || "TZ:.+- ".contains(character);
    let begins = text.starts_with(|first: char| first.is_ascii_digit());
    let digits = |character: char| if character.is_ascii_digit() { '0' } else { character };
    (begins && text.chars().all(is_numeric)).then(|| text.chars().map(digits).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_of(one: &str, other: &str) -> Option<Ordering> {
        order(&places(one), &places(other))
    }

    #[test]
    fn names_that_differ_in_one_word_of_an_order_belong_together() {
        for (lower, upper) in [
            ("createdAt", "updatedAt"),
            ("updated_at", "deleted_at"),
            ("created-on", "last-modified-on"),
            ("start", "end"),
            ("startDate", "end_date"),
            ("validFrom", "validUntil"),
            ("valid_from", "valid_to"),
            ("issuedAt", "expiresAt"),
            ("minPrice", "maxPrice"),
            ("price_min", "price_max"),
            ("iat", "exp"),
            ("fromDate", "toDate"),
        ] {
            assert_eq!(first_of(lower, upper), Some(Ordering::Less), "{lower} {upper}");
            assert_eq!(first_of(upper, lower), Some(Ordering::Greater), "{lower} {upper}");
        }
        for (one, other) in [("minPrice", "maxWeight"), ("createdAt", "name"), ("start", "maximum")] {
            assert_eq!(first_of(one, other), None, "{one} {other}");
        }
    }

    #[test]
    fn only_values_of_one_form_are_compared() {
        let text = |text: &str| Value::from(text);
        assert_eq!(compared(&text("2024-05-01"), &text("2023-05-01")), Some(Ordering::Greater));
        assert_eq!(compared(&text("2024-05-01"), &text("10:00:00")), None);
        assert_eq!(compared(&text("Ada"), &text("Abara")), None);
        assert_eq!(compared(&text("12.50"), &text("5.10")), Some(Ordering::Greater));
        assert_eq!(compared(&Value::from(3), &Value::from(2.5)), Some(Ordering::Greater));
    }
}
