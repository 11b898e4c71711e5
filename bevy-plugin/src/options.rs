//! How a game, a hosted match and a joined one are set up.

use core::time::Duration;
use netcord::session::{InputDelay, OnDesync};
use std::net::SocketAddr;

/// What all matches of a game have in common.
///
/// ```
/// # use bevy_netcord::NetConfig;
/// let config = NetConfig::new("my-game").with_version(3).with_tick_rate(30);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NetConfig {
    /// The game's name: who plays another game does not get in.
    pub game: String,
    /// The version of the game's rules: who has another one is told so, and does not get in. Default 0.
    pub version: u64,
    /// Ticks a second, 1 to 1,000. Default 60.
    pub tick_rate: u16,
    /// How many ticks may be simulated before the others' inputs are known, 1 to 32. Default 12: it bridges 200 ms at
    /// 60 ticks a second.
    pub prediction: u8,
    /// How long a player's own input waits before it takes effect. Default: as the link demands, up to 3 ticks.
    pub input_delay: InputDelay,
    /// How long a match of two waits for a player who is absent before the other has won; in larger ones, how long one
    /// who is cut off from all others waits. Default 30 s.
    pub forfeit_after: Duration,
    /// How long a match of more than two waits for a player who is absent before it goes on without. Who comes back
    /// within ten minutes joins again by itself, if nobody took the seat. Default 5 s.
    pub drop_after: Duration,
    /// After how much silence a connection is lost, in whole seconds. Default 5.
    pub timeout_seconds: u32,
    /// What a desync leads to. Default: it is reported, and the match goes on.
    pub on_desync: OnDesync,
    /// Whether to warn when something that is registered for rollback is written outside of
    /// [`NetUpdate`](crate::NetUpdate). Default: in debug builds.
    pub warn_outside_writes: bool,
}

impl NetConfig {
    /// The defaults, for a game of that name.
    pub fn new(game: impl Into<String>) -> Self {
        Self {
            game: game.into(),
            version: 0,
            tick_rate: 60,
            prediction: 12,
            input_delay: InputDelay::Auto { max: 3 },
            forfeit_after: Duration::from_secs(30),
            drop_after: Duration::from_secs(5),
            timeout_seconds: 5,
            on_desync: OnDesync::Report,
            warn_outside_writes: cfg!(debug_assertions),
        }
    }

    /// Sets [`version`](Self::version).
    #[must_use]
    pub fn with_version(self, version: u64) -> Self {
        Self { version, ..self }
    }

    /// Sets [`tick_rate`](Self::tick_rate), in ticks a second.
    #[must_use]
    pub fn with_tick_rate(self, tick_rate: u16) -> Self {
        Self { tick_rate, ..self }
    }

    /// Sets [`prediction`](Self::prediction), in ticks.
    #[must_use]
    pub fn with_prediction(self, prediction: u8) -> Self {
        Self { prediction, ..self }
    }

    /// Sets [`input_delay`](Self::input_delay).
    #[must_use]
    pub fn with_input_delay(self, input_delay: InputDelay) -> Self {
        Self { input_delay, ..self }
    }

    /// Sets [`forfeit_after`](Self::forfeit_after).
    #[must_use]
    pub fn with_forfeit_after(self, forfeit_after: Duration) -> Self {
        Self { forfeit_after, ..self }
    }

    /// Sets [`drop_after`](Self::drop_after).
    #[must_use]
    pub fn with_drop_after(self, drop_after: Duration) -> Self {
        Self { drop_after, ..self }
    }

    /// Sets [`on_desync`](Self::on_desync).
    #[must_use]
    pub fn with_on_desync(self, on_desync: OnDesync) -> Self {
        Self { on_desync, ..self }
    }
}

