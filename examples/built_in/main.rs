//! A provider for the three built-in APIs, served: right, or with one fault.
//!
//! `cargo run --example built_in -- --list` tells what can be wrong; `standin verify` is what should find it.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program may print, listen, and read the clock"
)]

mod provider;

use std::{error::Error, sync::Arc};

use clap::Parser;
use jiff::Timestamp;
use poem::{
    Server,
    listener::{Acceptor, Listener, TcpListener},
};

use self::provider::{Accounts, FAULTS, fault, provider, tokens};

/// A provider for the three built-in APIs.
#[derive(Parser)]
struct Arguments {
    /// The port on the loopback interface; 0 is any free one
    #[arg(long, default_value_t = 4020)]
    port: u16,
    /// What is to be wrong
    #[arg(long)]
    fault: Option<String>,
    /// Tell what can be wrong, and do not serve
    #[arg(long)]
    list: bool,
    /// List only the faults of this API
    #[arg(long, requires = "list")]
    api: Option<String>,
    /// Only the page's user has an account; without this, whoever comes first by a name has its account
    #[arg(long)]
    known_accounts: bool,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    if arguments.list {
        list(arguments.api.as_deref());
        return Ok(());
    }
    let fault = match &arguments.fault {
        Some(name) => Some(fault(name).ok_or_else(|| format!("there is no fault `{name}`"))?),
        None => None,
    };
    let accounts = if arguments.known_accounts { Accounts::Known } else { Accounts::Open };
    let acceptor = TcpListener::bind(("127.0.0.1", arguments.port)).into_acceptor().await?;
    for address in acceptor.local_addr() {
        println!("http://{}", address.as_socket_addr().expect("it was bound to one"));
    }
    let tokens = tokens(Arc::new(Timestamp::now), fault);
    Server::new_with_acceptor(acceptor).run(provider(&tokens, accounts, fault)).await?;
    Ok(())
}

/// One fault on a line: its name, the check that should find it, and what is wrong.
fn list(api: Option<&str>) {
    for (of, faults) in FAULTS {
        for fault in faults.iter().filter(|_| api.is_none_or(|api| api == of)) {
            println!("{}\t{}\t{}", fault.name, fault.check, fault.what);
        }
    }
}
