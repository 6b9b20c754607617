//! The processes that are measured, each ended by its own id.

use std::{
    env, fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use super::{driver::Head, limit::Answer};

/// How often the kernel counts the time of processes, in a second.
const TICKS: f64 = 100.0;

/// A file of this run.
pub(crate) fn scratch(name: &str, text: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("load");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

/// A server that runs until it is dropped.
pub(crate) struct Server {
    child: Child,
    begun: Instant,
    ready: PathBuf,
}

impl Server {
    /// The program as everybody runs it, with a line on standard error for each request, on a free port.
    pub(crate) fn standin(words: &[&str]) -> Self {
        Self::start(env!("CARGO_BIN_EXE_standin"), words, &[("STANDIN_PORT", "0")])
    }

    pub(crate) fn start(program: &str, words: &[&str], variables: &[(&str, &str)]) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let ready = scratch(&format!("ready-{number}"), "");
        let begun = Instant::now();
        let child = Command::new(program)
            .args(words)
            .envs(variables.iter().copied())
            .env("STANDIN_READY_FILE", &ready)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, begun, ready }
    }

    /// Its URL, once it is ready.
    pub(crate) fn url(&self) -> String {
        for _ in 0..600_000 {
            let text = fs::read_to_string(&self.ready).unwrap();
            if text.ends_with('\n') {
                return text.trim().to_owned();
            }
            thread::sleep(Duration::from_micros(100));
        }
        panic!("the server was not ready in a minute");
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.url().trim_start_matches("http://").parse().unwrap()
    }

    /// The time from the start of the process to its first answer, which says that the operation is known.
    pub(crate) fn first_answer(&self, target: &str) -> Duration {
        let answer = self.answer(format!("GET {target} HTTP/1.1\r\nhost: a\r\n\r\n").as_bytes());
        let time = self.begun.elapsed();
        let is_known = matches!(answer.status, 200 | 401);
        assert!(is_known, "{target}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
        time
    }

    /// The whole answer to one request.
    pub(crate) fn answer(&self, request: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        stream.write_all(request).unwrap();
        let (mut bytes, mut chunk) = (Vec::new(), [0; 16 * 1024]);
        loop {
            let length = stream.read(&mut chunk).unwrap();
            assert_ne!(length, 0, "the server closed the connection");
            bytes.extend_from_slice(&chunk[..length]);
            if let Some(head) = Head::with_fields(&bytes)
                && bytes.len() >= head.length
            {
                let own = ["content-length", "date"];
                let fields = head.fields.into_iter().filter(|(name, _)| !own.contains(&name.as_str()));
                return Answer::new(head.status, fields.collect(), bytes[head.start..].to_vec());
            }
        }
    }

    /// The memory that it has, in MiB.
    pub(crate) fn memory(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
    }

    /// Waits until it does nothing, though for no longer than 15 seconds.
    pub(crate) fn settle(&self) {
        const STEP: Duration = Duration::from_millis(300);
        let mut before = self.processor_time();
        for _ in 0..50 {
            thread::sleep(STEP);
            let now = self.processor_time();
            if now == before {
                return;
            }
            before = now;
        }
    }

    /// How long its processors have worked.
    pub(crate) fn processor_time(&self) -> Duration {
        ticks(&format!("/proc/{}/stat", self.child.id()), 13)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The sum of two counts of ticks that stand at a place of a process's state, the first field being 0.
fn ticks(path: &str, at: usize) -> Duration {
    let stat = fs::read_to_string(path).unwrap();
    // The name in parentheses may hold spaces.
    let (_, rest) = stat.rsplit_once(") ").unwrap();
    let fields: Vec<&str> = rest.split(' ').collect();
    let count: f64 = (at..=at + 1).map(|field| fields[field - 2].parse::<f64>().unwrap()).sum();
    Duration::from_secs_f64(count / TICKS)
}

/// A run of `standin verify`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Verified {
    pub(crate) requests: f64,
    pub(crate) elapsed: Duration,
    pub(crate) processor: Duration,
}

pub(crate) fn verify(words: &[&str]) -> Verified {
    let report = scratch("verified.json", "");
    let before = ticks("/proc/self/stat", 15);
    let begun = Instant::now();
    let status = Command::new(env!("CARGO_BIN_EXE_standin"))
        .args(words)
        .arg("--report")
        .arg(format!("json={}", report.display()))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    let elapsed = begun.elapsed();
    assert!(matches!(status.code(), Some(0 | 1)), "{status}");
    let told: serde_json::Value = serde_json::from_str(&fs::read_to_string(&report).unwrap()).unwrap();
    let processor = ticks("/proc/self/stat", 15).saturating_sub(before);
    Verified { requests: told["requests"].as_f64().unwrap(), elapsed, processor }
}
