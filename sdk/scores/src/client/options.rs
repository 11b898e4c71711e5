//! Where the service is, and how it is reached.

use super::ClientError;
use crate::identity::PlayerKey;
use std::time::Duration;
use ureq::Proxy;
use ureq::http::Uri;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

/// Where the service is, who asks, and how.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// `https://scores.example`, or `http://192.168.0.7:8080` at a LAN party. No path: what is signed names the host and the
    /// path as the service sees them.
    pub url: String,
    /// Who asks.
    pub key: PlayerKey,
    /// How long it may take to connect, 5 s by default.
    pub connect_timeout: Duration,
    /// How long nothing may come, 10 s by default.
    pub read_timeout: Duration,
    /// How long a call may take in all, 30 s by default.
    pub overall_timeout: Duration,
    /// By which way.
    pub proxy: ProxyChoice,
    /// Whose word is taken for who the service is.
    pub roots: Roots,
    /// What the game calls itself, in ASCII.
    pub user_agent: String,
}

/// By which way the service is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ProxyChoice {
    /// As the environment says: `ALL_PROXY`, `HTTPS_PROXY`, `HTTP_PROXY`, and `NO_PROXY` for hosts without one.
    #[default]
    System,
    /// Directly.
    Direct,
    /// By this one: `http://host:port` (CONNECT) or `socks5://host:port`, with `user:password@` if it wants that.
    Through(String),
}

/// Whose word is taken for who a service behind `https` is.
///
/// A client talks to one service, so it is one or the other: with a service's own authority, nobody else's word counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Roots {
    /// Mozilla's list, which is built in. It is the same on every system, so that what works here works at the player's; a
    /// system's own list is at times empty (containers, Steam's runtime) or wants code of Java (Android). The price: it
    /// grows old with the game, and does not know the authority of a company that opens all that its people send.
    #[default]
    Mozilla,
    /// These alone, in PEM: the authority of a service that has its own, or its certificate itself.
    Pem(Vec<u8>),
}

impl ClientOptions {
    /// The service at `url`, and the defaults.
    #[must_use]
    pub fn new(url: impl Into<String>, key: PlayerKey) -> Self {
        Self {
            url: url.into(),
            key,
            connect_timeout: Duration::from_secs(5),
            read_timeout: Duration::from_secs(10),
            overall_timeout: Duration::from_secs(30),
            proxy: ProxyChoice::default(),
            roots: Roots::default(),
            user_agent: concat!("netcord-scores/", env!("CARGO_PKG_VERSION")).into(),
        }
    }

    /// An agent that does what these say.
    pub(super) fn agent(&self) -> Result<ureq::Agent, ClientError> {
        let proxy = match &self.proxy {
            ProxyChoice::System => Proxy::try_from_env(),
            ProxyChoice::Direct => None,
            ProxyChoice::Through(proxy) => {
                Some(Proxy::new(proxy).map_err(|_| ClientError::BadProxy { proxy: proxy.clone() })?)
            }
        };
        let roots = match &self.roots {
            Roots::Mozilla => RootCerts::WebPki,
            Roots::Pem(pem) => roots(pem)?,
        };
        // Not what is no header.
        let user_agent: String = self.user_agent.chars().filter(|char| matches!(char, ' '..='~')).collect();
        let config = ureq::Agent::config_builder()
            .proxy(proxy)
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .user_agent(user_agent)
            .accept("application/json, application/problem+json")
            .http_status_as_error(false)
            // What is signed is signed for one host and path.
            .max_redirects(0)
            .max_response_header_size(16 << 10)
            // Longer, and the service may have closed the connection while a call takes it from the pool.
            .max_idle_age(Duration::from_secs(3))
            .timeout_connect(Some(self.connect_timeout))
            .timeout_per_read(Some(self.read_timeout))
            .timeout_per_write(Some(self.read_timeout))
            .timeout_global(Some(self.overall_timeout));
        Ok(config.build().new_agent())
    }
}

fn roots(pem: &[u8]) -> Result<RootCerts, ClientError> {
    let bad = |why: String| ClientError::BadRoots { why };
    let mut certificates = Vec::new();
    for item in parse_pem(pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| bad(error.to_string()))? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err(bad("there is none in the text".into()));
    }
    Ok(certificates.into())
}

/// Where a service is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    /// Scheme and authority: what a path is added to.
    pub(super) url: String,
    /// The host in small letters, and the port unless it is the scheme's own: the `Host` header.
    pub(super) authority: String,
}

impl Origin {
    pub(super) fn of(url: &str) -> Result<Self, ClientError> {
        let bad = |why| ClientError::BadUrl { url: url.chars().take(200).collect(), why };
        let uri: Uri = url.parse().map_err(|_| bad("it can't be read"))?;
        let (scheme, usual_port) = match uri.scheme_str() {
            Some("https") => ("https", 443),
            Some("http") => ("http", 80),
            _ => return Err(bad("it begins with neither https:// nor http://")),
        };
        let authority = uri.authority().ok_or_else(|| bad("it has no host"))?;
        if authority.as_str().contains('@') {
            return Err(bad("it has a user: players are known by their keys"));
        }
        if authority.host().is_empty() {
            return Err(bad("it has no host"));
        }
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() || url.contains('#') {
            return Err(bad("it has more than a host and a port"));
        }
        let host = authority.host().to_ascii_lowercase();
        let port = match authority.as_str()[authority.host().len()..].strip_prefix(':') {
            None => None,
            Some(digits) => Some(digits.parse::<u16>().map_err(|_| bad("its port is none"))?),
        };
        let authority = match port.filter(|port| *port != usual_port) {
            Some(port) => format!("{host}:{port}"),
            None => host,
        };
        Ok(Self { url: format!("{scheme}://{authority}"), authority })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_scheme_a_host_and_a_port() {
        for (url, origin, authority) in [
            ("https://scores.example", "https://scores.example", "scores.example"),
            ("https://Scores.Example:443/", "https://scores.example", "scores.example"),
            ("https://scores.example:80", "https://scores.example:80", "scores.example:80"),
            ("http://192.168.0.7:8080", "http://192.168.0.7:8080", "192.168.0.7:8080"),
            ("http://[::1]:80", "http://[::1]", "[::1]"),
        ] {
            let expected = Origin { url: origin.into(), authority: authority.into() };
            assert_eq!(Origin::of(url).expect(url), expected);
        }
        for url in [
            "",
            "scores.example",
            "ftp://scores.example",
            "https://",
            "https://:8080",
            "https://a:b",
            "https://a:65536",
            "https://a:",
            "https://me@scores.example",
            "https://scores.example/scores",
            "https://scores.example/?a",
            "https://scores.example/#a",
            "https://scores .example",
        ] {
            let refused = Origin::of(url);
            assert!(matches!(refused, Err(ClientError::BadUrl { .. })), "{url}: {refused:?}");
        }
    }

    #[test]
    fn what_is_no_proxy_and_no_certificate_is_refused_at_the_start() {
        let options = ClientOptions::new("https://scores.example", PlayerKey::from_bytes(&[7; 32]));
        assert!(options.agent().is_ok());
        let proxy = ProxyChoice::Through("gopher://a".into());
        let refused = ClientOptions { proxy, ..options.clone() }.agent();
        assert!(matches!(refused, Err(ClientError::BadProxy { .. })), "{refused:?}");
        for pem in ["", "hello", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
            let refused = ClientOptions { roots: Roots::Pem(pem.into()), ..options.clone() }.agent();
            assert!(matches!(refused, Err(ClientError::BadRoots { .. })), "{refused:?}");
        }
    }
}
