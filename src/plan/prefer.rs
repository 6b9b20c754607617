//! A request → what its sender asks for besides: the `Prefer` header (RFC 7240), or switches in the query for those who
//! cannot set headers, both as Prism has them. Read [`Prefer::take`] first.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use super::Bodies;
use crate::{
    exchange::{Request, pairs},
    finding::{Code, Finding, Location, Part, Pointer},
    sandbox::{Fault, Time},
    schema::Temper,
};

/// What may be asked for.
const KEYS: [&str; 7] = ["code", "example", "dynamic", "seed", "delay", "fault", "surprise"];
/// What stands before a key in the query.
const SWITCH: &str = "__";

/// What the sender of a request asks for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prefer {
    /// The status.
    pub code: Option<u16>,
    /// The example, by its name; `default` is the one without a name.
    pub example: Option<String>,
    /// Where the body comes from.
    pub bodies: Option<Bodies>,
    /// What changes generated values.
    pub seed: Option<u64>,
    /// How long the answer is held back.
    pub delay: Option<Time>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// Whether the answer is one that few expect.
    pub temper: Option<Temper>,
    /// What cannot be read: warnings about what is passed over, errors about values that mean nothing.
    pub findings: Vec<Finding>,
    /// The preferences that can be read.
    written: Vec<Asked>,
}

/// One preference as it was written, and where.
#[derive(Debug, Clone, PartialEq)]
struct Asked {
    key: &'static str,
    value: String,
    part: Part,
    /// The name of the header field, or of the switch in the query.
    name: String,
}

impl Prefer {
    /// Where bodies come from, as its sender prefers, else as usual.
    pub fn bodies_or(&self, usual: Bodies) -> Bodies {
        match self.bodies {
            Some(Bodies::Generated) => Bodies::Generated,
            Some(_) if usual == Bodies::Generated => Bodies::Examples,
            _ => usual,
        }
    }

    /// Whether the same request is answered the same at any time.
    pub fn is_steady(&self) -> bool {
        self.delay.is_none() && self.faults.is_empty() && self.temper.is_none()
    }

    /// Takes the preferences out of a request: what is left is what the document has a say in.
    ///
    /// The query counts only where the header asks for nothing; of a key that is there twice, the first counts (RFC 7240,
    /// section 2).
    ///
    /// ```
    /// use http::Method;
    /// use standin::{exchange::Request, plan::Prefer};
    ///
    /// let request = Request::new(Method::GET, "/pets?__code=404&tag=a").header("prefer", "wait=10");
    /// let (prefer, request) = Prefer::take(&request);
    /// assert_eq!(prefer.code, Some(404));
    /// assert_eq!(request.query.as_deref(), Some("tag=a"));
    /// ```
    pub fn take(request: &Request) -> (Self, Cow<'_, Request>) {
        let mut prefer = Self::default();
        let fields = request.header_values("prefer");
        let in_header: Vec<Asked> = fields.iter().flat_map(|field| prefer.parse(field)).collect();
        let query = request.query.as_deref().filter(|query| query.contains(SWITCH));
        let (switches, rest) = query.map(split).unwrap_or_default();
        let asked = if in_header.is_empty() { &switches } else { &in_header };
        for asked in asked {
            prefer.read(asked.clone());
        }
        if switches.is_empty() {
            return (prefer, Cow::Borrowed(request));
        }
        (prefer, Cow::Owned(Request { query: rest, ..request.clone() }))
    }

    /// The known preferences of a field; what cannot be read is told and passed over.
    fn parse(&mut self, field: &str) -> Vec<Asked> {
        let mut found = Vec::new();
        for preference in members(field) {
            // What follows a semicolon are parameters of the preference; none of ours has any.
            let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
            let name = name.trim();
            let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
            let value = unquoted(value.trim());
            let Some(value) = value.filter(|_| !name.is_empty() && name.bytes().all(is_token)) else {
                let message = format!("`{preference}` is no preference, and passed over");
                let finding = Finding::warning(Code::InvalidPreference, at(Part::Header, "prefer"), message);
                self.findings.push(finding.help("a preference is written as in `code=404` (RFC 7240)"));
                continue;
            };
            let key = KEYS.iter().find(|key| key.eq_ignore_ascii_case(name));
            let name = "prefer".to_owned();
            found.extend(key.map(|key| Asked { key, value, part: Part::Header, name }));
        }
        found
    }

    fn read(&mut self, asked: Asked) {
        if self.asked(asked.key).is_some() {
            return;
        }
        let value = asked.value.as_str();
        let wrong: String;
        let right = match asked.key {
            "code" => {
                let is_status = value.len() == 3 && value.bytes().all(|byte| byte.is_ascii_digit());
                self.code = value.parse().ok().filter(|_| is_status);
                self.code.is_none().then_some("a status has three digits, such as 404")
            }
            "example" => {
                self.example = Some(value.to_owned());
                None
            }
            "dynamic" => {
                self.bodies = match value {
                    "true" => Some(Bodies::Generated),
                    "false" => Some(Bodies::Examples),
                    _ => None,
                };
                self.bodies.is_none().then_some("it is `true` or `false`")
            }
            "seed" => {
                self.seed = Some(seed(value));
                None
            }
            "fault" => {
                let faults: Result<Vec<Fault>, String> = value.split(';').map(str::parse).collect();
                match faults {
                    Ok(faults) => {
                        self.faults = faults;
                        None
                    }
                    Err(error) => {
                        wrong = error;
                        Some(wrong.as_str())
                    }
                }
            }
            "surprise" => {
                self.temper = match value {
                    "true" => Some(Temper::Surprising),
                    "false" => Some(Temper::Usual),
                    _ => None,
                };
                self.temper.is_none().then_some("it is `true` or `false`")
            }
            _ => match value.parse() {
                Ok(time) => {
                    self.delay = Some(time);
                    None
                }
                Err(error) => {
                    wrong = error;
                    Some(wrong.as_str())
                }
            },
        };
        match right {
            None => self.written.push(asked),
            Some(right) => {
                let message = format!("`{value}` is no value of the preference `{}`", asked.key);
                let finding = Finding::error(Code::InvalidPreference, at(asked.part, &asked.name), message);
                self.findings.push(finding.help(right));
            }
        }
    }

