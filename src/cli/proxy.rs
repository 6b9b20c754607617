//! `standin proxy`: forwards to a real provider and judges both sides until it is told to stop.

use std::{path::PathBuf, sync::Arc, time::Duration};

use clap::ArgAction;

use super::{
    Failure,
    banner::Banner,
    late,
    mock::{assign, log, read, shown, stop},
    options::{self, Serving},
};
use crate::{
    mock::Mock,
    net::{self, Listener, Reading, Site, Upstream, upstream},
    proxy::{self, Proxy, Requests, Rule},
    sandbox::Clock,
};

/// What the user typed.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// OpenAPI document, JSON or YAML, by path or URL
    document: String,
    /// URL of the provider; its path stands before the path of each request
    upstream: String,
    #[command(flatten)]
    serving: Serving,
    /// Judge requests, and not only responses
    #[arg(long, default_value_t = true, action = ArgAction::Set, env = "STANDIN_VALIDATE_REQUEST")]
    validate_request: bool,
    /// Answer from the mock: where the provider answers so (`501`, `5XX`), or never ask it (`/pets`, `GET /pets`, `listPets`)
    #[arg(
        long,
        value_name = "RULE",
        default_value = "501",
        env = "STANDIN_MOCK_WHEN",
        value_delimiter = ','
    )]
    mock_when: Vec<Rule>,
    /// How long the provider may take to answer, and to send the next part of its answer
    #[arg(long, default_value = "30s", value_parser = options::time, env = "STANDIN_UPSTREAM_TIMEOUT")]
    upstream_timeout: Duration,
    /// URL of an HTTP proxy that leads to the provider
    #[arg(long, value_name = "URL", env = "STANDIN_UPSTREAM_PROXY")]
    upstream_proxy: Option<String>,
    /// Certificates of further authorities that may vouch for the provider, as PEM
    #[arg(long, value_name = "FILE", env = "STANDIN_UPSTREAM_CA")]
    upstream_ca: Option<PathBuf>,
}

impl Arguments {
    fn proxy_options(&self) -> proxy::Options {
        proxy::Options {
            faults: self.serving.faults(),
            requests: if self.validate_request { Requests::Judged } else { Requests::PassedOver },
            mock_when: self.mock_when.clone(),
            body_limit: self.serving.body_limit,
        }
    }

    fn upstream(&self) -> Result<Upstream, Failure> {
        let authorities = self.upstream_ca.as_ref().map(|path| {
            let failed = |source| Failure::Read { path: path.display().to_string(), source };
            std::fs::read(path).map_err(failed)
        });
        let options = upstream::Options {
            timeout: self.upstream_timeout,
            proxy: self.upstream_proxy.clone(),
            authorities: authorities.transpose()?,
        };
        Ok(Upstream::new(&self.upstream, &options)?)
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::Serve)?;
    runtime.block_on(serve(arguments))
}

async fn serve(arguments: &Arguments) -> Result<(), Failure> {
    let serving = &arguments.serving;
    let upstream = arguments.upstream()?;
    // Who connects before the document is read waits, and is not refused; what is wrong with it is told before that there is no port.
    let listener = Listener::bind(&serving.host, serving.port).await;
    let sources = [options::source(&arguments.document)];
    let mut read = read(&sources, serving.allow_remote_refs, serving.level())?;
    let apis = read.iter().map(|(api, _)| Arc::clone(api)).collect();
    let (mock, found) = Mock::unjudged(apis, Arc::new(Clock::system()), serving.mock_options());
    assign(found, &mut read);
    let mock = Arc::new(mock);
    let proxy = Proxy::new(Arc::clone(&mock), upstream, arguments.proxy_options())?;
    let options = net::Options { reading: Reading::Coming, ..serving.net_options() };
    let listener = listener?;
    let url = listener.url();
    serving.tell_ready(&url)?;
    let control = options.control_prefix.clone();
    let upstream = Some(arguments.upstream.clone());
    let banner = Banner { mock: Arc::clone(&mock), read: read.clone(), url, control, upstream };
    let lines = log(serving.level());
    let shown = shown(read);
    late::beside(banner, &shown, serving.level());
    let site = Site::new(Arc::new(proxy), mock, shown, options);
    let served = net::serve(listener, site, stop()).await.map_err(Failure::Serve);
    lines.end();
    served
}
