//! The only sockets: the server, the control interface and the pages on it.
//!
//! [`serve`] takes a [`Site`] and a bound [`Listener`] and answers until it is told to stop.
#![expect(clippy::disallowed_methods, reason = "this module owns the sockets")]

mod callback;
mod client;
mod conduct;
mod control;
mod cors;
mod desk;
mod docs;
mod endpoint;
mod guard;
mod metrics;
mod page;
mod patience;
mod scribe;
mod served;
mod server;
pub mod upstream;

use std::net::SocketAddr;

pub use self::{
    callback::Callbacks,
    client::fetch,
    control::{Findings, Shown},
    endpoint::InProcess,
    served::Renewal,
    server::{Options, Reading, Site, serve, serve_apart},
    upstream::Upstream,
};

/// A bound port.
#[derive(Debug)]
pub struct Listener {
    inner: tokio::net::TcpListener,
    address: SocketAddr,
}

/// A port that cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("listen on {address}")]
pub struct Error {
    /// The host and port asked for.
    pub address: String,
    /// Why not.
    #[source]
    pub source: std::io::Error,
}

impl Listener {
    /// Binds a port; port 0 is any free one.
    ///
    /// # Errors
    /// [`Error`] where the host has no address, or the port is taken.
    pub async fn bind(host: &str, port: u16) -> Result<Self, Error> {
        let failed = |source| Error { address: format!("{host}:{port}"), source };
        let inner = tokio::net::TcpListener::bind((host, port)).await.map_err(failed)?;
        let address = inner.local_addr().map_err(failed)?;
        Ok(Self { inner, address })
    }

    /// The URL under which it is reached, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Whether nobody but this machine reaches it.
    fn is_local(&self) -> bool {
        self.address.ip().is_loopback()
    }
}
