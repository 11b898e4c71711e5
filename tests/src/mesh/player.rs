//! One process in a match of many: its transport, session, game and player.

use super::diary::{Diary, Witness};
use super::game::Walk;
use super::scenario::{Scenario, TIMEOUT_SECONDS};
use netcord::session::{
    Outcome, P2pConfig, P2pSession, PlayerIndex, ROLE_PLAYER, Runner, SessionEvent, SessionStats,
    session_channels,
};
use netcord::transport::invite::{
    InviteCode, InviteHostConfig, InviteJoinerConfig, MeshEndpoint, RejoinTicket, protocol_id,
};
use netcord::transport::lab::{LabSocket, Network};
use netcord::transport::{ChannelsConfig, Manifest, SecureRng, SecureTransport, Transport as _};
use netcord::wire::GameRng;
use rand_core::SeedableRng as _;
use std::net::SocketAddr;
use std::time::Duration;

const GAME: &str = "netcord-mesh-lab";

type Mesh = SecureTransport<MeshEndpoint, LabSocket>;

/// A process.
pub(super) struct Player {
    witness: Witness<Mesh>,
    runner: Runner<Walk>,
    pub(super) address: SocketAddr,
    frame: Duration,
    pub(super) next_frame: Duration,
    script: Script,
    /// Who it was last in the match.
    pub(super) place: Option<PlayerIndex>,
    pub(super) started: bool,
    pub(super) outcome: Option<Outcome>,
    /// From which ticks on someone left, since that was last asked.
    pub(super) news: Vec<u32>,
    pub(super) hand_overs: u64,
    pub(super) pauses: u64,
}

/// Presses buttons as a person does.
struct Script {
    rng: GameRng,
    held: u8,
    left: u32,
}

impl Player {
    /// Opens a match.
    pub(super) fn host(scenario: &Scenario, network: &Network, address: SocketAddr) -> Result<Self, String> {
        let endpoint = MeshEndpoint::host(host_config(address), rng_of(scenario, address)).map_err(text)?;
        let mut transport = transport(endpoint, network, address)?;
        // The time of invites starts with the transport's first step.
        transport.receive(Duration::ZERO).map_err(text)?;
        let session = P2pSession::host(transport, scenario.config()).map_err(text)?;
        Ok(Self::new(scenario, session, address))
    }

    /// Joins with a code, to play or to watch.
    pub(super) fn join(
        scenario: &Scenario,
        network: &Network,
        address: SocketAddr,
        code: &InviteCode,
    ) -> Result<Self, String> {
        let rng = rng_of(scenario, address);
        let endpoint = MeshEndpoint::join(code, joiner_config(), host_config(address), rng).map_err(text)?;
        let session = P2pSession::join(transport(endpoint, network, address)?, scenario.config());
        Ok(Self::new(scenario, session.map_err(text)?, address))
    }

    /// Comes back with a ticket, in a new process that knows nothing else.
    pub(super) fn rejoin(
        scenario: &Scenario,
        network: &Network,
        address: SocketAddr,
        ticket: &RejoinTicket,
    ) -> Result<Self, String> {
        let rng = rng_of(scenario, address);
        let endpoint =
            MeshEndpoint::rejoin(ticket, joiner_config(), host_config(address), rng).map_err(text)?;
        let session = P2pSession::join(transport(endpoint, network, address)?, scenario.config());
        Ok(Self::new(scenario, session.map_err(text)?, address))
    }

    fn new(scenario: &Scenario, session: P2pSession<u8, Mesh>, address: SocketAddr) -> Self {
        let mut rng =
            GameRng::new(scenario.seed ^ u64::from(address.port()) << 32 ^ u64::from(last(address)));
        let frames = [16_667, 16_667, 6_944, 33_333];
        let frame = Duration::from_micros(frames[rng.below(frames.len() as u32) as usize]);
        Self {
            witness: Witness {
                session: session.with_introductions(),
                diary: Diary::default(),
                now: Duration::ZERO,
            },
            runner: Runner::new(Walk::new(scenario.seed)),
            address,
            frame,
            next_frame: Duration::ZERO,
            script: Script { rng, held: 0, left: 0 },
            place: None,
            started: false,
            outcome: None,
            news: Vec::new(),
            hand_overs: 0,
            pauses: 0,
        }
    }

    /// An invite to the match.
    pub(super) fn invite(&mut self, role: u8) -> Result<InviteCode, String> {
        self.session().transport_mut().endpoint_mut().invite(role).map_err(text)
    }

