//! `standin proxy`: forwards to a real provider and judges both sides until it is told to stop.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc, time::Duration};

use clap::ArgAction;

use super::{
    Failure,
    banner::Banner,
    late,
    mock::{assign, log, read, shown, stop},
    options::{self, Serving},
    ports::Ports,
    watch::{self, Watch},
};
use crate::{
    mock::Mock,
    net::{self, Reading, Site, Upstream, upstream},
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
    // Who connects before the document is read waits, and is not refused. What is wrong with it is told first.
    let ports = Ports::bind(serving).await;
    let sources = vec![options::source(&arguments.document)];
    let mut read = read(&sources, serving.allow_remote_refs, serving.level())?;
    let apis = read.iter().map(|(api, _)| Arc::clone(api)).collect();
    let (mock, found) = Mock::unjudged(apis, Arc::new(Clock::system()), serving.mock_options());
    assign(found, &mut read);
    let mock = Arc::new(mock);
    let judged = arguments.proxy_options();
    let proxy = Proxy::new(Arc::clone(&mock), upstream.clone(), judged.clone())?;
    let options = net::Options { reading: Reading::Coming, ..serving.net_options() };
    let ports = ports?;
    let url = ports.url();
    serving.tell_ready(&url)?;
    let forwards = Some(arguments.upstream.clone());
    let shown = shown(read.clone());
    let site = Site::new(Arc::new(proxy), Arc::clone(&mock), shown.clone(), options);
    let control = ports.control_url(&site);
    let lines = log(serving.level());
    let banner = Banner { mock: Arc::clone(&mock), read, url, control, upstream: forwards };
    late::beside(banner, &shown, serving.level());
    if serving.is_watched() {
        let make = move |mock: &Arc<Mock>| {
            let proxy = Proxy::new(Arc::clone(mock), upstream.clone(), judged.clone());
            proxy.map(Arc::new).map_err(|error| error.to_string())
        };
        let (remote, level, renewal) = (serving.allow_remote_refs, serving.level(), site.renewal());
        let (make, tried, served) = (Box::new(make), BTreeSet::new(), watch::served(&shown));
        Watch { sources, remote, level, mock, renewal, make, served, tried }.begin();
    }
    let served = ports.serve(site, stop()).await;
    lines.end();
    served
}
