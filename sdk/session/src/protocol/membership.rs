//! The messages of matches of more than two players (STANDARD.md, section 7.5): how players meet, who takes part
//! from which tick on, and who hosts.

use super::{InputTail, Reader};
use crate::player_set::PlayerSet;
use crate::{MAX_PLAYERS, PlayerIndex, ProtocolError};
use netcord_wire::Tick;

/// The longest introduction and sighting that are passed on, in bytes.
const MAX_INTRODUCTION: usize = 255;

/// A message about who takes part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Membership {
    /// Host to client: you will be this player of so many; wait.
    Seated { player: PlayerIndex, players: u8 },
    /// Host to guest: make an introduction, for this pair.
    Introduce { pair: Pair },
    /// Guest to host: here it is.
    Introduction { pair: Pair, introduction: Vec<u8> },
    /// Host to guest: meet the other of the pair.
    Meet { pair: Pair, introduction: Vec<u8> },
    /// Host to guest: the other of a pair will come from there.
    Expect { sighting: Vec<u8> },
    /// Between players: of the receiver's inputs, all before this tick are here; send those that follow.
    Have { lineage: Lineage, number: u32, from: Tick },
    /// Guest to host: to whom there is a link, and from where on the inputs of those to whom there is none are
    /// lacking.
    Links { linked: PlayerSet, lacking: Vec<(PlayerIndex, Tick)> },
    /// Host to guest: inputs of a player to whom the guest has no link.
    Forward { player: PlayerIndex, inputs: InputTail },
    /// Host to guests: the match waits for these players.
    Absent { players: PlayerSet },
    /// Host to guests: a change of who takes part is proposed. What the host knows of the inputs of those who go.
    Prepare { ballot: Ballot, joins: bool, removed: Vec<(PlayerIndex, Tick)> },
    /// Guest to host: nothing is confirmed after `barrier`, and no input of those who go is taken, until the
    /// commit.
    Promise { ballot: Ballot, promise: Promise },
    /// Host to guests: the change.
    Commit(Commit),
    /// To one who claims to be the host now: no.
    Refuse { lineage: Lineage },
}

/// Two guests who are to be linked: one comes with an introduction that the other made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) comer: PlayerIndex,
    pub(crate) maker: PlayerIndex,
}

/// Who hosts. Of two hosts who know nothing of each other, the lesser lineage counts. The first is that of player 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Lineage {
    /// How often the role was handed over.
    pub(crate) term: u32,
    pub(crate) host: u8,
}

/// Names an attempt at a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ballot {
    pub(crate) lineage: Lineage,
    /// The number of the change.
    pub(crate) number: u32,
    pub(crate) attempt: u8,
}

/// What a guest knows and promises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Promise {
    pub(crate) barrier: Tick,
    /// The number of the last change that it knows.
    pub(crate) number: u32,
    /// Its inputs of those who go, from the tick on that the host said.
    pub(crate) known: Vec<(PlayerIndex, InputTail)>,
    /// To a new host: the last change.
    pub(crate) last: Option<Box<Commit>>,
}

/// A change of who takes part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Commit {
    pub(crate) lineage: Lineage,
    pub(crate) number: u32,
    pub(crate) changes: Vec<Change>,
}

/// What becomes of one player.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// The player's inputs end at the tick. Those before it that somebody may not have follow.
    Left { player: PlayerIndex, tick: Tick, reason: u8, code: u32, inputs: InputTail },
    /// The player's inputs begin at the tick.
    Joined { player: PlayerIndex, tick: Tick },
}

pub(super) const FIRST_KIND: u8 = SEATED;
const SEATED: u8 = 7;
const INTRODUCE: u8 = 8;
const INTRODUCTION: u8 = 9;
const MEET: u8 = 10;
const EXPECT: u8 = 11;
const HAVE: u8 = 12;
const LINKS: u8 = 13;
const FORWARD: u8 = 14;
const ABSENT: u8 = 15;
const PREPARE: u8 = 16;
const PROMISE: u8 = 17;
const COMMIT: u8 = 18;
const REFUSE: u8 = 19;
pub(super) const LAST_KIND: u8 = REFUSE;

const LEFT: u8 = 0;
const JOINED: u8 = 1;

impl Pair {
    /// Roles from this one on are pairs of players.
    const FIRST_ROLE: u8 = 0x40;

    /// The role of the one who comes: what both see of the new connection.
    pub(crate) fn role(self) -> u8 {
        Self::FIRST_ROLE | (self.comer.0 & 7) << 3 | (self.maker.0 & 7)
    }

