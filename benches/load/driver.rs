//! Load: some connections, kept alive, each with one request under way, all on one thread.

use std::{
    cell::Cell,
    collections::BTreeMap,
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::LocalSet,
};

/// What came of a load.
#[derive(Debug, Default)]
pub(crate) struct Driven {
    pub(crate) elapsed: Duration,
    /// How long the server's processors worked.
    pub(crate) processor: Duration,
    /// In microseconds, one for each answer.
    latencies: Vec<u32>,
    statuses: BTreeMap<u16, usize>,
}

impl Driven {
    pub(crate) fn add(&mut self, other: Self) {
        self.elapsed += other.elapsed;
        self.processor += other.processor;
        self.latencies.extend(other.latencies);
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
    }

    pub(crate) fn answers(&self) -> usize {
        self.latencies.len()
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.answers() as f64 / self.elapsed.as_secs_f64()
    }

    /// Microseconds of the server's processors for each answer.
    pub(crate) fn cost(&self) -> f64 {
        self.processor.as_secs_f64() * 1e6 / self.answers() as f64
    }

    /// The latency in milliseconds below which this share of the answers is.
    pub(crate) fn percentile(&self, share: f64) -> f64 {
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is a place in the list"
        )]
        let at = ((sorted.len() as f64 * share) as usize).min(sorted.len() - 1);
        f64::from(sorted[at]) / 1e3
    }

    /// How many answers had another status.
    pub(crate) fn wrong(&self, status: u16) -> usize {
        self.statuses.iter().filter(|(other, _)| **other != status).map(|(_, count)| count).sum()
    }
}

/// When a load ends.
#[derive(Clone, Copy)]
enum End {
    At(Instant),
    After(usize),
}

/// Sends the requests in turn for a while.
pub(crate) fn drive(address: SocketAddr, requests: &[Vec<u8>], connections: usize, time: Duration) -> Driven {
    run(address, requests, connections, End::At(Instant::now() + time))
}

/// Sends so many requests.
pub(crate) fn send(address: SocketAddr, requests: &[Vec<u8>], connections: usize, count: usize) -> Driven {
    run(address, requests, connections, End::After(count))
}

fn run(address: SocketAddr, requests: &[Vec<u8>], connections: usize, end: End) -> Driven {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let requests: Rc<[Vec<u8>]> = requests.into();
    let sent = Rc::new(Cell::new(0));
    let begun = Instant::now();
    let mut driven = runtime.block_on(LocalSet::new().run_until(async move {
        let tasks: Vec<_> = (0..connections)
            .map(|_| tokio::task::spawn_local(converse(address, Rc::clone(&requests), Rc::clone(&sent), end)))
            .collect();
        let mut all = Driven::default();
        for task in tasks {
            all.add(task.await.unwrap());
        }
        all
    }));
    driven.elapsed = begun.elapsed();
    driven
}

/// One request after the other on one connection.
async fn converse(address: SocketAddr, requests: Rc<[Vec<u8>]>, sent: Rc<Cell<usize>>, end: End) -> Driven {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut driven = Driven::default();
    let mut buffer = Vec::with_capacity(64 * 1024);
    loop {
        let number = sent.get();
        let is_over = match end {
            End::At(end) => Instant::now() >= end,
            End::After(count) => number >= count,
        };
        if is_over {
            return driven;
        }
        sent.set(number + 1);
        let begun = Instant::now();
        stream.write_all(&requests[number % requests.len()]).await.unwrap();
        let status = answer(&mut stream, &mut buffer).await;
        driven.latencies.push(u32::try_from(begun.elapsed().as_micros()).unwrap());
        *driven.statuses.entry(status).or_default() += 1;
    }
}

/// Reads one answer to its end and gives its status.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> u16 {
    buffer.clear();
    loop {
        assert_ne!(stream.read_buf(buffer).await.unwrap(), 0, "the server closed the connection");
        if let Some(head) = Head::of(buffer)
            && buffer.len() >= head.length
        {
            assert_eq!(buffer.len(), head.length, "one answer to one request");
            return head.status;
        }
    }
}

/// The status of an answer, and how long all of it is.
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) start: usize,
    pub(crate) length: usize,
}

impl Head {
    fn of(bytes: &[u8]) -> Option<Self> {
        Self::read(bytes, false)
    }

    /// As [`Head::of`], with the header fields.
    pub(crate) fn with_fields(bytes: &[u8]) -> Option<Self> {
        Self::read(bytes, true)
    }

    fn read(bytes: &[u8], keeps_fields: bool) -> Option<Self> {
        let mut fields = [httparse::EMPTY_HEADER; 32];
        let mut parsed = httparse::Response::new(&mut fields);
        let httparse::Status::Complete(start) = parsed.parse(bytes).unwrap() else { return None };
        let text = |field: &httparse::Header<'_>| std::str::from_utf8(field.value).unwrap().to_owned();
        let length = parsed.headers.iter().find(|field| field.name.eq_ignore_ascii_case("content-length"));
        let length: usize = length.map_or(0, |field| text(field).parse().unwrap());
        let kept = parsed.headers.iter().filter(|_| keeps_fields);
        Some(Self {
            status: parsed.code.unwrap(),
            fields: kept.map(|field| (field.name.to_lowercase(), text(field))).collect(),
            start,
            length: start + length,
        })
    }
}
