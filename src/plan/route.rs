//! Which operation does a path mean? A tree of segments, so that the cost grows with the path and not with the document.

use std::collections::BTreeMap;

use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{Address, Undeclared};
use crate::finding::{Code, Finding, Location, Part, Pointer};

/// All paths, by segment.
#[derive(Debug, Default)]
pub(super) struct Router {
    root: Branch,
}

#[derive(Debug, Default)]
struct Branch {
    literals: BTreeMap<String, Branch>,
    templates: Vec<(Template, Branch)>,
    /// The operations whose path ends here, each with the names of its templates in order.
    ends: Vec<(Method, Address, Vec<String>)>,
}

/// A segment with templates in it, such as `{id}` or `{name}.json`: what stands before, between and after the values.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Template {
    fixed: Vec<String>,
}

/// Why a request means no operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unrouted {
    /// No document has the path.
    Path,
    /// The path has these methods, and not the one asked for.
    Method(Vec<Method>),
}

impl Unrouted {
    /// The same as a finding.
    pub fn finding(&self, method: &Method, path: &str) -> Finding {
        let location = Location::Request(Part::Line, Pointer::root());
        match self {
            Self::Path => {
                let message = format!("no document has the path `{path}`");
                Finding::error(Code::UnknownRoute, location, message)
                    .help("`/_standin/documents` lists what is served")
            }
            Self::Method(methods) => {
                let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
                let message = format!("`{path}` has no operation for `{method}`");
                Finding::error(Code::MethodNotAllowed, location, message)
                    .help(format!("it has {}", names.join(", ")))
            }
        }
    }
}

type Found = (Address, Vec<(String, String)>);

impl Router {
    /// Adds an operation; the one that holds its method and path already, where there is one, which then keeps it.
    pub(super) fn add(&mut self, path: &str, method: &Method, address: Address) -> Option<Address> {
        let mut branch = &mut self.root;
        let mut names = Vec::new();
        for segment in segments(path) {
            branch = match Template::parse(segment, &mut names) {
                None => branch.literals.entry(decode(segment)).or_default(),
                Some(template) => branch.template(template),
            };
        }
        let held = branch.ends.iter().find(|(held, ..)| held == method).map(|(_, address, _)| *address);
        if held.is_none() {
            branch.ends.push((method.clone(), address, names));
        }
        held
    }

    pub(super) fn find(
        &self,
        method: &Method,
        path: &str,
        undeclared: Undeclared,
    ) -> Result<Found, Unrouted> {
        let mut ends = self.ends(path, undeclared);
        if ends.is_empty() {
            self.root.collect(&Segment::all(path, Gaps::Values), &mut Vec::new(), &mut ends);
        }
        let named = |wanted: &Method| {
            ends.iter().find_map(|(branch, values)| {
                let (_, address, names) = branch.ends.iter().find(|(held, ..)| held == wanted)?;
                Some((*address, names.iter().cloned().zip(values.iter().cloned()).collect()))
            })
        };
        // A GET answers HEAD as well (RFC 9110, section 9.3.2).
        let head = || (*method == Method::HEAD).then(|| named(&Method::GET)).flatten();
        if let Some(found) = named(method).or_else(head) {
            return Ok(found);
        }
        Err(if ends.is_empty() { Unrouted::Path } else { Unrouted::Method(methods_of(&ends)) })
    }

    pub(super) fn methods(&self, path: &str, undeclared: Undeclared) -> Vec<Method> {
        methods_of(&self.ends(path, undeclared))
    }

    /// Every end that the path leads to, the most particular first. A path that leads nowhere is tried with its last slash
    /// taken away or added, unless only what is declared is to be found.
    fn ends(&self, path: &str, undeclared: Undeclared) -> Vec<(&Branch, Vec<String>)> {
        let mut ends = Vec::new();
        self.root.collect(&Segment::all(path, Gaps::Literal), &mut Vec::new(), &mut ends);
        if ends.is_empty() && undeclared == Undeclared::Ignored {
            let other = path.strip_suffix('/').map_or_else(|| format!("{path}/"), str::to_owned);
            self.root.collect(&Segment::all(&other, Gaps::Literal), &mut Vec::new(), &mut ends);
        }
        ends
    }
}

fn methods_of(ends: &[(&Branch, Vec<String>)]) -> Vec<Method> {
    let mut methods: Vec<Method> =
        ends.iter().flat_map(|(branch, _)| branch.ends.iter().map(|(method, ..)| method.clone())).collect();
    if methods.contains(&Method::GET) {
        methods.push(Method::HEAD);
    }
    // Whoever asks what a path has is told (RFC 9110, section 9.3.7).
    if !methods.is_empty() {
        methods.push(Method::OPTIONS);
    }
    methods.sort_by(|left, right| left.as_str().cmp(right.as_str()));
    methods.dedup();
    methods
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.strip_prefix('/').unwrap_or(path).split('/')
}

fn decode(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

/// A segment of a request's path: as it was sent, and what it means.
#[derive(Debug)]
struct Segment<'r> {
    sent: &'r str,
    meant: String,
    gaps: Gaps,
}

/// What a segment without text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gaps {
    /// Nothing but itself.
    Literal,
    /// A value that is absent: `/pets//toys` is `/pets/{id}/toys` without the id.
    Values,
}

impl<'r> Segment<'r> {
    fn all(path: &'r str, gaps: Gaps) -> Vec<Self> {
        segments(path).map(|sent| Self { sent, meant: decode(sent), gaps }).collect()
    }
}

impl Branch {
    fn template(&mut self, template: Template) -> &mut Self {
        let known = self.templates.iter().position(|(held, _)| *held == template);
        let at = known.unwrap_or_else(|| {
            // More fixed text is more particular, so it is tried first.
            let at = self.templates.partition_point(|(held, _)| held.weight() >= template.weight());
            self.templates.insert(at, (template, Self::default()));
            at
        });
        &mut self.templates[at].1
    }

