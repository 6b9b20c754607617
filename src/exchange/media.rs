//! Media types and what a client accepts (RFC 9110, sections 8.3.1 and 12.5.1).

use std::fmt;

/// A media type or media range, such as `application/json; charset=utf-8` or `text/*`.
///
/// ```
/// use standin::exchange::MediaType;
///
/// let sent = MediaType::parse("Application/JSON; charset=utf-8").expect("it has a slash");
/// assert_eq!(sent.essence(), "application/json");
/// assert!(MediaType::parse("application/*").expect("it has a slash").matches(&sent));
/// assert!(MediaType::parse("garbage").is_none());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaType {
    written: String,
    essence: String,
}

impl MediaType {
    /// Reads a media type; `None` where there is no slash with something on both sides.
    pub fn parse(text: &str) -> Option<Self> {
        let essence = text.split(';').next()?.trim().to_ascii_lowercase();
        let (kind, subtype) = essence.split_once('/')?;
        (!kind.is_empty() && !subtype.is_empty() && !essence.contains(char::is_whitespace))
            .then(|| Self { written: text.trim().to_owned(), essence: essence.clone() })
    }

    /// Type and subtype in lower case, parameters left out.
    pub fn essence(&self) -> &str {
        &self.essence
    }

    /// Whether `other` is of this type or in this range, parameters left aside.
    pub fn matches(&self, other: &Self) -> bool {
        match self.essence.split_once('/') {
            Some(("*", "*")) => true,
            Some((kind, "*")) => other.essence.split('/').next() == Some(kind),
            _ => self.essence == other.essence,
        }
    }

    /// Whether it is a range and names no single type.
    pub fn is_range(&self) -> bool {
        self.essence.contains('*')
    }

    /// Whether bodies of this type are JSON (RFC 6839, section 3.1).
    pub fn is_json(&self) -> bool {
        self.essence == "application/json" || self.essence == "text/json" || self.essence.ends_with("+json")
    }

    /// Whether bodies of this type are XML (RFC 7303, sections 3 and 4.2).
    pub fn is_xml(&self) -> bool {
        self.essence == "application/xml" || self.essence == "text/xml" || self.essence.ends_with("+xml")
    }

    /// Whether bodies of this type are text.
    pub fn is_text(&self) -> bool {
        self.essence.starts_with("text/")
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// The media ranges that a client accepts, with their weights.
#[derive(Debug, Clone)]
pub struct Accept(Vec<(MediaType, f32)>);

impl Accept {
    /// Reads the fields of an `Accept` header; what is no media range is passed over, and no range at all accepts all.
    pub fn parse(fields: &[String]) -> Self {
        let ranges = fields.iter().flat_map(|field| field.split(','));
        Self(ranges.filter_map(|range| Some((MediaType::parse(range)?, weight(range)))).collect())
    }

    /// The one of `offered` that the client likes best, the earlier where it likes two alike; `None` where it wants none.
    pub fn choose<'o, T>(&self, offered: &'o [T], media_type: impl Fn(&T) -> &MediaType) -> Option<&'o T> {
        if self.0.is_empty() {
            return offered.first();
        }
        let mut best: Option<(&'o T, (f32, usize))> = None;
        for candidate in offered {
            let rank = self.rank(media_type(candidate));
            if rank.0 > 0.0
                && best.is_none_or(|(_, held)| rank.0 > held.0 || (rank.0 >= held.0 && rank.1 < held.1))
            {
                best = Some((candidate, rank));
            }
        }
        best.map(|(candidate, _)| candidate)
    }

    /// The weight of a type, from the most specific range that has it, and that range's place in the list.
    fn rank(&self, offered: &MediaType) -> (f32, usize) {
        let fitting = self.0.iter().enumerate().filter(|(_, (range, _))| range.matches(offered));
        let specific = fitting.min_by_key(|(at, (range, _))| (range.essence.matches('*').count(), *at));
        specific.map_or((0.0, usize::MAX), |(at, (_, weight))| (*weight, at))
    }
}

fn weight(range: &str) -> f32 {
    let parameters = range.split(';').skip(1).filter_map(|parameter| parameter.trim().split_once('='));
    let quality = parameters.filter(|(name, _)| name.trim().eq_ignore_ascii_case("q")).last();
    quality.and_then(|(_, value)| value.trim().parse().ok()).unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: &str) -> Option<String> {
        let offered =
            ["application/json", "application/xml", "text/plain"].map(|text| MediaType::parse(text).unwrap());
        let accept = Accept::parse(&[accept.to_owned()]);
        accept.choose(&offered, |media_type| media_type).map(ToString::to_string)
    }

    #[test]
    fn the_heaviest_range_decides_and_then_the_order_of_the_header() {
        assert_eq!(chosen("text/*;q=0.4, application/xml;q=0.9"), Some("application/xml".to_owned()));
        assert_eq!(chosen("text/plain, application/json"), Some("text/plain".to_owned()));
        assert_eq!(chosen("*/*"), Some("application/json".to_owned()));
        assert_eq!(chosen("application/json;q=0, */*"), Some("application/xml".to_owned()));
        assert_eq!(chosen("image/png"), None);
        assert_eq!(chosen("garbage"), Some("application/json".to_owned()));
    }
}
