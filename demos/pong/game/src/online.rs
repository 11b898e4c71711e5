//! Pong between two machines: the loop of a match without a window.

use crate::cli::{HostOptions, JoinOptions, PlayOptions};
use crate::failure::Failure;
use crate::figures::{self, Samples};
use crate::link::{self, PLAYER, SPECTATOR};
use crate::report::{Report, Reporter};
use crate::simulation::{Keys, Match};
use netcord::session::{
    Outcome, P2pConfig, P2pSession, PacedSession as _, Runner, SessionEvent, SessionStats,
};
use netcord::transport::backend::UdpSocket;
use netcord::transport::lab::Proxy;
use netcord::transport::{
    DisconnectReason, Endpoint, LinkStats, SecureTransport, Transport as _, secure_rng,
};
use netcord::wire::Tick;
use pong_rules::{Bot, Input, Pong, Side, TICKS_PER_SECOND};
use rand_core::Rng as _;
use std::time::{Duration, Instant};

/// How often progress is told.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(250);

/// How long a side that has all it wants stays, so that the other gets its last inputs.
const LINGER: Duration = Duration::from_millis(1_500);

/// The longest that the loop waits for the network.
const MAX_WAIT: Duration = Duration::from_millis(50);

/// Ticks that may be predicted: bridges half a second without news.
const PREDICTION: u8 = 30;

/// Hosts a match, and plays the left side.
pub(crate) fn host(options: &HostOptions) -> Result<(), Failure> {
    let mut reporter = Reporter::new(options.play.json);
    let (mut transport, proxy, listening) = link::host(options)?;
    reporter.tell(&Report::Listening {
        address: listening.at.to_string(),
        advertised: listening.advertised.iter().map(ToString::to_string).collect(),
    });
    // The time of invites starts with the transport's first step.
    transport.receive(Duration::ZERO)?;
    let roles = std::iter::once((PLAYER, "player"))
        .chain(std::iter::repeat_n((SPECTATOR, "spectator"), options.spectators.into()));
    for (role, name) in roles {
        let code = transport.endpoint_mut().invite(role)?.to_string();
        reporter.tell(&Report::Invite { code, role: name });
    }
    let config = P2pConfig {
        session_id: secure_rng()?.next_u64(),
        forfeit_after: Duration::from_secs(options.forfeit_after.into()),
        max_spectators: options.spectators.into(),
        ..config()
    };
    let session = P2pSession::host(transport, config)?;
    let patience = Duration::from_secs(options.wait.into());
    let failure = || Failure::NobodyJoined(options.wait);
    Game::new(session, &options.play, reporter, proxy).play(patience, failure)
}

/// Joins a match, and plays the right side or watches.
pub(crate) fn join(options: &JoinOptions) -> Result<(), Failure> {
    let session = P2pSession::join(link::join(&options.code)?, config())?;
    // The transport gives up long before; a spectator may have to wait for the match to begin.
    let patience = Duration::from_secs(600);
    let failure = || Failure::Disconnected(DisconnectReason::NoAnswer);
    Game::new(session, &options.play, Reporter::new(options.play.json), None).play(patience, failure)
}

fn config() -> P2pConfig {
    P2pConfig {
        tick_rate: TICKS_PER_SECOND as u16,
        prediction: PREDICTION,
        schema: Pong::schema(),
        ..P2pConfig::default()
    }
}

type Session<E> = P2pSession<Keys, SecureTransport<E, UdpSocket>>;

/// A match as one side plays it.
struct Game<'a, E: Endpoint> {
    session: Session<E>,
    runner: Runner<Match>,
    bot: Bot,
    /// Which paddle is ours; none for a spectator.
    side: Option<Side>,
    play: &'a PlayOptions,
    reporter: Reporter,
    proxy: Option<Proxy>,
    samples: Samples,
    /// The last figures of the link: they are gone with the peer.
    link: LinkStats,
    clock: Instant,
    started: Option<Instant>,
    /// How it ended for us, and when; the other side may still need what we have.
    ended: Option<(&'static str, Instant)>,
    /// The figures at the tick at which we stopped counting.
    last: Option<SessionStats>,
}

impl<'a, E: Endpoint> Game<'a, E> {
    fn new(session: Session<E>, play: &'a PlayOptions, reporter: Reporter, proxy: Option<Proxy>) -> Self {
        Self {
            session,
            runner: Runner::new(Match::new(play.seed)),
            bot: Bot::new(play.seed, play.skill),
            side: None,
            play,
            reporter,
            proxy,
            samples: Samples::default(),
            link: LinkStats::default(),
            clock: Instant::now(),
            started: None,
            ended: None,
            last: None,
        }
    }

