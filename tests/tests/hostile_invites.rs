//! A holder of an invite learns nothing of another pair.
//!
//! Mallory has an invite, and what she needs of the joiner's side written anew from the standard (STANDARD.md,
//! "Invites"), so that every key that the host gave her is at hand. She sees all datagrams. Her keys open all of
//! hers, and none of Alice's.

mod stack;

use blake2::{Blake2s256, Digest as _};
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _};
use netcord::transport::invite::{InviteCode, protocol_id};
use netcord::transport::lab::{LabSocket, Network, Observed};
use netcord::transport::netcode::{Client, ConnectToken, VERSION};
use netcord::transport::{DatagramSocket as _, Endpoint as _, SecureRng, Transport as _};
use rand_core::{Rng as _, SeedableRng as _};
use snow::params::{CipherChoice, DHChoice, HashChoice};
use snow::resolvers::{CryptoResolver, DefaultResolver};
use snow::types::{Cipher, Dh, Hash, Random};
use snow::{Builder, HandshakeState};
use stack::{ALICE, FRAME, GAME, HOST, MALLORY, RELIABLE, Seen, UNIX, channels, drain, host, join};
use std::time::Duration;

const REQUEST_BYTES: usize = 1_232;
/// The request's kind and hint, Noise's key and tag.
const REQUEST_PAYLOAD: usize = REQUEST_BYTES - 1 - 8 - 32 - 16;

