//! Requests that are right but for one thing, and what is to be found about them.

use http::{HeaderName, HeaderValue, Method};
use serde_json::{Value, json};
use standin::{
    credential::{Foreign, Format},
    exchange::{Body, Request},
    finding::Code,
    schema::{Dice, Schema},
};

use crate::{
    requests::{self, foreign_jwt, minted},
    world::{Carrier, Role, Scene},
};

/// One way to break a request.
pub(crate) struct Mutation {
    pub(crate) name: &'static str,
    /// What is to be found.
    pub(crate) kind: Code,
    /// What the mock thinks of foreign tokens.
    pub(crate) foreign: Foreign,
    apply: fn(&mut Near<'_>) -> Option<()>,
}

/// A request that is about to be broken.
struct Near<'a> {
    scene: Scene<'a>,
    dice: &'a mut Dice,
    request: Request,
}

const fn broken(name: &'static str, kind: Code, apply: fn(&mut Near<'_>) -> Option<()>) -> Mutation {
    Mutation { name, kind, foreign: Foreign::Accepted, apply }
}

const fn strictly(name: &'static str, kind: Code, apply: fn(&mut Near<'_>) -> Option<()>) -> Mutation {
    Mutation { name, kind, foreign: Foreign::Refused, apply }
}

pub(crate) const MUTATIONS: &[Mutation] = &[
    broken("a parameter is left out", Code::MissingParam, without_parameter),
    broken("a parameter has another value", Code::InvalidParam, other_parameter),
    broken("a parameter is sent twice", Code::InvalidParam, repeated_parameter),
    broken("the body is left out", Code::MissingBody, without_body),
    broken("a property is left out", Code::InvalidBody, without_property),
    broken("a property has a wrong type", Code::InvalidBody, wrong_type),
    broken("a property is null", Code::InvalidBody, null_property),
    broken("a property is too short", Code::InvalidBody, short_property),
    broken("a number is beyond its format", Code::InvalidBody, great_number),
    broken("the body is no object", Code::InvalidBody, other_root),
    broken("the body breaks off", Code::InvalidBody, truncated),
    broken("the body goes on after its end", Code::InvalidBody, trailed),
    broken("the body is no UTF-8", Code::InvalidBody, not_utf8),
    broken("the body is too large", Code::BodyTooLarge, too_large),
    broken("the body is interrupted", Code::BodyInterrupted, interrupted),
    broken("the body is of another media type", Code::UnsupportedMediaType, other_media_type),
    broken("another media type is asked for", Code::NotAcceptable, other_accept),
    broken("the credential is left out", Code::MissingCredential, without_credential),
    broken("the credential is empty", Code::MissingCredential, empty_credential),
    broken("the token has ended", Code::TokenExpired, expired),
    broken("somebody else's token has ended", Code::TokenExpired, foreign_expired),
    broken("the token is signed by nobody", Code::InvalidCredential, forged),
    broken("the token is one for something else", Code::InvalidCredential, other_credential),
    strictly("the token is changed", Code::InvalidCredential, tampered),
    strictly("the token is somebody else's", Code::InvalidCredential, foreign),
    strictly("the token is empty", Code::InvalidCredential, empty_parameter),
    broken("the method is another", Code::MethodNotAllowed, other_method),
    broken("the path is another", Code::UnknownRoute, other_path),
];

impl Mutation {
    /// Whether the operation has what is broken here.
    pub(crate) fn is_apt(&self, scene: Scene<'_>) -> bool {
        self.of(scene, &mut Dice::smallest()).is_some()
    }

    /// A request to the operation with this one fault; `None` where it has nothing that could be broken so.
    pub(crate) fn of(&self, scene: Scene<'_>, dice: &mut Dice) -> Option<Request> {
        let request = requests::valid(scene, dice);
        let mut near = Near { scene, dice, request };
        (self.apply)(&mut near)?;
        Some(near.request)
    }

    /// Whether what is broken is a rule of a parameter or the body.
    pub(crate) fn is_of_content(&self) -> bool {
        let credentials = [Code::MissingCredential, Code::InvalidCredential, Code::TokenExpired];
        !credentials.contains(&self.kind) && self.kind != Code::NotAcceptable
    }
}

