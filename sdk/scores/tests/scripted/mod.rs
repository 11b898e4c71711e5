//! An HTTP server on a port of the system's choice that answers as a test says, and as no server should.

#![allow(dead_code, reason = "no test uses all of it")]

use netcord_scores::client::{ClientOptions, ProxyChoice, ScoreClient};
use netcord_scores::identity::PlayerKey;
use netcord_scores::signing::{SignatureHeaders, SignatureProblem, Signed, Target, verify};
use serde::Serialize;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// The value of a header that is there once.
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut values = self.headers.iter().filter(|(header, _)| header == name).map(|(_, value)| value);
        let value = values.next().map_or("", String::as_str);
        assert!(values.next().is_none(), "{name} is there once");
        value
    }

    pub(crate) fn is(&self, method: &str, target: &str) -> bool {
        (self.method.as_str(), self.target.as_str()) == (method, target)
    }

    /// Who signed it.
    pub(crate) fn signed(&self) -> Result<Signed, SignatureProblem> {
        let headers = SignatureHeaders {
            content_digest: self.header("content-digest"),
            signature_input: self.header("signature-input"),
            signature: self.header("signature"),
        };
        let (path, query) = match self.target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (self.target.as_str(), None),
        };
        let target =
            Target { method: &self.method, authority: self.header("host"), path, query, body: &self.body };
        verify(&headers, &target)
    }

    /// Reads one from a connection. None when it was closed.
    pub(crate) fn read(stream: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let mut words = line.split_whitespace().map(str::to_owned);
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let mut headers = Vec::new();
        loop {
            line.clear();
            stream.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let mut body = vec![0; length.map_or(0, |(_, length)| length.parse().expect("a length"))];
        stream.read_exact(&mut body)?;
        Ok(Some(Self { method, target, headers, body }))
    }
}

/// What a server does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// These bytes, and the connection goes on.
    Bytes(Vec<u8>),
    /// These bytes, and the connection ends.
    Last(Vec<u8>),
    /// These bytes, and these again and again, for as long as anybody reads.
    Endless(Vec<u8>, Vec<u8>),
    /// Nothing, for as long as the client waits.
    Silence,
}

impl Reply {
    pub(crate) fn new(status: &str, content_type: &str, body: impl AsRef<[u8]>) -> Self {
        Self::with(status, &[("content-type", content_type)], body)
    }

    pub(crate) fn with(status: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len());
        Self::Bytes([head.as_bytes(), body].concat())
    }

    pub(crate) fn json(body: &impl Serialize) -> Self {
        Self::new("200 OK", "application/json", serde_json::to_vec(body).expect("JSON"))
    }

    pub(crate) fn problem(status: u16, code: &str, rest: &str) -> Self {
        let body =
            format!(r#"{{"status":{status},"code":"{code}","detail":"it says {code}","time":0{rest}}}"#);
        Self::new(&format!("{status} A Problem"), "application/problem+json", body)
    }
}

/// A server that runs until the test ends.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    pub(crate) fn start(answer: impl FnMut(&Request) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (Arc::clone(&requests), Arc::new(Mutex::new(answer)));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                thread::spawn(move || {
                    let reader = BufReader::new(stream.try_clone().expect("a socket"));
                    let _ = serve(reader, stream, |request| {
                        log.lock().expect("no panic").push(request.clone());
                        (answer.lock().expect("no panic"))(request)
                    });
                });
            }
        });
        Self { address, requests }
    }

    /// What came so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("no panic").clone()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A client of it.
    pub(crate) fn client(&self) -> ScoreClient {
        ScoreClient::new(&options(&self.url())).expect("a client")
    }
}

/// Answers requests until the connection ends.
pub(crate) fn serve(
    mut reader: impl BufRead,
    mut writer: impl Write,
    mut answer: impl FnMut(&Request) -> Reply,
) -> io::Result<()> {
    while let Some(request) = Request::read(&mut reader)? {
        match answer(&request) {
            Reply::Bytes(bytes) => writer.write_all(&bytes)?,
            Reply::Last(bytes) => return writer.write_all(&bytes),
            Reply::Endless(head, more) => {
                writer.write_all(&head)?;
                loop {
                    writer.write_all(&more)?;
                }
            }
            Reply::Silence => {
                let _ = reader.read(&mut [0]);
            }
        }
        writer.flush()?;
    }
    Ok(())
}

/// Copies both ways between two connections, until both ends are closed.
pub(crate) fn copy_both_ways(one: TcpStream, other: TcpStream) {
    let (mut one_in, mut other_out) =
        (one.try_clone().expect("a socket"), other.try_clone().expect("a socket"));
    thread::spawn(move || {
        let _ = io::copy(&mut one_in, &mut other_out);
        let _ = other_out.shutdown(Shutdown::Write);
    });
    let (mut other_in, mut one_out) = (other, one);
    let _ = io::copy(&mut other_in, &mut one_out);
    let _ = one_out.shutdown(Shutdown::Write);
}

pub(crate) fn key() -> PlayerKey {
    PlayerKey::from_bytes(&[7; 32])
}

/// Directly, with time enough for a machine under load.
pub(crate) fn options(url: &str) -> ClientOptions {
    let patience = Duration::from_secs(60);
    ClientOptions {
        connect_timeout: patience,
        read_timeout: patience,
        overall_timeout: patience,
        proxy: ProxyChoice::Direct,
        ..ClientOptions::new(url, key())
    }
}
