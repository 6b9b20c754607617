//! What a setting takes, found by asking the parser that reads it from the command line: that one is never written twice.

use std::error::Error;

use clap::{
    Arg, ArgAction, Command,
    error::{ContextKind, ContextValue},
};

/// What a setting takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) enum Kind {
    /// `true` or `false`.
    Switch,
    /// One of these words.
    Choice(Vec<String>),
    /// A whole number.
    Integer,
    /// A text; a number is written as one.
    Text,
}

impl Kind {
    pub(in crate::cli) fn of(arg: &Arg) -> Self {
        let words: Vec<String> =
            arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
        if words == ["true", "false"] || matches!(arg.get_action(), ArgAction::SetTrue) {
            return Self::Switch;
        }
        if !words.is_empty() {
            return Self::Choice(words);
        }
        let takes = |text: &str| wrong(arg, text).is_none();
        if takes("1") && !takes("1.5") && !takes("a") { Self::Integer } else { Self::Text }
    }

    /// What would be right, in words.
    pub(super) fn expected(&self) -> String {
        match self {
            Self::Switch => "expected `true` or `false`".to_owned(),
            Self::Choice(words) => format!("expected one of `{}`", words.join("`, `")),
            Self::Integer => "expected a whole number".to_owned(),
            Self::Text => "expected a text".to_owned(),
        }
    }
}

/// Why the parser of an option refuses a text; `None` where it takes it.
pub(super) fn wrong(arg: &Arg, text: &str) -> Option<String> {
    let parts = match arg.get_value_delimiter() {
        Some(delimiter) => text.split(delimiter).collect(),
        None => vec![text],
    };
    parts.into_iter().find_map(|part| wrong_part(arg, part))
}

fn wrong_part(arg: &Arg, text: &str) -> Option<String> {
    let value = Arg::new("value").allow_hyphen_values(true).value_parser(arg.get_value_parser().clone());
    let asked = Command::new("value")
        .no_binary_name(true)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(value)
        .try_get_matches_from(["--", text]);
    let error = asked.err()?;
    let why = error.source().map(ToString::to_string);
    Some(why.unwrap_or_else(|| match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(words)) => format!("it is none of `{}`", words.join("`, `")),
        _ => "it cannot be read".to_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::value_parser;

    use super::*;

    #[test]
    fn the_parser_of_an_option_says_what_it_takes() {
        let time = |text: &str| text.parse().map(Duration::from_secs).map_err(|_| "no time".to_owned());
        assert_eq!(Kind::of(&Arg::new("a").value_parser(value_parser!(u16))), Kind::Integer);
        assert_eq!(Kind::of(&Arg::new("a").value_parser(value_parser!(bool))), Kind::Switch);
        assert_eq!(Kind::of(&Arg::new("a").value_parser(value_parser!(String))), Kind::Text);
        assert_eq!(
            Kind::of(&Arg::new("a").value_parser(["b", "c"])),
            Kind::Choice(vec!["b".into(), "c".into()])
        );
        assert_eq!(wrong(&Arg::new("a").value_parser(time), "soon"), Some("no time".to_owned()));
        let list = Arg::new("a").value_parser(value_parser!(u16)).value_delimiter(',');
        assert_eq!(wrong(&list, "1,2"), None);
        assert!(wrong(&list, "1,x").is_some());
    }
}
