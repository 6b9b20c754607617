//! The examples at a place of a document, judged when somebody first asks for one.
//!
//! A document has many more examples than one client ever sees, and to judge one means to compile its schema, so that
//! judging all of them would be most of a start. Whoever wants all that is wrong asks [`Examples::findings`].

use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
};

use serde_json::Value;

use super::{Example, Form};
use crate::{
    document::{Direction, Document, Node},
    finding::{Code, Finding, Location, Place, Severity},
    schema::{self, Dice, Schema},
};

/// The examples that may be sent, in the document's order: those that satisfy their schema first, then, in a response, the
/// nearest value to each other one. Among the first are texts of the media type, which only its reader can judge.
#[derive(Debug, Default)]
pub struct Examples {
    written: Option<Written>,
    judged: OnceLock<Judged>,
}

/// All examples at a place to the letter.
#[derive(Debug, Default)]
pub struct AsWritten {
    at: Option<(Arc<Document>, Place)>,
    all: OnceLock<Vec<Example>>,
}

/// Where examples stand, and what they have to satisfy.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) document: Arc<Document>,
    pub(super) holder: Place,
    pub(super) schema: Option<Schema>,
    /// What each item has to satisfy, of a stream.
    pub(super) item_schema: Option<Schema>,
    /// Whether texts may have a reader of their own, which alone knows what they mean.
    pub(super) may_be_texts: bool,
    pub(super) direction: Direction,
}

#[derive(Debug, Default)]
struct Judged {
    kept: Vec<Example>,
    findings: Vec<Finding>,
}

impl Examples {
    /// Those that are written so; none of them is looked at yet.
    pub(super) fn new(written: Written) -> Self {
        Self { written: Some(written), judged: OnceLock::new() }
    }

    /// What is wrong with those that break their schema; all are judged for it.
    pub fn findings(&self) -> &[Finding] {
        &self.judged().findings
    }

    fn judged(&self) -> &Judged {
        self.judged.get_or_init(|| self.written.as_ref().map(Written::judged).unwrap_or_default())
    }
}

impl Deref for Examples {
    type Target = [Example];

    fn deref(&self) -> &[Example] {
        &self.judged().kept
    }
}

impl<'e> IntoIterator for &'e Examples {
    type Item = &'e Example;
    type IntoIter = std::slice::Iter<'e, Example>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl AsWritten {
    /// Those at a place.
    pub(super) fn new(document: Arc<Document>, holder: Place) -> Self {
        Self { at: Some((document, holder)), all: OnceLock::new() }
    }
}

impl Deref for AsWritten {
    type Target = [Example];

    fn deref(&self) -> &[Example] {
        self.all.get_or_init(|| {
            let node = self.at.as_ref().and_then(|(document, holder)| document.at(holder));
            let all = node.as_ref().map(written_examples).unwrap_or_default().into_iter();
            all.map(|(name, node, form)| Example::new(name, node.value().clone(), form, node.place()))
                .collect()
        })
    }
}

impl<'e> IntoIterator for &'e AsWritten {
    type Item = &'e Example;
    type IntoIter = std::slice::Iter<'e, Example>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Example {
    fn new(name: Option<String>, value: Value, form: Form, place: &Place) -> Self {
        let (meaning, sent) = (OnceLock::new(), OnceLock::new());
        Self { name, value: Arc::new(value), form, meaning, sent, place: place.clone() }
    }
}

impl Written {
    fn judged(&self) -> Judged {
        let Some(holder) = self.document.at(&self.holder) else { return Judged::default() };
        let (mut judged, mut repaired) = (Judged::default(), Vec::new());
        for (name, node, form) in written_examples(&holder) {
            let broken = match &self.schema {
                Some(schema) if form == Form::Value => schema.violations(node.value()),
                _ => Vec::new(),
            };
            let is_text = self.may_be_texts && node.value().is_string() && !broken.is_empty();
            let form = if is_text { Form::Serialized } else { form };
            if broken.is_empty() || form == Form::Serialized {
                judged.kept.push(Example::new(name, node.value().clone(), form, node.place()));
                continue;
            }
            judged.findings.extend(broken.into_iter().map(|violation| unsound(node.place(), violation)));
            let nearest = self.schema.as_ref().filter(|_| self.direction == Direction::Response);
            // The same document gives the same values on every machine.
            let nearest = nearest.and_then(|schema| schema.repair(node.value(), &mut Dice::seeded(0)));
            repaired.extend(nearest.map(|value| Example::new(name, value, form, node.place())));
        }
        judged.kept.append(&mut repaired);
        let Judged { kept, findings } = &mut judged;
        kept.retain(|example| self.has_sound_items(example, findings));
        judged
    }

