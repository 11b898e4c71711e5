//! The exchange that an invite starts: `Noise_NNpsk0_25519_ChaChaPoly_BLAKE2s`, one request, one answer.
//!
//! The pre-shared key authenticates both sides and the first message; the ephemeral keys of both give the answer
//! forward secrecy: once they are dropped, not even the invite's secret opens it. Reading a request costs no
//! Diffie-Hellman, so whoever does not know the secret can't cause any.

use super::wire::{ANSWER, ECHO_BYTES, Echo, HINT_BYTES, Hint, REQUEST, REQUEST_BYTES, REQUEST_PAYLOAD};
use crate::SecureRng;
use blake2::digest::consts::U8;
use blake2::{Blake2s, Blake2s256, Digest};
use rand_core::{Rng, SeedableRng};
use snow::params::{CipherChoice, DHChoice, HashChoice};
use snow::resolvers::{CryptoResolver, DefaultResolver};
use snow::types::{Cipher, Dh, Hash, Random};
use snow::{Builder, HandshakeState};
use zeroize::Zeroizing;

const PROTOCOL: &str = "Noise_NNpsk0_25519_ChaChaPoly_BLAKE2s";

/// What both sides make of the secret that they share.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Keys {
    /// Names the secret in a request.
    pub(super) hint: Hint,
    psk: Zeroizing<[u8; 32]>,
}

impl Keys {
    /// Of an invite's secret.
    pub(super) fn of_invite(secret: &[u8]) -> Self {
        Self::derive(b"netcord invite hint", b"netcord invite psk", secret)
    }

    /// Of the secret that lets a client come back.
    pub(super) fn of_rejoin(secret: &[u8]) -> Self {
        Self::derive(b"netcord rejoin hint", b"netcord rejoin psk", secret)
    }

    fn derive(hint: &[u8], psk: &[u8], secret: &[u8]) -> Self {
        let psk = Blake2s256::new().chain_update(psk).chain_update(secret).finalize();
        Self { hint: short_hash(hint, secret), psk: Zeroizing::new(psk.into()) }
    }
}

/// BLAKE2s with 64 bits of output, over a label and what it keeps apart from other uses.
pub(super) fn short_hash(label: &[u8], data: &[u8]) -> [u8; 8] {
    Blake2s::<U8>::new().chain_update(label).chain_update(data).finalize().into()
}

/// A joiner that waits for its answer.
pub(super) struct Asking {
    noise: HandshakeState,
    request: Vec<u8>,
}

impl Asking {
    /// Starts an exchange with a fresh ephemeral key.
    pub(super) fn new(protocol_id: u64, keys: &Keys, rng: &mut SecureRng) -> Self {
        let mut noise = state(protocol_id, keys, rng, |builder| builder.build_initiator());
        let request = datagram(REQUEST, keys.hint, &[0; REQUEST_PAYLOAD], &mut noise);
        assert_eq!(request.len(), REQUEST_BYTES, "all requests are of one size");
        Self { noise, request }
    }

    /// The datagram to send, the same each time.
    pub(super) fn request(&self) -> &[u8] {
        &self.request
    }

    /// Whether a datagram comes from one who saw our request.
    pub(super) fn is_echoed_by(&self, datagram: &[u8]) -> bool {
        datagram.get(1..=ECHO_BYTES) == Some(&echo(self.request()))
    }

    /// Decrypts an answer to our request. One that fails leaves no trace.
    pub(super) fn open(&mut self, datagram: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let message = datagram.get(1 + ECHO_BYTES..)?;
        let mut payload = Zeroizing::new(vec![0; message.len()]);
        let length = self.noise.read_message(message, &mut payload).ok()?;
        payload.truncate(length);
        Some(payload)
    }
}

/// A host that holds a request of one who knows the secret.
pub(super) struct Asked {
    noise: HandshakeState,
    echo: Echo,
    /// The joiner's ephemeral public key: the same in a repeated request, another in each new one.
    pub(super) ephemeral: [u8; 32],
}

impl Asked {
    /// Checks a request against the keys that its hint names.
    pub(super) fn read(protocol_id: u64, keys: &Keys, datagram: &[u8], rng: &mut SecureRng) -> Option<Self> {
        let message = datagram.get(1 + HINT_BYTES..)?;
        let &ephemeral = message.first_chunk()?;
        let mut noise = state(protocol_id, keys, rng, |builder| builder.build_responder());
        let mut padding = [0; REQUEST_BYTES];
        let length = noise.read_message(message, &mut padding).ok()?;
        let zero = length == REQUEST_PAYLOAD && padding.iter().all(|&byte| byte == 0);
        zero.then(|| Self { noise, echo: echo(datagram), ephemeral })
    }

