//! Reads the root file and every file that a reference names, each once.

use std::{
    collections::VecDeque,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use indexmap::IndexMap;
use serde_json::Value;

use super::{Document, File, Refused, Source, lift, reference};
use crate::finding::{Code, Finding, Location, Place, Pointer, Span};

/// Reads `source` and the files around it; what fails is told in `refused`, and the rest is there.
pub(super) fn files(source: &Source, refused: &mut Refused) -> Document {
    let (name, uri) = identify(source);
    let mut document = Document {
        name: Path::new(&name)
            .file_stem()
            .map_or_else(|| name.clone(), |stem| stem.to_string_lossy().into_owned()),
        files: IndexMap::new(),
    };
    let mut waiting = VecDeque::from([(uri, name)]);
    while let Some((uri, name)) = waiting.pop_front() {
        if document.files.contains_key(&uri) || refused.texts.contains_key(&uri) {
            continue;
        }
        let Some(file) = file(source, &uri, &name, refused) else { continue };
        waiting.extend(named_files(&uri, &file.root));
        document.files.insert(uri, file);
    }
    document
}

fn identify(source: &Source) -> (String, Arc<str>) {
    match source {
        Source::Path(path) => {
            let absolute = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            (path.display().to_string(), file_uri(&absolute).into())
        }
        Source::Text { name, .. } => (name.clone(), format!("standin://documents/{name}").into()),
    }
}

fn file_uri(path: &Path) -> String {
    // A percent sign in a file's name is itself; in a reference it begins an escape.
    let path = path.to_string_lossy().replace('%', "%25");
    format!("file://{}", reference::escaped(&path))
}

fn path_of(uri: &str) -> Option<PathBuf> {
    let path = uri.strip_prefix("file://")?;
    Some(PathBuf::from(percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned()))
}

fn file(source: &Source, uri: &Arc<str>, name: &str, refused: &mut Refused) -> Option<File> {
    let text = match (source, path_of(uri)) {
        (Source::Text { text, .. }, None) if uri.ends_with(name) => Arc::clone(text),
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
    refused.texts.insert(Arc::clone(uri), (name.to_owned(), Arc::clone(&text)));
    match parse(&text, name) {
        Ok(mut root) => {
            lift::schemas(&mut root);
            Some(File { name: name.to_owned(), text, root: Arc::new(root) })
        }
        Err((span, message)) => {
            let place = Place { file: Arc::clone(uri), pointer: Pointer::root() };
            let finding = Finding::error(Code::SyntaxError, Location::Document(place, span), message);
            refused.findings.push(finding.help("a document is one JSON or YAML object"));
            None
        }
    }
}

fn unreadable(uri: &Arc<str>, message: String) -> Finding {
    Document::finding(Code::UnreadableFile, uri, Pointer::root(), message)
}

pub(super) type Fault = (Option<Span>, String);

/// Parses JSON by the JSON reader, which is the faster, and everything else as YAML 1.2.
pub(super) fn parse(text: &str, name: &str) -> Result<Value, Fault> {
    let is_json = Path::new(name).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
    if is_json || text.trim_start().starts_with('{') {
        match serde_json::from_str(text) {
            Ok(value) => return Ok(value),
            Err(error) if is_json => return Err(json_fault(text, &error)),
            Err(_) => {}
        }
    }
    let options = serde_saphyr::options! {
        budget: None,
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::Error,
        strict_booleans: true,
        underscored_numbers_as_strings: true,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| yaml_fault(text, &error))
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

/// The other files that a tree names, each with the name to show for it.
fn named_files(uri: &Arc<str>, root: &Value) -> Vec<(Arc<str>, String)> {
    let mut named = Vec::new();
    reference::each(root, &mut |_, text| {
        let target = reference::target(uri, text).file;
        if target != *uri && path_of(&target).is_some() {
            let name = path_of(&target).map_or_else(|| target.to_string(), |path| path.display().to_string());
            named.push((target, name));
        }
    });
    named
}
