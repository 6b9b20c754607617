//! How expressions are written in users' files → how the standard writes them (Arazzo 1.0, section 4.7).
//!
//! `$response.body.user.id` and `$steps.a.outputs.list[0].id` are in no grammar and in many files: their dots and brackets
//! are steps of a pointer. Read [`expression`] first.

use crate::{
    exchange::expression::{Expression, Grammar, Malformed, Piece, Template},
    finding::Pointer,
};

/// Reads an expression.
pub(super) fn expression(text: &str) -> Result<Expression, Malformed> {
    Expression::parse(&standard(text), Grammar::Arazzo)
}

/// Reads a text with expressions in it; what begins with a dollar sign and no letter is a text, such as `$5`.
pub(super) fn template(text: &str) -> Result<Template, Malformed> {
    let is_price =
        text.strip_prefix('$').is_some_and(|rest| !rest.starts_with(|one: char| one.is_alphabetic()));
    if is_price {
        return Ok(Template::Mixed(vec![Piece::Text(text.to_owned())]));
    }
    if text.starts_with('$') {
        return expression(text).map(Template::Whole);
    }
    let mut spelled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{$") {
        let end = after.find('}').unwrap_or(after.len());
        spelled.push_str(before);
        spelled.push('{');
        spelled.push_str(&standard(&format!("${}", &after[..end])));
        rest = &after[end..];
    }
    spelled.push_str(rest);
    Template::parse(&spelled, Grammar::Arazzo)
}

fn standard(text: &str) -> String {
    if text.contains('#') {
        return text.to_owned();
    }
    for body in ["$response.body", "$request.body"] {
        if let Some(path) = text.strip_prefix(body).filter(|path| path.starts_with(['.', '['])) {
            return format!("{body}#{}", pointer(path));
        }
    }
    match text.find('[') {
        Some(at) => format!("{}#{}", &text[..at], pointer(&text[at..])),
        None => text.to_owned(),
    }
}

/// `.user.list[0]` → `/user/list/0`.
fn pointer(path: &str) -> Pointer {
    let steps = path.split(['.', '[']).map(|step| step.trim_end_matches(']').trim_matches(['\'', '"']));
    steps.filter(|step| !step.is_empty()).fold(Pointer::root(), |pointer, step| pointer.join(step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_and_brackets_are_steps_of_a_pointer() {
        for (written, read) in [
            ("$response.body.user.id", "$response.body#/user/id"),
            ("$response.body[0]['a/b']", "$response.body#/0/a~1b"),
            ("$response.body", "$response.body"),
            ("$steps.log-in.outputs.list[0].id", "$steps.log-in.outputs.list#/0/id"),
            ("$steps.log-in.outputs.a.b", "$steps.log-in.outputs.a.b"),
            ("$response.header.X-Id", "$response.header.X-Id"),
        ] {
            assert_eq!(expression(written).unwrap().to_string(), read);
        }
    }

    #[test]
    fn texts_keep_what_is_no_expression() {
        for (written, read) in [
            ("Bearer {$response.body.token}", "Bearer {$response.body#/token}"),
            ("$5.00", "$5.00"),
            ("{\"a\": \"{$inputs.a}\", \"b\": {}}", "{\"a\": \"{$inputs.a}\", \"b\": {}}"),
        ] {
            assert_eq!(template(written).unwrap().to_string(), read);
        }
        assert!(template("$step.log-in").is_err());
        assert!(template("a {$inputs.b").is_err());
    }
}