    pub(crate) fn of_role(role: u8) -> Option<Self> {
        let (comer, maker) = (PlayerIndex(role >> 3 & 7), PlayerIndex(role & 7));
        (role & 0xc0 == Self::FIRST_ROLE && comer != maker).then_some(Self { comer, maker })
    }

    /// The other one of the pair.
    pub(crate) fn other(self, player: PlayerIndex) -> Option<PlayerIndex> {
        match player {
            player if player == self.comer => Some(self.maker),
            player if player == self.maker => Some(self.comer),
            _ => None,
        }
    }
}

impl Lineage {
    pub(crate) fn host(self) -> PlayerIndex {
        PlayerIndex(self.host)
    }

    pub(super) fn encode(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.term.to_le_bytes());
        out.push(self.host);
    }

    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Self, ProtocolError> {
        match (reader.u32()?, player(reader)?) {
            (0, PlayerIndex(1..)) => Err(ProtocolError::BadValue("lineage")),
            (term, host) => Ok(Self { term, host: host.0 }),
        }
    }
}

impl Ballot {
    fn encode(self, out: &mut Vec<u8>) {
        self.lineage.encode(out);
        out.extend_from_slice(&self.number.to_le_bytes());
        out.push(self.attempt);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, ProtocolError> {
        Ok(Self { lineage: Lineage::decode(reader)?, number: reader.u32()?, attempt: reader.u8()? })
    }
}

impl Membership {
    /// The message's name, for errors.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Seated { .. } => "seated",
            Self::Introduce { .. } => "introduce",
            Self::Introduction { .. } => "introduction",
            Self::Meet { .. } => "meet",
            Self::Expect { .. } => "expect",
            Self::Have { .. } => "have",
            Self::Links { .. } => "links",
            Self::Forward { .. } => "forward",
            Self::Absent { .. } => "absent",
            Self::Prepare { .. } => "prepare",
            Self::Promise { .. } => "promise",
            Self::Commit(_) => "commit",
            Self::Refuse { .. } => "refuse",
        }
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Seated { player, players } => out.extend_from_slice(&[SEATED, player.0, *players]),
            Self::Introduce { pair } => out.extend_from_slice(&[INTRODUCE, pair.role()]),
            Self::Introduction { pair, introduction } => {
                out.extend_from_slice(&[INTRODUCTION, pair.role()]);
                out.extend_from_slice(introduction);
            }
            Self::Meet { pair, introduction } => {
                out.extend_from_slice(&[MEET, pair.role()]);
                out.extend_from_slice(introduction);
            }
            Self::Expect { sighting } => {
                out.push(EXPECT);
                out.extend_from_slice(sighting);
            }
            Self::Have { lineage, number, from } => {
                out.push(HAVE);
                lineage.encode(out);
                out.extend_from_slice(&number.to_le_bytes());
                out.extend_from_slice(&from.0.to_le_bytes());
            }
            Self::Links { linked, lacking } => {
                out.extend_from_slice(&[LINKS, linked.0]);
                write_ticks(lacking, out);
            }
            Self::Forward { player, inputs } => {
                out.extend_from_slice(&[FORWARD, player.0]);
                inputs.encode(out);
            }
            Self::Absent { players } => out.extend_from_slice(&[ABSENT, players.0]),
            Self::Prepare { ballot, joins, removed } => {
                out.push(PREPARE);
                ballot.encode(out);
                out.push(u8::from(*joins));
                write_ticks(removed, out);
            }
            Self::Promise { ballot, promise } => {
                out.push(PROMISE);
                ballot.encode(out);
                promise.encode(out);
            }
            Self::Commit(commit) => {
                out.push(COMMIT);
                commit.encode(out);
            }
            Self::Refuse { lineage } => {
                out.push(REFUSE);
                lineage.encode(out);
            }
        }
    }

    pub(super) fn decode(kind: u8, reader: &mut Reader<'_>) -> Result<Self, ProtocolError> {
        Ok(match kind {
            SEATED => Self::Seated { player: player(reader)?, players: reader.u8()? },
            INTRODUCE => Self::Introduce { pair: pair(reader)? },
            INTRODUCTION => Self::Introduction { pair: pair(reader)?, introduction: rest(reader)? },
            MEET => Self::Meet { pair: pair(reader)?, introduction: rest(reader)? },
            EXPECT => Self::Expect { sighting: rest(reader)? },
            HAVE => Self::Have {
                lineage: Lineage::decode(reader)?,
                number: reader.u32()?,
                from: Tick(reader.u32()?),
            },
            LINKS => Self::Links { linked: PlayerSet(reader.u8()?), lacking: read_ticks(reader)? },
            FORWARD => Self::Forward { player: player(reader)?, inputs: InputTail::decode(reader)? },
            ABSENT => Self::Absent { players: PlayerSet(reader.u8()?) },
            PREPARE => Self::Prepare {
                ballot: Ballot::decode(reader)?,
                joins: flag(reader)?,
                removed: read_ticks(reader)?,
            },
            PROMISE => Self::Promise { ballot: Ballot::decode(reader)?, promise: Promise::decode(reader)? },
            COMMIT => Self::Commit(Commit::decode(reader)?),
            REFUSE => Self::Refuse { lineage: Lineage::decode(reader)? },
            kind => return Err(ProtocolError::UnknownKind(kind)),
        })
    }
}