    /// Where the preference stands.
    pub(super) fn place(&self, key: &str) -> Location {
        self.asked(key).map_or_else(|| at(Part::Header, "prefer"), |asked| at(asked.part, &asked.name))
    }

    fn asked(&self, key: &str) -> Option<&Asked> {
        self.written.iter().find(|asked| asked.key == key)
    }

    /// The preference as it was written, as `Preference-Applied` tells of it (RFC 7240, section 3).
    pub fn written(&self, key: &str) -> Option<String> {
        let Asked { key, value, .. } = self.asked(key)?;
        let is_token = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
        Some(if is_token { format!("{key}={value}") } else { format!("{key}={value:?}") })
    }
}

fn at(part: Part, name: &str) -> Location {
    Location::Request(part, Pointer::root().join(name))
}

/// The members of a comma-separated field, each up to its first semicolon, quotes respected (RFC 9110, section 5.6.1).
fn members(field: &str) -> impl Iterator<Item = &str> {
    let mut members = Vec::new();
    let (mut start, mut end, mut is_quoted) = (0, None, false);
    for (place, character) in field.char_indices() {
        match character {
            '"' => is_quoted = !is_quoted,
            ';' if !is_quoted => end = end.or(Some(place)),
            ',' if !is_quoted => {
                members.push(&field[start..end.take().unwrap_or(place)]);
                start = place + 1;
            }
            _ => {}
        }
    }
    members.push(&field[start..end.unwrap_or(field.len())]);
    members.into_iter().map(str::trim).filter(|member| !member.is_empty())
}

/// A word as it is meant; `None` where it has one quote and not the other.
fn unquoted(word: &str) -> Option<String> {
    let Some(rest) = word.strip_prefix('"') else {
        return (!word.contains('"')).then(|| word.to_owned());
    };
    let inner = rest.strip_suffix('"')?;
    Some(inner.replace("\\\"", "\"").replace("\\\\", "\\"))
}

/// The switches of a query, and what is left of it.
fn split(query: &str) -> (Vec<Asked>, Option<String>) {
    let (mut switches, mut rest) = (Vec::new(), Vec::new());
    for pair in query.split('&') {
        let decoded = pairs(pair).into_iter().next();
        let known = decoded.and_then(|(name, value)| {
            let key = KEYS.iter().find(|key| name.strip_prefix(SWITCH) == Some(**key))?;
            Some(Asked { key, value, part: Part::Query, name })
        });
        match known {
            Some(asked) => switches.push(asked),
            None => rest.push(pair),
        }
    }
    (switches, (!rest.is_empty()).then(|| rest.join("&")))
}

/// A seed from what somebody writes: a number is itself, another text stands for one.
///
/// ```
/// use standin::plan::seed;
///
/// assert_eq!(seed("7"), 7);
/// assert_eq!(seed("seven"), seed("seven"));
/// assert_ne!(seed("seven"), seed("Seven"));
/// ```
pub fn seed(text: &str) -> u64 {
    text.parse().unwrap_or_else(|_| {
        let digest = Sha256::digest(text.as_bytes());
        digest.iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte))
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::Method;

    use super::*;

    fn of(header: &str) -> Prefer {
        Prefer::take(&Request::new(Method::GET, "/").header("prefer", header)).0
    }

    #[test]
    fn preferences_are_separated_by_commas_and_their_parameters_are_left_out() {
        let prefer = of("CODE = 404; a=b, example=\"a, \\\"b\\\"\" , dynamic=true,seed=s,delay=2s, wait=10");
        assert_eq!((prefer.code, prefer.example.as_deref()), (Some(404), Some("a, \"b\"")));
        assert_eq!((prefer.bodies, prefer.seed), (Some(Bodies::Generated), Some(seed("s"))));
        assert_eq!((prefer.delay, prefer.findings.len()), (Some(Time::Fixed(Duration::from_secs(2))), 0));
        assert_eq!(prefer.written("example").as_deref(), Some("example=\"a, \\\"b\\\"\""));
    }

    #[test]
    fn what_is_no_preference_is_a_warning_and_a_value_that_means_nothing_an_error() {
        for (header, severity) in [
            ("code=\"404", crate::finding::Severity::Warning),
            ("=404", crate::finding::Severity::Warning),
            ("a b=404", crate::finding::Severity::Warning),
            ("code=abc", crate::finding::Severity::Error),
            ("code=40", crate::finding::Severity::Error),
            ("dynamic=yes", crate::finding::Severity::Error),
            ("delay=1h", crate::finding::Severity::Error),
        ] {
            let findings = of(header).findings;
            assert_eq!(
                findings.iter().map(|found| found.severity).collect::<Vec<_>>(),
                [severity],
                "{header}"
            );
        }
        assert_eq!(of(" , ;x").findings, []);
    }

    #[test]
    fn the_first_of_two_counts_and_the_query_only_without_the_header() {
        assert_eq!(of("code=404, code=500").code, Some(404));
        let both = Request::new(Method::GET, "/?__code=200&a=1&__example=x").header("prefer", "code=404");
        let (prefer, rest) = Prefer::take(&both);
        assert_eq!((prefer.code, prefer.example), (Some(404), None));
        assert_eq!(rest.query.as_deref(), Some("a=1"));
    }
}
