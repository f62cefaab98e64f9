//! HTTP/1.1 to a server on this machine, over one connection that is kept: enough to measure, and no more. It speaks to
//! nothing but the server that the bench started.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

const PATIENCE: Duration = Duration::from_secs(60);
const MAX_BODY: u64 = 64 << 20;

/// A connection to the server.
#[derive(Debug)]
pub(super) struct Client {
    addr: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

/// What the server answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    /// From the first byte sent to the last one received.
    pub(super) took: Duration,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(super) fn json(&self) -> Result<serde_json::Value> {
        serde_json::from_slice(&self.body).context("the answer is not JSON")
    }

    /// The answer, if it has this status.
    pub(super) fn expect(self, status: u16, what: &str) -> Result<Self> {
        ensure!(
            self.status == status,
            "{what} was answered with {}: {}",
            self.status,
            String::from_utf8_lossy(&self.body)
                .chars()
                .take(400)
                .collect::<String>()
        );
        Ok(self)
    }
}

impl Client {
    pub(super) const fn new(addr: SocketAddr) -> Self {
        Self { addr, stream: None }
    }

    pub(super) const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The server's address as its own pages have it.
    pub(super) fn origin(&self) -> String {
        format!("http://{}", self.addr)
    }

    pub(super) fn get(&mut self, path: &str, headers: &[(&str, &str)]) -> Result<Answer> {
        self.send("GET", path, headers, b"")
    }

    /// Sends a request and reads the whole answer.
    pub(super) fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n", self.addr);
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        let mut bytes = request.into_bytes();
        bytes.extend_from_slice(body);
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => connect(self.addr)?,
        };
        let begun = Instant::now();
        stream.get_mut().write_all(&bytes)?;
        let mut answer = read(&mut stream).with_context(|| format!("{method} {path}"))?;
        answer.took = begun.elapsed();
        if answer.header("connection") != Some("close") {
            self.stream = Some(stream);
        }
        Ok(answer)
    }
}

fn connect(addr: SocketAddr) -> Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect_timeout(&addr, PATIENCE)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(BufReader::new(stream))
}

fn read(stream: &mut BufReader<TcpStream>) -> Result<Answer> {
    let first = line(stream)?;
    let status = first
        .split(' ')
        .nth(1)
        .and_then(|word| word.parse().ok())
        .with_context(|| format!("no status in {first:?}"))?;
    let mut headers = Vec::new();
    loop {
        let line = line(stream)?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let mut answer = Answer {
        status,
        headers,
        body: Vec::new(),
        took: Duration::ZERO,
    };
    if answer.header("transfer-encoding") == Some("chunked") {
        while chunk(stream, &mut answer.body)? {}
    } else if let Some(length) = answer.header("content-length") {
        let length = length.parse()?;
        take(stream, length, &mut answer.body)?;
    }
    Ok(answer)
}

/// One chunk; false after the last.
fn chunk(stream: &mut BufReader<TcpStream>, body: &mut Vec<u8>) -> Result<bool> {
    let length = u64::from_str_radix(line(stream)?.trim(), 16)?;
    take(stream, length, body)?;
    line(stream)?;
    Ok(length > 0)
}

fn take(stream: &mut BufReader<TcpStream>, length: u64, body: &mut Vec<u8>) -> Result<()> {
    ensure!(length <= MAX_BODY, "an answer of {length} bytes");
    let read = stream.take(length).read_to_end(body)?;
    ensure!(
        u64::try_from(read) == Ok(length),
        "the answer ended too early"
    );
    Ok(())
}

fn line(stream: &mut BufReader<TcpStream>) -> Result<String> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        bail!("the server closed the connection");
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