    /// Every end that the segments lead to, the most particular first, each with the values of its templates.
    fn collect<'b>(
        &'b self,
        segments: &[Segment<'_>],
        values: &mut Vec<String>,
        ends: &mut Vec<(&'b Self, Vec<String>)>,
    ) {
        let Some((segment, rest)) = segments.split_first() else {
            if !self.ends.is_empty() {
                ends.push((self, values.clone()));
            }
            return;
        };
        if let Some(branch) = self.literals.get(&segment.meant) {
            branch.collect(rest, values, ends);
        }
        for (template, branch) in &self.templates {
            if let Some(found) = template.values_of(segment) {
                let held = values.len();
                values.extend(found);
                branch.collect(rest, values, ends);
                values.truncate(held);
            }
        }
    }
}

impl Template {
    /// Cuts a segment at its templates and adds their names; `None` where it has none.
    fn parse(segment: &str, names: &mut Vec<String>) -> Option<Self> {
        let mut fixed = Vec::new();
        let mut rest = segment;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}')?;
            fixed.push(before.to_owned());
            names.push(name.to_owned());
            rest = after;
        }
        fixed.push(rest.to_owned());
        (fixed.len() > 1).then_some(Self { fixed })
    }

    fn weight(&self) -> usize {
        self.fixed.iter().map(String::len).sum()
    }

    /// The values in a segment, percent-encoded: what separates the parts of a value is told from what it holds by that.
    fn values_of(&self, segment: &Segment<'_>) -> Option<Vec<String>> {
        if segment.sent.is_empty() && segment.gaps == Gaps::Values {
            return (self.fixed.len() == 2 && self.weight() == 0).then(|| vec![String::new()]);
        }
        let encoded = |values: Vec<String>| {
            let encode = |value: &String| utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
            values.iter().map(encode).collect()
        };
        // The text around the values may itself have been sent percent-encoded.
        self.values(segment.sent).or_else(|| self.values(&segment.meant).map(encoded))
    }

    /// The values in a segment, none of them empty; `None` where the fixed text is not there. A value ends at the first
    /// place where the text after it stands, so that what follows may hold that text again.
    fn values(&self, segment: &str) -> Option<Vec<String>> {
        let mut rest = segment.strip_prefix(self.fixed[0].as_str())?;
        let mut values = Vec::new();
        let (last, between) = self.fixed[1..].split_last()?;
        for text in between {
            let start = rest.chars().next()?.len_utf8();
            let end = start + rest[start..].find(text.as_str())?;
            values.push(rest[..end].to_owned());
            rest = &rest[end + text.len()..];
        }
        let value = rest.strip_suffix(last.as_str())?;
        (!value.is_empty()).then(|| values.push(value.to_owned()))?;
        Some(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router(paths: &[&str]) -> Router {
        let mut router = Router::default();
        for (operation, path) in paths.iter().enumerate() {
            router.add(path, &Method::GET, Address { api: 0, operation });
        }
        router
    }

    fn found(router: &Router, path: &str) -> Option<(usize, Vec<String>)> {
        let (address, values) = router.find(&Method::GET, path, Undeclared::Ignored).ok()?;
        Some((address.operation, values.into_iter().map(|(_, value)| value).collect()))
    }

    #[test]
    fn literal_segments_come_before_templates_wherever_they_stand() {
        let router = router(&["/pets/{id}", "/pets/mine", "/{kind}/mine/toys"]);
        assert_eq!(found(&router, "/pets/mine"), Some((1, vec![])));
        assert_eq!(found(&router, "/pets/7%2F8"), Some((0, vec!["7%2F8".to_owned()])));
        assert_eq!(found(&router, "/pets/mine/toys"), Some((2, vec!["pets".to_owned()])));
        assert_eq!(found(&router, "/pets//"), None);
        assert_eq!(found(&router, "//mine/toys"), Some((2, vec![String::new()])));
    }

    #[test]
    fn a_segment_may_mix_text_and_templates() {
        let router = router(&["/a/{b}.json", "/a/{b}", "/t/{x}:{y}", "/report({id})"]);
        assert_eq!(found(&router, "/a/x.json"), Some((0, vec!["x".to_owned()])));
        assert_eq!(found(&router, "/a/x.yaml"), Some((1, vec!["x.yaml".to_owned()])));
        assert_eq!(found(&router, "/t/1:2"), Some((2, vec!["1".to_owned(), "2".to_owned()])));
        assert_eq!(found(&router, "/report(9)"), Some((3, vec!["9".to_owned()])));
        assert_eq!(found(&router, "/report%289%29"), Some((3, vec!["9".to_owned()])));
    }

    #[test]
    fn a_path_without_the_method_tells_those_that_it_has() {
        let router = router(&["/pets"]);
        assert_eq!(
            router.find(&Method::POST, "/pets", Undeclared::Ignored),
            Err(Unrouted::Method(vec![Method::GET, Method::HEAD, Method::OPTIONS]))
        );
        assert_eq!(router.find(&Method::POST, "/cats", Undeclared::Ignored), Err(Unrouted::Path));
        assert!(router.find(&Method::HEAD, "/pets", Undeclared::Ignored).is_ok());
    }

    #[test]
    fn a_last_slash_more_or_less_is_passed_over_unless_only_what_is_declared_counts() {
        let router = router(&["/pets", "/cats/"]);
        for path in ["/pets/", "/cats"] {
            assert!(router.find(&Method::GET, path, Undeclared::Ignored).is_ok(), "{path}");
            assert!(router.find(&Method::GET, path, Undeclared::Refused).is_err(), "{path}");
        }
    }
}
