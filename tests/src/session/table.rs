//! A match on the lab's network: plays what the scenario says, and judges it.

use super::Totals;
use super::player::{Host, Joiner, text};
use super::scenario::{Scenario, Turn};
use super::witness::Diary;
use netcord::session::{Outcome, ROLE_PLAYER, ROLE_SPECTATOR};
use netcord::transport::invite::RejoinTicket;
use netcord::transport::lab::{Chance, Conditions, Network};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// How long the two may take to come into the match.
const START: Duration = Duration::from_secs(60);

const HOST: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), 4_000);
const SPECTATOR: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(10, 0, 0, 3)), 4_000);

/// The guest's address, which changes its port with every process and every move.
const fn guest_address(port: u16) -> SocketAddr {
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2)), port)
}

/// What is equal when two runs were equal: every byte on the wire, and every final state.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Trace {
    bytes: u64,
    diaries: [Diary; 2],
}

/// Plays a scenario from the invite to the last goodbye.
pub(super) fn play(scenario: &Scenario, totals: &mut Totals) -> Result<Trace, String> {
    let mut table = Table::new(scenario)?;
    let result = table.play();
    table.count(totals);
    result.map_err(|what| format!("{what}, at {:?}", table.now))
}

pub(super) struct Table<'a> {
    pub(super) scenario: &'a Scenario,
    network: Network,
    pub(super) now: Duration,
    pub(super) host: Host,
    pub(super) guest: Option<Joiner>,
    guest_port: u16,
    /// What is left of the guest's last process.
    remains: Option<(Diary, RejoinTicket)>,
    pub(super) spectator: Option<Joiner>,
    pub(super) cut_since: Option<Duration>,
    /// Since when nothing disturbs the match.
    pub(super) calm_since: Duration,
    /// How many states each player knew as final by then.
    pub(super) states_then: [usize; 2],
    pub(super) counts: Totals,
}

impl<'a> Table<'a> {
    fn new(scenario: &'a Scenario) -> Result<Self, String> {
        let network = Network::new(scenario.seed);
        let (host, code) = Host::open(scenario, &network, HOST)?;
        let guest_port = 4_000;
        let guest = Joiner::join(scenario, &network, guest_address(guest_port), &code)?;
        let table = Self {
            scenario,
            network,
            now: Duration::ZERO,
            host,
            guest: Some(guest),
            guest_port,
            remains: None,
            spectator: None,
            cut_since: None,
            calm_since: Duration::ZERO,
            states_then: [0; 2],
            counts: Totals::default(),
        };
        table.connect(guest_address(guest_port))?;
        table.connect(SPECTATOR)?;
        Ok(table)
    }

    /// Gives the links between the host and this address their conditions.
    fn connect(&self, address: SocketAddr) -> Result<(), String> {
        let [forth, back] = &self.scenario.networks;
        self.network.set_link(HOST, address, forth.parse().map_err(text)?);
        self.network.set_link(address, HOST, back.parse().map_err(text)?);
        Ok(())
    }

    fn play(&mut self) -> Result<Trace, String> {
        self.start()?;
        let began = self.now;
        let arrival = self.scenario.spectator_at.map(|at| began + at);
        let mut plan = self.scenario.plan.iter().peekable();
        loop {
            let due = plan.peek().map(|(at, _)| began + *at);
            match due {
                Some(at) if self.next_frame() >= at => {
                    self.pass_to(at);
                    if let Some((_, turn)) = plan.next() {
                        self.turn(*turn)?;
                    }
                }
                None if self.is_settled()? => break,
                _ => self.step()?,
            }
            if self.spectator.is_none()
                && self.counts.spectators == 0
                && arrival.is_some_and(|at| self.now >= at)
            {
                let code = self.host.invite(ROLE_SPECTATOR)?;
                let spectator = Joiner::watch(self.scenario, &self.network, SPECTATOR, &code)?;
                self.spectator = Some(spectator);
                self.counts.spectators = 1;
            }
            self.judge_progress()?;
        }
        self.judge_ending()?;
        self.judge_history()?;
        let guest = self.guest.as_ref().map_or_else(Diary::default, |guest| guest.diary().clone());
        Ok(Trace { bytes: self.network.trace_hash(), diaries: [self.host.diary().clone(), guest] })
    }