impl Near<'_> {
    fn set(&mut self, header: &str, value: &str) -> Option<()> {
        let name = HeaderName::from_bytes(header.as_bytes()).ok()?;
        self.request.headers.insert(name, HeaderValue::from_str(value).ok()?);
        Some(())
    }

    fn pick<T: Clone>(&mut self, choices: &[T]) -> Option<T> {
        self.dice.pick(choices).cloned()
    }

    /// The name of a required parameter.
    fn parameter(&mut self) -> Option<String> {
        let parameters = self.scene.operation().parameters.iter();
        let names: Vec<String> =
            parameters.filter(|parameter| parameter.is_required).map(|held| held.name.clone()).collect();
        self.pick(&names)
    }

    fn carry(&mut self, text: &str) -> Option<()> {
        let Carrier { header, scheme, .. } = self.scene.required_carrier()?;
        self.set(&header, &format!("{scheme}{text}"))
    }

    /// The token that the request carries.
    fn carried(&self) -> Option<String> {
        let Carrier { header, scheme, .. } = self.scene.required_carrier()?;
        let field = self.request.header_values(&header).into_iter().next()?;
        Some(field.strip_prefix(scheme)?.to_owned())
    }

    fn schema(&self) -> Option<&Schema> {
        self.scene.operation().body.as_ref()?.content.first()?.schema.as_ref()
    }

    /// Puts a value in place of a property; those that `is_apt` says no to are let be.
    fn put(&mut self, value: Option<Value>, is_apt: fn(&Value) -> bool) -> Option<()> {
        let properties = self.schema()?.resolved().get("properties")?.as_object()?;
        let apt = properties.iter().filter(|(_, schema)| is_apt(schema)).map(|(name, _)| name.clone());
        let name = self.pick(&apt.collect::<Vec<String>>())?;
        let mut body: Value = serde_json::from_slice(self.request.bytes()).unwrap_or_else(|_| json!({}));
        match value {
            Some(value) => body.as_object_mut()?.insert(name, value),
            None => body.as_object_mut()?.remove(&name),
        };
        self.send(body.to_string())
    }

    fn send(&mut self, body: impl Into<bytes::Bytes>) -> Option<()> {
        self.scene.operation().body.as_ref()?;
        self.request.body = Body::Whole(body.into());
        Some(())
    }

    /// Sends what became of a body, where a client may have sent one.
    fn lose(&mut self, body: Body) -> Option<()> {
        (self.request.method != Method::HEAD).then(|| self.request.body = body)
    }

    /// The bytes of the body; where it is left out, of one that says nothing.
    fn sent(&self) -> Vec<u8> {
        let bytes = self.request.bytes();
        if bytes.is_empty() { b"{}".to_vec() } else { bytes.to_vec() }
    }

    /// A place in a text of `length` bytes, never its start or end.
    fn within(&mut self, length: usize) -> Option<usize> {
        let inner = u64::try_from(length.checked_sub(1)?).ok()?;
        1_usize.checked_add(usize::try_from(self.dice.below(inner)).ok()?)
    }
}

fn without_parameter(near: &mut Near<'_>) -> Option<()> {
    let name = near.parameter()?;
    near.request.headers.remove(name).map(drop)
}

fn other_parameter(near: &mut Near<'_>) -> Option<()> {
    let parameters = near.scene.operation().parameters.iter();
    let listed =
        parameters.filter(|held| held.schema.as_ref().is_some_and(|s| s.resolved().get("enum").is_some()));
    let name = near.pick(&listed.map(|held| held.name.clone()).collect::<Vec<_>>())?;
    let value = near.pick(&["other", "", "API-TOKEN", "api-token,api", "apitoken", "null", "1"])?;
    near.set(&name, value)
}

fn repeated_parameter(near: &mut Near<'_>) -> Option<()> {
    let name = HeaderName::from_bytes(near.parameter()?.as_bytes()).ok()?;
    let value = near.request.headers.get(&name)?.clone();
    near.request.headers.append(name, value);
    Some(())
}

fn without_body(near: &mut Near<'_>) -> Option<()> {
    near.scene.operation().body.as_ref().filter(|body| body.is_required)?;
    near.send("")
}

fn without_property(near: &mut Near<'_>) -> Option<()> {
    // The documents require either all properties of a body or none.
    near.schema()?.resolved().get("required")?;
    near.put(None, |_| true)
}

fn wrong_type(near: &mut Near<'_>) -> Option<()> {
    let value = near.pick(&[json!(true), json!(1.5), json!([]), json!({}), json!(["a"])])?;
    near.put(Some(value), |_| true)
}

fn null_property(near: &mut Near<'_>) -> Option<()> {
    near.put(Some(Value::Null), |schema| schema["type"].is_string())
}

fn short_property(near: &mut Near<'_>) -> Option<()> {
    near.put(Some(json!("")), |schema| schema.get("minLength").is_some())
}

fn great_number(near: &mut Near<'_>) -> Option<()> {
    let value =
        near.pick(&[json!(2_147_483_648_i64), json!(-2_147_483_649_i64), json!(1e30), json!(u64::MAX)])?;
    near.put(Some(value), |schema| schema["format"] == "int32")
}

fn other_root(near: &mut Near<'_>) -> Option<()> {
    let value = near.pick(&["null", "true", "7", "\"text\"", "[]", "[{}]"])?;
    near.send(value)
}

fn truncated(near: &mut Near<'_>) -> Option<()> {
    let mut bytes = near.sent();
    bytes.truncate(near.within(bytes.len())?);
    near.send(bytes)
}

fn trailed(near: &mut Near<'_>) -> Option<()> {
    let rest = near.pick(&["}", "x", ",", "{}", "\0", "// done"])?;
    let bytes = [&near.sent(), rest.as_bytes()].concat();
    near.send(bytes)
}

fn not_utf8(near: &mut Near<'_>) -> Option<()> {
    let mut bytes = near.sent();
    let at = near.within(bytes.len())?;
    bytes.insert(at, 0xff);
    near.send(bytes)
}

