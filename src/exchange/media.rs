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

/// How well a sent media type fits a declared one; the smaller fits better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// The same type with the same parameters.
    Same,
    /// The same type; one of the two has parameters that the other leaves open.
    Type,
    /// The declared one is a range such as `text/*`.
    Range,
    /// The declared one is `*/*`.
    Anything,
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

    /// The type as it may stand before a body: without the weight that it has in `Accept`.
    pub fn plain(&self) -> String {
        let parameters = self.written.split(';').skip(1).map(str::trim);
        let kept = parameters.filter(|parameter| !parameter.to_ascii_lowercase().starts_with("q="));
        kept.fold(self.essence.clone(), |plain, parameter| format!("{plain}; {parameter}"))
    }

    /// How well `sent` fits this declared type; `None` where it is another type, or of another version, profile or the like.
    pub fn fit(&self, sent: &Self) -> Option<Fit> {
        if !self.matches(sent) {
            return None;
        }
        if self.is_range() {
            return Some(if self.essence == "*/*" { Fit::Anything } else { Fit::Range });
        }
        let (declared, sent) = (self.telling(), sent.telling());
        let other = |(name, value): &(String, String)| {
            sent.iter().any(|(key, held)| key == name && !held.eq_ignore_ascii_case(value))
        };
        if declared.iter().any(other) {
            return None;
        }
        let known = declared.iter().all(|(name, _)| sent.iter().any(|(key, _)| key == name));
        Some(if known && declared.len() == sent.len() { Fit::Same } else { Fit::Type })
    }

    /// Whether one of the two is JSON, and the other says by its suffix that it is (RFC 6839, section 3.1).
    pub fn is_like(&self, other: &Self) -> bool {
        let says = |plain: &Self, named: &Self| {
            plain.essence == "application/json" && named.essence.ends_with("+json")
        };
        says(self, other) || says(other, self)
    }

    /// The parameters that tell types apart: those that say how a body is written or how much it is liked do not.
    fn telling(&self) -> Vec<(String, String)> {
        let mut parameters = parameters(&self.written);
        parameters.retain(|(name, _)| !["charset", "boundary", "q"].contains(&name.as_str()));
        parameters
    }

    /// The value of a parameter, its quotes taken away; `name` is in lower case.
    pub fn parameter(&self, name: &str) -> Option<String> {
        parameters(&self.written).into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Whether it is a range and names no single type.
    pub fn is_range(&self) -> bool {
        self.essence.contains('*')
    }

    /// Whether bodies of this type are JSON (RFC 6839, section 3.1).
    pub fn is_json(&self) -> bool {
        self.essence == "application/json" || self.essence == "text/json" || self.essence.ends_with("+json")
    }

    /// Whether it is that of forms, as they stand in a query (WHATWG URL, section 5).
    pub fn is_form(&self) -> bool {
        self.essence == "application/x-www-form-urlencoded"
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

/// The parameters of a field such as `form-data; name="a"` (RFC 9110, section 5.6.6): names in lower case, values unquoted.
///
/// ```
/// use standin::exchange::parameters;
///
/// let found = parameters(r#"form-data; Name="a;\"b\""; size=3"#);
/// assert_eq!(found, [("name".to_owned(), "a;\"b\"".to_owned()), ("size".to_owned(), "3".to_owned())]);
/// ```
pub fn parameters(field: &str) -> Vec<(String, String)> {
    separated(field.split_once(';').map_or("", |(_, rest)| rest), ';')
}

/// The parameters of a credential such as `username="me", nonce="a"` (RFC 9110, section 11.4): names in lower case, values
/// unquoted.
pub fn credential_parameters(credential: &str) -> Vec<(String, String)> {
    separated(credential, ',')
}

fn separated(text: &str, separator: char) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find([separator, '=']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let Some(after) = after.strip_prefix('=') else {
            rest = after.strip_prefix(separator).unwrap_or(after);
            continue;
        };
        let (value, tail) = value(after, separator);
        found.push((name.trim().to_ascii_lowercase(), value));
        rest = tail.split_once(separator).map_or("", |(_, tail)| tail);
    }
    found
}

/// The value that a text begins with, and what comes after it.
fn value(text: &str, separator: char) -> (String, &str) {
    let Some(quoted) = text.trim_start().strip_prefix('"') else {
        let end = text.find(separator).unwrap_or(text.len());
        return (text[..end].trim().to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, &quoted[at + 1..]),
            // Browsers send the backslashes of file names as they are: only what needs an escape is one.
            '\\' => {
                let escaped = characters.next_if(|(_, next)| matches!(next, '"' | '\\'));
                value.push(escaped.map_or('\\', |(_, next)| next));
            }
            character => value.push(character),
        }
    }
    (value, "")
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

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The one of `offered` that the client likes best; of two that it likes alike the one that it names first, then the
    /// earlier; `None` where it wants none.
    ///
    /// Who does not say what he accepts gets what is offered as anything, else JSON, else the first. Parameters and, where
    /// nothing else fits, a suffix such as `+json` are looked at as little as is needed for an answer.
    pub fn choose<'o, T: Copy>(&self, offered: &[T], media_type: impl Fn(T) -> &'o MediaType) -> Option<T> {
        if self.0.is_empty() {
            let usual = ["*/*", "application/json"];
            let named = |name: &str| offered.iter().find(|one| media_type(**one).essence() == name);
            return usual.iter().find_map(|name| named(name)).or(offered.first()).copied();
        }
        [Nearness::Parameters, Nearness::Type, Nearness::Suffix].into_iter().find_map(|nearness| {
            let ranked = offered.iter().filter_map(|one| Some((one, self.rank(media_type(*one), nearness)?)));
            let liked = ranked.filter(|(_, (weight, _))| *weight > 0.0);
            let best = liked.reduce(|held, next| {
                let ((weight, at), (other, other_at)) = (held.1, next.1);
                if other > weight || (other >= weight && other_at < at) { next } else { held }
            });
            best.map(|(one, _)| *one)
        })
    }

    /// The type that the client likes best of those in a range that is declared.
    pub fn within(&self, declared: &MediaType) -> Option<&MediaType> {
        let named = self.0.iter().filter(|(range, weight)| {
            declared.is_range() && !range.is_range() && *weight > 0.0 && declared.matches(range)
        });
        let best = named.reduce(|held, next| if next.1 > held.1 { next } else { held });
        best.map(|(media_type, _)| media_type)
    }

    /// The weight of a type, from the most specific range that has it, and that range's place in the list. A range that is
    /// offered has whatever is in it.
    fn rank(&self, offered: &MediaType, nearness: Nearness) -> Option<(f32, usize)> {
        let fitting = self.0.iter().enumerate().filter(|(_, (range, _))| nearness.fits(range, offered));
        let specific = fitting.min_by_key(|(at, (range, _))| (range.essence.matches('*').count(), *at));
        specific.map(|(at, (_, weight))| (*weight, at))
    }
}