/// How to host a match.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HostOptions {
    /// The UDP port. Default 0: the system chooses one.
    pub port: u16,
    /// The addresses that the invite codes name, up to 4. Default: this machine's address on the local network. Behind
    /// a router, name the public address and the port that is forwarded.
    pub advertise: Vec<SocketAddr>,
    /// How many players the match has, with the host: 2 to 8. Default 2.
    pub players: usize,
    /// With how many players the match begins, at least 2; the others come into it while it runs. Default: with all.
    pub min_players: Option<usize>,
    /// How many may watch. Default 0.
    pub spectators: usize,
    /// What [`Match::seed`](crate::Match::seed) is. Default: random.
    pub seed: Option<u64>,
    /// What [`Match::setup`](crate::Match::setup) is; up to 4,000 bytes.
    pub setup: Vec<u8>,
    /// By what name the match is advertised on the local network while it has free seats. Default: it is not.
    #[cfg(feature = "lan")]
    pub lan_name: Option<String>,
    /// Whether the advert carries an invite code, so that everyone on the local network may join. Default: it does.
    #[cfg(feature = "lan")]
    pub lan_code: bool,
}

impl Default for HostOptions {
    fn default() -> Self {
        Self {
            port: 0,
            advertise: Vec::new(),
            players: 2,
            min_players: None,
            spectators: 0,
            seed: None,
            setup: Vec::new(),
            #[cfg(feature = "lan")]
            lan_name: None,
            #[cfg(feature = "lan")]
            lan_code: true,
        }
    }
}

impl HostOptions {
    /// Two players, nobody who watches, any port.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`port`](Self::port).
    #[must_use]
    pub fn with_port(self, port: u16) -> Self {
        Self { port, ..self }
    }

    /// Adds to [`advertise`](Self::advertise).
    #[must_use]
    pub fn with_address(mut self, address: SocketAddr) -> Self {
        self.advertise.push(address);
        self
    }

    /// Sets [`players`](Self::players).
    #[must_use]
    pub fn with_players(self, players: usize) -> Self {
        Self { players, ..self }
    }

    /// Sets [`min_players`](Self::min_players).
    #[must_use]
    pub fn with_min_players(self, min_players: usize) -> Self {
        Self { min_players: Some(min_players), ..self }
    }

    /// Sets [`spectators`](Self::spectators).
    #[must_use]
    pub fn with_spectators(self, spectators: usize) -> Self {
        Self { spectators, ..self }
    }

    /// Sets [`seed`](Self::seed).
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed: Some(seed), ..self }
    }

    /// Sets [`setup`](Self::setup).
    #[must_use]
    pub fn with_setup(self, setup: impl Into<Vec<u8>>) -> Self {
        Self { setup: setup.into(), ..self }
    }

    /// Advertises the match on the local network by this [name](Self::lan_name), where
    /// [`browse_lan`](crate::NetCommands::browse_lan) finds it.
    #[cfg(feature = "lan")]
    #[must_use]
    pub fn with_lan_name(self, name: impl Into<String>) -> Self {
        Self { lan_name: Some(name.into()), ..self }
    }

    /// Sets [`lan_code`](Self::lan_code): `false` where strangers share the network. Who wants to join then asks for a
    /// code.
    #[cfg(feature = "lan")]
    #[must_use]
    pub fn with_lan_code(self, lan_code: bool) -> Self {
        Self { lan_code, ..self }
    }
}

/// How to join a match: most often just the invite code.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct JoinOptions {
    /// The invite code, as it was typed.
    pub code: String,
    /// The UDP port. Default 0: the system chooses one.
    pub port: u16,
    /// For how long to try to come back when the connection is lost. Default one hour: the host decides how long it
    /// waits.
    pub reconnect_for: Duration,
}

impl JoinOptions {
    /// Joins by this code.
    pub fn new(code: impl Into<String>) -> Self {
        Self { code: code.into(), port: 0, reconnect_for: Duration::from_secs(3600) }
    }
}

impl<T: Into<String>> From<T> for JoinOptions {
    fn from(code: T) -> Self {
        Self::new(code)
    }
}
