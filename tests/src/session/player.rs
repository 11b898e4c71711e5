//! One process in a match: its transport, session, game and bot, over the lab's network.

use super::game::{Keys, Match};
use super::scenario::{Scenario, TIMEOUT_SECONDS};
use super::witness::{Diary, Witness};
use netcord::session::{
    Outcome, P2pConfig, P2pSession, PlayerIndex, ROLE_PLAYER, Runner, SessionEvent, SessionStats,
    session_channels,
};
use netcord::transport::invite::{
    InviteCode, InviteHost, InviteHostConfig, InviteJoiner, InviteJoinerConfig, RejoinTicket, protocol_id,
};
use netcord::transport::lab::{LabSocket, Network};
use netcord::transport::{ChannelsConfig, Endpoint, Manifest, SecureRng, SecureTransport, Transport as _};
use pong_rules::{Bot, Pong, Side, Skill};
use rand_core::SeedableRng as _;
use std::net::SocketAddr;
use std::time::Duration;

/// A process that hosts.
pub(super) type Host = Player<InviteHost>;
/// A process that joined, to play or to watch.
pub(super) type Joiner = Player<InviteJoiner>;

/// A process.
pub(super) struct Player<E: Endpoint> {
    witness: Witness<SecureTransport<E, LabSocket>>,
    runner: Runner<Match>,
    bot: Bot,
    frame: Duration,
    /// When it runs next.
    pub(super) next_frame: Duration,
    /// Whether this process is in the match.
    pub(super) started: bool,
    pub(super) outcome: Option<Outcome>,
    /// Since when, in simulated time, the other player is absent.
    paused_at: Option<Duration>,
    pub(super) pauses: u64,
    pub(super) resumes: u64,
    /// How long the other had been absent when the match was lost by forfeit.
    pub(super) waited: Option<Duration>,
}

impl Host {
    /// Opens a match, and an invite to it.
    pub(super) fn open(
        scenario: &Scenario,
        network: &Network,
        address: SocketAddr,
    ) -> Result<(Self, InviteCode), String> {
        let config = InviteHostConfig {
            timeout_seconds: TIMEOUT_SECONDS,
            ..InviteHostConfig::new(protocol_id(GAME), vec![address])
        };
        let rng = SecureRng::seed_from_u64(scenario.seed);
        let endpoint = InviteHost::new(config, rng).map_err(text)?;
        let mut transport = transport(endpoint, network, address)?;
        // The time of invites starts with the transport's first step.
        transport.receive(Duration::ZERO).map_err(text)?;
        let code = transport.endpoint_mut().invite(ROLE_PLAYER).map_err(text)?;
        let session = P2pSession::host(transport, config_of(scenario)).map_err(text)?;
        let pong = Pong::new(scenario.seed);
        Ok((Self::new(session, pong, scenario.seed, scenario.frames[0]), code))
    }

    /// Opens another invite.
    pub(super) fn invite(&mut self, role: u8) -> Result<InviteCode, String> {
        self.witness.session.transport_mut().endpoint_mut().invite(role).map_err(text)
    }
}

impl Joiner {
    /// Joins with a code.
    pub(super) fn join(
        scenario: &Scenario,
        network: &Network,
        address: SocketAddr,
        code: &InviteCode,
    ) -> Result<Self, String> {
        let rng = rng_of(scenario, address);
        let endpoint = InviteJoiner::new(code, joiner_config(), rng);
        let session = P2pSession::join(transport(endpoint, network, address)?, config_of(scenario));
        Ok(Self::new(session.map_err(text)?, Pong::new(0), !scenario.seed, scenario.frames[1]))
    }

    /// Comes back with a ticket, in a new process that knows nothing else.
    pub(super) fn rejoin(
        scenario: &Scenario,
        network: &Network,
        address: SocketAddr,
        ticket: &RejoinTicket,
    ) -> Result<Self, String> {
        let rng = rng_of(scenario, address);
        let endpoint = InviteJoiner::rejoin(ticket, joiner_config(), rng);
        let session = P2pSession::join(transport(endpoint, network, address)?, config_of(scenario));
        let seed = !scenario.seed ^ u64::from(address.port());
        Ok(Self::new(session.map_err(text)?, Pong::new(0), seed, scenario.frames[1]))
    }

    /// Watches.
    pub(super) fn watch(
        scenario: &Scenario,
        network: &Network,
        address: SocketAddr,
        code: &InviteCode,
    ) -> Result<Self, String> {
        let rng = rng_of(scenario, address);
        let endpoint = InviteJoiner::new(code, joiner_config(), rng);
        let session = P2pSession::spectate(transport(endpoint, network, address)?, config_of(scenario));
        Ok(Self::new(session.map_err(text)?, Pong::new(0), 0, scenario.frames[2]))
    }

