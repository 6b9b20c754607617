//! A document → all that is wrong with it, whether or not it can be served.
//!
//! The structure is judged by the official schemas on the text as it was written; what no schema tells, such as paths
//! that collide or schemas that nothing satisfies, by the files beside this one. Read [`judge`] first.

mod endless;
mod formats;
mod keywords;
mod names;
mod near;
mod official;
mod paths;
mod structure;
mod unsatisfiable;
mod untold;
mod values;
mod walk;

use std::{collections::HashMap, path::Path, sync::Arc};

use indexmap::IndexMap;

pub(crate) use self::near::nearest;
use self::{structure::Structure, walk::Kind};
use crate::{
    api,
    credential::{self, Foreign},
    document::{self, Document, Fetch, Refused, Source},
    finding::{Code, Finding, Location, Place, Pointer, Span},
    plan,
    schema::Library,
};

/// What was found in a document, and the texts it was found in.
#[derive(Debug, Default)]
pub struct Judged {
    /// All findings, by file and line.
    pub findings: Vec<Finding>,
    /// The texts of the files by URI, each with the name shown to people; the root file first.
    pub texts: IndexMap<Arc<str>, (String, Arc<str>)>,
    /// Where the rules stand that the findings name.
    pub rules: HashMap<Place, Span>,
}

/// Judges a document.
///
/// ```
/// use standin::{check, document::Source};
///
/// let text = "openapi: 3.1.0\ninfo: {title: Pets}\npaths: {}\n";
/// let judged = check::judge(&Source::Text { name: "pets.yaml".into(), text: text.into() });
/// assert_eq!(judged.findings[0].message, "`version` is missing");
/// ```
pub fn judge(source: &Source) -> Judged {
    judged(source, document::load(source))
}

/// Judges a document whose references lead to other hosts as well.
pub fn judge_with(source: &Source, fetch: &Fetch<'_>) -> Judged {
    judged(source, document::load_with(source, fetch))
}

/// The schemas of a document that nothing satisfies, each with the fewest keywords that exclude each other. A proof can
/// take seconds: `goes_on` is asked before each one, and where it says no, what was found so far is all.
pub fn unsatisfiable(document: &Document, goes_on: &dyn Fn() -> bool) -> Vec<Finding> {
    let Some(library) = library(document) else { return Vec::new() };
    let mut findings = unsatisfiable::judge(&library, document, &walk::positions(document), goes_on);
    for finding in &mut findings {
        as_written(document, finding);
    }
    document.locate(&mut findings);
    findings
}

fn judged(source: &Source, read: Result<Document, Refused>) -> Judged {
    let mut judged = match read {
        Ok(document) => loaded(&Arc::new(document)),
        Err(refused) => {
            let texts = refused.texts;
            let mut findings = structure_of_texts(&texts);
            findings.extend(refused.findings);
            Judged { findings, texts, rules: HashMap::new() }
        }
    };
    judged.findings = sorted(judged.findings, &judged.texts);
    if let Source::Path(path) = source {
        judged.texts.values_mut().for_each(|(name, _)| *name = near(name, path));
    }
    judged
}

/// The name of a file as seen from where the root file was named.
fn near(name: &str, root: &Path) -> String {
    let Ok(absolute) = std::path::absolute(root) else { return name.to_owned() };
    let typed = root.parent().unwrap_or(Path::new(""));
    if typed.is_absolute() || !Path::new(name).is_absolute() {
        return name.to_owned();
    }
    let folders = absolute.ancestors().skip(1).take(4).enumerate();
    let mut near = folders.filter_map(|(up, folder)| {
        let rest = Path::new(name).strip_prefix(folder).ok()?;
        Some(typed.join("../".repeat(up)).join(rest).display().to_string())
    });
    near.next().unwrap_or_else(|| name.to_owned())
}

/// The structure of the root file alone: without its references there is no telling what the others are.
fn structure_of_texts(texts: &IndexMap<Arc<str>, (String, Arc<str>)>) -> Vec<Finding> {
    let Some((uri, (name, text))) = texts.first() else { return Vec::new() };
    Structure::new(name, text, uri).judge(uri, name, text, Kind::Root, &Pointer::root())
}

fn loaded(document: &Arc<Document>) -> Judged {
    let texts: IndexMap<_, _> = document
        .files()
        .iter()
        .map(|(uri, file)| (Arc::clone(uri), (file.name.clone(), Arc::clone(&file.text))))
        .collect();
    let positions = walk::positions(document);
    let mut findings = structure_of_files(document, &positions);
    let structural = findings.len();
    let root = document.root();
    findings.extend(paths::judge(&root, &positions));
    findings.extend(names::judge(&root, &positions));
    findings.extend(formats::judge(&positions));
    let misspelt = keywords::judge(&positions);
    let misspelt: Vec<Finding> = misspelt.into_iter().filter(|one| !is_told(one, &findings)).collect();
    findings.extend(misspelt);
    findings.extend(endless::judge(&positions));
    if let Some(library) = library(document) {
        findings.extend(values::judge(&library, &positions));
        findings.extend(unsatisfiable::judge(&library, document, &positions, &|| true));
    }
    let read = understood(document).into_iter().filter(|finding| !is_told(finding, &findings));
    let read: Vec<Finding> = read.collect();
    findings.extend(read);
    findings[structural..].iter_mut().for_each(|finding| as_written(document, finding));
    document.locate(&mut findings);
    let rules = rules(document, &findings);
    Judged { findings, texts, rules }
}

