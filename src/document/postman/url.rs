//! The URL of a request → where it leads: a server, a path with templates, a query.

use serde_json::Value;

use super::{
    Node, Reader,
    given::{Form, Given},
    member,
    names::Names,
    scalar, text,
    variables::{is_open, replaced},
};

/// Where a request goes.
#[derive(Debug)]
pub(super) struct Target<'d> {
    /// The URL of the server, where it can be told.
    pub(super) server: Option<String>,
    pub(super) path: Path,
    pub(super) query: Vec<Given<'d>>,
    /// What is said of the variables in the path.
    pub(super) variables: Vec<Given<'d>>,
    pub(super) node: Node<'d>,
}

/// A path with templates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    /// As in `/pets/{petId}`.
    pub(super) template: String,
    /// The names of its templates, in their order.
    pub(super) names: Vec<String>,
}

/// The parts of a URL that is one text.
struct Split<'t> {
    server: &'t str,
    path: &'t str,
    query: &'t str,
}

impl<'t> Split<'t> {
    fn of(url: &'t str) -> Self {
        let url = url.split('#').next().unwrap_or_default();
        let (before, query) = url.split_once('?').unwrap_or((url, ""));
        let authority = before.find("://").map_or(0, |at| at + "://".len());
        let slash = before[authority..].find('/').map_or(before.len(), |at| authority + at);
        Self { server: &before[..slash], path: &before[slash..], query }
    }
}

impl Reader {
    /// Reads the URL of a request; `None`, and a finding, where there is none.
    pub(super) fn target<'d>(&mut self, request: &Node<'d>) -> Option<Target<'d>> {
        let found = if request.value().is_string() { Some(request.clone()) } else { member(request, "url") };
        let written = found.and_then(|node| {
            let raw = scalar(node.value()).or_else(|| text(&node, "raw")).unwrap_or_default();
            let is_there = !raw.trim().is_empty() || member(&node, "path").is_some();
            is_there.then_some((node, raw))
        });
        let Some((node, raw)) = written else {
            let right = "give it one, as in `{{baseUrl}}/pets/:id`";
            self.tell(request, "the request has no URL", right);
            return None;
        };
        let split = Split::of(raw.trim());
        let segments =
            segments(&node).unwrap_or_else(|| split.path.split('/').skip(1).map(str::to_owned).collect());
        let query = match member(&node, "query") {
            Some(query) => self.given(Some(query), Form::Query),
            None => self.pairs(split.query, Form::Query, &node),
        };
        Some(Target {
            server: self.server(&node, split.server),
            path: Path::of(&segments),
            query,
            variables: self.given(member(&node, "variable"), Form::Query),
            node,
        })
    }

    /// The URL of the server that a URL names, without a slash at its end.
    fn server(&self, url: &Node<'_>, raw: &str) -> Option<String> {
        let host = match url.value().get("host") {
            Some(Value::Array(parts)) => parts.iter().filter_map(scalar).collect::<Vec<_>>().join("."),
            Some(host) => scalar(host)?,
            None => raw.to_owned(),
        };
        let port = text(url, "port").map(|port| format!(":{port}")).unwrap_or_default();
        let host = self.variables.sent(&format!("{host}{port}"))?;
        let host = host.trim_end_matches('/');
        if host.is_empty() || host.contains(['{', '}', ' ']) {
            return None;
        }
        let protocol = text(url, "protocol").unwrap_or_else(|| "http".to_owned());
        Some(if host.contains("://") { host.to_owned() } else { format!("{protocol}://{host}") })
    }
}

/// The segments of a path; `None` where the URL has none apart from its text.
fn segments(url: &Node<'_>) -> Option<Vec<String>> {
    match url.value().get("path")? {
        Value::String(path) => Some(path.trim_start_matches('/').split('/').map(str::to_owned).collect()),
        Value::Array(parts) => {
            let part = |part: &Value| scalar(part).or_else(|| scalar(part.get("value")?));
            Some(parts.iter().filter_map(part).collect())
        }
        _ => None,
    }
}

impl Path {
    fn of(segments: &[String]) -> Self {
        let (mut names, mut given) = (Vec::new(), Names::default());
        let segments: Vec<String> =
            segments.iter().map(|segment| templated(segment, &mut names, &mut given)).collect();
        let template = format!("/{}", segments.join("/"));
        Self { template, names }
    }

    /// What paths have in common that differ in nothing but the names of their templates.
    pub(super) fn shape(&self) -> String {
        let blank = |path: String, name: &String| path.replace(&format!("{{{name}}}"), "{}");
        self.names.iter().fold(self.template.clone(), blank)
    }
}

/// A segment with `{name}` for each of its variables.
fn templated(segment: &str, names: &mut Vec<String>, given: &mut Names) -> String {
    // Query and fragment are no part of a path, and would end it.
    let segment = segment.replace('?', "%3F").replace('#', "%23");
    if let Some(name) = segment.strip_prefix(':').filter(|name| !name.is_empty() && !is_open(name)) {
        return format!("{{{}}}", own(name, names, given));
    }
    let single = replaced(&segment, |name| Some(format!("{{{name}}}")));
    let mut made = String::new();
    let mut rest = single.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, following)) = after.split_once('}') else { break };
        made.extend([before, "{", &own(name, names, given), "}"]);
        rest = following;
    }
    made + rest
}

/// A name that no other template of the path has.
fn own(name: &str, names: &mut Vec<String>, given: &mut Names) -> String {
    let name = name.trim_matches(|character: char| "{}$".contains(character) || character.is_whitespace());
    let free = given.free(if name.is_empty() { "value" } else { name }, "");
    names.push(free.clone());
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_to_write_a_variable_is_a_template() {
        let paths = [
            ("pets/:id", "/pets/{id}"),
            ("pets/{id}", "/pets/{id}"),
            ("{{version}}/pets/{{ id }}.json", "/{version}/pets/{id}.json"),
            ("pets/:id/toys/:id", "/pets/{id}/toys/{id2}"),
            ("pets:search", "/pets:search"),
            ("pets/{broken", "/pets/{broken"),
            ("", "/"),
        ];
        for (written, template) in paths {
            let segments: Vec<String> = written.split('/').map(str::to_owned).collect();
            assert_eq!(Path::of(&segments).template, template, "{written}");
        }
        assert_eq!(Path::of(&["a".into(), ":b".into(), "{c}".into()]).shape(), "/a/{}/{}");
    }

    #[test]
    fn a_url_in_one_text_is_taken_apart() {
        let urls = [
            ("https://example.org/pets?a=b#c", "https://example.org", "/pets", "a=b"),
            ("{{baseUrl}}/pets", "{{baseUrl}}", "/pets", ""),
            ("/pets", "", "/pets", ""),
            ("localhost:3000", "localhost:3000", "", ""),
        ];
        for (url, server, path, query) in urls {
            let split = Split::of(url);
            assert_eq!((split.server, split.path, split.query), (server, path, query), "{url}");
        }
    }
}