impl Promise {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.barrier.0.to_le_bytes());
        out.extend_from_slice(&self.number.to_le_bytes());
        out.push(self.known.len() as u8);
        for (player, inputs) in &self.known {
            out.push(player.0);
            inputs.encode(out);
        }
        out.push(u8::from(self.last.is_some()));
        if let Some(last) = &self.last {
            last.encode(out);
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, ProtocolError> {
        Ok(Self {
            barrier: Tick(reader.u32()?),
            number: reader.u32()?,
            known: (0..count(reader)?)
                .map(|_| Ok((player(reader)?, InputTail::decode(reader)?)))
                .collect::<Result<_, ProtocolError>>()?,
            last: if flag(reader)? { Some(Box::new(Commit::decode(reader)?)) } else { None },
        })
    }
}

impl Commit {
    fn encode(&self, out: &mut Vec<u8>) {
        self.lineage.encode(out);
        out.extend_from_slice(&self.number.to_le_bytes());
        out.push(self.changes.len() as u8);
        for change in &self.changes {
            change.encode(out);
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, ProtocolError> {
        Ok(Self {
            lineage: Lineage::decode(reader)?,
            number: reader.u32()?,
            changes: (0..count(reader)?).map(|_| Change::decode(reader)).collect::<Result<_, _>>()?,
        })
    }
}

impl Change {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Left { player, tick, reason, code, inputs } => {
                out.extend_from_slice(&[LEFT, player.0]);
                out.extend_from_slice(&tick.0.to_le_bytes());
                out.push(*reason);
                out.extend_from_slice(&code.to_le_bytes());
                inputs.encode(out);
            }
            Self::Joined { player, tick } => {
                out.extend_from_slice(&[JOINED, player.0]);
                out.extend_from_slice(&tick.0.to_le_bytes());
            }
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, ProtocolError> {
        let kind = reader.u8()?;
        let (player, tick) = (player(reader)?, Tick(reader.u32()?));
        match kind {
            LEFT => Ok(Self::Left {
                player,
                tick,
                reason: reader.u8()?,
                code: reader.u32()?,
                inputs: InputTail::decode(reader)?,
            }),
            JOINED => Ok(Self::Joined { player, tick }),
            _ => Err(ProtocolError::BadValue("change")),
        }
    }
}

fn pair(reader: &mut Reader<'_>) -> Result<Pair, ProtocolError> {
    Pair::of_role(reader.u8()?).ok_or(ProtocolError::BadValue("pair"))
}

fn player(reader: &mut Reader<'_>) -> Result<PlayerIndex, ProtocolError> {
    match reader.u8()? {
        player if usize::from(player) < MAX_PLAYERS => Ok(PlayerIndex(player)),
        _ => Err(ProtocolError::BadValue("player")),
    }
}

fn flag(reader: &mut Reader<'_>) -> Result<bool, ProtocolError> {
    match reader.u8()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(ProtocolError::BadValue("flag")),
    }
}

fn count(reader: &mut Reader<'_>) -> Result<usize, ProtocolError> {
    let count = usize::from(reader.u8()?);
    super::check("the number of players", count, MAX_PLAYERS)?;
    Ok(count)
}

fn rest(reader: &mut Reader<'_>) -> Result<Vec<u8>, ProtocolError> {
    let bytes = reader.rest();
    super::check("the length of an introduction", bytes.len(), MAX_INTRODUCTION)?;
    Ok(bytes.to_vec())
}

fn write_ticks(ticks: &[(PlayerIndex, Tick)], out: &mut Vec<u8>) {
    out.push(ticks.len() as u8);
    for (player, tick) in ticks {
        out.push(player.0);
        out.extend_from_slice(&tick.0.to_le_bytes());
    }
}

fn read_ticks(reader: &mut Reader<'_>) -> Result<Vec<(PlayerIndex, Tick)>, ProtocolError> {
    (0..count(reader)?).map(|_| Ok((player(reader)?, Tick(reader.u32()?)))).collect()
}
