//! A string that holds a document of some media type, encoded or not (JSON Schema 2020-12 validation, section 8).

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE},
};
use serde_json::Value;

use super::{
    facets::Types,
    format,
    judge::text_fits,
    node::Node,
    solve::{Draft, Goal, Maker},
    words,
};

impl<'a> Maker<'a, '_> {
    /// A text that holds what `contentMediaType` and `contentEncoding` say; `None` where they say nothing, or where it does
    /// not fit.
    pub(super) fn content(&mut self, draft: &Draft<'a>) -> Option<String> {
        let media_type = draft.hint.text("contentMediaType", self.files);
        let encoding = draft.hint.text("contentEncoding", self.files);
        if media_type.is_none() && encoding.is_none() {
            return None;
        }
        let plain = self.document(draft, media_type.unwrap_or("text/plain"))?;
        let text = match encoding.map(str::to_ascii_lowercase).as_deref() {
            Some("base64") => BASE64_STANDARD.encode(plain),
            Some("base64url") => BASE64_URL_SAFE.encode(plain),
            Some("base16") => plain.bytes().flat_map(sixteenths).collect(),
            // The other encodings leave ASCII as it is (RFC 2045, sections 6.2 and 6.7).
            _ => plain,
        };
        text_fits(&text, &draft.facets.text, &mut self.tests).then_some(text)
    }

    fn document(&mut self, draft: &Draft<'a>, media_type: &str) -> Option<String> {
        let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if essence == "application/json" || essence.ends_with("+json") {
            let hint = draft.hint.content(self.files);
            let written = hint.written().map(Node::Written);
            let node = written.unwrap_or_else(|| Node::of_types(Types::OBJECT));
            let goal = Goal { nodes: vec![node], hint, site: draft.site.child(1), like: None };
            return self.solve(goal).as_ref().map(Value::to_string);
        }
        Some(match essence.as_str() {
            "text/html" => format!("<p>{}</p>", self.choice.word(&words::SENTENCES)),
            "application/xml" | "text/xml" => format!("<{0}/>", format::slug(&mut self.choice)),
            "text/csv" => format!(
                "name,city\n{},{}",
                self.choice.word(&words::FIRST_NAMES),
                self.choice.word(&words::CITIES)
            ),
            _ => self.choice.word(&words::SENTENCES).to_owned(),
        })
    }
}

/// The two digits of a byte (RFC 4648, section 8).
fn sixteenths(byte: u8) -> impl Iterator<Item = char> {
    let digit = |part: u8| char::from_digit(part.into(), 16).unwrap_or('0').to_ascii_uppercase();
    [digit(byte / 16), digit(byte % 16)].into_iter()
}