    /// The datagram that tells the joiner `payload`. Both ephemeral keys are gone with it.
    pub(super) fn answer(mut self, payload: &[u8]) -> Vec<u8> {
        let answer = datagram(ANSWER, self.echo, payload, &mut self.noise);
        assert!(answer.len() <= REQUEST_BYTES, "no answer is larger than its request");
        answer
    }
}

/// A kind, what the receiver looks at before it decrypts, and the next message of the exchange.
fn datagram(kind: u8, tag: [u8; 8], payload: &[u8], noise: &mut HandshakeState) -> Vec<u8> {
    let mut message = [0; REQUEST_BYTES];
    let length = noise.write_message(payload, &mut message).expect("the message fits, and it is our turn");
    [&[kind], &tag[..], message.get(..length).unwrap_or_default()].concat()
}

/// What an answer repeats of a request: the end of its authentication tag. It spares the joiner the
/// Diffie-Hellman for datagrams of those who never saw the request.
fn echo(request: &[u8]) -> Echo {
    request.last_chunk().copied().unwrap_or_default()
}

fn state(
    protocol_id: u64,
    keys: &Keys,
    rng: &mut SecureRng,
    build: fn(Builder<'_>) -> Result<HandshakeState, snow::Error>,
) -> HandshakeState {
    let mut prologue = *b"netcord invite 1\0\0\0\0\0\0\0\0";
    prologue[16..].copy_from_slice(&protocol_id.to_le_bytes());
    let mut seed = Zeroizing::new([0; 32]);
    rng.fill_bytes(&mut *seed);
    let parameters = PROTOCOL.parse().expect("snow knows the protocol");
    let builder = Builder::with_resolver(parameters, Box::new(Seeded(seed)));
    builder
        .prologue(&prologue)
        .and_then(|builder| builder.psk(0, &keys.psk))
        .and_then(build)
        .expect("snow has the primitives, and the pattern needs no more keys")
}

/// snow's primitives, and randomness that follows from a seed.
struct Seeded(Zeroizing<[u8; 32]>);

impl CryptoResolver for Seeded {
    fn resolve_rng(&self) -> Option<Box<dyn Random>> {
        Some(Box::new(Ephemeral(SecureRng::from_seed(*self.0))))
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

struct Ephemeral(SecureRng);

impl Random for Ephemeral {
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), snow::Error> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invite::addresses::write_one;
    use crate::invite::wire::Answer;
    use crate::invite::{InviteCode, RejoinTicket, protocol_id};
    use core::fmt::Write;

    const GAME: u64 = 7;

    fn rng(seed: u64) -> SecureRng {
        SecureRng::seed_from_u64(seed)
    }

    fn asking() -> (Keys, Asking) {
        let keys = Keys::of_invite(b"ten bytes!");
        let asking = Asking::new(GAME, &keys, &mut rng(1));
        (keys, asking)
    }

    #[test]
    fn a_request_is_answered_and_both_say_what_they_meant() {
        let (keys, mut asking) = asking();
        let asked = Asked::read(GAME, &keys, asking.request(), &mut rng(2)).expect("authentic");
        let answer = asked.answer(b"come in");
        assert!(asking.is_echoed_by(&answer));
        assert_eq!(asking.open(&answer).as_deref().map(Vec::as_slice), Some(&b"come in"[..]));
    }

    #[test]
    fn every_flipped_bit_and_every_other_length_spoils_a_request() {
        let (keys, asking) = asking();
        let request = asking.request().to_vec();
        let is_read = |bytes: &[u8]| Asked::read(GAME, &keys, bytes, &mut rng(2)).is_some();
        assert!(is_read(&request));
        // The kind and the hint are not Noise's: they lead elsewhere before it is asked.
        for bit in 9 * 8..request.len() * 8 {
            let mut flipped = request.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            // The top bit of an X25519 key has no meaning, but the hash covers it.
            assert!(!is_read(&flipped), "bit {bit}");
        }
        for length in 0..request.len() {
            assert!(!is_read(&request[..length]), "{length} bytes");
        }
        assert!(!is_read(&[&request[..], &[0]].concat()));
    }

    #[test]
    fn every_flipped_bit_and_every_other_length_spoils_an_answer() {
        let (keys, mut asking) = asking();
        let asked = Asked::read(GAME, &keys, asking.request(), &mut rng(2)).expect("authentic");
        let answer = asked.answer(b"come in");
        for bit in 9 * 8..answer.len() * 8 {
            let mut flipped = answer.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(asking.open(&flipped).is_none(), "bit {bit}");
        }
        for length in 0..answer.len() {
            assert!(asking.open(&answer[..length]).is_none(), "{length} bytes");
        }
        assert!(asking.open(&[&answer[..], &[0]].concat()).is_none());
        assert!(asking.open(&answer).is_some(), "none of it left a trace");
    }

    #[test]
    fn another_game_another_secret_and_another_use_of_it_are_not_heard() {
        let (keys, asking) = asking();
        let is_read = |game, keys: &Keys| Asked::read(game, keys, asking.request(), &mut rng(2)).is_some();
        assert!(is_read(GAME, &keys));
        assert!(!is_read(GAME + 1, &keys));
        assert!(!is_read(GAME, &Keys::of_invite(b"ten bytes?")));
        assert!(!is_read(GAME, &Keys::of_rejoin(b"ten bytes!")));
    }

    #[test]
    fn a_request_that_says_something_is_of_another_version() {
        let (keys, mut asking) = asking();
        asking.noise = state(GAME, &keys, &mut rng(3), |builder| builder.build_initiator());
        let mut payload = [0; REQUEST_PAYLOAD];
        payload[REQUEST_PAYLOAD - 1] = 1;
        let request = datagram(REQUEST, keys.hint, &payload, &mut asking.noise);
        assert!(Asked::read(GAME, &keys, &request, &mut rng(2)).is_none());
    }

    /// The private key that [`state`] draws from a generator.
    fn ephemeral_key(mut rng: SecureRng) -> [u8; 32] {
        let (mut seed, mut key) = ([0; 32], [0; 32]);
        rng.fill_bytes(&mut seed);
        SecureRng::from_seed(seed).fill_bytes(&mut key);
        key
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("a string takes all");
            hex
        })
    }

    #[test]
    fn the_vectors_of_the_standard_come_out() {
        const STANDARD: &str = include_str!("../../../../STANDARD.md");
        let game = protocol_id("org.example.pong");
        let secret: [u8; 10] = core::array::from_fn(|at| at as u8);
        let rejoin: [u8; 32] = core::array::from_fn(|at| 0xe0 ^ at as u8);
        let addresses =
            ["192.0.2.1:7777".parse().expect("IPv4"), "[2001:db8::1]:7777".parse().expect("IPv6")];
        let code = |addresses: &[_]| InviteCode::new(addresses, secret).expect("reachable");
        let seen = "198.51.100.7:1024".parse().expect("an address");
        let ticket = RejoinTicket { addresses: addresses.to_vec(), secret: Zeroizing::new(rejoin) };
        let (of_invite, of_rejoin) = (Keys::of_invite(&secret), Keys::of_rejoin(&rejoin));

        let asking = Asking::new(game, &of_invite, &mut rng(1));
        let request = asking.request();
        let answer = |answer: Answer| {
            let asked = Asked::read(game, &of_invite, request, &mut rng(2)).expect("authentic");
            asked.answer(&answer.to_bytes())
        };
        let spent = answer(Answer::Spent);
        let token: Vec<u8> = (0..1_132_u32).map(|at| (at % 251) as u8).collect();
        let token = Answer::from_bytes(&[&[0][..], &5_u64.to_le_bytes(), &[1], &rejoin, &token].concat());
        let granted = answer(token.expect("a grant"));

        let vectors = [
            ("protocol id", hex(&game.to_le_bytes())),
            ("invite secret", hex(&secret)),
            ("invite hint", hex(&of_invite.hint)),
            ("invite psk", hex(&*of_invite.psk)),
            ("rejoin secret", hex(&rejoin)),
            ("rejoin hint", hex(&of_rejoin.hint)),
            ("rejoin psk", hex(&*of_rejoin.psk)),
            ("code, IPv4", code(&addresses[..1]).to_string()),
            ("code, both", code(&addresses).to_string()),
            ("ticket, both", hex(&ticket.to_bytes())),
            ("introduction, IPv4", hex(&code(&addresses[..1]).to_bytes())),
            ("vouched for", hex(&code(&addresses[..1]).seen_at(seen).to_bytes())),
            ("sighting", hex(&write_one(seen).expect("reachable"))),
            ("joiner's private key", hex(&ephemeral_key(rng(1)))),
            ("host's private key", hex(&ephemeral_key(rng(2)))),
            ("request, first 57", hex(&request[..57])),
            ("request, last 16", hex(&request[REQUEST_BYTES - 16..])),
            ("request, BLAKE2s", hex(&Blake2s256::digest(request))),
            ("answer, spent", hex(&spent)),
            ("answer, granted, 57", hex(&granted[..57])),
            ("answer, granted, B2s", hex(&Blake2s256::digest(&granted))),
        ];
        assert_eq!(granted.len(), 1_231);
        for (name, value) in vectors {
            let line = format!("{name:<21} {value}\n");
            assert!(STANDARD.contains(&line), "the standard lacks: {line}");
        }
    }
}
