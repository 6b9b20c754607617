//! The ports that are served: that of the mock, and where that is asked for one of the control interface.

use super::{Failure, options::Serving};
use crate::{
    exchange::Handler,
    net::{self, Listener, Site},
};

/// Bound ports.
pub(super) struct Ports {
    mock: Listener,
    control: Option<Listener>,
}

impl Ports {
    pub(super) async fn bind(serving: &Serving) -> Result<Self, Failure> {
        let mock = Listener::bind(&serving.host, serving.port).await?;
        let control = match serving.control_address() {
            Some((host, port)) => Some(Listener::bind(host, port).await?),
            None => None,
        };
        Ok(Self { mock, control })
    }

    /// Where the mock answers.
    pub(super) fn url(&self) -> String {
        self.mock.url()
    }

    /// Where the control interface of a site answers.
    pub(super) fn control_url<H: Handler>(&self, site: &Site<H>) -> Option<String> {
        let prefix = site.control_prefix()?;
        Some(format!("{}{prefix}", self.control.as_ref().unwrap_or(&self.mock).url()))
    }

    /// Answers on both until `stop` ends.
    pub(super) async fn serve<H: Handler + 'static>(
        self,
        site: Site<H>,
        stop: impl Future<Output = ()>,
    ) -> Result<(), Failure> {
        let served = match self.control {
            Some(control) => net::serve_apart(self.mock, control, site, stop).await,
            None => net::serve(self.mock, site, stop).await,
        };
        served.map_err(Failure::Serve)
    }
}
