//! What is told at the start: what is served, each operation with a URL that works, what was found, which tokens live here.

use std::sync::Arc;

use super::{colour, mock::Read, options::Level};
use crate::{
    api::Operation,
    credential::Credential,
    finding::Severity,
    mock::{Kept, Mock},
    plan::Address,
    report::{self, Colour},
    schema::Dice,
};

/// What there is to tell.
pub(super) struct Banner {
    pub(super) mock: Arc<Mock>,
    /// The documents, in the order of the mock's plan.
    pub(super) read: Vec<Read>,
    pub(super) url: String,
    /// Where the control interface answers.
    pub(super) control: Option<String>,
    /// Where requests are forwarded to.
    pub(super) upstream: Option<String>,
}

impl Banner {
    /// Tells as much as the level lets through: faults, then warnings, then all the rest. In a large document it takes a
    /// while until there is a URL for each operation.
    pub(super) fn write(&self, level: Level) {
        let colour = colour(&std::io::stderr());
        let mut text = String::new();
        for api in 0..self.read.len() {
            text.push_str(&self.findings(api, level, colour));
            if level >= Level::Info {
                self.operations(api, &mut text);
                self.tokens(api, &mut text);
                self.resources(api, &mut text);
                text.push('\n');
            }
        }
        if level >= Level::Info {
            self.addresses(&mut text);
        }
        eprint!("{text}");
    }

    fn findings(&self, api: usize, level: Level, colour: Colour) -> String {
        let (api, findings) = &self.read[api];
        let name =
            |uri: &str| api.document.files().get(uri).map(|file| (file.name.clone(), Arc::clone(&file.text)));
        let told = findings.iter().filter(|finding| level.tells(finding.severity)).cloned();
        let shown = report::findings(&told.collect::<Vec<_>>(), &name, &report::Rules::new(), colour);
        if shown.is_empty() { shown } else { format!("{}\n", shown.trim_end()) }
    }

    fn operations(&self, number: usize, text: &mut String) {
        let (api, _) = &self.read[number];
        line(text, &format!("{} ({})", api.title, api.name()));
        for (index, operation) in api.operations.iter().enumerate() {
            let target = self.target(Address { api: number, operation: index }, operation);
            let summary = operation.summary.lines().next().unwrap_or_default();
            line(text, &format!("  {:<7} {}{target}  {summary}", operation.method, self.url));
        }
    }

    /// A path and query that work; where none is found, the path as the document writes it.
    fn target(&self, address: Address, operation: &Operation) -> String {
        let plan = self.mock.plan();
        let target = plan.target(address, &mut Dice::seeded(self.mock.options().seed));
        target.unwrap_or_else(|| format!("{}{}", plan.prefix(), operation.path))
    }

    fn tokens(&self, api: usize, text: &mut String) {
        for Credential { name, issued_by, lifetime, reasons, .. } in self.mock.books()[api].credentials() {
            let issuer = issued_by.as_deref().map_or("nobody".to_owned(), |issuer| format!("`{issuer}`"));
            line(text, &format!("  token `{name}`: issued by {issuer}, lives {lifetime}"));
            for reason in reasons {
                line(text, &format!("    because {reason}"));
            }
        }
    }

    fn resources(&self, api: usize, text: &mut String) {
        let Some(keeper) = self.mock.keepers().get(api) else { return };
        let kept = keeper.kept(&self.mock.plan().apis()[api]);
        if kept.is_empty() {
            line(text, "  keeps nothing: no path has the shape of a resource that is made and seen");
        }
        for Kept { path, acts, reasons } in kept {
            line(text, &format!("  keeps `{path}`: {}", acts.join(", ")));
            for reason in reasons {
                line(text, &format!("    because {reason}"));
            }
        }
    }

    fn addresses(&self, text: &mut String) {
        let url = &self.url;
        if let Some(control) = &self.control {
            line(text, &format!("live page    {control}/"));
            line(text, &format!("Swagger UI   {control}/docs"));
            line(text, &format!("control      {control}/openapi.json"));
        }
        if let Some(upstream) = &self.upstream {
            line(text, &format!("forwards to  {upstream}"));
        }
        let findings = self.read.iter().flat_map(|(_, findings)| findings);
        match findings.filter(|finding| finding.severity == Severity::Error).count() {
            0 => {}
            faults => line(text, &format!("{faults} part(s) of the documents cannot be used, see above")),
        }
        line(text, &format!("standin is listening on {url}"));
    }
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}
