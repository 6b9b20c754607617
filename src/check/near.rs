//! The name that was meant.

/// The one of `known` that is nearest to `name`, where it is near enough to be a slip of the pen.
pub(crate) fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let lower = name.to_lowercase();
    let bound = match name.chars().count() {
        0..=2 => 0,
        3..=5 => 1,
        6..=12 => 2,
        _ => 3,
    };
    known
        .into_iter()
        .filter(|known| *known != name)
        .map(|known| (strsim::osa_distance(&lower, &known.to_lowercase()), known))
        .filter(|(distance, _)| *distance <= bound)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_is_near_and_another_word_is_not() {
        assert_eq!(nearest("requried", ["required", "readOnly"]), Some("required"));
        assert_eq!(nearest("Date-Time", ["date", "date-time"]), Some("date-time"));
        assert_eq!(nearest("uuid", ["uri", "iri", "date"]), None);
    }
}