/// A key that is known, and what it is.
type Known = (&'static str, [u8; 32]);

/// The secret in a code: Crockford's base32 of a header byte, an IPv4 address with its port, and ten bytes.
fn secret(code: &InviteCode) -> [u8; 10] {
    const ALPHABET: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let text = code.to_string();
    let values: Vec<u8> = text.chars().filter_map(|c| ALPHABET.find(c)).map(|value| value as u8).collect();
    assert_eq!(values.len(), 32, "a code of one IPv4 address");
    let bit = |at: usize| values[at / 5] >> (4 - at % 5) & 1;
    core::array::from_fn(|byte| (0..8).fold(0, |bits, at| bits << 1 | bit((1 + 6 + byte) * 8 + at)))
}

fn psk(secret: &[u8; 10]) -> [u8; 32] {
    Blake2s256::new().chain_update(b"netcord invite psk").chain_update(secret).finalize().into()
}

fn hint(secret: &[u8; 10]) -> [u8; 8] {
    use blake2::digest::consts::U8;
    blake2::Blake2s::<U8>::new().chain_update(b"netcord invite hint").chain_update(secret).finalize().into()
}

fn noise(psk: &[u8; 32], build: fn(Builder<'_>) -> Result<HandshakeState, snow::Error>) -> HandshakeState {
    let prologue = [b"netcord invite 1".as_slice(), &protocol_id(GAME).to_le_bytes()].concat();
    let parameters = "Noise_NNpsk0_25519_ChaChaPoly_BLAKE2s".parse().unwrap();
    let builder = Builder::with_resolver(parameters, Box::new(Seeded));
    builder.prologue(&prologue).and_then(|builder| builder.psk(0, psk)).and_then(build).unwrap()
}

/// snow's own primitives, and a generator that follows from a seed.
struct Seeded;

impl CryptoResolver for Seeded {
    fn resolve_rng(&self) -> Option<Box<dyn Random>> {
        Some(Box::new(Generator(SecureRng::seed_from_u64(66))))
    }

    fn resolve_dh(&self, choice: &DHChoice) -> Option<Box<dyn Dh>> {
        DefaultResolver.resolve_dh(choice)
    }

    fn resolve_hash(&self, choice: &HashChoice) -> Option<Box<dyn Hash>> {
        DefaultResolver.resolve_hash(choice)
    }

    fn resolve_cipher(&self, choice: &CipherChoice) -> Option<Box<dyn Cipher>> {
        DefaultResolver.resolve_cipher(choice)
    }
}

struct Generator(SecureRng);

impl Random for Generator {
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), snow::Error> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

/// A joiner that keeps what the host gives it.
struct Mallory {
    socket: LabSocket,
    noise: HandshakeState,
    request: Vec<u8>,
    keys: Vec<Known>,
    client: Option<Client>,
}

impl Mallory {
    fn new(network: &Network, code: &InviteCode) -> Self {
        let secret = secret(code);
        let mut noise = noise(&psk(&secret), |builder| builder.build_initiator());
        let mut request = [&[0xf0], &hint(&secret)[..], &[0; REQUEST_BYTES - 9]].concat();
        let written = noise.write_message(&[0; REQUEST_PAYLOAD], &mut request[9..]).unwrap();
        assert_eq!(9 + written, REQUEST_BYTES);
        let socket = network.socket(MALLORY).unwrap();
        Self { socket, noise, request, keys: vec![("her invite's psk", psk(&secret))], client: None }
    }

    fn frame(&mut self, now: Duration) {
        let mut buffer = [0; 2_048];
        while let Some((length, from)) = self.socket.receive(&mut buffer).unwrap() {
            match &mut self.client {
                Some(client) => drop(client.receive(from, &mut buffer[..length]).map(|_| ())),
                None => self.answered(&buffer[..length]),
            }
        }
        match &mut self.client {
            Some(client) => {
                client.update(now, UNIX);
                while let Some(transmit) = client.next_transmit() {
                    self.socket.send(transmit.to, transmit.datagram).unwrap();
                }
            }
            None => self.socket.send(HOST, &self.request).unwrap(),
        }
    }

    /// Opens a grant: the client's id, its role, the secret for a return, a token without what the joiner knows.
    fn answered(&mut self, answer: &[u8]) {
        let mut grant = [0; 2_048];
        let length = self.noise.read_message(&answer[9..], &mut grant).unwrap();
        let (rejoin, token) = grant[1 + 8 + 1..length].split_at(32);
        let (head, keys) = token.split_at(8 + 8 + 24 + 1_024 + 4);
        let address = [1, 0, 0, 0, 1, 10, 0, 0, 1, 0xa0, 0x0f]; // one, of IPv4, port 4,000
        let mut token = [&VERSION[..], &protocol_id(GAME).to_le_bytes(), head, &address, keys].concat();
        token.resize(2_048, 0);
        let token = ConnectToken::from_bytes(&token).unwrap();
        self.keys.push(("her way back", rejoin.try_into().unwrap()));
        self.keys.push(("what she says", *token.client_to_server_key()));
        self.keys.push(("what she hears", *token.server_to_client_key()));
        self.client = Some(Client::new(token, SecureRng::seed_from_u64(1)));
    }
}

/// Whether a key opens a packet of netcode.
fn opens(key: &[u8; 32], datagram: &[u8]) -> bool {
    let count = usize::from(datagram[0] >> 4);
    if !(1..=8).contains(&count) {
        return false;
    }
    let mut nonce = [0; 12];
    nonce[4..4 + count].copy_from_slice(&datagram[1..=count]);
    let aad = [&VERSION[..], &protocol_id(GAME).to_le_bytes(), &datagram[..1]].concat();
    let payload = Payload { msg: &datagram[1 + count..], aad: &aad };
    ChaCha20Poly1305::new(key.into()).decrypt(&nonce.into(), payload).is_ok()
}

/// The packets under keys of a connection, of those that one exchanged with the host.
fn packets(seen: &[Observed], of: std::net::SocketAddr) -> Vec<&[u8]> {
    let theirs = seen.iter().filter(|seen| seen.from == of || seen.to == of).map(|seen| &seen.datagram[..]);
    theirs.filter(|datagram| !matches!(datagram[0], 0 | 0xf0..)).collect()
}

#[test]
fn a_holder_of_an_invite_has_no_key_to_what_another_says_or_hears() {
    let network = Network::new(1);
    let mut tap = network.tap();
    let mut host = host(&network, 1, channels());
    let codes = [(); 2].map(|()| host.endpoint_mut().invite(0).unwrap());
    let mut alice = join(&network, ALICE, &codes[0], channels());
    let mut mallory = Mallory::new(&network, &codes[1]);
    let mut arrived = 0;
    for frame in 1..=120 {
        let now = FRAME * frame;
        network.advance_to(now);
        host.receive(now).unwrap();
        alice.receive(now).unwrap();
        mallory.frame(now);
        drain(&mut host);
        for seen in drain(&mut alice) {
            match seen {
                Seen::Connected(host, _) => {
                    (0..20).for_each(|_| assert!(alice.send(host, RELIABLE, b"a secret").is_ok()));
                }
                Seen::Delivered(..) => arrived += 1,
                other => panic!("{other:?}"),
            }
        }
        host.flush(now).unwrap();
        alice.flush(now).unwrap();
    }
    assert_eq!((arrived, mallory.keys.len()), (20, 4), "both are connected");

    let seen: Vec<Observed> = tap.by_ref().collect();
    let known = |datagram: &[u8]| mallory.keys.iter().find(|(_, key)| opens(key, datagram));
    let hers = packets(&seen, MALLORY);
    assert!(
        hers.len() > 20 && hers.iter().all(|datagram| known(datagram).is_some()),
        "all that she is to open"
    );
    let alices = packets(&seen, ALICE);
    assert!(alices.len() > 20);
    for datagram in alices {
        assert_eq!(known(datagram), None, "{datagram:02x?}");
    }
}

#[test]
fn whoever_gets_hold_of_a_code_later_opens_no_answer_that_was_recorded() {
    let network = Network::new(2);
    let mut tap = network.tap();
    let mut host = host(&network, 2, channels());
    let code = host.endpoint_mut().invite(0).unwrap();
    let mut alice = join(&network, ALICE, &code, channels());
    for frame in 1..=20 {
        let now = FRAME * frame;
        network.advance_to(now);
        host.receive(now).unwrap();
        alice.receive(now).unwrap();
    }
    let seen: Vec<Observed> = tap.by_ref().collect();
    let of_kind = |kind| seen.iter().find(|seen| seen.datagram[0] == kind).map(|seen| &seen.datagram[9..]);
    let (request, answer) = (of_kind(0xf0).unwrap(), of_kind(0xf1).unwrap());
    let psk = psk(&secret(&code));
    let mut buffer = [0; 2_048];

    let mut responder = noise(&psk, |builder| builder.build_responder());
    assert!(
        responder.read_message(request, &mut buffer).is_ok(),
        "the request is open to her, and says nothing"
    );
    assert!(buffer.iter().all(|&byte| byte == 0));
    let mut initiator = noise(&psk, |builder| builder.build_initiator());
    initiator.write_message(&[0; REQUEST_PAYLOAD], &mut buffer).unwrap();
    assert!(initiator.read_message(answer, &mut buffer).is_err(), "the answer is not");
}
