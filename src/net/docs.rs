//! The pages: the live page of requests, and Swagger UI over all documents and the control interface.

use std::{io::Read, sync::Arc};

use flate2::read::GzDecoder;
use http::{HeaderMap, StatusCode, header};
use poem::Response;
use utoipa_swagger_ui::{Config, SwaggerFile, Url};

use super::page::Page;

/// The pages, under a prefix.
pub(super) struct Docs {
    prefix: String,
    config: Arc<Config<'static>>,
}

impl Docs {
    /// Swagger UI that offers each of the documents, and the control interface last.
    pub(super) fn new(prefix: &str, documents: &[String]) -> Self {
        let mut urls: Vec<Url<'static>> = documents
            .iter()
            .map(|name| named(name, &format!("{prefix}/documents/{}", encoded(name))))
            .collect();
        urls.push(named("control interface", &format!("{prefix}/openapi.json")));
        let config =
            Config::new(urls).try_it_out_enabled(true).display_request_duration(true).validator_url("none");
        Self { prefix: prefix.to_owned(), config: Arc::new(config) }
    }

    /// The page at `path`; `None` where it is none of these.
    pub(super) fn page(&self, path: &str, asked: &HeaderMap) -> Option<Response> {
        let rest = path.strip_prefix(self.prefix.as_str())?;
        Some(match rest {
            // A page names its parts relative to a folder, so it has to be one.
            "" | "/docs" => {
                let to = format!("{path}/");
                Response::builder().status(StatusCode::FOUND).header(header::LOCATION, to).finish()
            }
            "/" => Page::live().response(),
            "/docs/" | "/docs/index.html" => Page::docs().response(),
            _ => match utoipa_swagger_ui::serve(rest.strip_prefix("/docs/")?, Arc::clone(&self.config)) {
                Ok(Some(file)) => written(file, asked),
                _ => Response::builder().status(StatusCode::NOT_FOUND).finish(),
            },
        })
    }
}

/// The files are kept compressed, and sent so to whoever takes them (RFC 9110, section 12.5.3).
fn written(file: SwaggerFile<'_>, asked: &HeaderMap) -> Response {
    let response =
        Response::builder().content_type(file.content_type).header(header::VARY, "accept-encoding");
    if !file.gzpipped {
        return response.body(file.bytes.into_owned());
    }
    let fields = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|field| field.to_str().ok());
    if fields.flat_map(|field| field.split(',')).any(|coding| coding.trim().eq_ignore_ascii_case("gzip")) {
        return response.header(header::CONTENT_ENCODING, "gzip").body(file.bytes.into_owned());
    }
    let mut plain = Vec::new();
    match GzDecoder::new(&*file.bytes).read_to_end(&mut plain) {
        Ok(_) => response.body(plain),
        Err(error) => response.status(StatusCode::INTERNAL_SERVER_ERROR).body(error.to_string()),
    }
}

fn named(name: &str, url: &str) -> Url<'static> {
    // `Url` borrows its texts for as long as the program runs, and so does this page.
    Url::new(name.to_owned().leak(), url.to_owned().leak())
}

pub(super) fn encoded(name: &str) -> String {
    percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC)
        .to_string()
        .replace("%2D", "-")
}
