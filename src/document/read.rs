//! One file → a tree: found by its URI, read, parsed as JSON or YAML.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::Value;

use super::{Document, Fetch, File, Refused, Source, reference, tree::Whole};
use crate::finding::{Code, Finding, Location, Place, Pointer, Span};

/// The name shown to people and the URI of a source.
pub(super) fn identify(source: &Source) -> (String, Arc<str>) {
    match source {
        Source::Path(path) => {
            let absolute = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            (path.display().to_string(), file_uri(&absolute).into())
        }
        Source::Url(url) => (url.clone(), url.as_str().into()),
        Source::Text { name, .. } => (name.clone(), format!("standin://documents/{}", escaped(name)).into()),
    }
}

/// A name or a path as a part of a URI, in which not every character can stand.
fn escaped(name: &str) -> String {
    // A percent sign in a file's name is itself; in a reference it begins an escape.
    reference::escaped(&name.replace('%', "%25")).into_owned()
}

fn file_uri(path: &Path) -> String {
    format!("file://{}", escaped(&path.to_string_lossy()))
}

/// The path of a file by its URI, where it is one on disk.
pub fn path(uri: &str) -> Option<PathBuf> {
    let path = uri.strip_prefix("file://")?;
    Some(PathBuf::from(percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned()))
}

/// The name of a source without its ending.
pub(super) fn name(source: &Source) -> String {
    let (name, _) = identify(source);
    Path::new(&name).file_stem().map_or_else(|| name.clone(), |stem| stem.to_string_lossy().into_owned())
}

/// The name shown to people for a file.
pub(super) fn shown_name(uri: &str) -> String {
    path(uri).map_or_else(|| uri.to_owned(), |path| path.display().to_string())
}

/// Reads and parses one file; what fails is told in `refused`.
pub(super) fn file(
    source: &Source,
    uri: &Arc<str>,
    name: &str,
    fetch: Option<&Fetch<'_>>,
    refused: &mut Refused,
) -> Option<File> {
    let text = match (source, path(uri)) {
        (Source::Text { text, .. }, None) if *uri == identify(source).1 => Arc::clone(text),
        (_, None) if is_remote(uri) => match fetch?(uri) {
            Ok(text) => text.into(),
            Err(why) => {
                let message = format!("`{uri}` cannot be fetched: {why}");
                let right = "the host answers with the file, or a copy lies beside the document";
                refused.findings.push(unreadable(uri, message).help(right));
                return None;
            }
        },
        (_, Some(path)) => match fs::read(&path).map(String::from_utf8) {
            Ok(Ok(text)) => text.into(),
            Ok(Err(error)) => {
                let message = format!("`{name}` is not UTF-8 from byte {}", error.utf8_error().valid_up_to());
                refused.findings.push(unreadable(uri, message).help("save the file as UTF-8"));
                return None;
            }
            // The reference that names a missing file is the finding; only the root has no reference to it.
            Err(error) if matches!(source, Source::Path(root) if root.display().to_string() == name) => {
                let message = format!("`{name}` cannot be read: {error}");
                refused.findings.push(unreadable(uri, message).help("give the path of an OpenAPI document"));
                return None;
            }
            Err(_) => return None,
        },
        _ => return None,
    };
    // A byte order mark is no part of the text (RFC 8259, section 8.1; YAML 1.2, section 5.2).
    let text = text.strip_prefix('\u{feff}').map_or_else(|| Arc::clone(&text), Arc::from);
    refused.texts.insert(Arc::clone(uri), (name.to_owned(), Arc::clone(&text)));
    match parse(&text, name) {
        Ok(root) => Some(File { name: name.to_owned(), text, root: Arc::new(root), moved: Vec::new() }),
        Err((span, message)) => {
            let place = Place { file: Arc::clone(uri), pointer: Pointer::root() };
            let finding = Finding::error(Code::SyntaxError, Location::Document(place, span), message);
            refused.findings.push(finding.help("a document is one JSON or YAML object"));
            None
        }
    }
}

/// Whether a URI names a file on another host.
pub(super) fn is_remote(uri: &str) -> bool {
    uri.starts_with("http://") || uri.starts_with("https://")
}

fn unreadable(uri: &Arc<str>, message: String) -> Finding {
    Document::finding(Code::UnreadableFile, uri, Pointer::root(), message)
}

/// Where a text cannot be read, and why.
pub(super) type Fault = (Option<Span>, String);

/// Parses JSON by the JSON reader, which is the faster, and everything else as YAML 1.2, whatever the file's name is.
///
/// What begins as JSON in a file that is named so is held to it: other tools refuse its trailing comma.
pub(super) fn parse(text: &str, name: &str) -> Result<Value, Fault> {
    if !text.trim_start().starts_with(['{', '[']) {
        return yaml(text);
    }
    let is_json = Path::new(name).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
    let read: Result<Whole, _> = serde_json::from_str(text);
    read.map(|Whole(tree)| tree)
        .or_else(|error| if is_json { Err(json_fault(text, &error)) } else { yaml(text) })
}

fn yaml(text: &str) -> Result<Value, Fault> {
    let options = serde_saphyr::options! {
        budget: None,
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::Error,
        strict_booleans: true,
        underscored_numbers_as_strings: true,
    };
    let read: Result<Whole, _> = serde_saphyr::from_str_with_options(text, options);
    read.map(|Whole(tree)| tree).map_err(|error| yaml_fault(text, &error))
}

fn json_fault(text: &str, error: &serde_json::Error) -> Fault {
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default().to_owned();
    (span_at(text, error.line(), error.column()), message)
}

fn yaml_fault(text: &str, error: &serde_saphyr::Error) -> Fault {
    let span = error.location().and_then(|at| {
        let column = usize::try_from(at.column()).ok()?;
        span_at(text, usize::try_from(at.line()).ok()?, column)
    });
    let message = error.without_snippet().to_string();
    let ends = [" at line ", ", set DuplicateKeyPolicy"];
    let message = ends.iter().fold(message.as_str(), |text, end| text.split(end).next().unwrap_or_default());
    (span, message.lines().next().unwrap_or_default().to_owned())
}

/// The span of the character at a line and a column, both from 1.
fn span_at(text: &str, line: usize, column: usize) -> Option<Span> {
    let start: usize = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let content = text.get(start..)?.lines().next().unwrap_or_default();
    let before = content.char_indices().nth(column.saturating_sub(1)).map_or(content.len(), |(at, _)| at);
    let length = content[before..].chars().next().map_or(0, char::len_utf8);
    Some(Span { line, column: column.max(1), offset: start + before, length })
}
