//! Fingers: a drag moves, a tap turns to its side, a flick down drops, a tap on hold holds; and buttons on the screen.

use super::{Action, Keys, Player, Round};
use crate::window::field::{Area, CELL, Layout};
use crate::window::screens::{Panel, Screen};
use bevy::input::touch::{TouchInput, TouchPhase};
use bevy::prelude::*;
use bevy::ui::UiGlobalTransform;
use bevy::window::PrimaryWindow;
use demo_ui::{Focusable, WorldCamera};

/// A button on the screen that does what a key does.
#[derive(Component, Clone, Copy, Debug)]
pub(crate) struct TouchKey(pub(crate) Action);

/// Whether the screen is touched, so that it should show buttons.
#[derive(Resource, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Touchscreen(pub(crate) bool);

/// A finger on the field. Places are in the field's units, y up.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Gesture {
    start: Vec2,
    /// When it came down, in seconds.
    began: f32,
    /// Where the last move was made.
    anchor: Vec2,
    /// Whether it moved a piece, and so is no tap.
    dragged: bool,
    soft: bool,
}

/// How long a tap or a flick may take, in seconds.
const QUICK: f32 = 0.25;
/// How far a flick goes at least, in cells.
const FLICK: f32 = 2.0;

impl Gesture {
    fn new(start: Vec2, now: f32) -> Self {
        Self { start, began: now, anchor: start, dragged: false, soft: false }
    }

    /// The finger is at `place`.
    fn moved(&mut self, place: Vec2, now: f32, keys: &mut Keys) {
        let columns = ((place.x - self.anchor.x) / CELL).trunc();
        let is_steep = (place.y - self.start.y).abs() > 1.5 * (place.x - self.start.x).abs();
        if columns != 0.0 && !is_steep {
            let action = if columns > 0.0 { Action::Right } else { Action::Left };
            keys.tap(action, columns.abs() as u32);
            self.anchor = Vec2::new(self.anchor.x + columns * CELL, place.y);
            self.dragged = true;
        }
        if !self.soft && now - self.began > QUICK && self.anchor.y - place.y > 1.5 * CELL {
            keys.set(Action::SoftDrop, true);
            (self.soft, self.dragged) = (true, true);
        }
    }

    /// The finger left at `place`. `on_hold` is whether it came down on what is held.
    fn ended(self, place: Vec2, now: f32, on_hold: bool, keys: &mut Keys) {
        let (way, quick) = (place - self.start, now - self.began <= QUICK);
        if self.soft {
            keys.set(Action::SoftDrop, false);
        } else if self.dragged {
        } else if quick && -way.y > FLICK * CELL {
            keys.tap(Action::HardDrop, 1);
        } else if quick && way.length() < CELL {
            let turn = if place.x < 0.0 { Action::Counterclockwise } else { Action::Clockwise };
            keys.tap(if on_hold { Action::Hold } else { turn }, 1);
        }
    }
}

/// What a finger is doing.
#[derive(Clone, Copy, Debug)]
enum Finger {
    Key(Action),
    Field(Gesture),
    /// It is for the menus.
    Elsewhere,
}

pub(super) fn plugin(app: &mut App) {
    let is_phone = cfg!(any(target_os = "ios", target_os = "android"));
    app.insert_resource(Touchscreen(is_phone))
        .add_systems(PreUpdate, follow.after(bevy::input::InputSystems).after(super::keys::read));
}

