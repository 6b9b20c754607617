//! A declared response → the representation that a client likes best (RFC 9110, section 12), and where its body comes from.

use super::{Bodies, Prefer, Source, example, kind::is_for};
use crate::{
    api::{Content, Example, Response},
    exchange::{Accept, MediaType},
    finding::{Code, Finding, Location, Part, Place, Pointer},
};

/// The name of an example that has none.
const UNNAMED: &str = "default";

/// What a client wants a response to be like.
pub(super) struct Wanted<'r> {
    pub(super) accept: &'r Accept,
    /// The name of an example that it must be.
    pub(super) example: Option<&'r str>,
    /// Where the preferences of the client stand.
    pub(super) prefer: &'r Prefer,
    pub(super) bodies: Bodies,
}

/// How a response is sent.
pub(super) struct Represented<'p> {
    pub(super) content: Option<&'p Content>,
    /// The type that is wanted of a range that is declared.
    pub(super) media_type: Option<MediaType>,
    pub(super) source: Source<'p>,
}

/// Why a response cannot be sent as it is wanted.
pub(super) enum Unfit {
    /// No media type of it is accepted.
    NotAcceptable,
    /// It has no example of that name.
    NoExample(String),
}

impl Wanted<'_> {
    /// The content that is liked best, and in it the example; nothing where the response holds nothing.
    pub(super) fn of<'p>(&self, offered: &'p [Content]) -> Result<Represented<'p>, Unfit> {
        if offered.is_empty() {
            return self.nothing();
        }
        let liked = |contents: Vec<&'p Content>| self.accept.choose(&contents, |content| &content.media_type);
        let found = liked(offered.iter().filter(|content| self.has_example(content)).collect());
        match (found, self.example) {
            (Some(content), _) => Ok(self.represented(content, self.source(content))),
            (None, Some(name)) if liked(offered.iter().collect()).is_some() => {
                Err(Unfit::NoExample(name.to_owned()))
            }
            _ => Err(Unfit::NotAcceptable),
        }
    }

    /// The same, and the first content where none is accepted: a failure is told in any form rather than not at all
    /// (RFC 9110, section 12.1).
    pub(super) fn or_any<'p>(&self, offered: &'p [Content]) -> Result<Represented<'p>, Unfit> {
        self.of(offered).or_else(|unfit| {
            let any = offered.iter().find(|content| self.has_example(content));
            any.map(|content| self.represented(content, self.source(content))).ok_or(unfit)
        })
    }

    /// How a failure of a kind is told: in a content that has an example, else in one that has a schema, of these in the
    /// one that is liked best, by an example that is of the kind.
    pub(super) fn for_kind<'p>(&self, offered: &'p [Content], code: Code) -> Result<Represented<'p>, Unfit> {
        if self.example.is_some() || offered.is_empty() {
            return self.or_any(offered);
        }
        let rank = |content: &Content| match (example::sound(content).next(), &content.schema) {
            (Some(_), _) => 0,
            (None, Some(_)) => 1,
            (None, None) => 2,
        };
        let mut contents: Vec<&Content> = offered.iter().collect();
        contents.sort_by_key(|content| rank(content));
        let liked = self.accept.choose(&contents, |content| &content.media_type);
        let Some(content) = liked.or(contents.first().copied()) else { return self.nothing() };
        let of_kind = example::sound(content).find(|example| is_for(example, code));
        let source = of_kind.map_or_else(|| self.source(content), Source::Example);
        Ok(self.represented(content, source))
    }

    fn nothing<'p>(&self) -> Result<Represented<'p>, Unfit> {
        match self.example {
            Some(name) => Err(Unfit::NoExample(name.to_owned())),
            None => Ok(Represented { content: None, media_type: None, source: Source::Empty }),
        }
    }

    fn has_example(&self, content: &Content) -> bool {
        let is_trusted = self.bodies == Bodies::Trusted && self.trusted(content).is_some();
        self.example.is_none_or(|name| is_trusted || named(content, name).is_some())
    }

    /// The example to the letter: the one that is asked for, else the first.
    fn trusted<'p>(&self, content: &'p Content) -> Option<&'p Example> {
        let name = self.example;
        content
            .as_written
            .iter()
            .find(|example| name.is_none_or(|name| example.name.as_deref().unwrap_or(UNNAMED) == name))
    }

    fn represented<'p>(&self, content: &'p Content, source: Source<'p>) -> Represented<'p> {
        Represented {
            content: Some(content),
            media_type: self.accept.within(&content.media_type).cloned(),
            source,
        }
    }

    fn source<'p>(&self, content: &'p Content) -> Source<'p> {
        if self.bodies == Bodies::Trusted
            && let Some(example) = self.trusted(content)
        {
            return Source::AsWritten(example);
        }
        if let Some(example) = self.example.and_then(|name| named(content, name)) {
            return Source::Example(example);
        }
        let is_described = content.schema.is_some() || content.item_schema.is_some();
        let example = example::sound(content).next();
        example
            .filter(|_| self.bodies != Bodies::Generated || !is_described)
            .map_or(Source::Generated, Source::Example)
    }
}

/// The example of that name; the single one of a content is called `default`.
fn named<'c>(content: &'c Content, name: &str) -> Option<&'c Example> {
    let is_named = |example: &&Example| example.name.as_deref() == Some(name);
    let unnamed = || example::sound(content).find(|example| example.name.is_none() && name == UNNAMED);
    example::sound(content).find(is_named).or_else(unnamed)
}

impl Wanted<'_> {
    /// The finding that an unfit response amounts to, with what could be had.
    pub(super) fn told(&self, unfit: Unfit, responses: &[Response], response: &Response) -> Box<Finding> {
        Box::new(match unfit {
            Unfit::NotAcceptable => not_acceptable(response),
            Unfit::NoExample(name) => {
                let message = format!("the answer has no example `{name}` in a media type that is accepted");
                unmet(message, self.prefer.place("example"), responses, &response.place)
            }
        })
    }
}

/// A preference that cannot be met, and which could.
pub(super) fn unmet(message: String, location: Location, responses: &[Response], rule: &Place) -> Finding {
    let offers: Vec<String> = responses.iter().map(offer).collect();
    let right = if offers.is_empty() {
        "it declares no responses".to_owned()
    } else {
        format!("it declares {}", offers.join("; "))
    };
    Finding::error(Code::UnmetPreference, location, message).help(right).ruled_by(rule)
}

/// A response and its examples, as they may be preferred.
fn offer(response: &Response) -> String {
    let status = response.status.to_string();
    let mut names: Vec<String> = Vec::new();
    for example in response.content.iter().flat_map(example::sound) {
        let name = format!("`{}`", example.name.as_deref().unwrap_or(UNNAMED));
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() { status } else { format!("{status} with the examples {}", names.join(", ")) }
}

fn not_acceptable(response: &Response) -> Finding {
    let types: Vec<String> =
        response.content.iter().map(|content| format!("`{}`", content.media_type)).collect();
    let location = Location::Request(Part::Header, Pointer::root().join("accept"));
    Finding::error(
        Code::NotAcceptable,
        location,
        "the operation answers in none of the media types asked for",
    )
    .help(format!("accept {}", types.join(" or ")))
    .ruled_by(&response.place)
}
