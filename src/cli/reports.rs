//! What the user asked to have written of a run, and where; what it looks like, only `report` knows.

use std::str::FromStr;

use super::Failure;
use crate::report::Verified;

/// A report that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Lines among what is told, which GitHub reads.
    Annotations,
    /// A file, or standard output.
    Written(Kind, Target),
}

/// In which form a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Junit,
    Json,
    Html,
}

/// Where a report goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Output,
    Path(String),
}

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, path) = text.split_once('=').unwrap_or((text, ""));
        let kind = match kind {
            "github" if path.is_empty() => return Ok(Self::Annotations),
            "junit" => Kind::Junit,
            "json" => Kind::Json,
            "html" => Kind::Html,
            _ => return Err("it is `github`, or one of `junit`, `json` and `html` with a path".to_owned()),
        };
        match path {
            "" => Err(format!("it lacks a path, as in `{text}=PATH`, or `{text}=-` for standard output")),
            "-" => Ok(Self::Written(kind, Target::Output)),
            path => Ok(Self::Written(kind, Target::Path(path.to_owned()))),
        }
    }
}

impl Kind {
    pub(super) fn text(self, verified: &Verified) -> String {
        match self {
            Self::Junit => verified.junit(),
            Self::Json => verified.json(),
            Self::Html => verified.html(),
        }
    }
}

/// Whether a report takes standard output, so that nothing else may stand there.
pub(super) fn take_output(wanted: &[Wanted]) -> bool {
    wanted.iter().any(|wanted| matches!(wanted, Wanted::Written(_, Target::Output)))
}

/// Whether lines for GitHub are told: where that is asked for, and in its jobs.
pub(super) fn are_annotated(wanted: &[Wanted]) -> bool {
    let is_job = std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true");
    is_job || wanted.contains(&Wanted::Annotations)
}

/// Writes all reports that can be written; fails where one cannot.
pub(super) fn write(wanted: &[Wanted], text: &dyn Fn(Kind) -> String) -> Result<(), Failure> {
    let mut outcome = Ok(());
    for wanted in wanted {
        let written = match wanted {
            Wanted::Annotations => Ok(()),
            Wanted::Written(kind, Target::Output) => {
                print!("{}", text(*kind));
                Ok(())
            }
            Wanted::Written(kind, Target::Path(path)) => std::fs::write(path, text(*kind))
                .map_err(|source| Failure::Write { path: path.clone(), source }),
        };
        outcome = outcome.and(written);
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_a_kind_and_a_path() {
        assert_eq!(
            "junit=a=b.xml".parse(),
            Ok(Wanted::Written(Kind::Junit, Target::Path("a=b.xml".to_owned())))
        );
        assert_eq!("html=-".parse(), Ok(Wanted::Written(Kind::Html, Target::Output)));
        assert_eq!("github".parse(), Ok(Wanted::Annotations));
    }

    #[test]
    fn a_report_without_a_path_is_refused_with_what_would_be_right() {
        let refused = |text: &str| text.parse::<Wanted>().unwrap_err();
        assert_eq!(refused("json"), "it lacks a path, as in `json=PATH`, or `json=-` for standard output");
        let kinds = "it is `github`, or one of `junit`, `json` and `html` with a path";
        assert_eq!(refused("xml=a"), kinds);
        assert_eq!(refused("github=a"), kinds);
    }
}
