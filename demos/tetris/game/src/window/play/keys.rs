//! The keys of the person who plays, held for the rules.
//!
//! The rules look once a tick, frames come when they come. So that no press is lost between two looks, each key keeps
//! what became of it in order, and a tick takes one step of that.

use super::{Player, Round};
use crate::window::screens::{Panel, Screen};
use bevy::input::keyboard::KeyboardInput;
use bevy::prelude::*;
use std::collections::VecDeque;
use tetris_rules::Input;

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Left,
    Right,
    Clockwise,
    Counterclockwise,
    SoftDrop,
    HardDrop,
    Hold,
}

impl Action {
    pub(crate) const ALL: [Self; 7] = [
        Self::Left,
        Self::Right,
        Self::Clockwise,
        Self::Counterclockwise,
        Self::SoftDrop,
        Self::HardDrop,
        Self::Hold,
    ];

    /// What the rules call it.
    fn input(self) -> Input {
        match self {
            Self::Left => Input::LEFT,
            Self::Right => Input::RIGHT,
            Self::Clockwise => Input::CLOCKWISE,
            Self::Counterclockwise => Input::COUNTERCLOCKWISE,
            Self::SoftDrop => Input::SOFT_DROP,
            Self::HardDrop => Input::HARD_DROP,
            Self::Hold => Input::HOLD,
        }
    }

    fn of(key: KeyCode) -> Option<Self> {
        Some(match key {
            KeyCode::ArrowLeft | KeyCode::KeyA | KeyCode::Numpad4 => Self::Left,
            KeyCode::ArrowRight | KeyCode::KeyD | KeyCode::Numpad6 => Self::Right,
            KeyCode::ArrowUp | KeyCode::KeyW | KeyCode::KeyX => Self::Clockwise,
            KeyCode::KeyZ | KeyCode::ControlLeft | KeyCode::ControlRight => Self::Counterclockwise,
            KeyCode::ArrowDown | KeyCode::KeyS | KeyCode::Numpad2 => Self::SoftDrop,
            KeyCode::Space | KeyCode::Numpad8 => Self::HardDrop,
            KeyCode::KeyC | KeyCode::ShiftLeft | KeyCode::ShiftRight | KeyCode::Numpad0 => Self::Hold,
            _ => return None,
        })
    }
}

/// One key: what it is for the rules, and what became of it since.
#[derive(Clone, Debug, Default)]
struct Latch {
    down: bool,
    /// Downs and ups, in turn, that no tick has seen.
    unseen: VecDeque<bool>,
}

/// More than anybody does between two ticks; a drag across the field is about half of it.
const MOST_UNSEEN: usize = 40;

impl Latch {
    /// What it will be once all is seen.
    fn last(&self) -> bool {
        self.unseen.back().copied().unwrap_or(self.down)
    }

    fn set(&mut self, down: bool) {
        // What is too much is dropped, but in the end a key is as it is.
        if self.last() != down && (!down || self.unseen.len() < MOST_UNSEEN) {
            self.unseen.push_back(down);
        }
    }

    fn tick(&mut self) -> bool {
        self.down = self.unseen.pop_front().unwrap_or(self.down);
        self.down
    }

    /// Nothing happened to it but that it may be held.
    fn forget(&mut self) {
        *self = Self { down: self.last(), unseen: VecDeque::new() };
    }
}

/// The keys as a person holds them.
#[derive(Resource, Clone, Debug, Default)]
pub(crate) struct Keys {
    latches: [Latch; Action::ALL.len()],
}

impl Keys {
    /// Holds a key down, or lets it go.
    pub(crate) fn set(&mut self, action: Action, down: bool) {
        self.latches[action as usize].set(down);
    }

    /// Presses a key and lets it go, so often.
    pub(crate) fn tap(&mut self, action: Action, times: u32) {
        for _ in 0..times.min(MOST_UNSEEN as u32) {
            self.set(action, true);
            self.set(action, false);
        }
    }

    /// What the rules see in this tick.
    pub(crate) fn sample(&mut self) -> Input {
        let held = Action::ALL.into_iter().filter(|&action| self.latches[action as usize].tick());
        held.fold(Input::NONE, |input, action| input | action.input())
    }

    /// Forgets what was pressed and let go; what is held stays so.
    pub(crate) fn forget(&mut self) {
        self.latches.iter_mut().for_each(Latch::forget);
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Keys>().add_systems(PreUpdate, read.after(bevy::input::InputSystems));
}

pub(super) fn read(
    mut pressed: MessageReader<KeyboardInput>,
    held: Res<ButtonInput<KeyCode>>,
    round: Res<Round>,
    screen: Res<State<Screen>>,
    panel: Res<State<Panel>>,
    mut keys: ResMut<Keys>,
) {
    if !matches!(round.player(), Player::Person)
        || *screen.get() != Screen::Play
        || *panel.get() != Panel::None
    {
        pressed.clear();
        *keys = Keys::default();
        return;
    }
    for key in pressed.read().filter(|key| !key.repeat) {
        let Some(action) = Action::of(key.key_code) else { continue };
        // Two keys may do the same: it lasts until both are let go.
        let still =
            held.get_pressed().any(|&other| other != key.key_code && Action::of(other) == Some(action));
        keys.set(action, key.state.is_pressed() || still);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tap_between_two_ticks_is_seen() {
        let mut keys = Keys::default();
        keys.set(Action::Left, true);
        keys.set(Action::Left, false);
        assert_eq!([keys.sample(), keys.sample()], [Input::LEFT, Input::NONE]);
    }

    #[test]
    fn each_of_many_taps_is_seen_as_one() {
        let mut keys = Keys::default();
        keys.tap(Action::Right, 3);
        keys.tap(Action::HardDrop, 1);
        let seen: Vec<_> = (0..7).map(|_| keys.sample()).collect();
        let none = Input::NONE;
        assert_eq!(
            seen,
            [Input::RIGHT | Input::HARD_DROP, none, Input::RIGHT, none, Input::RIGHT, none, none]
        );
    }

    #[test]
    fn a_key_that_is_held_stays_held_and_what_was_tapped_can_be_forgotten() {
        let mut keys = Keys::default();
        keys.tap(Action::Hold, 2);
        keys.set(Action::SoftDrop, true);
        keys.forget();
        assert_eq!([keys.sample(), keys.sample()], [Input::SOFT_DROP; 2]);
    }

    #[test]
    fn however_much_is_pressed_a_key_that_is_let_go_is_up_in_the_end() {
        let mut keys = Keys::default();
        for _ in 0..20 {
            keys.tap(Action::Left, u32::MAX);
        }
        let last = (0..100).map(|_| keys.sample()).last();
        assert_eq!(last, Some(Input::NONE));
    }
}
