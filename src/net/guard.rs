//! Who may use the control interface: who knows the token, where there is one, and no page of another origin.
//!
//! A browser says whose page asks (Fetch Standard, section 3.2; Fetch Metadata). A page that made its own name lead to this
//! machine does not: it is told by the name that it asks for, which nobody here would have.

use http::{HeaderMap, HeaderValue, StatusCode, header};
use poem::Response;
use serde_json::json;
use sha2::{Digest, Sha256};

use base64::{Engine, prelude::BASE64_STANDARD};

/// Judges requests to the control interface by their header fields.
pub(super) struct Guard {
    /// What the token is, digested, so that a comparison takes as long whatever is compared.
    token: Option<[u8; 32]>,
    /// Whether pages of other origins may use it.
    is_open: bool,
    /// Whether it is served to this machine alone.
    pub(super) is_local: bool,
}

impl Guard {
    pub(super) fn new(token: Option<&str>, is_open: bool) -> Self {
        Self { token: token.map(digest), is_open, is_local: false }
    }

    pub(super) fn is_open(&self) -> bool {
        self.is_open
    }

    /// The answer to a request that is kept out.
    pub(super) fn refusal(&self, asked: &HeaderMap) -> Option<Response> {
        if !self.is_open
            && let Some(why) = self.stranger(asked)
        {
            let detail =
                format!("{why}; `--cors-control` lets pages of other origins use the control interface");
            return Some(problem(StatusCode::FORBIDDEN, "The page is of another origin", &detail));
        }
        let token = self.token?;
        if given(asked).any(|given| digest(&given) == token) {
            return None;
        }
        let detail = "send the token of `--control-token` as in `Authorization: Bearer TOKEN`, or as the password of `Basic`";
        let mut refused = problem(
            StatusCode::UNAUTHORIZED,
            "The control interface is for those who know its token",
            detail,
        );
        // A browser asks for a password, and then sends it with whatever its page asks for.
        for challenge in ["Bearer realm=\"standin\"", "Basic realm=\"standin\""] {
            refused.headers_mut().append(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        Some(refused)
    }

    /// Why a request is that of another origin's page.
    fn stranger(&self, asked: &HeaderMap) -> Option<String> {
        let text = |name: &str| asked.get(name).and_then(|value| value.to_str().ok());
        let host = text("host").unwrap_or_default();
        if let Some(origin) = asked.get(header::ORIGIN) {
            let origin = String::from_utf8_lossy(origin.as_bytes());
            let authority = origin.split_once("://").map_or("", |(_, authority)| authority);
            if !authority.eq_ignore_ascii_case(host) {
                return Some(format!("a page of `{origin}` asks `{host}`"));
            }
        }
        let is_followed = text("sec-fetch-mode") == Some("navigate");
        if matches!(text("sec-fetch-site"), Some("cross-site" | "same-site")) && !is_followed {
            return Some("a page of another origin asks".to_owned());
        }
        (self.is_local && !is_local(host)).then(|| format!("`{host}` is no name of this machine"))
    }
}

/// Whether nobody else can have made this name lead here: an address, a name of this machine, or one without a dot.
fn is_local(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(_) => return true,
        None => host.split(':').next().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase(),
    };
    !name.contains('.') || name.ends_with(".localhost") || name.parse::<std::net::Ipv4Addr>().is_ok()
}

/// The tokens that a request gives.
fn given(asked: &HeaderMap) -> impl Iterator<Item = String> + '_ {
    asked.get_all(header::AUTHORIZATION).iter().filter_map(|field| {
        let (scheme, rest) = field.to_str().ok()?.split_once(' ')?;
        let rest = rest.trim();
        if scheme.eq_ignore_ascii_case("bearer") {
            return Some(rest.to_owned());
        }
        let pair = scheme.eq_ignore_ascii_case("basic").then(|| BASE64_STANDARD.decode(rest).ok())??;
        Some(String::from_utf8(pair).ok()?.split_once(':')?.1.to_owned())
    })
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// A problem document (RFC 9457) of the control interface.
pub(super) fn problem(status: StatusCode, title: &str, detail: &str) -> Response {
    let problem = json!({ "title": title, "status": status.as_u16(), "detail": detail });
    Response::builder().status(status).content_type("application/problem+json").body(problem.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(guard: &Guard, fields: &[(&'static str, &'static str)]) -> Option<u16> {
        let headers = fields
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), HeaderValue::from_static(value)));
        guard.refusal(&headers.collect()).map(|refused| refused.status().as_u16())
    }

    #[test]
    fn pages_of_other_origins_are_kept_out_and_whoever_is_no_page_is_not() {
        let guard = Guard { is_local: true, ..Guard::new(None, false) };
        let of = |fields: &[_]| refused(&guard, fields);
        assert_eq!(of(&[("host", "localhost:4010")]), None);
        assert_eq!(of(&[("host", "127.0.0.1:4010"), ("origin", "http://127.0.0.1:4010")]), None);
        assert_eq!(of(&[("host", "127.0.0.1:4010"), ("origin", "http://localhost:3000")]), Some(403));
        assert_eq!(of(&[("host", "127.0.0.1:4010"), ("origin", "null")]), Some(403));
        assert_eq!(
            of(&[("host", "a"), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")]),
            Some(403)
        );
        assert_eq!(
            of(&[("host", "a"), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")]),
            None
        );
        assert_eq!(of(&[("host", "a"), ("sec-fetch-site", "same-origin")]), None);
    }

    #[test]
    fn a_name_that_was_made_to_lead_here_is_kept_out() {
        let guard = Guard { is_local: true, ..Guard::new(None, false) };
        for (host, is_refused) in [
            ("evil.example:4010", true),
            ("evil.example.", true),
            ("standin", false),
            ("mock.localhost", false),
            ("[::1]:4010", false),
            ("127.0.0.1", false),
        ] {
            assert_eq!(refused(&guard, &[("host", host)]).is_some(), is_refused, "{host}");
        }
        let public = Guard { is_local: false, ..guard };
        assert_eq!(refused(&public, &[("host", "mock.example")]), None);
    }

    #[test]
    fn who_knows_the_token_is_let_in() {
        let guard = Guard::new(Some("hush"), false);
        let of = |value: &'static str| refused(&guard, &[("authorization", value)]);
        assert_eq!([of("Bearer hush"), of("bearer  hush"), of("Basic YW55Ym9keTpodXNo")], [None, None, None]);
        assert_eq!([of("Bearer hus"), of("hush"), of("Basic aHVzaA==")], [Some(401), Some(401), Some(401)]);
        assert_eq!(refused(&guard, &[]), Some(401));
    }

    #[test]
    fn where_it_is_open_pages_may_ask_and_need_the_token_still() {
        let guard = Guard { is_local: true, ..Guard::new(Some("hush"), true) };
        let origin = ("origin", "https://pages.example");
        assert_eq!(refused(&guard, &[origin, ("authorization", "Bearer hush")]), None);
        assert_eq!(refused(&guard, &[origin]), Some(401));
    }
}
