//! Fetches files from other hosts, for documents whose references lead there.

use std::{fmt::Write, thread, time::Duration};

use reqwest::{Client, Url};

/// How long one file may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most bytes that one file may have.
const MOST: usize = 64 * 1024 * 1024;

/// The text of the file that an `http` or `https` URL names; what stands in the way, in words.
///
/// It waits for the answer, whether or not the caller is inside a runtime.
///
/// # Errors
/// The reason, where the host cannot be reached, answers with no success, takes longer than 30 s, or sends more than 64 MiB
/// or what is not UTF-8.
pub fn fetch(url: &str) -> Result<String, String> {
    let url: Url = url.parse().map_err(|error| format!("{error}"))?;
    let fetched = thread::scope(|scope| scope.spawn(|| fetch_within_runtime(url)).join());
    fetched.unwrap_or_else(|_| Err("the fetch was given up".to_owned()))
}

fn fetch_within_runtime(url: Url) -> Result<String, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(text(url)).map_err(|error| told(&*error))
}

async fn text(url: Url) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let client = Client::builder().timeout(PATIENCE).build()?;
    let mut response = client.get(url).send().await?.error_for_status()?;
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MOST {
            return Err(format!("it has more than {MOST} bytes").into());
        }
    }
    Ok(String::from_utf8(bytes)?)
}

/// An error and its causes, in one line.
pub(super) fn told(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    text
}
