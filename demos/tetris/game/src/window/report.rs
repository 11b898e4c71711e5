//! What a windowed game tells the program that started it, under `--json`: one object a line.

use super::play::{Purpose, Round};
use super::screens::{Panel, Screen};
use crate::cli::Cli;
use bevy::prelude::*;
use serde::Serialize;
use std::io::Write as _;
use tetris_rules::{Summary, TICKS_PER_SECOND};

/// Something to tell.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Report {
    /// Where the player is, when it changes.
    Screen { screen: String, panel: String },
    /// Where the game is, some times a second.
    Progress { ticks: u32, score: u32, lines: u32, pieces: u32, column: Option<i8> },
    /// The game is over, or the time is.
    Result { peers: [Summary; 1] },
}

/// Tells, and ends the program when its time is over.
#[derive(Resource, Clone, Debug, Default)]
pub(crate) struct Reporter {
    json: bool,
    /// Stop after so many ticks of a game.
    goal: Option<u32>,
    told: Option<(Screen, Panel)>,
    /// The tick of the last progress.
    progress: u32,
    has_result: bool,
}

/// Ticks between two reports of progress.
const PROGRESS_TICKS: u32 = TICKS_PER_SECOND / 10;

impl Reporter {
    pub(crate) fn new(cli: &Cli) -> Self {
        Self { json: cli.json, goal: cli.ticks(), ..Self::default() }
    }

    fn tell(&self, report: &Report) {
        if self.json {
            // Nobody listens any more: no reason to end a game.
            let _ = writeln!(std::io::stdout().lock(), "{}", serde_json::json!(report));
        }
    }
}

pub(crate) fn plugin(app: &mut App) {
    app.init_resource::<Reporter>().add_systems(PostUpdate, report);
}

fn report(
    round: Res<Round>,
    screen: Res<State<Screen>>,
    panel: Res<State<Panel>>,
    mut reporter: ResMut<Reporter>,
    mut exit: MessageWriter<AppExit>,
) {
    let place = (*screen.get(), *panel.get());
    if reporter.told != Some(place) {
        reporter.told = Some(place);
        let told = |state: &dyn std::fmt::Debug| format!("{state:?}").to_lowercase();
        reporter.tell(&Report::Screen { screen: told(&place.0), panel: told(&place.1) });
    }
    if round.purpose() != Purpose::Play {
        return;
    }
    let game = round.game();
    if game.ticks() < reporter.progress {
        (reporter.progress, reporter.has_result) = (0, false);
    }
    let is_over = game.ending().is_some();
    let is_late = reporter.goal.is_some_and(|goal| game.ticks() >= goal);
    if game.ticks() >= reporter.progress + PROGRESS_TICKS || (is_over && !reporter.has_result) {
        reporter.progress = game.ticks();
        reporter.tell(&Report::Progress {
            ticks: game.ticks(),
            score: game.score(),
            lines: game.lines(),
            pieces: game.pieces(),
            column: game.piece().map(|piece| piece.x),
        });
    }
    if (is_over || is_late) && !reporter.has_result {
        reporter.has_result = true;
        let seed = round.seed();
        reporter.tell(&Report::Result { peers: [Summary::of(seed, game)] });
        if is_late {
            exit.write(AppExit::Success);
        }
    }
}
