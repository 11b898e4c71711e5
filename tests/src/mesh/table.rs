//! A match on the lab's network: plays what the scenario says, and judges it.

use super::Totals;
use super::diary::Diary;
use super::player::{PLAYS, Player, text};
use super::scenario::{Scenario, Turn};
use netcord::session::ROLE_SPECTATOR;
use netcord::transport::invite::RejoinTicket;
use netcord::transport::lab::Network;
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// How long all may take to come into the match.
const START: Duration = Duration::from_secs(60);
/// How long all may take, once nothing disturbs them any more, to be together again.
const RECOVERY: Duration = Duration::from_secs(90);
/// For how many final states they then show that the match goes on.
const GOES_ON: u64 = 200;
/// The code with which players leave.
const LEAVES: u32 = 7;

/// What is equal when two runs were equal: every byte on the wire, and every final state.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Trace {
    bytes: u64,
    diaries: Vec<Diary>,
}

/// Plays a scenario from the first invite on.
pub(super) fn play(scenario: &Scenario, totals: &mut Totals) -> Result<Trace, String> {
    let mut table = Table::new(scenario)?;
    let result = table.play();
    table.count(totals);
    result.map_err(|what| format!("{what}, at {:?}\n{}", table.now, table.summary()))
}

struct Table<'a> {
    scenario: &'a Scenario,
    network: Network,
    now: Duration,
    /// By person; whoever has no process is not there.
    seats: Vec<Option<Player>>,
    ports: Vec<u16>,
    tickets: Vec<Option<RejoinTicket>>,
    /// Those that ended.
    diaries: Vec<Diary>,
    /// Who left or joined at which tick, as a host said it.
    said: BTreeSet<(u8, u32)>,
    counts: Totals,
}

impl<'a> Table<'a> {
    fn new(scenario: &'a Scenario) -> Result<Self, String> {
        let network = Network::new(scenario.seed);
        network.set_conditions(scenario.network.parse().map_err(text)?);
        let people = usize::from(scenario.players) + 1;
        let mut table = Self {
            scenario,
            network,
            now: Duration::ZERO,
            seats: (0..people).map(|_| None).collect(),
            ports: vec![4_000; people],
            tickets: (0..people).map(|_| None).collect(),
            diaries: Vec::new(),
            said: BTreeSet::new(),
            counts: Totals::default(),
        };
        table.heal();
        table.seats[0] = Some(Player::host(scenario, &table.network, table.address(0))?);
        for person in 1..usize::from(scenario.players) {
            if scenario.late != Some(person) {
                table.join(person, PLAYS)?;
            }
        }
        Ok(table)
    }

    fn address(&self, person: usize) -> SocketAddr {
        let ip = Ipv4Addr::new(10, 0, 0, person as u8 + 1);
        SocketAddr::new(ip.into(), self.ports[person])
    }

    fn join(&mut self, person: usize, role: u8) -> Result<(), String> {
        let host = self.seats.iter_mut().flatten().find(|player| player.is_host());
        let code = host.ok_or("nobody hosts")?.invite(role)?;
        let mut player = Player::join(self.scenario, &self.network, self.address(person), &code)?;
        player.next_frame = self.now;
        self.seats[person] = Some(player);
        Ok(())
    }

    fn play(&mut self) -> Result<Trace, String> {
        self.start()?;
        let began = self.now;
        for (at, turn) in &self.scenario.plan {
            while self.next_frame() < began + *at {
                self.step()?;
            }
            self.pass_to(began + *at);
            self.turn(turn)?;
        }
        self.settle()?;
        self.judge()?;
        let diaries = self.diaries.iter().chain(self.seats.iter().flatten().map(Player::diary));
        Ok(Trace { bytes: self.network.trace_hash(), diaries: diaries.cloned().collect() })
    }

    /// Brings all into the match.
    fn start(&mut self) -> Result<(), String> {
        while !self.seats.iter().flatten().all(|player| player.started) {
            self.step()?;
            if self.now > START {
                return Err("the match did not begin within a minute".to_owned());
            }
            for person in 1..self.seats.len() {
                if self.seats[person].take_if(|player| player.outcome.is_some()).is_some() {
                    self.counts.failed_starts += 1;
                    self.ports[person] += 1;
                    self.heal();
                    self.join(person, PLAYS)?;
                }
            }
        }
        Ok(())
    }

    /// All who are there come together again, and the match goes on.
    fn settle(&mut self) -> Result<(), String> {
        let calm = self.now;
        let mut confirmed = None;
        loop {
            self.step()?;
            if let Some(why) = self.is_apart() {
                confirmed = None;
                if self.now > calm + RECOVERY {
                    return Err(format!("they did not come together: {why}"));
                }
                continue;
            }
            self.counts.longest_recovery_ms = self.counts.longest_recovery_ms.max(match confirmed {
                None => (self.now - calm).as_millis() as u64,
                Some(_) => 0,
            });
            let now = || self.seats.iter().flatten().map(|player| player.diary().confirmed);
            let then = confirmed.get_or_insert_with(|| now().collect::<Vec<_>>());
            if now().zip(then.iter()).all(|(now, then)| now >= then + GOES_ON) {
                return Ok(());
            }
            if self.now > calm + 2 * RECOVERY {
                return Err("the match stands still".to_owned());
            }
        }
    }

