//! The messages of the reliable channel (STANDARD.md, section 7.3): how a match starts, resumes, ends, and how a
//! desync is named.

use super::membership::{FIRST_KIND, LAST_KIND};
use super::{InputBytes, Lineage, MAX_RUN_TICKS, Membership, Reader, RunWriter, check, read_runs};
use crate::player_set::PlayerSet;
use crate::{MAX_PLAYERS, PlayerInput, ProtocolError};
use netcord_wire::{FieldLog, StateHash, Tick};

/// The longest setup that a game may send, in bytes.
pub(crate) const MAX_SETUP: usize = 4096;
/// The fields that a peer shows in a desync, in bytes; more are cut.
pub(crate) const MAX_FIELD_BYTES: usize = 64 * 1024;

/// A message of the control channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    /// Client to host: the first message on every connection.
    Hello(Hello),
    /// Host to client: all that is needed to play or watch from a tick on.
    Start(Start),
    /// Client to host: the state at this tick is loaded.
    Ready(Tick),
    /// Host to client: the match is over, and so.
    End(Verdict),
    /// Both ways: the hashes of the ticks from the first on, after a checkpoint differed.
    Hashes { first: Tick, hashes: Vec<StateHash> },
    /// Both ways: the fields of the first tick that differs.
    Fields { tick: Tick, fields: FieldLog },
    /// Both ways: who takes part, where more than two play.
    Membership(Membership),
}

/// What a client remembers of the match that it comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hello {
    /// `None` from one that knows nothing: a new player, a restarted one, a spectator.
    pub(crate) resume: Option<Resume>,
}

/// The memory of a player who lost the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resume {
    /// The match.
    pub(crate) session: u64,
    /// The player's confirmed tick.
    pub(crate) confirmed: Tick,
    /// The player's inputs that the host may not have.
    pub(crate) own: InputTail,
}

/// Inputs of one player from a tick on, coded as runs on a base of zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InputTail {
    /// The tick of the first.
    pub(crate) first: Tick,
    /// The runs.
    pub(crate) runs: Vec<u8>,
}

/// The host's word on the match, and the state to start from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Start {
    /// Tells this match from others.
    pub(crate) session: u64,
    /// Who the client is; `None` for a spectator.
    pub(crate) player: Option<u8>,
    /// Ticks a second.
    pub(crate) tick_rate: u16,
    /// The prediction window, in ticks.
    pub(crate) window: u8,
    /// The input delay to begin with, in ticks; the top bit leaves it to each side, up to that many.
    pub(crate) delay: u8,
    /// The tick of the state.
    pub(crate) tick: Tick,
    /// The hash chain at that tick.
    pub(crate) chain: u64,
    /// Known inputs of each player, from before that tick on.
    pub(crate) tails: Vec<InputTail>,
    /// Who takes part, unless the match is one of two seats.
    pub(crate) group: Option<Group>,
    /// What the game told the host to say.
    pub(crate) setup: Vec<u8>,
    /// The game's state at that tick.
    pub(crate) state: Vec<u8>,
}

/// Who takes part from the tick of a start on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) players: PlayerSet,
    pub(crate) lineage: Lineage,
    /// The number of the last change.
    pub(crate) number: u32,
}

/// How a match ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) kind: u8,
    pub(crate) player: u8,
    pub(crate) code: u32,
}

const HELLO: u8 = 1;
const START: u8 = 2;
const READY: u8 = 3;
const END: u8 = 4;
const HASHES: u8 = 5;
const FIELDS: u8 = 6;
const SPECTATOR: u8 = 0xff;

