//! A provider that is described with utoipa, held to the document that utoipa makes of it and to the vendor's.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and takes the time from the machine"
)]

#[path = "../examples/described/provider.rs"]
mod provider;

use std::sync::Arc;

use jiff::Timestamp;
use standin::{
    api,
    document::{self, Source},
    mock::{self, Mock},
    net::InProcess,
    report::{self, Colour},
    verify::{Options, Outcome, Verifier},
};

use self::provider::{FAULTS, document, provider};

fn described(source: &Source) -> Mock {
    let (api, _) = api::read(Arc::new(document::load(source).unwrap())).unwrap();
    Mock::new(vec![Arc::new(api)], Arc::default(), mock::Options::default()).0
}

fn documents() -> [Mock; 2] {
    let own = Source::Text { name: "described.json".to_owned(), text: document().into() };
    [own, Source::Path("openapi/device-sessions.yaml".into())].map(|source| described(&source))
}

async fn verified(described: &Mock, fault: Option<&'static str>, seed: u64) -> Outcome {
    let app = InProcess::new(provider(Timestamp::now, fault));
    let options = Options { seed, ..Options::default() };
    Verifier::new(described.plan(), described.books(), app, options).run(&()).await
}

// The README shows this test.
#[tokio::test]
async fn the_app_keeps_its_document() {
    let source = Source::Path("openapi/device-sessions.yaml".into());
    let (api, _) = api::read(Arc::new(document::load(&source).unwrap())).unwrap();
    let (mock, _) = Mock::new(vec![Arc::new(api)], Arc::default(), mock::Options::default());
    let app = InProcess::new(provider(Timestamp::now, None));
    let outcome = Verifier::new(mock.plan(), mock.books(), app, Options::default()).run(&()).await;
    let told = report::violations(&outcome, mock.plan(), "http://localhost:3000", Colour::Plain);
    assert!(outcome.violations.is_empty(), "{told}");
}

#[tokio::test]
async fn nothing_is_found_in_it_with_any_seed() {
    for described in documents() {
        for seed in 0..20 {
            let outcome = verified(&described, None, seed).await;
            let told = report::violations(&outcome, described.plan(), "", Colour::Plain);
            assert!(outcome.violations.is_empty(), "seed {seed}: {told}");
            assert!(outcome.operations.iter().all(|(_, tally)| tally.successes > 0), "seed {seed}");
        }
    }
}

#[tokio::test]
async fn each_of_its_faults_is_found_by_either_document() {
    for described in documents() {
        for (name, what, check) in FAULTS {
            let outcome = verified(&described, Some(name), 0).await;
            let found: Vec<_> = outcome.violations.iter().map(|one| one.check.name()).collect();
            assert!(found.contains(check), "{name}: it {what}, and {found:?} are found");
        }
    }
}