    /// What brings it back after a restart.
    pub(super) fn ticket(&self) -> Option<RejoinTicket> {
        self.witness.session.transport().endpoint().ticket()
    }

    pub(super) fn diary(&self) -> &Diary {
        &self.witness.diary
    }

    pub(super) fn diary_mut(&mut self) -> &mut Diary {
        &mut self.witness.diary
    }

    pub(super) fn lineage(&self) -> super::diary::Lineage {
        self.witness.lineage()
    }

    pub(super) fn session(&mut self) -> &mut P2pSession<u8, Mesh> {
        &mut self.witness.session
    }

    pub(super) fn stats(&self) -> SessionStats {
        self.witness.session.stats()
    }

    pub(super) fn seat(&self) -> Option<PlayerIndex> {
        self.witness.session.local_player()
    }

    pub(super) fn is_host(&self) -> bool {
        self.seat() == Some(self.witness.session.host_player())
    }

    pub(super) fn players(&self) -> Vec<u8> {
        self.witness.session.players().map(|player| player.0).collect()
    }

    /// What there is to know of it in a failure.
    pub(super) fn summary(&self) -> String {
        let stats = self.stats();
        format!(
            "{}: player {:?} of {:?}, host {:?}, tick {}, confirmed {}, {:?}",
            self.address,
            self.seat().map(|player| player.0),
            self.players(),
            self.lineage(),
            stats.current_tick,
            stats.confirmed_tick,
            self.outcome
        )
    }

    /// Runs a frame.
    pub(super) fn run(&mut self, now: Duration) -> Result<(), String> {
        self.next_frame = now + self.frame;
        let script = &mut self.script;
        self.runner.frame(&mut self.witness, now, |_| script.next()).map_err(text)?;
        while let Some(event) = self.witness.session.next_event() {
            self.take(event)?;
        }
        match &self.witness.diary.objection {
            None => Ok(()),
            Some(what) => Err(what.clone()),
        }
    }

    fn take(&mut self, event: SessionEvent) -> Result<(), String> {
        match event {
            SessionEvent::Started { .. } => self.started = true,
            SessionEvent::Paused { .. } => self.pauses += 1,
            SessionEvent::PlayerLeft { player, tick, .. } => {
                self.witness.diary.left.insert((player.0, tick.0));
                self.news.push(tick.0);
            }
            SessionEvent::PlayerJoined { player, tick } => {
                self.witness.diary.joined.insert((player.0, tick.0));
            }
            SessionEvent::HostChanged { .. } => self.hand_overs += 1,
            SessionEvent::Ended(outcome) => self.outcome = Some(outcome),
            SessionEvent::Desync(report) => return Err(report.to_string()),
            _ => {}
        }
        Ok(())
    }
}

impl Script {
    fn next(&mut self) -> u8 {
        if self.left == 0 {
            self.left = 1 + self.rng.below(23);
            self.held = self.rng.below(16) as u8;
        }
        self.left -= 1;
        self.held
    }
}

impl Scenario {
    fn config(&self) -> P2pConfig {
        P2pConfig {
            session_id: self.seed,
            players: self.players,
            min_players: self.late.map(|_| self.players - 1),
            prediction: self.prediction,
            input_delay: self.delay,
            drop_after: self.drop_after,
            hand_over_after: self.hand_over_after,
            forfeit_after: Duration::from_secs(60),
            schema: Walk::schema(),
            ..P2pConfig::default()
        }
    }
}

fn transport(endpoint: MeshEndpoint, network: &Network, address: SocketAddr) -> Result<Mesh, String> {
    let socket = network.socket(address).map_err(text)?;
    let channels = ChannelsConfig::new(session_channels());
    let manifest = Manifest::new().with("schema", Walk::schema().hash());
    SecureTransport::new(endpoint, socket, channels, manifest, 0).map_err(text)
}

fn host_config(address: SocketAddr) -> InviteHostConfig {
    InviteHostConfig {
        timeout_seconds: TIMEOUT_SECONDS,
        ..InviteHostConfig::new(protocol_id(GAME), vec![address])
    }
}

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
    seed[10] = last(address);
    SecureRng::from_seed(seed)
}

fn last(address: SocketAddr) -> u8 {
    match address.ip() {
        std::net::IpAddr::V4(ip) => ip.octets()[3],
        std::net::IpAddr::V6(_) => 0,
    }
}

/// An error as a failure of the run.
pub(super) fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

pub(super) const PLAYS: u8 = ROLE_PLAYER;