    /// What brings it back after a restart.
    pub(super) fn ticket(&self) -> Option<RejoinTicket> {
        self.witness.session.transport().endpoint().ticket()
    }
}

impl<E: Endpoint> Player<E> {
    fn new(
        session: P2pSession<Keys, SecureTransport<E, LabSocket>>,
        pong: Pong,
        seed: u64,
        frame: Duration,
    ) -> Self {
        Self {
            witness: Witness { session, diary: Diary::default(), now: Duration::ZERO },
            runner: Runner::new(Match(pong)),
            bot: Bot::new(seed, Skill::Medium),
            frame,
            next_frame: Duration::ZERO,
            started: false,
            outcome: None,
            paused_at: None,
            pauses: 0,
            resumes: 0,
            waited: None,
        }
    }

    pub(super) fn diary(&self) -> &Diary {
        &self.witness.diary
    }

    /// Goes on with the diary of an earlier process.
    pub(super) fn inherit(&mut self, diary: Diary) {
        self.witness.diary = diary;
    }

    /// The process dies; its diary remains.
    pub(super) fn die(self) -> Diary {
        self.witness.diary
    }

    pub(super) fn session(&mut self) -> &mut P2pSession<Keys, SecureTransport<E, LabSocket>> {
        &mut self.witness.session
    }

    pub(super) fn stats(&self) -> SessionStats {
        self.witness.session.stats()
    }

    /// Runs a frame.
    pub(super) fn run(&mut self, now: Duration) -> Result<(), String> {
        self.next_frame = now + self.frame;
        let side = match self.witness.session.local_player() {
            Some(PlayerIndex(0)) => Some(Side::Left),
            Some(_) => Some(Side::Right),
            None => None,
        };
        let bot = &mut self.bot;
        let press = |state: &Match| side.map_or(Keys::default(), |side| Keys(bot.input(&state.0, side)));
        self.runner.frame(&mut self.witness, now, press).map_err(text)?;
        while let Some(event) = self.witness.session.next_event() {
            self.take(event, now)?;
        }
        match &self.witness.diary.objection {
            None => Ok(()),
            Some(what) => Err(what.clone()),
        }
    }

    fn take(&mut self, event: SessionEvent, now: Duration) -> Result<(), String> {
        match event {
            SessionEvent::Started { .. } => {
                self.started = true;
                self.paused_at = None;
            }
            SessionEvent::Paused { .. } => {
                self.pauses += 1;
                self.paused_at = Some(now);
            }
            SessionEvent::Resumed { .. } => {
                self.resumes += 1;
                self.paused_at = None;
            }
            SessionEvent::Ended(outcome) => {
                if matches!(outcome, Outcome::Forfeit { .. }) && self.outcome.is_none() {
                    self.waited = self.paused_at.map(|at| now - at);
                }
                self.outcome = Some(outcome);
            }
            SessionEvent::Desync(report) => return Err(report.to_string()),
            _ => {}
        }
        Ok(())
    }
}

const GAME: &str = "netcord-lab";

fn transport<E: Endpoint>(
    endpoint: E,
    network: &Network,
    address: SocketAddr,
) -> Result<SecureTransport<E, LabSocket>, String> {
    let socket = network.socket(address).map_err(text)?;
    let channels = ChannelsConfig::new(session_channels());
    let manifest = Manifest::new().with("schema", Pong::schema().hash());
    SecureTransport::new(endpoint, socket, channels, manifest, 0).map_err(text)
}

fn config_of(scenario: &Scenario) -> P2pConfig {
    P2pConfig {
        session_id: scenario.seed,
        prediction: scenario.prediction,
        input_delay: scenario.delay,
        forfeit_after: scenario.forfeit_after,
        start_timeout: scenario.start_timeout,
        schema: Pong::schema(),
        ..P2pConfig::default()
    }
}

/// On the worst of networks, ten seconds are too short for one in a thousand.
fn joiner_config() -> InviteJoinerConfig {
    InviteJoinerConfig {
        request_timeout: Duration::from_secs(30),
        reconnect: Some(Duration::from_secs(3_600)),
        ..InviteJoinerConfig::new(protocol_id(GAME))
    }
}

/// Every process draws its own keys.
fn rng_of(scenario: &Scenario, address: SocketAddr) -> SecureRng {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&scenario.seed.to_le_bytes());
    seed[8..10].copy_from_slice(&address.port().to_le_bytes());
    seed[10] = match address.ip() {
        std::net::IpAddr::V4(ip) => ip.octets()[3],
        std::net::IpAddr::V6(_) => 0,
    };
    SecureRng::from_seed(seed)
}

/// An error as a failure of the run.
pub(super) fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