impl Control {
    /// The message's name, for errors.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Hello(_) => "hello",
            Self::Start(_) => "start",
            Self::Ready(_) => "ready",
            Self::End(_) => "end",
            Self::Hashes { .. } => "hashes",
            Self::Fields { .. } => "fields",
            Self::Membership(message) => message.name(),
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::Hello(hello) => {
                out.push(HELLO);
                out.push(u8::from(hello.resume.is_some()));
                if let Some(resume) = &hello.resume {
                    out.extend_from_slice(&resume.session.to_le_bytes());
                    out.extend_from_slice(&resume.confirmed.0.to_le_bytes());
                    resume.own.encode(&mut out);
                }
            }
            Self::Start(start) => start.encode(&mut out),
            Self::Ready(tick) => {
                out.push(READY);
                out.extend_from_slice(&tick.0.to_le_bytes());
            }
            Self::End(verdict) => {
                out.extend_from_slice(&[END, verdict.kind, verdict.player]);
                out.extend_from_slice(&verdict.code.to_le_bytes());
            }
            Self::Hashes { first, hashes } => {
                out.push(HASHES);
                out.extend_from_slice(&first.0.to_le_bytes());
                for hash in hashes.iter().take(MAX_RUN_TICKS as usize) {
                    out.extend_from_slice(&hash.0.to_le_bytes());
                }
            }
            Self::Fields { tick, fields } => {
                out.push(FIELDS);
                out.extend_from_slice(&tick.0.to_le_bytes());
                out.extend_from_slice(fields.as_bytes());
            }
            Self::Membership(message) => message.encode(&mut out),
        }
        out
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, ProtocolError> {
        let mut reader = Reader::new(bytes);
        let message = match reader.u8()? {
            HELLO => Self::Hello(Hello {
                resume: match reader.u8()? {
                    0 => None,
                    1 => Some(Resume {
                        session: reader.u64()?,
                        confirmed: Tick(reader.u32()?),
                        own: InputTail::decode(&mut reader)?,
                    }),
                    _ => return Err(ProtocolError::BadValue("hello flag")),
                },
            }),
            START => Self::Start(Start::decode(&mut reader)?),
            READY => Self::Ready(Tick(reader.u32()?)),
            END => Self::End(Verdict { kind: reader.u8()?, player: reader.u8()?, code: reader.u32()? }),
            HASHES => {
                let first = Tick(reader.u32()?);
                let mut hashes = Vec::new();
                while !reader.is_empty() {
                    check("the number of hashes", hashes.len() + 1, MAX_RUN_TICKS as usize)?;
                    hashes.push(StateHash(reader.u64()?));
                }
                Self::Hashes { first, hashes }
            }
            FIELDS => Self::Fields {
                tick: Tick(reader.u32()?),
                fields: FieldLog::from_bytes(reader.rest(), MAX_FIELD_BYTES)?,
            },
            kind @ FIRST_KIND..=LAST_KIND => Self::Membership(Membership::decode(kind, &mut reader)?),
            kind => return Err(ProtocolError::UnknownKind(kind)),
        };
        reader.finish()?;
        Ok(message)
    }
}

impl InputTail {
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.first.0.to_le_bytes());
        out.extend_from_slice(&(self.runs.len() as u16).to_le_bytes());
        out.extend_from_slice(&self.runs);
    }

    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Self, ProtocolError> {
        let first = Tick(reader.u32()?);
        let length = reader.u16()?;
        Ok(Self { first, runs: reader.bytes(usize::from(length))?.to_vec() })
    }

    /// Codes `inputs`, of which the first is that of `first`.
    pub(crate) fn new<I: PlayerInput>(first: Tick, inputs: impl Iterator<Item = I>) -> Self {
        let mut runs = Vec::new();
        let mut writer = RunWriter::new(InputBytes::zeros(I::BYTES), &mut runs);
        for input in inputs.take(MAX_RUN_TICKS as usize) {
            writer.push(&InputBytes::of(input));
        }
        Self { first, runs }
    }

    /// The inputs, decoded by the game's own decoder.
    pub(crate) fn inputs<I: PlayerInput>(&self) -> Result<Vec<I>, ProtocolError> {
        let mut inputs = Vec::new();
        let mut tick = self.first;
        read_runs(InputBytes::zeros(I::BYTES), &mut Reader::new(&self.runs), |bytes| {
            inputs.push(I::decode(bytes).ok_or(ProtocolError::BadInput(tick))?);
            tick += 1;
            Ok(())
        })?;
        Ok(inputs)
    }
}

impl Start {
    /// The whole message.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.state.len() + self.setup.len() + 512);
        self.encode(&mut out);
        out
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.push(START);
        out.extend_from_slice(&self.session.to_le_bytes());
        out.push(self.player.unwrap_or(SPECTATOR));
        out.extend_from_slice(&self.tick_rate.to_le_bytes());
        out.extend_from_slice(&[self.window, self.delay]);
        out.extend_from_slice(&self.tick.0.to_le_bytes());
        out.extend_from_slice(&self.chain.to_le_bytes());
        out.push(self.tails.len() as u8);
        for tail in &self.tails {
            tail.encode(out);
        }
        if let Some(group) = &self.group {
            out.push(group.players.0);
            group.lineage.encode(out);
            out.extend_from_slice(&group.number.to_le_bytes());
        }
        out.extend_from_slice(&(self.setup.len() as u16).to_le_bytes());
        out.extend_from_slice(&self.setup);
        out.extend_from_slice(&self.state);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, ProtocolError> {
        let session = reader.u64()?;
        let player = Some(reader.u8()?).filter(|&player| player != SPECTATOR);
        let tick_rate = reader.u16()?;
        let (window, delay) = (reader.u8()?, reader.u8()?);
        let tick = Tick(reader.u32()?);
        let chain = reader.u64()?;
        let players = usize::from(reader.u8()?);
        check("the number of players", players, MAX_PLAYERS)?;
        let tails = (0..players).map(|_| InputTail::decode(reader)).collect::<Result<_, _>>()?;
        let group = match players {
            2 => None,
            _ => Some(Group {
                players: PlayerSet(reader.u8()?),
                lineage: Lineage::decode(reader)?,
                number: reader.u32()?,
            }),
        };
        let setup = usize::from(reader.u16()?);
        check("the length of the setup", setup, MAX_SETUP)?;
        let setup = reader.bytes(setup)?.to_vec();
        let state = reader.rest().to_vec();
        Ok(Self { session, player, tick_rate, window, delay, tick, chain, tails, group, setup, state })
    }
}
