//! A replay that can be looked at anywhere. It knows no JavaScript.

use tetris_rules::{Ending, Kind, Piece, Playback, Replay, ReplayError, Tetris};

/// A replay, at some tick.
#[derive(Clone, Debug)]
pub struct Viewer {
    replay: Replay,
    playback: Playback,
}

/// What is seen in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A piece that falls, or what lies of one.
    Block(Kind),
    /// Where the piece that falls would land.
    Ghost(Kind),
    /// It lay there when the game was lost.
    Spent(Kind),
}

impl Viewer {
    /// The replay in these bytes, before its first tick.
    ///
    /// # Errors
    /// What [`Replay::from_bytes`] says.
    pub fn open(bytes: &[u8]) -> Result<Self, ReplayError> {
        let replay = Replay::from_bytes(bytes)?;
        Ok(Self { playback: replay.clone().watch(), replay })
    }

    /// Goes to the game after so many ticks, or to its end. Going back plays it again from the start.
    pub fn seek(&mut self, tick: u32) {
        if tick < self.game().ticks() {
            self.playback = self.replay.clone().watch();
        }
        while self.game().ticks() < tick && self.playback.step().is_some() {}
    }

    /// How many ticks are recorded.
    pub fn ticks(&self) -> u32 {
        self.replay.ticks()
    }

    /// The game as it is now.
    pub fn game(&self) -> &Tetris {
        self.playback.game()
    }

    /// What is in a cell now: x from the left, y from the bottom.
    pub fn cell(&self, x: i8, y: i8) -> Cell {
        let game = self.game();
        let covered_by = |piece: Option<Piece>| piece.filter(|piece| piece.cells().contains(&[x, y]));
        let is_lost = matches!(game.ending(), Some(Ending::BlockOut | Ending::LockOut));
        if let Some(piece) = covered_by(game.piece()) {
            return Cell::Block(piece.kind);
        }
        match game.board().cell(x, y) {
            Some(kind) if is_lost => Cell::Spent(kind),
            Some(kind) => Cell::Block(kind),
            None => covered_by(game.ghost()).map_or(Cell::Empty, |ghost| Cell::Ghost(ghost.kind)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tetris_rules::{Bot, Config, Limits, Mode, VISIBLE_HEIGHT, WIDTH, run_headless};

    fn sprint() -> (Tetris, Viewer) {
        let (game, replay) = run_headless(3, Config::new(Mode::Sprint), Bot::FASTEST, Limits::default());
        (game, Viewer::open(&replay.to_bytes()).expect("a replay"))
    }

    fn cells(viewer: &Viewer, wanted: fn(Cell) -> bool) -> usize {
        let all = (0..VISIBLE_HEIGHT + 2).flat_map(|y| (0..WIDTH).map(move |x| (x, y)));
        all.filter(|&(x, y)| wanted(viewer.cell(x, y))).count()
    }

    #[test]
    fn the_end_of_a_replay_is_the_end_of_the_game() {
        let (game, mut viewer) = sprint();
        viewer.seek(u32::MAX);
        assert_eq!(*viewer.game(), game);
        assert_eq!(viewer.ticks(), game.ticks());
    }

    #[test]
    fn a_tick_is_the_same_from_both_sides() {
        let (_, mut viewer) = sprint();
        let middle = viewer.ticks() / 2;
        viewer.seek(middle);
        let before = viewer.game().clone();
        assert_eq!(before.ticks(), middle);
        viewer.seek(u32::MAX);
        viewer.seek(middle);
        assert_eq!(*viewer.game(), before);
    }

    #[test]
    fn the_piece_and_its_ghost_are_seen() {
        let (_, viewer) = sprint();
        assert_eq!(cells(&viewer, |cell| matches!(cell, Cell::Block(_))), 4);
        assert_eq!(cells(&viewer, |cell| matches!(cell, Cell::Ghost(_))), 4);
    }

    #[test]
    fn what_lies_when_a_game_is_lost_is_spent() {
        let mut replay = Replay::new(1, Config::new(Mode::Endless));
        let mut game = replay.start();
        while game.ending().is_none() {
            let input = if game.ticks().is_multiple_of(2) {
                tetris_rules::Input::HARD_DROP
            } else {
                Default::default()
            };
            replay.record(input).expect("room");
            game.step(input);
        }
        let mut viewer = Viewer::open(&replay.to_bytes()).expect("a replay");
        viewer.seek(u32::MAX);
        assert_eq!(cells(&viewer, |cell| matches!(cell, Cell::Block(_) | Cell::Ghost(_))), 0);
        assert!(cells(&viewer, |cell| matches!(cell, Cell::Spent(_))) > 40);
    }

    #[test]
    fn bytes_that_are_no_replay_are_refused() {
        assert!(Viewer::open(&[]).is_err());
        assert!(Viewer::open(&[9; 20]).is_err());
    }
}
