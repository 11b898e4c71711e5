//! The ways to a service: TLS with an authority of its own, proxies, the environment.

mod scripted;

use netcord_scores::client::{ClientError, ClientOptions, ProxyChoice, Roots, ScoreClient};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use scripted::{Reply, Request, Server, copy_both_ways, options, serve};
use serde_json::json;
use std::cell::RefCell;
use std::error::Error;
use std::io::{self, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::thread;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

fn info() -> Reply {
    Reply::json(&json!({"name": "ours", "version": "0", "time": 0}))
}

/// What can be read and written by two.
struct Shared(Rc<RefCell<StreamOwned<ServerConnection, TcpStream>>>);

impl Read for Shared {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.0.borrow_mut().read(bytes)
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.borrow_mut().flush()
    }
}

/// A service behind TLS.
fn secure_server(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> Outcome<SocketAddr> {
    let key = PrivateKeyDer::try_from(key.serialize_der())?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let config = Arc::new(config.with_no_client_auth().with_single_cert(chain, key)?);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
            let stream = Rc::new(RefCell::new(StreamOwned::new(connection, stream)));
            let _ = serve(BufReader::new(Shared(Rc::clone(&stream))), Shared(stream), |_| info());
        }
    });
    Ok(address)
}

/// An authority, and a service that it vouches for under this name.
fn vouched_for(name: &str) -> Outcome<(String, SocketAddr)> {
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(vec![name.into()])?.signed_by(&key, &authority)?;
    Ok((authority.pem(), secure_server(vec![certificate.der().clone()], &key)?))
}

fn secure(address: SocketAddr, roots: Roots) -> Outcome<ScoreClient> {
    let url = format!("https://localhost:{}", address.port());
    Ok(ScoreClient::new(&ClientOptions { roots, ..options(&url) })?)
}

fn is_untrusted(client: &ScoreClient) {
    let refused = client.info().expect_err("nobody vouches for it");
    assert!(matches!(refused, ClientError::Untrusted { .. }), "{refused:?}");
    assert!(refused.is_transient(), "it may be a hotel's");
}

#[test]
fn a_service_may_have_an_authority_of_its_own() -> Outcome {
    let (authority, address) = vouched_for("localhost")?;
    assert_eq!(secure(address, Roots::Pem(authority.into()))?.info()?.name, "ours");
    is_untrusted(&secure(address, Roots::Mozilla)?);
    let (another, _) = vouched_for("localhost")?;
    is_untrusted(&secure(address, Roots::Pem(another.into()))?);
    Ok(())
}

#[test]
fn a_service_may_vouch_for_itself() -> Outcome {
    let itself = rcgen::generate_simple_self_signed(vec!["localhost".into()])?;
    let address = secure_server(vec![itself.cert.der().clone()], &itself.signing_key)?;
    assert_eq!(secure(address, Roots::Pem(itself.cert.pem().into()))?.info()?.name, "ours");
    Ok(())
}

#[test]
fn a_certificate_of_another_host_is_none() -> Outcome {
    let (authority, address) = vouched_for("another.example")?;
    is_untrusted(&secure(address, Roots::Pem(authority.into()))?);
    Ok(())
}

#[test]
fn what_speaks_no_tls_is_not_trusted() -> Outcome {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
            let _ = io::copy(&mut stream, &mut io::sink());
        }
    });
    is_untrusted(&secure(address, Roots::Mozilla)?);
    Ok(())
}

/// A proxy that does CONNECT, and the targets that it was asked for.
fn proxy(answer: &'static [u8]) -> Outcome<(SocketAddr, Arc<Mutex<Vec<Request>>>)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    thread::spawn(move || {
        for mut client in listener.incoming().map_while(Result::ok) {
            let mut reader = BufReader::new(client.try_clone().expect("a socket"));
            let Ok(Some(request)) = Request::read(&mut reader) else { continue };
            assert_eq!(request.method, "CONNECT");
            log.lock().expect("no panic").push(request.clone());
            client.write_all(answer).expect("the client waits");
            // The proxy knows names that nobody else does.
            let target = request.target.replace("scores.invalid", "127.0.0.1");
            if let Ok(server) = TcpStream::connect(target) {
                thread::spawn(move || copy_both_ways(client, server));
            }
        }
    });
    Ok((address, asked))
}

#[test]
fn a_proxy_knows_the_way_and_the_name() -> Outcome {
    let (proxy, asked) = proxy(b"HTTP/1.1 200 OK\r\n\r\n")?;
    let server = Server::start(|request| {
        request.signed().expect("signed for the service, not for the proxy");
        Reply::json(&json!({"id": scripted::key().id(), "name": "Ann"}))
    });
    let url = format!("http://scores.invalid:{}", server.address.port());
    let through = ProxyChoice::Through(format!("http://me:secret@{proxy}"));
    let client = ScoreClient::new(&ClientOptions { proxy: through, ..options(&url) })?;
    assert_eq!(client.put_player("Ann")?.name, "Ann");
    let asked = asked.lock().expect("no panic");
    assert_eq!(asked[0].target, format!("scores.invalid:{}", server.address.port()));
    assert_eq!(asked[0].header("proxy-authorization"), "Basic bWU6c2VjcmV0");
    assert_eq!(server.requests()[0].header("host"), &url["http://".len()..]);
    Ok(())
}

#[test]
fn a_proxy_that_refuses_is_a_service_that_is_not_reached() -> Outcome {
    let (proxy, _) = proxy(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")?;
    let through = ProxyChoice::Through(format!("http://{proxy}"));
    let options = ClientOptions { proxy: through, ..options("http://scores.invalid") };
    let refused = ScoreClient::new(&options)?.info().expect_err("it wants a password");
    assert!(matches!(&refused, ClientError::Unreachable { why, .. } if why.contains("proxy")), "{refused:?}");
    Ok(())
}

/// For the process that plays a part in the test below.
const URL: &str = "NETCORD_SCORES_TEST_URL";

/// What the child of the test below does; nothing when it is run as a test.
#[test]
fn the_other_process() {
    let Ok(url) = std::env::var(URL) else { return };
    let options = ClientOptions { proxy: ProxyChoice::System, ..options(&url) };
    let client = ScoreClient::new(&options).expect("a client");
    println!("it is {}", client.info().expect("an answer").name);
}

#[test]
fn the_environment_knows_the_proxy() -> Outcome {
    let (proxy, asked) = proxy(b"HTTP/1.1 200 OK\r\n\r\n")?;
    let server = Server::start(|_| info());
    let child = Command::new(std::env::current_exe()?)
        .args(["--exact", "the_other_process", "--nocapture"])
        .env(URL, format!("http://scores.invalid:{}", server.address.port()))
        .env("ALL_PROXY", format!("http://{proxy}"))
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .output()?;
    assert!(String::from_utf8(child.stdout)?.contains("it is ours"));
    assert_eq!(asked.lock().expect("no panic").len(), 1);
    Ok(())
}