fn structure_of_files(document: &Document, positions: &[walk::Position<'_>]) -> Vec<Finding> {
    let root = document.uri();
    let Some(file) = document.files().get(&root) else { return Vec::new() };
    let mut structure = Structure::new(&file.name, &file.text, &root);
    let mut findings = structure.judge(&root, &file.name, &file.text, Kind::Root, &Pointer::root());
    for position in structure::foreign(positions) {
        let place = position.node.place();
        let Some(file) = document.files().get(&place.file) else { continue };
        findings.extend(structure.judge(&place.file, &file.name, &file.text, position.kind, &place.pointer));
    }
    findings
}

/// Names the places that somebody wrote, where the document was lifted from an older version.
fn as_written(document: &Document, finding: &mut Finding) {
    if let Location::Document(place, _) = &mut finding.location {
        *place = document.written(place);
    }
    finding.rule = finding.rule.as_ref().map(|rule| document.written(rule));
}

/// The schemas of the document; `None` where they cannot be indexed, which reading the document tells.
fn library(document: &Document) -> Option<Arc<Library>> {
    let files = document.files().iter().map(|(uri, file)| (uri.to_string(), Arc::clone(&file.root)));
    Library::new(files.collect()).ok()
}

/// What is found where the document is read for being served.
fn understood(document: &Arc<Document>) -> Vec<Finding> {
    let (api, mut findings) = match api::read(Arc::clone(document)) {
        Ok((api, findings)) => (Arc::new(api), findings),
        Err(findings) => return findings,
    };
    findings.extend(credential::infer(&api, b"", Foreign::Accepted).1);
    findings.extend(plan::compile(vec![api], plan::Options::default()).1);
    findings
}

fn place(finding: &Finding) -> Option<&Place> {
    match &finding.location {
        Location::Document(place, _) => Some(place),
        _ => None,
    }
}

/// Whether what a finding tells was told already, and more precisely.
fn is_told(finding: &Finding, told: &[Finding]) -> bool {
    let Some(at) = place(finding) else { return false };
    let meets = |other: &Finding| {
        place(other).is_some_and(|other| {
            let is_near = is_within(&other.pointer, &at.pointer) || is_within(&at.pointer, &other.pointer);
            other.file == at.file && is_near
        })
    };
    // Every example is judged here, also those that no operation uses.
    if finding.code == Code::ExampleBreaksSchema {
        return true;
    }
    let by: &[Code] = match finding.code {
        Code::UnknownKeyword => &[Code::InvalidStructure],
        Code::InvalidStructure | Code::InvalidSchema => &[Code::InvalidStructure, Code::UnreadablePattern],
        Code::UnusedPathParameter => &[Code::UnusedPathParameter],
        Code::PathConflict => &[Code::AmbiguousPath],
        Code::InvalidExpression => &[Code::InvalidExpression],
        _ => return false,
    };
    told.iter().any(|other| by.contains(&other.code) && meets(other))
}

fn is_within(inner: &Pointer, outer: &Pointer) -> bool {
    inner.as_str().strip_prefix(outer.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Where the rules of findings stand, each file read once.
fn rules(document: &Document, findings: &[Finding]) -> HashMap<Place, Span> {
    let mut places: Vec<Finding> = findings
        .iter()
        .filter_map(|finding| finding.rule.clone())
        .map(|rule| Finding::error(Code::InvalidStructure, Location::Document(rule, None), ""))
        .collect();
    document.locate(&mut places);
    let spans = places.into_iter().filter_map(|finding| match finding.location {
        Location::Document(place, span) => Some((place, span?)),
        _ => None,
    });
    spans.collect()
}

/// The findings by file and line, each once.
fn sorted(mut findings: Vec<Finding>, texts: &IndexMap<Arc<str>, (String, Arc<str>)>) -> Vec<Finding> {
    let key = |finding: &Finding| match &finding.location {
        Location::Document(place, span) => (
            texts.get_index_of(&place.file).unwrap_or(usize::MAX),
            span.map_or((0, 0), |span| (span.line, span.column)),
            finding.code,
        ),
        _ => (usize::MAX, (0, 0), finding.code),
    };
    findings.sort_by_key(key);
    findings.dedup();
    findings
}
