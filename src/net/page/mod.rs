//! The live page and the page around Swagger UI: hand-written files, put together once, that ask nobody but this server.
//!
//! Each is one page of HTML with its style and its script inside. The policy of the live page names the two by their
//! hashes, so that nothing else runs in it, whatever a request or a document holds. Read [`Page::live`] first.

use std::sync::LazyLock;

use base64::{Engine, prelude::BASE64_STANDARD};
use poem::Response;
use sha2::{Digest, Sha256};

/// What stands above both pages.
const BAR: &str = include_str!("bar.html");
const BAR_STYLE: &str = concat!(include_str!("colours.css"), include_str!("bar.css"));

/// A page of HTML, and what a browser may load for it.
pub(super) struct Page {
    html: String,
    policy: String,
}

static LIVE: LazyLock<Page> = LazyLock::new(|| {
    let style = [
        BAR_STYLE,
        include_str!("live.css"),
        include_str!("list.css"),
        include_str!("detail.css"),
        include_str!("views.css"),
    ];
    let script = concat!(
        include_str!("bar.js"),
        include_str!("dom.js"),
        include_str!("store.js"),
        include_str!("list.js"),
        include_str!("filter.js"),
        include_str!("detail.js"),
        include_str!("clock.js"),
        include_str!("views.js"),
        include_str!("live.js"),
    );
    let style = style.concat();
    let policy = format!(
        "default-src 'none'; connect-src 'self'; img-src data:; style-src {}; script-src {}; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
        hash(&style),
        hash(script)
    );
    Page { policy, html: whole(include_str!("live.html"), "", &style, script) }
});

static DOCS: LazyLock<Page> = LazyLock::new(|| {
    let style = [BAR_STYLE, include_str!("docs.css")].concat();
    let html = whole(include_str!("docs.html"), "../", &style, include_str!("bar.js"));
    // Documents may show pictures, and name the hosts where tokens are had: those are not for this page to forbid.
    Page { html, policy: "base-uri 'none'; frame-ancestors 'none'".to_owned() }
});

impl Page {
    /// The live page of requests.
    pub(super) fn live() -> &'static Self {
        &LIVE
    }

    /// The page around Swagger UI.
    pub(super) fn docs() -> &'static Self {
        &DOCS
    }

    /// As it is sent. It is never kept by a browser, for the next version of the program has another one.
    pub(super) fn response(&self) -> Response {
        Response::builder()
            .content_type("text/html; charset=utf-8")
            .header("content-security-policy", &self.policy)
            .header("cache-control", "no-cache")
            .header("referrer-policy", "no-referrer")
            .header("x-content-type-options", "nosniff")
            .body(self.html.clone())
    }
}

/// Puts a page together; `root` leads from it to the control interface.
fn whole(html: &str, root: &str, style: &str, script: &str) -> String {
    html.replace("<!-- bar -->", BAR)
        .replace("{root}", root)
        .replace("/* style */", style)
        .replace("/* script */", script)
}

/// A text as a policy names it (Content Security Policy Level 3, section 2.3.1).
fn hash(text: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_whole_and_names_no_other_host() {
        for page in [Page::live(), Page::docs()] {
            for left in ["<!-- bar -->", "{root}", "/* style */", "/* script */", "http://", "https://"] {
                assert!(!page.html.contains(left), "{left}");
            }
        }
    }

    #[test]
    fn the_policy_names_what_stands_in_the_page() {
        let page = Page::live();
        for (open, close) in [("<style>", "</style>"), ("<script type=\"module\">", "</script>")] {
            let rest = page.html.split_once(open).expect("it has one").1;
            let inside = rest.split_once(close).expect("it ends").0;
            assert!(page.policy.contains(&hash(inside)), "{open}");
            assert!(!rest.contains(open), "there is one {open}");
        }
    }
}