    /// Whether every item of an example of a stream satisfies the schema of the items; of each other one, a finding.
    fn has_sound_items(&self, example: &Example, findings: &mut Vec<Finding>) -> bool {
        let Some(schema) = &self.item_schema else { return true };
        let items = example.value.as_array().into_iter().flatten().enumerate();
        let broken: Vec<Finding> = items
            .flat_map(|(at, item)| {
                let place =
                    Place { file: Arc::clone(&example.place.file), pointer: example.place.pointer.join(at) };
                schema.violations(item).into_iter().map(move |violation| unsound(&place, violation))
            })
            .collect();
        let is_sound = broken.is_empty();
        findings.extend(broken);
        is_sound
    }
}

/// The examples at a place, as they are written (OAS 3.1, section 4.8.19; `dataValue` and `serializedValue` of OAS 3.2).
fn written_examples<'d>(holder: &Node<'d>) -> Vec<(Option<String>, Node<'d>, Form)> {
    let mut all: Vec<_> = holder.raw("example").map(|node| (None, node, Form::Value)).into_iter().collect();
    if all.is_empty() && holder.raw("examples").is_none() {
        // What the schema as a whole shows is an example of the content as well.
        let schema = holder.get("schema");
        let single = schema.iter().filter_map(|schema| schema.raw("example"));
        let several = schema.iter().filter_map(|schema| schema.raw("examples")).flat_map(|list| list.as_is());
        all.extend(single.chain(several).map(|node| (None, node, Form::Value)));
        return all;
    }
    for (name, node) in holder.get("examples").iter().flat_map(Node::entries) {
        let value = node.raw("value").or_else(|| node.raw("dataValue")).map(|value| (value, Form::Value));
        let serialized = || node.raw("serializedValue").map(|value| (value, Form::Serialized));
        if let Some((value, form)) = value.or_else(serialized) {
            all.push((Some(name.to_owned()), value, form));
        }
    }
    all
}

fn unsound(example: &Place, violation: schema::Violation) -> Finding {
    let place =
        Place { file: Arc::clone(&example.file), pointer: example.pointer.append(&violation.instance) };
    let rule = Place { file: violation.schema.0.into(), pointer: violation.schema.1 };
    let message = format!("the example breaks `{}`: {}", violation.keyword, violation.message);
    let mut finding = Finding::error(Code::ExampleBreaksSchema, Location::Document(place, None), message);
    finding.severity = Severity::Warning;
    finding.help("it is not sent as it is, but mended, or another one in its place, unless `--examples trust` says so").ruled_by(&rule)
}

#[cfg(test)]
mod tests {
    use crate::{
        api::{self, read_unjudged},
        document::{Source, load},
    };

    /// Examples of a parameter, of a body, of a response and its header field, each of which breaks its schema.
    const BROKEN: &str = "openapi: 3.1.0
info: {title: t, version: '1'}
paths:
  /pets:
    post:
      parameters: [{name: limit, in: query, schema: {type: integer}, example: many}]
      requestBody: {content: {application/json: {schema: {type: object}, example: 1}}}
      responses:
        '200':
          description: d
          headers: {x-count: {schema: {type: integer}, example: some}}
          content: {application/json: {schema: {type: object, required: [id]}, examples: {a: {value: {}}, b: {value: {id: 1}}}}}
      callbacks:
        told: {'https://a.test': {post: {requestBody: {content: {text/plain: {schema: {maxLength: 1}, example: long}}}, responses: {}}}}
";

    #[test]
    fn what_is_judged_later_is_judged_alike() {
        let read = || load(&Source::Text { name: "pets.yaml".into(), text: BROKEN.into() }).unwrap().into();
        let (at_once, mut told) = api::read(read()).unwrap();
        let (later, before) = read_unjudged(read()).unwrap();
        assert_eq!(before, []);
        let mut after = later.judge_examples(&|| ());
        for findings in [&mut told, &mut after] {
            findings.sort_by_key(ToString::to_string);
        }
        assert_eq!(told, after);
        assert_eq!(told.len(), 4);
        let names = |api: &api::Api| {
            let content = &api.operations[0].responses[0].content[0];
            content.examples.iter().map(|example| example.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(names(&later), [Some("b".to_owned()), Some("a".to_owned())]);
        assert_eq!(names(&at_once), names(&later));
    }
}
