//! A value that breaks its facets → values near to it, nearest first. Which of them fit is for the caller to test.

use serde_json::{Number, Value};

use super::{
    facets::{Facets, Texts, Types, same},
    number,
};

/// The longest texts whose edit distance is reckoned.
const LONGEST: usize = 200;

/// The value, and what it may mean as another type: `"5"` is 5, and 5 is `"5"`.
pub(super) fn readings(value: &Value) -> Vec<Value> {
    let mut readings = vec![value.clone()];
    match value {
        Value::String(text) => readings.extend(meant(text.trim())),
        Value::Number(number) => {
            readings.push(number.to_string().into());
            readings.extend(whole(number).map(Value::Number));
        }
        Value::Bool(truth) => readings.push(truth.to_string().into()),
        _ => {}
    }
    readings
}

/// What a text says as a number or a truth.
fn meant(text: &str) -> Option<Value> {
    let folded = text.to_ascii_lowercase();
    let parsed = serde_json::from_str(&folded).ok();
    let parsed = parsed.or_else(|| serde_json::from_str(folded.trim_start_matches(['+', '0'])).ok());
    parsed.filter(|value: &Value| value.is_number() || value.is_boolean())
}

/// A number such as `5.0` as a whole one.
fn whole(number: &Number) -> Option<Number> {
    let text = number.to_string();
    text.strip_suffix(".0")?.parse::<i64>().ok().map(Number::from)
}

/// Values that differ from a scalar as little as its facets may ask for.
pub(super) fn candidates(value: &Value, facets: &Facets<'_>) -> Vec<Value> {
    match value {
        Value::String(text) => {
            let mut near: Vec<Value> = texts(text, &facets.text).into_iter().map(Value::String).collect();
            if let Some(Value::Number(number)) = meant(text.trim()) {
                near.extend(numbers(&number, facets));
            }
            near
        }
        Value::Number(number) => {
            let mut near: Vec<Value> = numbers(number, facets).collect();
            near.extend(truth(number).map(Value::Bool));
            near.extend(texts(&number.to_string(), &facets.text).into_iter().map(Value::String));
            near
        }
        _ => Vec::new(),
    }
}

fn numbers(number: &Number, facets: &Facets<'_>) -> impl Iterator<Item = Value> + use<> {
    number::nearest(&facets.number, facets.types.and(Types::NUMBER), number).map(Value::Number).into_iter()
}

fn truth(number: &Number) -> Option<bool> {
    match number.as_u64()? {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

/// Texts near to `text`: trimmed, in another case, in the form that a format asks for, cut, and lengthened.
fn texts(text: &str, facets: &Texts) -> Vec<String> {
    let trimmed = text.trim();
    let joined: String = trimmed.chars().filter(|character| !character.is_whitespace()).collect();
    let mut near = vec![trimmed.to_owned(), trimmed.to_lowercase(), trimmed.to_uppercase(), joined];
    near.extend(facets.formats.iter().flat_map(|format| in_format(trimmed, format)));
    let lengths = |text: &String| within(text, facets);
    let fitted: Vec<String> = near.iter().filter_map(lengths).collect();
    near.extend(fitted);
    near
}

/// A text at its bounds: cut where it is too long, repeated where it is too short; digits get zeros in front.
fn within(text: &String, facets: &Texts) -> Option<String> {
    let length = text.chars().count() as u64;
    if let Some(max) = facets.max.filter(|max| *max < length) {
        return Some(text.chars().take(usize::try_from(max).ok()?).collect());
    }
    let min = usize::try_from(facets.min).ok().filter(|min| *min <= 1 << 16)?;
    if length >= facets.min || text.is_empty() {
        return None;
    }
    if text.chars().all(|character| character.is_ascii_digit()) {
        return Some(format!("{text:0>min$}"));
    }
    Some(text.chars().cycle().take(min).collect())
}

/// What a text of a related form is in this one, such as a day where a moment is asked for.
fn in_format(text: &str, format: &str) -> Vec<String> {
    let spaced = text.replacen(' ', "T", 1);
    let day = spaced.get(..10).unwrap_or(&spaced).replace('/', "-");
    match format {
        "date-time" => vec![
            spaced.clone(),
            format!("{spaced}Z"),
            // Basic offsets of ISO 8601, `+0100`, lack the colon that RFC 3339 wants.
            with_colon(&spaced),
            format!("{day}T00:00:00Z"),
        ],
        "date" => vec![day],
        "time" => {
            let time = spaced.split_once('T').map_or(spaced.as_str(), |(_, time)| time);
            vec![time.to_owned(), format!("{time}Z"), format!("{time}:00Z")]
        }
        "uri" | "iri" => {
            let escaped = text.replace(' ', "%20");
            let host = if text.starts_with('/') { "example.com" } else { "" };
            vec![escaped.clone(), format!("https://{host}{escaped}")]
        }
        "uri-reference" | "iri-reference" => vec![text.replace(' ', "%20")],
        "json-pointer" => vec![text.trim_start_matches('#').to_owned(), format!("/{text}")],
        _ => Vec::new(),
    }
}

fn with_colon(text: &str) -> String {
    let split = text.len().checked_sub(2).filter(|at| text.is_char_boundary(*at));
    split.map(|at| format!("{}:{}", &text[..at], &text[at..])).unwrap_or_default()
}

/// The listed value that means the same.
pub(super) fn equal(value: &Value, listed: Vec<Value>) -> Option<Value> {
    let readings = readings(value);
    listed.into_iter().find(|other| readings.iter().any(|reading| same(reading, other)))
}

/// The listed value that is nearest: the same in another type, in another case, or by edit distance.
pub(super) fn nearest(value: &Value, listed: Vec<Value>) -> Option<Value> {
    let readings = readings(value);
    let distance = |other: &Value| match (value, other) {
        _ if readings.iter().any(|reading| same(reading, other)) => 0,
        (Value::String(text), Value::String(other)) if folded(text) == folded(other) => 1,
        (Value::String(text), Value::String(other)) => 2 + edits(&folded(text), &folded(other)),
        _ if Types::of(value) == Types::of(other) => LONGEST,
        (_, Value::Null) => usize::MAX,
        _ => 2 * LONGEST,
    };
    listed.into_iter().min_by_key(distance)
}

/// A text without case and without what joins its words.
fn folded(text: &str) -> String {
    text.chars()
        .filter(|character| character.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .take(LONGEST)
        .collect()
}

/// How many characters must be added, removed or replaced to make one text of another.
fn edits(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, character) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (column, counterpart) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(character != *counterpart);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_nearest_listed_value_is_the_one_that_was_meant() {
        let listed = || vec![json!("IN_PROGRESS"), json!("DONE"), json!(5), Value::Null];
        assert_eq!(nearest(&json!("in-progress"), listed()), Some(json!("IN_PROGRESS")));
        assert_eq!(nearest(&json!("dome"), listed()), Some(json!("DONE")));
        assert_eq!(nearest(&json!("5"), listed()), Some(json!(5)));
    }

    #[test]
    fn edits_are_counted_as_levenshtein_did() {
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("abc", "abc"), 0);
    }
}
