//! The game: one piece after the other, until the goal is reached or the field is full.

use crate::bag::{Bag, NEXT};
use crate::board::{Board, VISIBLE_HEIGHT};
use crate::events::{Events, Locked};
use crate::falling::Falling;
use crate::handling::Controls;
use crate::input::Input;
use crate::mode::{Config, Ending, gravity};
use crate::piece::{Kind, Piece};
use crate::score::{Placement, Spin};

/// The whole state of a game. It follows from its seed, its [`Config`] and the inputs, and from nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tetris {
    pub(crate) config: Config,
    pub(crate) board: Board,
    pub(crate) bag: Bag,
    pub(crate) falling: Falling,
    pub(crate) controls: Controls,
    pub(crate) held: Option<Kind>,
    /// Whether hold was used since the last piece locked.
    pub(crate) has_held: bool,
    pub(crate) ticks: u32,
    pub(crate) pieces: u32,
    pub(crate) lines: u32,
    pub(crate) score: u32,
    /// Placements in a row that cleared lines.
    pub(crate) combo: u32,
    /// Whether the last clear was difficult.
    pub(crate) back_to_back: bool,
    pub(crate) ending: Option<Ending>,
}

impl Tetris {
    /// A new game; `seed` decides which pieces come.
    pub fn new(seed: u64, config: Config) -> Self {
        Self::on(Board::empty(), seed, config)
    }

    /// A new game with something on the field: for practice, and for tests. Over at once if there is no room for
    /// the first piece. Replays don't know of it.
    pub fn on(board: Board, seed: u64, config: Config) -> Self {
        let mut bag = Bag::new(seed);
        let first = bag.take();
        let falling = Falling::spawn(first, &board);
        Self {
            config,
            falling: falling.unwrap_or_else(|| Falling::waiting(first)),
            board,
            bag,
            controls: Controls::default(),
            held: None,
            has_held: false,
            ticks: 0,
            pieces: 0,
            lines: 0,
            score: 0,
            combo: 0,
            back_to_back: false,
            ending: falling.is_none().then_some(Ending::BlockOut),
        }
    }

    /// Plays one tick with these keys held. A game that is over stays as it is.
    ///
    /// In this order: hold, turn, shift, hard drop or else gravity, lock; then the next piece comes, at once.
    pub fn step(&mut self, input: Input) -> Events {
        let mut events = Events::default();
        if self.ending.is_some() {
            return events;
        }
        self.ticks = self.ticks.saturating_add(1);
        let command = self.controls.step(input, self.config.handling);
        if command.hold && !self.has_held {
            self.hold(&mut events);
        }
        if self.ending.is_none() {
            let gravity = self.gravity(command.soft_drop);
            let motion = self.falling.step(&self.board, &command, gravity);
            events.shifted = motion.shifted;
            events.turned = motion.kick;
            events.soft_dropped = motion.soft_dropped;
            events.hard_dropped = motion.hard_dropped;
            events.landed = motion.landed;
            let dropped = u32::from(motion.soft_dropped) + 2 * u32::from(motion.hard_dropped.unwrap_or(0));
            self.score = self.score.saturating_add(dropped);
            if motion.locks {
                self.lock(&mut events);
            }
        }
        if self.ending.is_none() && self.config.mode.time().is_some_and(|time| self.ticks >= time) {
            self.ending = Some(Ending::Complete);
        }
        events.over = self.ending;
        events
    }

    /// How the game is played.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// What lies on the field.
    pub const fn board(&self) -> &Board {
        &self.board
    }

    /// The piece that falls; none when the game is over.
    pub const fn piece(&self) -> Option<Piece> {
        if self.ending.is_none() { Some(self.falling.piece) } else { None }
    }

    /// Where the piece that falls would land: its ghost.
    pub fn ghost(&self) -> Option<Piece> {
        Some(self.board.landing(self.piece()?))
    }

    /// The pieces that come, the next one first.
    pub fn next(&self) -> [Kind; NEXT] {
        self.bag.next()
    }

    /// The piece on hold.
    pub const fn held(&self) -> Option<Kind> {
        self.held
    }

