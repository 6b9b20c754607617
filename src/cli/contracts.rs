//! The contracts of `standin verify`: reads them and their sources, and runs their workflows.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Failure, colour, mock::read, options::Level, pace::Watch, verify::Arguments};
use crate::{
    api::Api,
    contract::{self, Contract, SourceDescription},
    document::{self, Document, Source},
    finding::{Code, Finding, Location},
    report,
    verify::{
        Check, Paced,
        contract::{End, Runner, Terms},
    },
};

/// Reads the contracts of a file or a folder, and tells what is wrong with them.
pub(super) fn load(path: &Path, arguments: &Arguments) -> Result<Vec<Contract>, Failure> {
    let mut contracts = Vec::new();
    let mut refused = 0;
    for file in files(path)? {
        let is_asked_for = file == path;
        match document::alone(&Source::Path(file)) {
            Ok(document) if is_asked_for || document.root().text("arazzo").is_some() => {
                let document = Arc::new(document);
                match contract(&document, arguments) {
                    Ok(contract) => contracts.push(contract),
                    Err(findings) => {
                        refused += 1;
                        tell(&findings, &document);
                    }
                }
            }
            Ok(_) => {}
            Err(document::Refused { findings, texts }) => {
                refused += 1;
                let text = |uri: &str| texts.get(uri).cloned();
                let colour = colour(&std::io::stderr());
                eprint!("{}", report::findings(&findings, &text, &report::Rules::new(), colour));
            }
        }
    }
    match (refused, contracts.is_empty()) {
        (0, true) => Err(Failure::NoContract(path.display().to_string())),
        (0, false) => Ok(contracts),
        _ => Err(Failure::Contracts(refused)),
    }
}

/// The files that may be contracts: the one that is named, or those of the folder.
fn files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let failed = |source| Failure::Read { path: path.display().to_string(), source };
    let entries = std::fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(failed)?;
    let is_document = |path: &PathBuf| {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        path.is_file() && matches!(ending, "yaml" | "yml" | "json")
    };
    let mut files: Vec<PathBuf> = entries.iter().map(std::fs::DirEntry::path).filter(is_document).collect();
    files.sort();
    Ok(files)
}

fn contract(document: &Arc<Document>, arguments: &Arguments) -> Result<Contract, Vec<Finding>> {
    let (sources, _) = contract::sources(document);
    let mut unread = Vec::new();
    let apis: Vec<Option<Arc<Api>>> = sources.iter().map(|one| api(one, arguments, &mut unread)).collect();
    if !unread.is_empty() {
        document.locate(&mut unread);
        return Err(unread);
    }
    contract::read(document, apis)
}

fn api(source: &SourceDescription, arguments: &Arguments, unread: &mut Vec<Finding>) -> Option<Arc<Api>> {
    let document = source.document.clone()?;
    if let Ok(mut read) = read(&[document], arguments.allow_remote_refs, Level::Warn) {
        return read.pop().map(|(api, _)| api);
    }
    let location = Location::Document(source.place.clone(), None);
    let message = format!("the document `{}` of the source `{}` cannot be used", source.url, source.name);
    let help = "its URL is relative to this file; what is wrong with it is told above";
    unread.push(Finding::error(Code::InvalidContract, location, message).help(help));
    None
}

fn tell(findings: &[Finding], document: &Document) {
    let text = |uri: &str| document.files().get(uri).map(|file| (file.name.clone(), file.text.clone()));
    let colour = colour(&std::io::stderr());
    eprint!("{}", report::findings(findings, &text, &report::Rules::new(), colour));
}

/// Runs the workflows of all contracts, and tells what is broken.
pub(super) async fn run(contracts: &[Contract], arguments: &Arguments, watch: Watch) -> Result<(), Failure> {
    let mut is_kept = true;
    let mut is_answered = false;
    for contract in contracts {
        let bases: Vec<&str> = contract.sources.iter().map(|source| url(&source.name, arguments)).collect();
        let target = |base: &&str| Ok(Paced::new(arguments.upstream(base)?, arguments.between(), watch));
        let targets = bases.iter().map(target).collect::<Result<Vec<_>, Failure>>()?;
        let terms =
            Terms { headers: arguments.headers.clone(), inputs: arguments.inputs.iter().cloned().collect() };
        let performed = Runner::new(contract, &targets, watch, terms).run().await;
        print!("{}", report::breaches(&performed, contract, &bases, colour(&std::io::stdout())));
        eprint!("{}", report::performed(&performed, contract));
        is_kept &= performed.workflows.iter().all(|(_, end)| *end == End::Kept);
        let lost = performed.breaches.iter().filter(|breach| breach.check == Check::Unreachable).count();
        let sent = performed.steps.iter().filter(|step| step.status.is_some()).count();
        is_answered |= sent == 0 || lost < sent;
    }
    match (is_kept, is_answered) {
        (true, _) => Ok(()),
        (false, true) => Err(Failure::Found),
        (false, false) => Err(Failure::Unreachable(arguments.url.clone())),
    }
}

/// Where a source answers.
fn url<'a>(source: &str, arguments: &'a Arguments) -> &'a str {
    let named = arguments.servers.iter().find(|(name, _)| name == source);
    named.map_or(arguments.url.as_str(), |(_, url)| url).trim_end_matches('/')
}
