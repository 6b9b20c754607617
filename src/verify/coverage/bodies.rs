//! A right body → bodies that are none: cut off, empty, no JSON, no text, or of another media type; and the same body with
//! its media type written otherwise.

use crate::{
    api::Content,
    plan::{Address, Draft},
    verify::case::{Case, Expected, Planner, Raw, Shape},
    wire,
};

impl Planner<'_> {
    /// The cases that are about the bytes of a body, and about what it says that it is.
    pub(super) fn bodies(&self, address: Address, least: &Draft, full: &Draft) -> Vec<Case> {
        let draft = if least.body.is_some() { least } else { full };
        let Some((content, value)) = self.body(address, draft) else { return Vec::new() };
        let Ok(sent) = wire::write(content, value) else { return Vec::new() };
        let mut cases = Vec::new();
        for (bytes, media_type, what) in broken(content, &sent) {
            let shape = Shape::Raw(draft.clone(), Raw::Body(bytes, media_type));
            let case = self.case(address, shape, what);
            cases.extend(case.filter(|case| matches!(case.expected, Expected::Refused(_))));
        }
        if content.media_type.is_json() && !sent.media_type.contains(';') {
            for (written, what) in [
                (format!("{}; charset=utf-8", sent.media_type), "the media type with a charset"),
                (format!("{};charset=UTF-8", sent.media_type), "the media type with a charset in upper case"),
                (sent.media_type.to_uppercase(), "the media type in upper case"),
            ] {
                let shape = Shape::Raw(draft.clone(), Raw::Field("content-type", vec![written]));
                let case = self.case(address, shape, what);
                cases.extend(case.filter(|case| case.expected == Expected::Accepted));
            }
        }
        cases
    }

    pub(super) fn body<'s>(
        &'s self,
        address: Address,
        draft: &'s Draft,
    ) -> Option<(&'s Content, &'s serde_json::Value)> {
        let (number, value) = draft.body.as_ref()?;
        Some((self.operation(address).body.as_ref()?.content.get(*number)?, value))
    }
}

type Broken = (Vec<u8>, Option<String>, &'static str);

fn broken(content: &Content, sent: &wire::Sent) -> Vec<Broken> {
    let own = Some(sent.media_type.clone());
    let mut bodies: Vec<Broken> = vec![(Vec::new(), own.clone(), "an empty body")];
    if content.media_type.is_json() {
        let half = sent.bytes[..sent.bytes.len() / 2].to_vec();
        let all_but_one = sent.bytes[..sent.bytes.len() - 1].to_vec();
        let twice = [&sent.bytes[..], &sent.bytes[..]].concat();
        bodies.extend([
            (half, own.clone(), "half of a body"),
            (all_but_one, own.clone(), "a body without its last character"),
            (twice, own.clone(), "a body twice"),
            (b"{\"a\":".to_vec(), own.clone(), "JSON that is cut off"),
            (b"   ".to_vec(), own.clone(), "a body of spaces"),
            (b"NaN".to_vec(), own.clone(), "a body that is `NaN`"),
            (b"{\"a\": NaN}".to_vec(), own.clone(), "`NaN` in an object"),
            (b"{'a': 1}".to_vec(), own.clone(), "JSON with the wrong quotes"),
            (b"{\"a\": 1,}".to_vec(), own.clone(), "JSON with a comma too many"),
            (b"a=1&b=2".to_vec(), own.clone(), "a form that says that it is JSON"),
            (b"\xff\xfe\xfd".to_vec(), own.clone(), "bytes that are no text"),
            (b"{\"a\": \"\xff\xc0\"}".to_vec(), own, "JSON with a text that is not UTF-8"),
        ]);
    }
    for media_type in [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "application/x-standin-unknown",
    ] {
        let what = match media_type {
            "text/plain" => "the body as plain text",
            "application/xml" => "the body as XML",
            "application/x-www-form-urlencoded" => "the body as a form",
            _ => "a media type that nobody knows",
        };
        bodies.push((sent.bytes.to_vec(), Some(media_type.to_owned()), what));
    }
    bodies
}
