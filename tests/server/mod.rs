//! The real binary on a free port, and plain TCP to talk to it: for what no client sends, and no server answers.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

/// How often something is asked for before it is given up, and how long is waited between.
pub(crate) const PATIENCE: (u32, Duration) = (1000, Duration::from_millis(10));

/// A server that ends with the test.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) address: String,
}

impl Server {
    /// Starts `standin` with these arguments; what it tells on standard error goes to the file `TEST.log`.
    pub(crate) fn start(test: &str, arguments: &[&str]) -> Self {
        let ready = file(&format!("{test}.ready"));
        // A file from an earlier run would tell an address at which nobody answers.
        if ready.exists() {
            fs::remove_file(&ready).unwrap();
        }
        let log = fs::File::create(file(&format!("{test}.log"))).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_standin"))
            .args(arguments)
            .args(["--port", "0", "--ready-file"])
            .arg(&ready)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let address = address(&ready).unwrap_or_else(|| {
            child.kill().unwrap();
            panic!("the server of {test} does not start: {:?}", child.wait())
        });
        Self { child, address }
    }

    pub(crate) fn connect(&self) -> Connection {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        Connection(stream)
    }

    /// Sends a request on a connection of its own; the head of its answer, and the body.
    pub(crate) fn ask(&self, request: &str) -> (String, String) {
        let mut connection = self.connect();
        connection.send(request);
        connection.answer()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already, which is what some tests are about.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A connection, from either side.
pub(crate) struct Connection(pub(crate) TcpStream);

impl Connection {
    pub(crate) fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).unwrap();
    }

    /// Reads one answer: its head, and as much body as its `content-length` says.
    pub(crate) fn answer(&mut self) -> (String, String) {
        let head = self.head();
        let body = self.body(&head);
        (head, String::from_utf8(body).unwrap())
    }

    /// As many bytes as the `content-length` of a head says.
    pub(crate) fn body(&mut self, head: &str) -> Vec<u8> {
        let field = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; field.map_or(0, |length| length.parse().unwrap())];
        self.0.read_exact(&mut body).unwrap();
        body
    }

    pub(crate) fn head(&mut self) -> String {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            self.0.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        String::from_utf8(head).unwrap()
    }
}

/// A file of this run.
pub(crate) fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// The first line that stands in the ready file, once it is whole.
fn address(ready: &PathBuf) -> Option<String> {
    let read = || {
        let text = fs::read_to_string(ready).ok()?;
        Some(text.strip_suffix('\n')?.strip_prefix("http://")?.to_owned())
    };
    (0..PATIENCE.0).find_map(|_| read().or_else(|| pause(PATIENCE.1)))
}

/// Waits a little; nothing, so that the next attempt is made.
fn pause<T>(time: Duration) -> Option<T> {
    thread::sleep(time);
    None
}

pub(crate) fn within<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    (0..PATIENCE.0).find_map(|_| attempt().or_else(|| pause(PATIENCE.1))).unwrap_or_else(|| panic!("{what}"))
}