fn too_large(near: &mut Near<'_>) -> Option<()> {
    near.lose(Body::TooLarge { limit: 1 << 20 })
}

fn interrupted(near: &mut Near<'_>) -> Option<()> {
    near.lose(Body::Interrupted("the connection ended".to_owned()))
}

fn other_media_type(near: &mut Near<'_>) -> Option<()> {
    let body = near.sent();
    near.send(body)?;
    let others = ["text/plain", "application/xml", "json", "", "application/jsonp", "*/*"];
    let other = near.pick(&others)?;
    near.set("content-type", other)
}

fn other_accept(near: &mut Near<'_>) -> Option<()> {
    let others = ["text/html", "application/json;q=0", "image/*, application/xml;q=0.5", "*/*;q=0"];
    let other = near.pick(&others)?;
    near.set("accept", other)
}

/// The header of the required security scheme.
fn scheme(near: &Near<'_>) -> Option<String> {
    near.scene.required_carrier().filter(|carrier| carrier.role == Role::Scheme).map(|carrier| carrier.header)
}

fn without_credential(near: &mut Near<'_>) -> Option<()> {
    near.request.headers.remove(scheme(near)?).map(drop)
}

fn empty_credential(near: &mut Near<'_>) -> Option<()> {
    let header = scheme(near)?;
    near.set(&header, "")
}

fn empty_parameter(near: &mut Near<'_>) -> Option<()> {
    near.scene.required_carrier().filter(|carrier| carrier.role == Role::Parameter)?;
    near.carry("")
}

fn expired(near: &mut Near<'_>) -> Option<()> {
    let credential = near.scene.required_carrier()?.credential;
    let ago = requests::seconds(near.dice);
    let token = minted(near.scene, credential, -ago, near.dice);
    near.carry(&token)
}

fn foreign_expired(near: &mut Near<'_>) -> Option<()> {
    let ago = requests::seconds(near.dice);
    let end = near.scene.now().as_second() - ago;
    let ends = [json!(end), json!(0), json!(-1), json!(-1e300), json!(i64::MIN)];
    let end = near.pick(&ends)?;
    near.carry(&foreign_jwt(&json!({ "exp": end })))
}

/// Another character at a place of our choice, the rest as it was.
fn changed(near: &mut Near<'_>, from: usize) -> Option<()> {
    let token = near.carried()?;
    let at = from + near.within(token.len() - from).unwrap_or(1) - 1;
    let other = if &token[at..=at] == "A" { "B" } else { "A" };
    near.carry(&format!("{}{other}{}", &token[..at], &token[at + 1..]))
}

fn tampered(near: &mut Near<'_>) -> Option<()> {
    changed(near, 0)
}

/// A JWT of ours whose claims or signature are others.
fn forged(near: &mut Near<'_>) -> Option<()> {
    let credential = near.scene.required_carrier()?.credential;
    if near.scene.book().credentials()[credential].format != Format::Jwt {
        return None;
    }
    let token = minted(near.scene, credential, 60, near.dice);
    near.carry(&token)?;
    changed(near, token.find('.')? + 1)
}

fn other_credential(near: &mut Near<'_>) -> Option<()> {
    let own = near.scene.required_carrier()?.credential;
    let others: Vec<usize> =
        (0..near.scene.book().credentials().len()).filter(|other| *other != own).collect();
    let other = near.pick(&others)?;
    let token = minted(near.scene, other, 60, near.dice);
    near.carry(&token)
}

fn foreign(near: &mut Near<'_>) -> Option<()> {
    let end = near.scene.now().as_second() + 60;
    let tokens = [requests::text(near.dice), foreign_jwt(&json!({ "exp": end })), foreign_jwt(&json!({}))];
    let token = near.pick(&tokens)?;
    near.carry(&token)
}

fn other_method(near: &mut Near<'_>) -> Option<()> {
    let path = &near.request.path;
    let operations = near.scene.api().operations.iter().filter(|operation| operation.path == *path);
    let held: Vec<&str> = operations.map(|operation| operation.method.as_str()).collect();
    let names = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "TRACE", "CONNECT", "post", "BREW"];
    let others = names.into_iter().filter(|name| {
        let answers = if *name == "HEAD" { "GET" } else { name };
        !held.contains(name) && !held.contains(&answers)
    });
    let other = near.pick(&others.collect::<Vec<&str>>())?;
    near.request.method = Method::from_bytes(other.as_bytes()).ok()?;
    Some(())
}

fn other_path(near: &mut Near<'_>) -> Option<()> {
    let path = near.request.path.clone();
    let parent = path.rsplit_once('/')?.0.to_owned();
    let others = [
        format!("{path}/extra"),
        format!("{path}//"),
        format!("/{path}"),
        format!("{path}%2F"),
        format!("{path}%00"),
        path.to_uppercase(),
        path[..path.len() - 1].to_owned(),
        path.replacen('/', "/../", 2),
        parent,
    ];
    near.request.path = near.pick(&others)?;
    Some(())
}