    /// Whether hold would do something now: it works once a piece.
    pub const fn can_hold(&self) -> bool {
        !self.has_held && self.ending.is_none()
    }

    /// The points.
    pub const fn score(&self) -> u32 {
        self.score
    }

    /// Lines cleared.
    pub const fn lines(&self) -> u32 {
        self.lines
    }

    /// Pieces that locked.
    pub const fn pieces(&self) -> u32 {
        self.pieces
    }

    /// The level.
    pub fn level(&self) -> u8 {
        self.config.level(self.lines)
    }

    /// How many placements in a row cleared lines: from 2 on a combo.
    pub const fn combo(&self) -> u32 {
        self.combo
    }

    /// Whether the last clear was difficult, so that the next one, if it is difficult, counts half as much again.
    pub const fn back_to_back(&self) -> bool {
        self.back_to_back
    }

    /// How many ticks were played.
    pub const fn ticks(&self) -> u32 {
        self.ticks
    }

    /// How the game ended, once it is over.
    pub const fn ending(&self) -> Option<Ending> {
        self.ending
    }

    /// How long the piece has rested, of [`LOCK_TICKS`](crate::LOCK_TICKS).
    pub const fn rested(&self) -> u8 {
        self.falling.rested
    }

    /// How far a piece falls in a tick, in 1/65536 of a row.
    pub(crate) fn gravity(&self, soft_drop: bool) -> u32 {
        let times = if soft_drop { self.config.handling.soft_drop.max(1) } else { 1 };
        gravity(self.level()) * u32::from(times)
    }

    fn hold(&mut self, events: &mut Events) {
        let kind = self.falling.piece.kind;
        let other = self.held.replace(kind);
        let next = other.unwrap_or_else(|| self.bag.take());
        self.has_held = true;
        events.held = true;
        self.spawn(next);
    }

    fn spawn(&mut self, kind: Kind) {
        match Falling::spawn(kind, &self.board) {
            Some(falling) => self.falling = falling,
            None => {
                self.falling = Falling::waiting(kind);
                self.ending = Some(Ending::BlockOut);
            }
        }
    }

    fn lock(&mut self, events: &mut Events) {
        let piece = self.falling.piece;
        let spin = self.spin();
        let level = self.level();
        self.board.add(&piece);
        self.pieces = self.pieces.saturating_add(1);
        let cleared = self.board.clear_full_rows();
        let mut placement = Placement {
            lines: cleared.count(),
            spin,
            back_to_back: false,
            combo: self.combo,
            all_clear: self.board.is_empty(),
        };
        if cleared.is_empty() {
            self.combo = 0;
        } else {
            placement.back_to_back = self.back_to_back && placement.is_difficult();
            self.back_to_back = placement.is_difficult();
            self.combo = self.combo.saturating_add(1);
        }
        let points = placement.points(level);
        self.score = self.score.saturating_add(points);
        self.lines = self.lines.saturating_add(cleared.count().into());
        events.locked = Some(Locked { piece, cleared, placement, points });
        events.level_up = (self.level() > level).then(|| self.level());
        self.has_held = false;
        if self.config.mode.goal().is_some_and(|goal| self.lines >= goal) {
            self.ending = Some(Ending::Complete);
        } else if piece.bottom() >= VISIBLE_HEIGHT {
            self.ending = Some(Ending::LockOut);
        } else {
            let next = self.bag.take();
            self.spawn(next);
        }
    }

    /// Whether the piece, about to lock, is a T that was turned into its place: the three-corner rule.
    fn spin(&self) -> Option<Spin> {
        let piece = self.falling.piece;
        let kick = self.falling.last_kick.filter(|_| piece.kind == Kind::T)?;
        let [a, b, c, d] = piece.corners().map(|[x, y]| u8::from(self.board.is_filled(x, y)));
        let (front, back) = (a + b, c + d);
        if front + back < 3 {
            return None;
        }
        Some(if front == 2 || kick == Piece::LAST_KICK { Spin::Full } else { Spin::Mini })
    }
}
