//! Connect tokens (standard: "Connect Token"): what a client needs to connect, and what only servers can read.

use super::private_token::{PrivateToken, TokenCipher};
use super::{CONNECT_TOKEN_BYTES, PRIVATE_TOKEN_BYTES, TOKEN_NONCE_BYTES, VERSION, address, timeout};
use crate::{ClientId, SecureRng, UserData};
use core::fmt;
use core::net::SocketAddr;
use core::time::Duration;
use rand_core::Rng as _;
use zeroize::Zeroizing;

/// A key that is wiped from memory when it is dropped.
pub(super) type Key = Zeroizing<[u8; 32]>;

/// The right to connect once to one of the listed servers, as one client, until it expires.
///
/// It holds the keys of the connection: whoever has it *is* the client, so it travels only over secure channels.
/// It is used up by connecting, so it can't be cloned; make one [`Client`](super::Client) of it, and don't keep
/// its bytes to make another.
pub struct ConnectToken {
    protocol_id: u64,
    created: u64,
    expires: u64,
    nonce: [u8; TOKEN_NONCE_BYTES],
    private_data: Box<[u8; PRIVATE_TOKEN_BYTES]>,
    timeout_seconds: i32,
    addresses: Vec<SocketAddr>,
    client_to_server_key: Key,
    server_to_client_key: Key,
}

/// What a connect token is to say.
#[derive(Clone, Copy)]
pub struct TokenRequest<'a> {
    /// The game and its version; the server's must be the same.
    pub protocol_id: u64,
    /// The key that the issuer of tokens shares with its servers, and with nobody else.
    pub private_key: &'a [u8; 32],
    /// When the token is made, in Unix seconds.
    pub created: u64,
    /// For how many seconds it can be used to connect. Short is good: the server remembers it for so long.
    pub lifetime_seconds: u64,
    /// After how many seconds of silence either side gives the other up; negative: never (development only).
    pub timeout_seconds: i32,
    /// Who the client is.
    pub client: ClientId,
    /// What the server's game learns of the client.
    pub user_data: &'a UserData,
    /// The 1 to 32 addresses that the client tries, in this order.
    pub addresses: &'a [SocketAddr],
    /// The 1 to 32 addresses by which the servers know themselves, in the same order, where these differ from
    /// `addresses` (behind a port forwarding, say); empty where they are the same.
    pub internal_addresses: &'a [SocketAddr],
}

/// Why a connect token can't be made or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// Not as many bytes as a token has. It was cut, or is something else: get a new one.
    #[error("a connect token has {CONNECT_TOKEN_BYTES} bytes, this has {size}")]
    Size {
        /// Bytes that were given.
        size: usize,
    },
    /// Another version of netcode, or no token. Get one from an issuer that speaks netcode 1.02.
    #[error("the connect token is not of netcode 1.02")]
    Version,
    /// No address or too many. List 1 to 32.
    #[error("a connect token lists 1 to 32 server addresses, this lists {count}")]
    AddressCount {
        /// How many there are.
        count: usize,
    },
    /// An address that is neither IPv4 (1) nor IPv6 (2). Get a new token.
    #[error("the connect token lists an address of the unknown type {kind}")]
    AddressType {
        /// The type's number.
        kind: u8,
    },
    /// Bytes that must be zero are not. The token was damaged: get a new one.
    #[error("the connect token is not padded with zeros")]
    Padding,
    /// The time of expiry is past what 64 bits can tell. Ask for a shorter lifetime.
    #[error("the connect token would expire later than time can tell")]
    Lifetime,
}

impl ConnectToken {
    /// Makes a token with fresh keys from `rng`.
    ///
    /// # Errors
    /// [`TokenError::AddressCount`] and [`TokenError::Lifetime`].
    pub fn generate(request: TokenRequest<'_>, rng: &mut SecureRng) -> Result<Self, TokenError> {
        let internal_addresses = match request.internal_addresses {
            [] => request.addresses,
            addresses => addresses,
        };
        address::check_count(request.addresses.len())?;
        address::check_count(internal_addresses.len())?;
        let expires = request.created.checked_add(request.lifetime_seconds).ok_or(TokenError::Lifetime)?;

        let mut nonce = [0; TOKEN_NONCE_BYTES];
        let mut client_to_server_key = Key::default();
        let mut server_to_client_key = Key::default();
        rng.fill_bytes(&mut nonce);
        rng.fill_bytes(&mut *client_to_server_key);
        rng.fill_bytes(&mut *server_to_client_key);

        let private = PrivateToken {
            client: request.client,
            timeout_seconds: request.timeout_seconds,
            addresses: internal_addresses.to_vec(),
            client_to_server_key: client_to_server_key.clone(),
            server_to_client_key: server_to_client_key.clone(),
            user_data: *request.user_data,
        };
        let cipher = TokenCipher::new(request.private_key, request.protocol_id);
        Ok(Self {
            protocol_id: request.protocol_id,
            created: request.created,
            expires,
            nonce,
            private_data: cipher.seal(&private, expires, &nonce),
            timeout_seconds: request.timeout_seconds,
            addresses: request.addresses.to_vec(),
            client_to_server_key,
            server_to_client_key,
        })
    }

