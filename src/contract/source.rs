//! The sources of an Arazzo document: which APIs its workflows call.

use super::{read::fault, step::named};
use crate::{
    document::{Document, Node, Source},
    finding::{Finding, Place},
};

/// A source (Arazzo 1.0, section 4.6.3).
#[derive(Debug, Clone)]
pub struct SourceDescription {
    /// Its name.
    pub name: String,
    /// Its URL as written.
    pub url: String,
    /// Where its document is; `None` of a source that describes no API over HTTP.
    pub document: Option<Source>,
    /// Where it stands.
    pub place: Place,
}

/// The sources of a document, and what is wrong with them or with the document as a whole.
pub fn sources(document: &Document) -> (Vec<SourceDescription>, Vec<Finding>) {
    let root = document.root();
    let mut findings = Vec::new();
    match root.text("arazzo") {
        Some(version) if version.starts_with("1.") => {}
        Some(version) => {
            let message = format!("version `{version}` of Arazzo is not read");
            findings.push(fault(&root.get("arazzo").unwrap_or(root.clone()), message, "`arazzo: 1.0.1`"));
        }
        None => findings.push(fault(&root, "it is no Arazzo document", "it begins with `arazzo: 1.0.1`")),
    }
    let mut sources: Vec<SourceDescription> = Vec::new();
    for node in root.get("sourceDescriptions").iter().flat_map(Node::items) {
        let (Some(name), Some(url)) = (node.text("name"), node.text("url")) else {
            findings.push(fault(&node, "a source has no name or no URL", "it has `name` and `url`"));
            continue;
        };
        if sources.iter().any(|other| other.name == name) {
            findings.push(fault(&node, format!("two sources are called `{name}`"), "names differ"));
        }
        let is_openapi = node.text("type").is_none_or(|kind| kind == "openapi");
        let document = is_openapi.then(|| document.beside(url));
        sources.push(SourceDescription {
            name: name.to_owned(),
            url: url.to_owned(),
            document,
            place: named(&node, "url"),
        });
    }
    (sources, findings)
}