    /// Brings both into the match. On the worst of networks a greeting may fail, which players answer with another
    /// invite.
    fn start(&mut self) -> Result<(), String> {
        while !(self.host.started && self.guest.as_ref().is_some_and(|guest| guest.started)) {
            self.step()?;
            if self.now > START {
                return Err("the match did not begin within a minute".to_owned());
            }
            if let Some(guest) = self.guest.take_if(|guest| guest.outcome.is_some()) {
                self.counts.failed_starts += 1;
                guest.die();
                let code = self.host.invite(ROLE_PLAYER)?;
                self.guest_port += 1;
                let address = guest_address(self.guest_port);
                self.connect(address)?;
                self.guest = Some(Joiner::join(self.scenario, &self.network, address, &code)?);
            }
        }
        self.disturbed();
        Ok(())
    }

    fn next_frame(&self) -> Duration {
        let joiners = self.guest.iter().chain(&self.spectator).map(|joiner| joiner.next_frame);
        joiners.fold(self.host.next_frame, Duration::min).max(self.now)
    }

    fn pass_to(&mut self, now: Duration) {
        self.now = now;
        self.network.advance_to(now);
    }

    /// Runs the process whose frame is next.
    pub(super) fn step(&mut self) -> Result<(), String> {
        let next = self.next_frame();
        self.pass_to(next);
        if self.host.next_frame <= next {
            return self.host.run(next).map_err(|what| format!("host: {what}"));
        }
        for (name, joiner) in [("guest", &mut self.guest), ("spectator", &mut self.spectator)] {
            if let Some(joiner) = joiner
                && joiner.next_frame <= next
            {
                return joiner.run(next).map_err(|what| format!("{name}: {what}"));
            }
        }
        Ok(())
    }

    fn turn(&mut self, turn: Turn) -> Result<(), String> {
        match turn {
            Turn::Cut { spectator_too } => {
                self.cut_since = Some(self.now);
                let others = [guest_address(self.guest_port), SPECTATOR];
                self.network.partition(&[HOST], &others[..1 + usize::from(spectator_too)]);
            }
            Turn::CutOneWay { from } => {
                self.cut_since = Some(self.now);
                let guest = guest_address(self.guest_port);
                let (from, to) = if from == 0 { (HOST, guest) } else { (guest, HOST) };
                self.network.set_link(from, to, Conditions { loss: Chance::ALWAYS, ..Conditions::PERFECT });
            }
            Turn::Heal => {
                self.cut_since = None;
                self.network.heal();
                self.connect(guest_address(self.guest_port))?;
            }
            Turn::Kill => {
                if let Some(guest) = self.guest.take() {
                    self.counts.add_session(&guest.stats());
                    self.counts.restarts += 1;
                    let ticket = guest.ticket().ok_or("a guest in the match has no ticket")?;
                    let mut diary = guest.die();
                    diary.die(self.host.diary().newest().unwrap_or(0));
                    self.remains = Some((diary, ticket));
                }
            }
            Turn::Restart => {
                if let Some((diary, ticket)) = self.remains.take() {
                    self.guest_port += 1;
                    let address = guest_address(self.guest_port);
                    self.connect(address)?;
                    let mut guest = Joiner::rejoin(self.scenario, &self.network, address, &ticket)?;
                    guest.inherit(diary);
                    guest.next_frame = self.now;
                    self.guest = Some(guest);
                }
            }
            Turn::Sleep { side, length } => {
                self.counts.sleeps += 1;
                let awake = self.now + length;
                match &mut self.guest {
                    _ if side == 0 => self.host.next_frame = awake,
                    Some(guest) => guest.next_frame = awake,
                    None => {}
                }
            }
            Turn::Move => {
                if self.guest.is_some() {
                    let old = guest_address(self.guest_port);
                    self.guest_port += 1;
                    self.network.rebind(old, guest_address(self.guest_port));
                    self.counts.moves += 1;
                    self.disturbed();
                }
            }
            Turn::Delay { side, delay } => {
                match (&mut self.guest, side) {
                    (_, 0) => self.host.session().set_input_delay(delay).map_err(text)?,
                    (Some(guest), _) => guest.session().set_input_delay(delay).map_err(text)?,
                    (None, _) => {}
                };
            }
        }
        Ok(())
    }

    fn count(&mut self, totals: &mut Totals) {
        self.counts.matches = 1;
        self.counts.add_session(&self.host.stats());
        self.counts.ticks = self.host.stats().confirmed_ticks;
        self.counts.simulated_seconds = self.now.as_secs();
        self.counts.pauses = self.host.pauses;
        self.counts.resumes = self.host.resumes;
        self.counts.forfeits = u64::from(matches!(self.host.outcome, Some(Outcome::Forfeit { .. })));
        if let Some(guest) = &self.guest {
            self.counts.add_session(&guest.stats());
        }
        *totals += self.counts;
    }
}
