//! What a windowed match tells the terminal, or the program that started it: the same as one without a window.

use super::play::arena::{Arena, Stage};
use super::play::online::{Lab, Orders};
use super::play::view::View;
use crate::cli::PlayOptions;
use crate::figures::{Samples, result};
use crate::report::{Report, Reporter};
use crate::simulation::Keys;
use bevy::prelude::*;
use bevy_netcord::prelude::*;
use netcord::transport::LinkStats;
use netcord::wire::Tick;
use pong_rules::TICKS_PER_SECOND;
use std::time::{Duration, Instant};

/// How often progress is told.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(250);

/// How long a side that has all it wants stays, so that the other gets its last inputs.
const LINGER: Duration = Duration::from_millis(1_500);

/// Tells what happens in a match with others.
#[derive(Resource)]
pub(crate) struct Teller {
    reporter: Reporter,
    /// Stop after so many ticks.
    goal: Option<u32>,
    /// Whether the program ends with the match.
    one_match: bool,
    samples: Samples,
    link: LinkStats,
    started: Option<Instant>,
    next_progress: Instant,
    /// How the match ended, and when: the other side may still need what we have.
    ended: Option<(&'static str, Instant)>,
}

impl Teller {
    /// `stay` keeps the window open after the match.
    pub(crate) fn new(play: &PlayOptions, stay: bool) -> Self {
        Self {
            reporter: Reporter::new(play.json),
            goal: play.seconds.map(|seconds| seconds * TICKS_PER_SECOND),
            one_match: (play.json || play.seconds.is_some()) && !stay,
            samples: Samples::default(),
            link: LinkStats::default(),
            started: None,
            next_progress: Instant::now(),
            ended: None,
        }
    }
}

pub(crate) fn plugin(app: &mut App) {
    app.add_systems(PostUpdate, (hear, observe, leave).chain().run_if(resource_exists::<Teller>));
}

fn hear(mut events: MessageReader<MatchEvent>, mut teller: ResMut<Teller>) {
    for event in events.read() {
        let report = match event {
            MatchEvent::InviteReady { code, seat } => {
                let role = if *seat == bevy_netcord::Seat::Player { "player" } else { "spectator" };
                Report::Invite { code: code.to_string(), role }
            }
            MatchEvent::Started { .. } => {
                (teller.started, teller.samples) = (Some(Instant::now()), Samples::default());
                Report::Connected
            }
            MatchEvent::Paused { .. } => Report::Paused,
            MatchEvent::Resumed { tick } => Report::Resumed { tick: tick.0 },
            MatchEvent::SpectatorJoined => Report::Spectator,
            MatchEvent::Desync(report) => Report::Desync { report: report.to_string() },
            MatchEvent::Ended(Outcome::Left { .. }) => {
                teller.ended.get_or_insert(("left", Instant::now()));
                continue;
            }
            MatchEvent::Ended(_) => {
                teller.ended.get_or_insert(("forfeit", Instant::now()));
                continue;
            }
            _ => continue,
        };
        teller.reporter.tell(&report);
    }
}

fn observe(
    session: NetSession<Keys>,
    current: Option<Res<Match>>,
    arena: Res<Arena>,
    view: Res<View>,
    lab: Option<Res<Lab>>,
    orders: Res<Orders>,
    mut teller: ResMut<Teller>,
    mut told: Local<bool>,
) {
    let teller = &mut *teller;
    let Some(started) = teller.started.filter(|_| current.is_some_and(|current| !current.is_local)) else {
        return;
    };
    if *told {
        return;
    }
    let mut stats = session.stats();
    if let Some(link) = session.link() {
        teller.link = link;
    }
    let confirmed = stats.confirmed_tick;
    let through = teller.goal.map_or(confirmed, |goal| confirmed.earliest(Tick(goal)));
    teller.samples.take(through, |tick| session.chained_hash(tick));
    let score = arena.score();
    if Instant::now() >= teller.next_progress {
        teller.next_progress = Instant::now() + PROGRESS_INTERVAL;
        let phase = match view.now.stage {
            Stage::Waiting | Stage::Serve { .. } => "serve",
            Stage::Rally => "rally",
            Stage::Point => "point",
            Stage::Over { .. } => "over",
        };
        teller.reporter.tell(&Report::Progress {
            tick: stats.current_tick.0,
            score,
            rtt_ms: (teller.link.rtt.as_secs_f64() * 10_000.0).round() / 10.0,
            rollbacks: stats.rollbacks,
            phase,
        });
    }
    let over = match (teller.ended, teller.goal) {
        (Some((how, _)), _) => Some(how),
        (None, Some(goal)) if confirmed.0 >= goal => Some("time"),
        (None, None) if arena.is_over() && teller.one_match => Some("match"),
        _ => None,
    };
    let Some(how) = over else { return };
    // Both sides stop counting at the same tick, though each has confirmed a little more by now.
    if let Some((goal, hash)) = teller.goal.and_then(|goal| Some((goal, session.confirmed_hash(Tick(goal))?)))
    {
        (stats.confirmed_ticks, stats.state_hash) = (goal.into(), hash);
    }
    *told = true;
    teller.ended = Some((how, Instant::now()));
    let samples = std::mem::take(&mut teller.samples);
    let proxy = lab.as_ref().map(|lab| &lab.0);
    let report = result(how, score, &stats, &teller.link, started.elapsed(), samples, proxy);
    if orders.play.as_ref().is_some_and(|play| play.json) || teller.one_match {
        teller.reporter.tell(&report);
    }
}

/// A program that was started for one match ends with it.
fn leave(teller: Res<Teller>, mut commands: Commands, mut exit: MessageWriter<AppExit>, mut left: Local<u8>) {
    let done = teller.one_match && teller.ended.is_some_and(|(_, at)| at.elapsed() >= LINGER);
    if !done {
        return;
    }
    // A frame for the farewell to be sent.
    match *left {
        0 => commands.leave_match(),
        1 => {}
        _ => {
            exit.write(AppExit::Success);
        }
    }
    *left = left.saturating_add(1);
}
