//! A right request → odd ones, of which nobody can say what must become of them, but that no provider may fail on them.

use serde_json::Value;

use crate::{
    finding::{Part, Pointer, Trail},
    plan::{Address, Draft},
    verify::{
        Phase,
        case::{Case, Expected, Planner, Raw, Shape},
    },
    wire,
};

/// How many parameters are written oddly.
const PARAMETERS: usize = 6;
/// How deep a body is nested: parsers that call themselves have given up by then, if they ever do.
const DEEP: usize = 5000;
/// A text that is exchanged for what JSON values cannot hold.
const MARK: &str = "standin-mark";

impl Planner<'_> {
    /// The odd requests.
    pub(super) fn crashes(&self, address: Address, least: &Draft, full: &Draft) -> Vec<Case> {
        let mut odd = self.odd_parameters(address, full);
        odd.extend(accepts(least));
        let draft = if least.body.is_some() { least } else { full };
        odd.extend(self.odd_bodies(address, draft));
        let cases = odd.into_iter().filter_map(|(shape, what)| {
            self.request(address, &shape)?;
            Some(Case { address, phase: Phase::Coverage, expected: Expected::Anything, what, shape })
        });
        cases.collect()
    }

    fn odd_parameters(&self, address: Address, full: &Draft) -> Vec<Odd> {
        let parameters = &self.operation(address).parameters;
        let mut odd = Vec::new();
        for (at, (number, value)) in full.parameters.iter().enumerate().take(PARAMETERS) {
            let parameter = &parameters[*number];
            let texts: Vec<(String, &str)> = match parameter.part {
                Part::Query => vec![
                    ("%FF%C0".to_owned(), "bytes that are not UTF-8"),
                    ("a%00b".to_owned(), "a NUL"),
                    ("%".to_owned(), "a percent sign by itself"),
                    ("99999999999999999999".to_owned(), "a number of twenty digits"),
                    ("-9223372036854775809".to_owned(), "less than an int64"),
                    ("1e400".to_owned(), "ten to the four hundredth"),
                    ("-0".to_owned(), "negative zero"),
                    ("a".repeat(4000), "four thousand characters"),
                    ("%0D%0AX-Injected:%201".to_owned(), "a line break and a header field"),
                ],
                Part::Path => vec![
                    ("%FF".to_owned(), "a byte that is not UTF-8"),
                    ("%00".to_owned(), "a NUL"),
                    ("%C3%A9".to_owned(), "an accent"),
                    ("..%2F".to_owned(), "a step up"),
                    ("a".repeat(300), "three hundred characters"),
                    ("99999999999999999999".to_owned(), "a number of twenty digits"),
                    ("-1".to_owned(), "a negative number"),
                ],
                _ => Vec::new(),
            };
            for (text, what) in texts {
                let mut draft = full.clone();
                let raw = match parameter.part {
                    Part::Path => Raw::Path(*number, text),
                    _ if value.is_object() => continue,
                    _ => {
                        draft.parameters.remove(at);
                        Raw::Query(format!("{}={text}", parameter.name))
                    }
                };
                odd.push((
                    Shape::Raw(draft, raw),
                    format!("{} `{}`: {what}", parameter.part, parameter.name),
                ));
            }
        }
        odd
    }

    fn odd_bodies(&self, address: Address, draft: &Draft) -> Vec<Odd> {
        let Some((content, value)) = self.body(address, draft) else { return Vec::new() };
        let Ok(sent) = wire::write(content, value) else { return Vec::new() };
        let mut odd: Vec<Odd> = [
            (vec!["json"], "a media type without a slash"),
            (vec!["; charset=utf-8"], "a media type of parameters only"),
            (vec![sent.media_type.as_str(), sent.media_type.as_str()], "the media type twice"),
            (vec!["application/json; charset=standin"], "a charset that nobody knows"),
        ]
        .into_iter()
        .map(|(written, what)| {
            let written = written.into_iter().map(str::to_owned).collect();
            (Shape::Raw(draft.clone(), Raw::Field("content-type", written)), what.to_owned())
        })
        .collect();
        if content.media_type.is_json() {
            let raw =
                |bytes: Vec<u8>| Shape::Raw(draft.clone(), Raw::Body(bytes, Some(sent.media_type.clone())));
            odd.extend(texts(value, &sent).into_iter().map(|(bytes, what)| (raw(bytes), what)));
        }
        odd
    }
}

