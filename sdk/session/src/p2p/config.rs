//! What a match is like, and which channels it needs.

use crate::protocol::MAX_SETUP;
use crate::rollback::{MAX_INPUT_DELAY, MAX_PREDICTION};
use crate::{InputDelay, MAX_PLAYERS, SessionError};
use core::time::Duration;
use netcord_transport::{ChannelConfig, ChannelId};
use netcord_wire::Schema;

/// The channel of starts, states and verdicts.
pub(crate) const CONTROL: ChannelId = ChannelId(0);
/// The channel of inputs.
pub(crate) const INPUTS: ChannelId = ChannelId(1);
/// The channels that are the session's; the game's own follow.
const CHANNELS: u8 = 2;
/// The longest state that can be transferred, in bytes.
pub const MAX_STATE: usize = 1 << 20;
/// What the longest start message carries besides the state.
const START_OVERHEAD: usize = 8 << 10;

/// The channels that a [`P2pSession`](crate::P2pSession) needs: the first of the transport's channels, in this
/// order. The game appends its own, from [`first_game_channel`] on.
pub fn session_channels() -> Vec<ChannelConfig> {
    let longest = MAX_STATE + START_OVERHEAD;
    let control = ChannelConfig::reliable_ordered().with_max_message(longest).with_max_queued(2 * longest);
    let inputs = ChannelConfig::unreliable().with_max_message(1_200).with_max_queued(16_000);
    vec![control.with_priority(100), inputs.with_priority(200).with_receipts()]
}

/// The id of the first channel that a game appends to [`session_channels`].
pub const fn first_game_channel() -> ChannelId {
    ChannelId(CHANNELS)
}

/// How a match goes. What is marked as the host's rule is the host's to say; a client's value is not used.
#[derive(Clone, Debug)]
pub struct P2pConfig {
    /// The host's rule: tells this match from others, so that a player who comes back to a host that was
    /// restarted is not taken for one who knows the match. Draw it at random.
    pub session_id: u64,
    /// The host's rule: how many can play, 2 to 8. Default 2.
    pub players: u8,
    /// The host's rule: the match begins when so many are there, 2 to `players`; `None` waits for all. Who comes later
    /// joins the running match, if `late_join` allows it. Default `None`.
    pub min_players: Option<u8>,
    /// The host's rule, in matches of more than two: whether a player who was not there before may join a match that
    /// runs. Who was, always may. Default true.
    pub late_join: bool,
    /// The host's rule: ticks a second, 1 to 1,000. Default 60.
    pub tick_rate: u16,
    /// The host's rule: ticks that may be simulated before the others' inputs are known, 1 to
    /// [`MAX_PREDICTION`](crate::MAX_PREDICTION). More bridges longer gaps of the network, and costs more
    /// simulation at once. Default 12.
    pub prediction: u8,
    /// The host's rule, until [`set_input_delay`](crate::P2pSession::set_input_delay) changes it on a side.
    /// Default `Fixed(2)`.
    pub input_delay: InputDelay,
    /// The host's rule: what the game wants the others to know at the start; up to 4,096 bytes.
    pub setup: Vec<u8>,
    /// Inputs that do not change are sent once in that many ticks, 1 to 10. Changed ones are sent at once, and
    /// again in the two ticks that follow. Default 3.
    pub send_interval: u8,
    /// In matches of more than two: how long the match waits for an absent player before it goes on without. Who
    /// comes back later joins again, with the state of the match. Default 5 s.
    pub drop_after: Duration,
    /// In matches of more than two: how long guests wait for an absent host before one of them takes its place.
    /// Default 5 s.
    pub hand_over_after: Duration,
    /// In matches of more than two: how long two guests may take to connect before the host passes on their inputs
    /// to each other; it goes on trying. Default 5 s.
    pub introduction_timeout: Duration,
    /// How long the match waits for an absent player before the other has won; where more than two play, how long one
    /// who is cut off from all others waits. Default 30 s.
    pub forfeit_after: Duration,
    /// How long each step of a start may take after a peer has connected, the transfer of the state among them: allow
    /// for the slowest link and the largest state. Default 10 s.
    pub start_timeout: Duration,
    /// How long the match may stand still on a working connection before the peer counts as absent. Default 15 s.
    pub stall_timeout: Duration,
    /// Confirmed ticks between two comparisons of hashes; 0 turns them off. Default 10.
    pub desync_interval: u8,
    /// What a desync leads to.
    pub on_desync: OnDesync,
    /// The names that a desync report uses.
    pub schema: Schema,
    /// The most spectators that a host lets in. Default 8.
    pub max_spectators: usize,
    /// Confirmed ticks that are kept for spectators, up to 6,000. One that falls behind further is dropped.
    /// Default 600.
    pub spectator_backlog: u32,
    /// Confirmed ticks between two messages to a spectator, 1 to 60. Default 6.
    pub spectator_interval: u8,
}

/// What a desync leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnDesync {
    /// The match goes on.
    #[default]
    Report,
    /// The match ends.
    End,
}

impl Default for P2pConfig {
    fn default() -> Self {
        Self {
            session_id: 0,
            players: 2,
            min_players: None,
            late_join: true,
            tick_rate: 60,
            prediction: 12,
            input_delay: InputDelay::Fixed(2),
            setup: Vec::new(),
            send_interval: 3,
            drop_after: Duration::from_secs(5),
            hand_over_after: Duration::from_secs(5),
            introduction_timeout: Duration::from_secs(5),
            forfeit_after: Duration::from_secs(30),
            start_timeout: Duration::from_secs(10),
            stall_timeout: Duration::from_secs(15),
            desync_interval: 10,
            on_desync: OnDesync::Report,
            schema: Schema::new(),
            max_spectators: 8,
            spectator_backlog: 600,
            spectator_interval: 6,
        }
    }
}

impl P2pConfig {
    /// Checks the ranges that are documented.
    ///
    /// # Errors
    /// [`SessionError::Config`] names the first value that is out of range.
    pub fn check(&self) -> Result<(), SessionError> {
        let rules = [
            ((2..=MAX_PLAYERS as u8).contains(&self.players), "players is 2 to 8"),
            (
                self.min_players.is_none_or(|least| (2..=self.players).contains(&least)),
                "min_players is 2 to players",
            ),
            ((1..=1_000).contains(&self.tick_rate), "tick_rate is 1 to 1,000"),
            ((1..=MAX_PREDICTION as u8).contains(&self.prediction), "prediction is 1 to 32 ticks"),
            (self.input_delay.is_valid(), "input_delay is at most 15 ticks"),
            (self.setup.len() <= MAX_SETUP, "setup is at most 4,096 bytes"),
            ((1..=10).contains(&self.send_interval), "send_interval is 1 to 10 ticks"),
            ((1..=60).contains(&self.spectator_interval), "spectator_interval is 1 to 60 ticks"),
            ((1..=6_000).contains(&self.spectator_backlog), "spectator_backlog is 1 to 6,000 ticks"),
        ];
        const { assert!(MAX_INPUT_DELAY == 15 && MAX_PREDICTION == 32 && MAX_SETUP == 4096 && MAX_PLAYERS == 8) };
        match rules.iter().find(|(holds, _)| !holds) {
            Some((_, rule)) => Err(SessionError::Config(rule)),
            None => Ok(()),
        }
    }
}
