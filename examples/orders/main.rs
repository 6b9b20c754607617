//! Serves the orders API, right in everything but the fault that is asked for.
//!
//! ```text
//! cargo run --example orders -- --port 0
//! cargo run --example orders -- --list
//! cargo run --example orders -- --fault patch-lost
//! ```

mod provider;

use std::{error::Error, sync::Arc};

use clap::Parser;
use poem::{
    Server,
    listener::{Acceptor, Listener, TcpListener},
};
use provider::{FAULTS, KEY, Orders};
use standin::sandbox::Clock;

/// An orders API in memory, to try `standin verify` on
#[derive(Debug, Parser)]
struct Arguments {
    /// The port; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// What it does wrong, by name
    #[arg(long)]
    fault: Option<String>,
    /// Tell the faults that there are
    #[arg(long)]
    list: bool,
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "it is a program of the command line")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    if arguments.list {
        for (name, what, check) in FAULTS {
            println!("{name}: {what} ({check})");
        }
        return Ok(());
    }
    let fault = match &arguments.fault {
        Some(wanted) => FAULTS.iter().find(|(name, ..)| name == wanted).ok_or("there is no such fault")?.0,
        None => "",
    };
    let acceptor = TcpListener::bind(("127.0.0.1", arguments.port)).into_acceptor().await?;
    for address in acceptor.local_addr() {
        println!("{address}");
    }
    println!("X-Api-Key: {KEY}");
    Server::new_with_acceptor(acceptor).run(Orders::new(Arc::new(Clock::system()), fault)).await?;
    Ok(())
}
