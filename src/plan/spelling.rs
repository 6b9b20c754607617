//! A request → the same, the names of its query parameters as the document writes them. Read [`Route::spelled`] first.
//!
//! Names are told apart by their case (RFC 3986, section 6.2.2.1), but whoever comes from Prism has clients that it never
//! told so. To refuse them would be one change too many on the first day; to say nothing would hide what a provider refuses.

use std::borrow::Cow;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::Route;
use crate::{
    api::Parameter,
    exchange::{Request, pairs},
    finding::{Code, Finding, Location, Part, Pointer},
};

impl Route<'_> {
    /// Renames what is meant for a declared query parameter and differs from its name in case alone, and warns of it.
    pub(super) fn spelled<'r>(&self, request: &'r Request) -> (Cow<'r, Request>, Vec<Finding>) {
        let Some(query) = request.query.as_deref() else { return (Cow::Borrowed(request), Vec::new()) };
        let sent: Vec<&str> = query.split('&').collect();
        let names: Vec<String> = pairs(query).into_iter().map(|(name, _)| name).collect();
        let mut findings = Vec::new();
        let written: Vec<Cow<'_, str>> = sent
            .iter()
            .map(|pair| {
                let name = pairs(pair).into_iter().next().map(|(name, _)| name).unwrap_or_default();
                let Some(meant) = self.meant(&name, &names) else { return Cow::Borrowed(*pair) };
                findings.push(warning(&name, meant));
                let value = pair.split_once('=').map_or("", |(_, value)| value);
                Cow::Owned(format!("{}={value}", utf8_percent_encode(&meant.name, NON_ALPHANUMERIC)))
            })
            .collect();
        if findings.is_empty() {
            return (Cow::Borrowed(request), findings);
        }
        (Cow::Owned(Request { query: Some(written.join("&")), ..request.clone() }), findings)
    }

    /// The parameter that an undeclared name is meant for, unless that one was sent as well.
    fn meant(&self, name: &str, sent: &[String]) -> Option<&Parameter> {
        let mut declared = self.operation.parameters.iter().filter(|parameter| parameter.part == Part::Query);
        let meant = declared.find(|parameter| parameter.name.eq_ignore_ascii_case(name))?;
        (!self.declares_query(name) && !sent.contains(&meant.name)).then_some(meant)
    }
}

fn warning(name: &str, meant: &Parameter) -> Finding {
    let location = Location::Request(Part::Query, Pointer::root().join(name));
    let message = format!("the operation has no such query parameter; it is taken for `{}`", meant.name);
    let finding = Finding::warning(Code::Undeclared, location, message);
    finding.help(format!("write it `{}`", meant.name)).ruled_by(&meant.place)
}