    /// Why the match is not one that all who are there play together.
    fn is_apart(&self) -> Option<String> {
        let all = || self.seats.iter().flatten().filter(|player| player.outcome.is_none());
        let mut lineage = None;
        let spectator = self.seats.len() - 1;
        for (person, player) in self.seats.iter().enumerate() {
            let Some(player) = player else { continue };
            if person == spectator {
                continue;
            }
            if let Some(outcome) = &player.outcome {
                return Some(format!("{person} is out: {outcome:?}"));
            }
            if player.seat().is_none() {
                return Some(format!("{person} takes no part"));
            }
            if *lineage.get_or_insert(player.lineage()) != player.lineage() {
                return Some("there are two matches".to_owned());
            }
            if player.players().len() != all().filter(|player| player.seat().is_some()).count() {
                return Some(format!("{person} plays with {:?}", player.players()));
            }
        }
        None
    }

    fn next_frame(&self) -> Duration {
        let frames = self.seats.iter().flatten().map(|player| player.next_frame);
        frames.min().unwrap_or(self.now).max(self.now)
    }

    fn pass_to(&mut self, now: Duration) {
        self.now = now;
        self.network.advance_to(now);
    }

    /// Runs the processes whose frame is next.
    fn step(&mut self) -> Result<(), String> {
        let next = self.next_frame();
        self.pass_to(next);
        for person in 0..self.seats.len() {
            let Some(player) = self.seats[person].as_mut().filter(|player| player.next_frame <= next) else {
                continue;
            };
            let before = player.is_host().then(|| (player.lineage(), player.players()));
            player.run(next).map_err(|what| format!("{person}: {what}"))?;
            let news = std::mem::take(&mut player.news);
            let after = player.is_host().then(|| (player.lineage(), player.players()));
            // Only what a host says counts for those who are out; perhaps it was its last word.
            if let Some((lineage, players)) = after.or(before) {
                let diary = player.diary();
                self.said.extend(diary.left.iter().chain(&diary.joined));
                for tick in news {
                    self.counts.changes += 1;
                    let there = self.seats.iter_mut().flatten().map(Player::diary_mut);
                    let all = there.chain(&mut self.diaries);
                    all.for_each(|diary| diary.cut_off(lineage, tick, &players));
                }
            }
        }
        Ok(())
    }

    fn turn(&mut self, turn: &Turn) -> Result<(), String> {
        match turn {
            Turn::Leave(person) => {
                if let Some(mut player) = self.seats[*person].take() {
                    player.session().leave(LEAVES);
                    // The goodbye still leaves.
                    player.run(self.now)?;
                    self.counts.leaves += 1;
                    self.end(player);
                }
            }
            Turn::Crash(person) => {
                if let Some(player) = self.seats[*person].take() {
                    self.counts.crashes += 1;
                    self.tickets[*person] = player.ticket();
                    self.end(player);
                }
            }
            Turn::Restart(person) => {
                let ticket = self.tickets[*person].take().ok_or("no ticket")?;
                self.ports[*person] += 1;
                let address = self.address(*person);
                let mut player = Player::rejoin(self.scenario, &self.network, address, &ticket)?;
                player.next_frame = self.now;
                self.counts.rejoins += 1;
                self.seats[*person] = Some(player);
            }
            Turn::Join(person) => {
                self.counts.late_joins += 1;
                self.join(*person, PLAYS)?;
            }
            Turn::Watch => {
                self.counts.spectators += 1;
                self.join(self.seats.len() - 1, ROLE_SPECTATOR)?;
            }
            Turn::HoldUp(length) => {
                if let Some(spectator) = self.seats.last_mut().and_then(Option::as_mut) {
                    spectator.next_frame = self.now + *length;
                    self.counts.hold_ups += 1;
                }
            }
            Turn::Cut(these, those) => {
                let addresses = |people: &[usize]| -> Vec<_> {
                    people.iter().map(|person| self.address(*person)).collect()
                };
                let (these, those) = (addresses(these), addresses(those));
                self.network.partition(&these, &those);
                self.counts.cuts += 1;
            }
            Turn::Heal => self.heal(),
        }
        Ok(())
    }

    fn heal(&self) {
        self.network.heal();
        if let Some((one, other)) = self.scenario.no_way {
            self.network.partition(&[self.address(one)], &[self.address(other)]);
        }
    }

    fn end(&mut self, player: Player) {
        self.counts.add_session(&player);
        self.diaries.push(player.diary().clone());
    }

    /// All have lived through the same match.
    fn judge(&self) -> Result<(), String> {
        let diaries = || self.diaries.iter().chain(self.seats.iter().flatten().map(Player::diary));
        for (place, one) in diaries().enumerate() {
            for (next, other) in diaries().enumerate().skip(place + 1) {
                if let Some(difference) = one.difference(other) {
                    return Err(format!("processes {place} and {next}: {difference}"));
                }
            }
        }
        // A leaver's last input, and a newcomer's first, are the same for all: what anyone was told, a host said.
        let told = |of: fn(&Diary) -> &BTreeSet<(u8, u32)>| {
            diaries().flat_map(of).find(|change| !self.said.contains(*change)).copied()
        };
        match told(|diary| &diary.left).or(told(|diary| &diary.joined)) {
            Some((player, tick)) => {
                Err(format!("no host said that player {player} left or joined at {tick}"))
            }
            None => Ok(()),
        }
    }

    fn summary(&self) -> String {
        let players = self.seats.iter().flatten().map(Player::summary);
        players.collect::<Vec<_>>().join("\n")
    }

    fn count(&mut self, totals: &mut Totals) {
        self.counts.matches = 1;
        self.counts.simulated_seconds = self.now.as_secs();
        let players = self.seats.iter_mut().filter_map(Option::take).collect::<Vec<_>>();
        for player in &players {
            self.counts.add_session(player);
        }
        self.seats = players.into_iter().map(Some).collect();
        *totals += self.counts;
    }
}