/// What is sent, and what is odd about it.
type Odd = (Shape, String);

fn accepts(draft: &Draft) -> Vec<Odd> {
    let fields =
        ["application/json;q=x", "application/*;q=0", "application/x-standin-unknown", "*/*;q=2, ,;"];
    fields
        .into_iter()
        .map(|field| {
            let shape = Shape::Raw(draft.clone(), Raw::Field("accept", vec![field.to_owned()]));
            (shape, format!("header `Accept`: `{field}`"))
        })
        .collect()
}

/// JSON that is hard to read, around and in a value.
fn texts(value: &Value, sent: &wire::Sent) -> Vec<(Vec<u8>, String)> {
    let mut found: Vec<(Vec<u8>, String)> = vec![
        (
            format!("{}{}", "[".repeat(DEEP), "]".repeat(DEEP)).into_bytes(),
            "five thousand lists in each other".to_owned(),
        ),
        (
            format!("{}1{}", "{\"a\":".repeat(DEEP), "}".repeat(DEEP)).into_bytes(),
            "five thousand objects in each other".to_owned(),
        ),
        ([b"\xef\xbb\xbf", &sent.bytes[..]].concat(), "a byte order mark before the body".to_owned()),
    ];
    if let Value::Object(members) = value
        && let Some((name, member)) = members.iter().next()
    {
        let twice = format!("{{{}:null,{}", Value::from(name.clone()), &value.to_string()[1..]);
        found.push((twice.into_bytes(), "a property twice".to_owned()));
        let same = format!("{{{}:{member},{}", Value::from(name.clone()), &value.to_string()[1..]);
        found.push((same.into_bytes(), "a property twice with the same value".to_owned()));
    }
    for (at, is_number) in leaves(value) {
        let of_numbers = ["1e400", "-0", "9223372036854775808", "-1e400", "0.00000000000000000000000001"];
        let of_texts = [r#""\ud800""#, r#""\u0000""#, r#""a\u0000b""#, r#""\u001b[0m\u0007""#, r#""\uffff""#];
        let written = if is_number { of_numbers } else { of_texts };
        let mut all: Vec<(String, String)> =
            written.into_iter().map(|text| (text.to_owned(), format!("`{text}`"))).collect();
        if !is_number {
            all.push((format!("\"{}\"", "a".repeat(100_000)), "a hundred thousand characters".to_owned()));
        }
        for (text, what) in all {
            let mut marked = value.clone();
            let Some(slot) = marked.pointer_mut(at.as_str()) else { continue };
            *slot = MARK.into();
            let body = marked.to_string().replace(&format!("\"{MARK}\""), &text);
            let place = if at.as_str().is_empty() { String::new() } else { format!(" at `{at}`") };
            found.push((body.into_bytes(), format!("body{place}: {what}")));
        }
    }
    found
}

/// How many texts and how many numbers of a body are exchanged.
const LEAVES: usize = 3;

/// Places of texts and of numbers in a value, and which of the two they are.
fn leaves(value: &Value) -> Vec<(Pointer, bool)> {
    let mut found = Vec::new();
    visit(value, &Trail::root(), &mut found);
    let mut counts = [0, 0];
    found.retain(|(_, is_number)| {
        let count = &mut counts[usize::from(*is_number)];
        *count += 1;
        *count <= LEAVES
    });
    found
}

fn visit(value: &Value, trail: &Trail<'_>, found: &mut Vec<(Pointer, bool)>) {
    match value {
        Value::String(_) => found.push((trail.pointer(), false)),
        Value::Number(_) => found.push((trail.pointer(), true)),
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| visit(member, &trail.key(name), found));
        }
        Value::Array(items) => {
            items.iter().take(1).enumerate().for_each(|(at, item)| visit(item, &trail.index(at), found));
        }
        Value::Null | Value::Bool(_) => {}
    }
}