    /// The token's bytes. They hold the keys, so wipe them when they are sent.
    pub fn to_bytes(&self) -> Box<[u8; CONNECT_TOKEN_BYTES]> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(CONNECT_TOKEN_BYTES));
        bytes.extend_from_slice(&VERSION);
        bytes.extend_from_slice(&self.protocol_id.to_le_bytes());
        bytes.extend_from_slice(&self.created.to_le_bytes());
        bytes.extend_from_slice(&self.expires.to_le_bytes());
        bytes.extend_from_slice(&self.nonce);
        bytes.extend_from_slice(&*self.private_data);
        bytes.extend_from_slice(&self.timeout_seconds.to_le_bytes());
        address::write(&self.addresses, &mut bytes);
        bytes.extend_from_slice(&*self.client_to_server_key);
        bytes.extend_from_slice(&*self.server_to_client_key);
        padded(&bytes)
    }

    /// Reads a token. That it can still be used shows only when a client tries.
    ///
    /// # Errors
    /// Anything that [`to_bytes`](Self::to_bytes) would not have written is a [`TokenError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TokenError> {
        if bytes.len() != CONNECT_TOKEN_BYTES {
            return Err(TokenError::Size { size: bytes.len() });
        }
        let rest = &mut &*bytes;
        if take(rest)? != VERSION {
            return Err(TokenError::Version);
        }
        let token = Self {
            protocol_id: u64::from_le_bytes(take(rest)?),
            created: u64::from_le_bytes(take(rest)?),
            expires: u64::from_le_bytes(take(rest)?),
            nonce: take(rest)?,
            private_data: Box::new(take(rest)?),
            timeout_seconds: i32::from_le_bytes(take(rest)?),
            addresses: address::read(rest)?,
            client_to_server_key: Key::new(take(rest)?),
            server_to_client_key: Key::new(take(rest)?),
        };
        check_padding(rest)?;
        Ok(token)
    }

    /// The game and its version.
    pub const fn protocol_id(&self) -> u64 {
        self.protocol_id
    }

    /// When the token was made, in Unix seconds of its issuer.
    pub const fn created(&self) -> u64 {
        self.created
    }

    /// From when on no server takes it, in Unix seconds of its issuer.
    pub const fn expires(&self) -> u64 {
        self.expires
    }

    /// The nonce that the private data is sealed with.
    pub const fn nonce(&self) -> &[u8; TOKEN_NONCE_BYTES] {
        &self.nonce
    }

    /// What only servers can read.
    pub const fn private_data(&self) -> &[u8; PRIVATE_TOKEN_BYTES] {
        &self.private_data
    }

    /// After how much silence either side gives the other up; `None` for never (development only).
    pub fn timeout(&self) -> Option<Duration> {
        timeout(self.timeout_seconds)
    }

    /// The 1 to 32 addresses to try, in order.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The key of what the client sends.
    pub fn client_to_server_key(&self) -> &[u8; 32] {
        &self.client_to_server_key
    }

    /// The key of what the server sends.
    pub fn server_to_client_key(&self) -> &[u8; 32] {
        &self.server_to_client_key
    }
}

impl fmt::Debug for ConnectToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectToken")
            .field("protocol_id", &self.protocol_id)
            .field("created", &self.created)
            .field("expires", &self.expires)
            .field("timeout_seconds", &self.timeout_seconds)
            .field("addresses", &self.addresses)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for TokenRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRequest")
            .field("protocol_id", &self.protocol_id)
            .field("created", &self.created)
            .field("lifetime_seconds", &self.lifetime_seconds)
            .field("timeout_seconds", &self.timeout_seconds)
            .field("client", &self.client)
            .field("addresses", &self.addresses)
            .field("internal_addresses", &self.internal_addresses)
            .finish_non_exhaustive()
    }
}

/// Takes `N` bytes off the front of `bytes`.
pub(super) fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], TokenError> {
    let (taken, rest) = bytes.split_first_chunk().ok_or(TokenError::Size { size: bytes.len() })?;
    *bytes = rest;
    Ok(*taken)
}

/// Checks that what is left of a token is padding.
pub(super) fn check_padding(rest: &[u8]) -> Result<(), TokenError> {
    if rest.iter().all(|&byte| byte == 0) { Ok(()) } else { Err(TokenError::Padding) }
}

/// `bytes` with zeros behind them.
pub(super) fn padded<const N: usize>(bytes: &[u8]) -> Box<[u8; N]> {
    let mut padded = Box::new([0; N]);
    for (to, from) in padded.iter_mut().zip(bytes) {
        *to = *from;
    }
    padded
}
