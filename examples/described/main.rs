//! A provider that is described with utoipa, held to two documents without a socket: the one that utoipa makes of it, and the
//! one of the vendor's page. It tells what was found; `--fault NAME` has it find something.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program may print, and read the clock"
)]

mod provider;

use std::{error::Error, process::ExitCode, sync::Arc};

use clap::Parser;
use jiff::Timestamp;
use poem::{
    Server,
    listener::{Acceptor, Listener, TcpListener},
};
use standin::{
    api,
    document::{self, Source},
    mock::{self, Mock},
    net::InProcess,
    report::{self, Colour},
    sandbox::Clock,
    verify::{Options, Verifier},
};

use self::provider::{FAULTS, document, provider};

/// A provider that is described with utoipa.
#[derive(Parser)]
struct Arguments {
    /// What is to be wrong
    #[arg(long)]
    fault: Option<String>,
    /// Tell what can be wrong
    #[arg(long)]
    list: bool,
    /// Print the document that utoipa makes
    #[arg(long)]
    document: bool,
    /// Serve on this port of the loopback interface, in place of being verified; 0 is any free one
    #[arg(long)]
    port: Option<u16>,
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments = Arguments::parse();
    if arguments.document {
        println!("{}", document());
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.list {
        for (name, what, check) in FAULTS {
            println!("{name}\t{check}\t{what}");
        }
        return Ok(ExitCode::SUCCESS);
    }
    let known = |name: &String| {
        let found = FAULTS.iter().find(|(known, ..)| known == name);
        found.map(|(name, ..)| *name).ok_or_else(|| format!("there is no fault `{name}`"))
    };
    let fault = arguments.fault.as_ref().map(known).transpose()?;
    if let Some(port) = arguments.port {
        serve(port, fault).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let own = Source::Text { name: "described.json".to_owned(), text: document().into() };
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/device-sessions.yaml");
    let mut is_right = true;
    for source in [own, Source::Path(page.into())] {
        is_right &= Box::pin(verified(&source, fault)).await?;
    }
    Ok(if is_right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn serve(port: u16, fault: Option<&'static str>) -> std::io::Result<()> {
    let acceptor = TcpListener::bind(("127.0.0.1", port)).into_acceptor().await?;
    for address in acceptor.local_addr() {
        println!("http://{}", address.as_socket_addr().expect("it was bound to one"));
    }
    Server::new_with_acceptor(acceptor).run(provider(Timestamp::now, fault)).await
}

/// Whether nothing is found in the provider that the document forbids; tells what was.
async fn verified(source: &Source, fault: Option<&'static str>) -> Result<bool, Box<dyn Error>> {
    let document = document::load(source).map_err(|refused| format!("{:?}", refused.findings))?;
    let (api, _) = api::read(Arc::new(document)).map_err(|findings| format!("{findings:?}"))?;
    let (mock, _) = Mock::new(vec![Arc::new(api)], Arc::new(Clock::system()), mock::Options::default());
    let target = InProcess::new(provider(Timestamp::now, fault));
    let outcome = Verifier::new(mock.plan(), mock.books(), target, Options::default()).run(&()).await;
    print!("{}", report::violations(&outcome, mock.plan(), "http://127.0.0.1", Colour::Plain));
    print!("{}", report::summary(&outcome, mock.plan()));
    Ok(outcome.violations.is_empty())
}
