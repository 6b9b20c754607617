//! The paths of servers (OAS 3.1, section 4.8.5): what stands before the paths of operations.

use serde_json::Value;

use crate::document::Node;

/// How many base paths one server may stand for, by the values of its variables.
const MOST: usize = 64;

/// The paths of the servers at a place, longest first; none of them empty or ending in a slash.
///
/// A variable with an `enum` stands for each of its values; one without may have any value and becomes a template.
pub(super) fn base_paths(holder: &Node<'_>) -> Option<Vec<String>> {
    let servers = holder.get("servers").filter(|servers| servers.value().is_array())?;
    let mut paths: Vec<String> = Vec::new();
    for server in servers.items() {
        for url in urls(&server) {
            let path = path_of(&url);
            if !path.is_empty() && !paths.contains(&path) {
                paths.push(path);
            }
        }
    }
    paths.sort_by_key(|path| std::cmp::Reverse(path.len()));
    Some(paths)
}

/// The URLs that a server stands for.
fn urls(server: &Node<'_>) -> Vec<String> {
    let mut urls = vec![server.text("url").unwrap_or_default().to_owned()];
    for (name, variable) in server.get("variables").iter().flat_map(Node::entries) {
        let template = format!("{{{name}}}");
        let listed = variable.value().get("enum").and_then(Value::as_array).into_iter().flatten();
        let mut values: Vec<&str> = listed.filter_map(Value::as_str).collect();
        if values.is_empty() || urls.len() * values.len() > MOST {
            // What the default says holds wherever the template could not be told from the path around it.
            values = variable.text("default").into_iter().filter(|default| default.contains('/')).collect();
        }
        if !values.is_empty() {
            urls = urls
                .iter()
                .flat_map(|url| values.iter().map(|value| url.replace(&template, value)))
                .collect();
        }
    }
    urls
}

/// The path of a URL, with a leading slash and without a trailing one; empty for the root.
fn path_of(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let path = match url
        .split_once("://")
        .or_else(|| url.split_once("//").filter(|(before, _)| before.is_empty()))
    {
        Some((_, rest)) => rest.find('/').map_or("", |start| &rest[start..]),
        None => url,
    };
    let steps: Vec<&str> = path.split('/').filter(|step| !matches!(*step, "" | "." | "..")).collect();
    steps.iter().fold(String::new(), |path, step| format!("{path}/{step}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Source, load};

    fn paths(servers: &str) -> Vec<String> {
        let text =
            format!("openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\npaths: {{}}\nservers: {servers}\n");
        let document = load(&Source::Text { name: "t.yaml".into(), text: text.into() }).unwrap();
        base_paths(&document.root()).unwrap()
    }

    #[test]
    fn the_path_of_a_server_is_what_follows_its_host() {
        let servers = "[{url: 'https://a.example/v1/'}, {url: /api}, {url: v2}, {url: 'http://b.example'}, {url: '//c/d'}]";
        assert_eq!(paths(servers), ["/api", "/v1", "/v2", "/d"]);
    }

    #[test]
    fn a_variable_stands_for_its_values_or_for_any() {
        let servers = "[{url: 'https://{host}/{version}/{tenant}', variables: {host: {default: a.example}, version: \
                       {default: v1, enum: [v1, v2]}, tenant: {default: us}}}]";
        assert_eq!(paths(servers), ["/v1/{tenant}", "/v2/{tenant}"]);
        assert_eq!(paths("[{url: '/{base}', variables: {base: {default: a/b}}}]"), ["/a/b"]);
    }
}