fn follow(
    mut touches: MessageReader<TouchInput>,
    time: Res<Time<Real>>,
    round: Res<Round>,
    layout: Res<Layout>,
    (screen, panel): (Res<State<Screen>>, Res<State<Panel>>),
    windows: Query<&Window, With<PrimaryWindow>>,
    cameras: Query<(&Camera, &GlobalTransform), With<WorldCamera>>,
    buttons: Query<(&TouchKey, &ComputedNode, &UiGlobalTransform)>,
    menus: Query<(&ComputedNode, &UiGlobalTransform), With<Focusable>>,
    mut touchscreen: ResMut<Touchscreen>,
    mut keys: ResMut<Keys>,
    mut fingers: Local<Vec<(u64, Finger)>>,
) {
    let plays = matches!(round.player(), Player::Person)
        && *screen.get() == Screen::Play
        && *panel.get() == Panel::None;
    if !plays {
        fingers.clear();
    }
    let (Ok(window), Ok((camera, camera_place))) = (windows.single(), cameras.single()) else { return };
    let now = time.elapsed_secs();
    for touch in touches.read() {
        touchscreen.set_if_neq(Touchscreen(true));
        let Ok(place) = camera.viewport_to_world_2d(camera_place, touch.position) else { continue };
        let place = place - layout.place(Area::Board);
        let pixel = touch.position * window.scale_factor();
        match touch.phase {
            TouchPhase::Started if plays => {
                let on_key = buttons.iter().find(|(_, node, at)| node.contains_point(**at, pixel));
                let finger = match on_key {
                    Some((&TouchKey(action), ..)) => Finger::Key(action),
                    None if menus.iter().any(|(node, at)| node.contains_point(*at, pixel)) => {
                        Finger::Elsewhere
                    }
                    None => Finger::Field(Gesture::new(place, now)),
                };
                if let Finger::Key(action) = finger {
                    keys.set(action, true);
                }
                fingers.push((touch.id, finger));
            }
            TouchPhase::Started => {}
            TouchPhase::Moved => {
                let finger = fingers.iter_mut().find(|(id, _)| *id == touch.id);
                if let Some((_, Finger::Field(gesture))) = finger {
                    gesture.moved(place, now, &mut keys);
                }
            }
            TouchPhase::Ended | TouchPhase::Canceled => {
                let Some(index) = fingers.iter().position(|(id, _)| *id == touch.id) else { continue };
                match fingers.swap_remove(index).1 {
                    Finger::Key(action) => keys.set(action, false),
                    Finger::Field(gesture) => {
                        let on_hold = layout.hits_hold(gesture.start + layout.place(Area::Board));
                        gesture.ended(place, now, on_hold, &mut keys);
                    }
                    Finger::Elsewhere => {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tetris_rules::Input;

    /// What the keys do while a finger is at each of these places, in cells, at these times, and then leaves.
    fn seen(path: &[(f32, f32, f32)], on_hold: bool) -> Vec<Input> {
        let mut keys = Keys::default();
        let place = |&(x, y, _): &(f32, f32, f32)| Vec2::new(x, y) * CELL;
        let mut gesture = Gesture::new(place(&path[0]), path[0].2);
        for step in &path[1..] {
            gesture.moved(place(step), step.2, &mut keys);
        }
        let last = &path[path.len() - 1];
        let mut seen: Vec<_> = (0..8).map(|_| keys.sample()).filter(|&input| input != Input::NONE).collect();
        gesture.ended(place(last), last.2, on_hold, &mut keys);
        seen.extend((0..8).map(|_| keys.sample()).filter(|&input| input != Input::NONE));
        seen
    }

    #[test]
    fn a_drag_moves_a_column_for_each_cell_and_is_no_tap() {
        assert_eq!(seen(&[(0.0, 0.0, 0.0), (1.2, 0.0, 0.1), (2.5, 0.1, 0.2)], false), [Input::RIGHT; 2]);
        assert_eq!(seen(&[(5.0, 0.0, 0.0), (2.9, 0.0, 0.4)], false), [Input::LEFT; 2]);
    }

    #[test]
    fn a_tap_turns_to_its_side_and_on_hold_it_holds() {
        assert_eq!(seen(&[(0.0, 0.0, 0.0), (0.2, 0.1, 0.1)], false), [Input::CLOCKWISE]);
        assert_eq!(seen(&[(-2.0, 0.0, 0.0)], false), [Input::COUNTERCLOCKWISE]);
        assert_eq!(seen(&[(0.0, 0.0, 0.0)], true), [Input::HOLD]);
    }

    #[test]
    fn a_flick_drops_hard_and_a_slow_drag_down_softly() {
        assert_eq!(seen(&[(0.0, 0.0, 0.0), (0.3, -4.0, 0.15)], false), [Input::HARD_DROP]);
        let slow = seen(&[(0.0, 0.0, 0.0), (0.0, -1.0, 0.2), (0.0, -3.0, 0.5)], false);
        assert!(!slow.is_empty() && slow.iter().all(|&input| input == Input::SOFT_DROP), "{slow:?}");
    }

    #[test]
    fn a_finger_that_rests_does_nothing() {
        assert!(seen(&[(0.0, 0.0, 0.0), (0.1, 0.1, 2.0)], false).is_empty());
    }
}