/// How near a type has to be to a range to be in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nearness {
    /// No parameter that both have differs.
    Parameters,
    /// Type and subtype are the same.
    Type,
    /// One is JSON, and the other says by its suffix that it is.
    Suffix,
}

impl Nearness {
    fn fits(self, range: &MediaType, offered: &MediaType) -> bool {
        match self {
            Self::Parameters => range.fit(offered).or_else(|| offered.fit(range)).is_some(),
            Self::Type => range.matches(offered) || offered.matches(range),
            Self::Suffix => range.is_like(offered),
        }
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
        let offered = offered.each_ref();
        accept.choose(&offered, |media_type| media_type).map(ToString::to_string)
    }

    #[test]
    fn a_declared_type_fits_best_with_the_same_parameters_and_never_with_others() {
        let fit = |declared: &str, sent: &str| {
            MediaType::parse(declared).unwrap().fit(&MediaType::parse(sent).unwrap())
        };
        assert_eq!(fit("application/json", "Application/JSON; charset=utf-8"), Some(Fit::Same));
        assert_eq!(fit("application/json;Version=1", "application/json; version=\"1\""), Some(Fit::Same));
        assert_eq!(fit("application/json;version=1", "application/json"), Some(Fit::Type));
        assert_eq!(fit("application/json", "application/json;version=1"), Some(Fit::Type));
        assert_eq!(fit("application/json;version=1", "application/json;version=2"), None);
        assert_eq!(fit("application/*", "application/json"), Some(Fit::Range));
        assert_eq!(fit("*/*", "application/json"), Some(Fit::Anything));
        assert_eq!(fit("text/plain", "application/json"), None);
    }

    #[test]
    fn parameters_that_are_none_end_the_list_quietly() {
        assert_eq!(parameters("a/b"), []);
        assert_eq!(parameters("a/b;;;x"), []);
        let x = |value: &str| vec![("x".to_owned(), value.to_owned())];
        assert_eq!(parameters("a/b; x=\"open"), x("open"));
        assert_eq!(parameters(r#"a/b; x="C:\dir\"; "#), x("C:\\dir\"; "));
        assert_eq!(parameters(r#"a/b; x="C:\dir\a""#), x(r"C:\dir\a"));
        assert_eq!(parameters("a/b;x=é"), x("é"));
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