    fn play(mut self, patience: Duration, nobody: impl Fn() -> Failure) -> Result<(), Failure> {
        let mut next_progress = self.clock;
        loop {
            let now = self.clock.elapsed();
            let (bot, side) = (&mut self.bot, self.side);
            self.runner.frame(&mut self.session, now, |state| {
                Keys(side.map_or(Input::NONE, |side| bot.input(&state.pong, side)))
            })?;
            while let Some(event) = self.session.next_event() {
                self.handle(event)?;
            }
            self.observe();
            if self.started.is_none() && now >= patience {
                return Err(nobody());
            }
            if self.started.is_some() && Instant::now() >= next_progress && self.ended.is_none() {
                next_progress = Instant::now() + PROGRESS_INTERVAL;
                let stats = self.session.stats();
                self.reporter.tell(&figures::progress(self.runner.state(), &stats, &self.link));
            }
            if self.ended.is_some_and(|(_, at)| at.elapsed() >= LINGER) {
                return self.finish();
            }
            let wait = self.session.next_tick_in().unwrap_or(MAX_WAIT).min(MAX_WAIT);
            // A tick that is due but waits for the other side's inputs is woken by their datagram.
            let wait = if wait.is_zero() { MAX_WAIT } else { wait };
            self.session.transport_mut().socket().wait(wait).map_err(Failure::socket)?;
        }
    }

    fn handle(&mut self, event: SessionEvent) -> Result<(), Failure> {
        match event {
            // The state that the match begins with is the host's.
            SessionEvent::Started { local, .. } => {
                self.side = local.map(|player| Side::BOTH[player.index() % 2]);
                self.started = Some(Instant::now());
                self.reporter.tell(&Report::Connected);
            }
            SessionEvent::Paused { .. } => self.reporter.tell(&Report::Paused),
            SessionEvent::Resumed { tick } => self.reporter.tell(&Report::Resumed { tick: tick.0 }),
            SessionEvent::SpectatorJoined { .. } => self.reporter.tell(&Report::Spectator),
            SessionEvent::Desync(report) => {
                self.reporter.tell(&Report::Desync { report: report.to_string() })
            }
            SessionEvent::Ended(outcome) => self.end(outcome)?,
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, outcome: Outcome) -> Result<(), Failure> {
        let how = match outcome {
            Outcome::Forfeit { .. } => "forfeit",
            Outcome::Left { .. } => "left",
            Outcome::Disconnected(reason) if self.ended.is_none() => {
                return Err(Failure::Disconnected(reason));
            }
            other if self.ended.is_none() => return Err(Failure::Broken(format!("{other:?}"))),
            _ => return Ok(()),
        };
        // Nobody is there any more to wait for.
        let past = Instant::now().checked_sub(LINGER).unwrap_or_else(Instant::now);
        let how = self.ended.take().map_or(how, |(how, _)| how);
        self.ended = Some((how, past));
        Ok(())
    }

    /// Takes the figures, and notices when there is no more to play for.
    fn observe(&mut self) {
        let mut stats = self.session.stats();
        if let Some(link) = self.session.opponent().and_then(|peer| self.session.transport().stats(peer)) {
            self.link = link;
        }
        if self.last.is_some() {
            return;
        }
        let goal = self.play.seconds.map(|seconds| seconds * TICKS_PER_SECOND);
        let confirmed = stats.confirmed_tick;
        self.samples.take(goal.map_or(confirmed, |goal| confirmed.earliest(Tick(goal))), |tick| {
            self.session.chained_hash(tick)
        });
        let over = match goal {
            Some(goal) if confirmed.0 >= goal => Some("time"),
            None if self.runner.state().pong.winner().is_some() => Some("match"),
            _ => None,
        };
        if let Some(how) = over
            && self.ended.is_none()
        {
            // Both sides stop counting at the same tick, though each has confirmed a little more by now.
            if let Some((goal, hash)) =
                goal.and_then(|goal| Some((goal, self.session.confirmed_hash(Tick(goal))?)))
            {
                (stats.confirmed_ticks, stats.state_hash) = (goal.into(), hash);
            }
            self.ended = Some((how, Instant::now()));
            self.last = Some(stats);
        }
    }

    fn finish(mut self) -> Result<(), Failure> {
        let how = self.ended.map_or("left", |(how, _)| how);
        let stats = self.last.take().unwrap_or_else(|| self.session.stats());
        let played = self.started.map_or(Duration::ZERO, |started| started.elapsed());
        self.session.leave(0);
        self.session.flush(self.clock.elapsed())?;
        let score = figures::score(&self.runner.state().pong);
        let report =
            figures::result(how, score, &stats, &self.link, played, self.samples, self.proxy.as_ref());
        self.reporter.tell(&report);
        Ok(())
    }
}
