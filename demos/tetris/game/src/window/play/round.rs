//! One game from its first tick to its last: played by a person or a bot and recorded, or a replay that is watched.

use super::Keys;
use crate::window::screens::Panel;
use bevy::prelude::*;
use tetris_rules::{Bot, Config, Events, Mode, Playback, Replay, TICKS_PER_SECOND, Tetris};

/// Whose keys a game gets.
#[derive(Clone, Debug)]
pub(crate) enum Player {
    Person,
    Bot(Bot),
    Replay(Box<Playback>),
}

/// What a game is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To be looked at behind the menus. Nothing follows from it.
    Backdrop,
    Play,
    Watch,
}

/// The game in the window.
#[derive(Resource, Clone, Debug)]
pub(crate) struct Round {
    seed: u64,
    game: Tetris,
    /// What was played so far; none when it became too long, or is itself a replay.
    record: Option<Replay>,
    player: Player,
    purpose: Purpose,
    /// Ticks until it begins, or goes on after a pause.
    pub(crate) lead: u32,
    /// How many ticks are played in the time of one; 0 stands still.
    pub(crate) speed: u32,
    /// Ticks since it was over.
    pub(crate) over_for: u32,
}

/// A tick in which something happened.
#[derive(Message, Clone, Copy, Debug)]
pub(crate) struct Happened(pub(crate) Events);

/// Ticks that each number of the countdown stays.
const COUNT_TICKS: u32 = 40;
/// How long the countdown is.
pub(crate) const LEAD_TICKS: u32 = 3 * COUNT_TICKS;
/// How fast a replay may be watched.
pub(crate) const SPEEDS: [u32; 3] = [1, 2, 4];
/// How long a game behind the menus is shown after its end, in ticks.
const BACKDROP_REST: u32 = 2 * TICKS_PER_SECOND;

impl Round {
    pub(crate) fn new(seed: u64, config: Config, player: Player) -> Self {
        let record = Replay::new(seed, config);
        Self {
            seed,
            game: record.start(),
            record: Some(record),
            player,
            purpose: Purpose::Play,
            lead: LEAD_TICKS,
            speed: 1,
            over_for: 0,
        }
    }

    /// A bot's game behind the menus.
    pub(crate) fn backdrop(seed: u64) -> Self {
        let config = Config { start_level: 3, ..Config::new(Mode::Endless) };
        let player = Player::Bot(Bot::new(Bot::STEADY));
        Self { purpose: Purpose::Backdrop, record: None, lead: 0, ..Self::new(seed, config, player) }
    }

    /// A replay, to be watched.
    pub(crate) fn watch(replay: &Replay) -> Self {
        let player = Player::Replay(Box::new(replay.clone().watch()));
        let (seed, config) = (replay.seed(), *replay.config());
        Self { purpose: Purpose::Watch, record: None, lead: 0, ..Self::new(seed, config, player) }
    }

    pub(crate) fn game(&self) -> &Tetris {
        match &self.player {
            Player::Replay(playback) => playback.game(),
            Player::Person | Player::Bot(_) => &self.game,
        }
    }

    pub(crate) fn player(&self) -> &Player {
        &self.player
    }

    pub(crate) fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// What decides its pieces.
    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// What was played so far.
    pub(crate) fn record(&self) -> Option<&Replay> {
        self.record.as_ref()
    }

    /// Three, two, one.
    pub(crate) fn countdown(&self) -> Option<u32> {
        (self.lead > 0).then(|| self.lead.div_ceil(COUNT_TICKS))
    }

    /// How much of the countdown's number is gone: 0 to 1.
    pub(crate) fn count_gone(&self) -> f32 {
        1.0 - (self.lead % COUNT_TICKS) as f32 / COUNT_TICKS as f32
    }

    /// How many ticks a replay has; of another game, how many were played.
    pub(crate) fn length(&self) -> u32 {
        match &self.player {
            Player::Replay(playback) => playback.replay().ticks(),
            Player::Person | Player::Bot(_) => self.game.ticks(),
        }
    }

    /// Goes to a tick of a replay.
    pub(crate) fn seek(&mut self, tick: u32) {
        let Player::Replay(playback) = &mut self.player else { return };
        if tick < playback.game().ticks() {
            **playback = playback.replay().clone().watch();
        }
        while playback.game().ticks() < tick && playback.step().is_some() {}
        self.over_for = 0;
    }

    /// Plays a tick; none when it is over.
    fn step(&mut self, keys: &mut Keys) -> Option<Events> {
        let input = match &mut self.player {
            Player::Replay(playback) => return playback.step(),
            Player::Person => keys.sample(),
            Player::Bot(bot) => bot.input(&self.game),
        };
        if self.game.ending().is_some() {
            return None;
        }
        // A game that is too long goes on, without a replay.
        self.record =
            self.record.take().and_then(|mut record| record.record(input).is_ok().then_some(record));
        Some(self.game.step(input))
    }
}

pub(super) fn plugin(app: &mut App) {
    app.insert_resource(Round::backdrop(1)).add_message::<Happened>().add_systems(FixedUpdate, tick);
}

fn tick(
    panel: Option<Res<State<Panel>>>,
    mut round: ResMut<Round>,
    mut keys: ResMut<Keys>,
    mut happened: MessageWriter<Happened>,
) {
    let stands = panel.is_some_and(|panel| *panel.get() != Panel::None);
    if stands && round.purpose == Purpose::Play {
        return;
    }
    if round.lead > 0 {
        round.lead -= 1;
        keys.forget();
        return;
    }
    for _ in 0..round.speed {
        match round.step(&mut keys) {
            Some(events) if events != Events::default() => _ = happened.write(Happened(events)),
            Some(_) => {}
            None => round.over_for = round.over_for.saturating_add(1),
        }
    }
    if round.purpose == Purpose::Backdrop && round.over_for > BACKDROP_REST {
        let seed = u64::from(round.game.score()).wrapping_add(round.game.ticks().into());
        *round = Round::backdrop(seed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn played(ticks: u32) -> Round {
        let mut round = Round::new(5, Config::new(Mode::Sprint), Player::Bot(Bot::new(Bot::FASTEST)));
        for _ in 0..ticks {
            round.step(&mut Keys::default());
        }
        round
    }

    #[test]
    fn what_was_played_can_be_watched_to_the_same_state() {
        let round = played(600);
        let replay = round.record().expect("a short game");
        let mut watched = Round::watch(replay);
        while watched.step(&mut Keys::default()).is_some() {}
        assert_eq!(watched.game(), round.game());
        assert_eq!((watched.length(), replay.ticks()), (600, 600));
    }

    #[test]
    fn a_replay_goes_to_any_tick_forth_and_back() {
        let round = played(600);
        let mut watched = Round::watch(round.record().expect("a short game"));
        watched.seek(u32::MAX);
        assert_eq!(watched.game(), round.game());
        watched.seek(300);
        assert_eq!(watched.game(), played(300).game());
    }
}
