//! Where everything is: beside the board in a wide window, above it in a high one.

use crate::window::play::Touchscreen;
use crate::window::screens::Screen;
use bevy::prelude::*;
use demo_ui::{Viewport, WorldCamera};
use tetris_rules::{NEXT, VISIBLE_HEIGHT, WIDTH};

/// The edge of a cell, in the world's units.
pub(crate) const CELL: f32 = 24.0;
/// From the middle of the board to its edges.
pub(crate) const HALF_BOARD: Vec2 = Vec2::new(WIDTH as f32 * CELL / 2.0, VISIBLE_HEIGHT as f32 * CELL / 2.0);
/// From the edges of the board to those of its plate.
pub(super) const RIM: f32 = 6.0;

/// Something that has its place.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
#[require(Transform, Visibility)]
pub(crate) enum Area {
    Board,
    Hold,
    /// Around all that come.
    Next,
    /// One that comes, the first one 0.
    Coming(usize),
    Stat(Stat),
}

/// A figure of the game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stat {
    Score,
    Level,
    Lines,
    Time,
    Pieces,
    Best,
}

impl Stat {
    pub(crate) const ALL: [Self; 6] =
        [Self::Score, Self::Level, Self::Lines, Self::Time, Self::Pieces, Self::Best];
}

/// How the window is laid out.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) portrait: bool,
    /// Whether there are buttons for fingers.
    pub(crate) touch: bool,
    /// Whether there are the buttons of a replay.
    pub(crate) watched: bool,
}

/// From the middle of what is seen beside the board to the middle of the board, in a wide window.
const SIDE: f32 = HALF_BOARD.x + RIM + 14.0 + 60.0;
/// The heights of what stands above the board in a high window: a bar, hold and next, the figures.
const BAR: f32 = 34.0;
const STRIP: f32 = 66.0;
const FIGURES: f32 = 36.0;
/// The room for buttons below the board, in a high window and in a wide one.
const BUTTONS: f32 = 96.0;
const REPLAY_BUTTONS: f32 = 64.0;
/// The room for a piece that is not all on the board yet.
const ENTRY: f32 = 22.0;

impl Layout {
    /// How much of the world is seen.
    pub(crate) fn room(self) -> Vec2 {
        if self.portrait {
            let below = if self.touch || self.watched { BUTTONS } else { 30.0 };
            let above = BAR + STRIP + FIGURES + ENTRY;
            Vec2::new(288.0, above + 2.0 * (HALF_BOARD.y + RIM) + below)
        } else {
            // Buttons for fingers have room to both sides of the board.
            Vec2::new(560.0, if self.watched { 560.0 + REPLAY_BUTTONS } else { 560.0 })
        }
    }

    /// The middle of an area.
    pub(crate) fn place(self, area: Area) -> Vec2 {
        if self.portrait {
            self.place_in_portrait(area)
        } else {
            let lift = if self.watched { REPLAY_BUTTONS / 2.0 } else { 0.0 };
            place_in_landscape(area) + Vec2::new(0.0, lift)
        }
    }

    /// How large a piece in an area is, of its size on the board.
    pub(crate) fn scale(self, area: Area) -> f32 {
        match (self.portrait, area) {
            (_, Area::Board) => 1.0,
            (true, Area::Coming(_)) => 0.36,
            (true, _) => 0.5,
            (false, Area::Coming(0)) => 0.8,
            (false, Area::Coming(_)) => 0.7,
            (false, _) => 0.8,
        }
    }

    /// From the middle of a plate to its edges.
    pub(super) fn half_plate(self, area: Area) -> Vec2 {
        match (self.portrait, area) {
            (true, Area::Hold) => Vec2::new(34.0, 29.0),
            (true, Area::Next) => Vec2::new(98.0, 29.0),
            (false, Area::Hold) => Vec2::new(60.0, 48.0),
            (false, Area::Next) => Vec2::new(60.0, 172.0),
            _ => HALF_BOARD + RIM,
        }
    }

    /// Whether a place is on what is held.
    pub(crate) fn hits_hold(self, place: Vec2) -> bool {
        let off = (place - self.place(Area::Hold)).abs();
        off.cmplt(self.half_plate(Area::Hold)).all()
    }

    fn place_in_portrait(self, area: Area) -> Vec2 {
        let top = self.room().y / 2.0;
        let strip = top - BAR - STRIP / 2.0 + 4.0;
        let (left, right) = (-102.0, 38.0);
        match area {
            Area::Board => Vec2::new(0.0, top - BAR - STRIP - FIGURES - ENTRY - HALF_BOARD.y - RIM),
            Area::Hold => Vec2::new(left, strip),
            Area::Next => Vec2::new(right, strip),
            Area::Coming(place) => {
                let from_middle = place as f32 - (NEXT - 1) as f32 / 2.0;
                Vec2::new(right + from_middle * 38.0, strip - 6.0)
            }
            Area::Stat(stat) => {
                let x = match stat {
                    Stat::Score => -102.0,
                    Stat::Level => -46.0,
                    Stat::Lines => 4.0,
                    Stat::Time => 62.0,
                    Stat::Pieces => 116.0,
                    // There is no room.
                    Stat::Best => 10_000.0,
                };
                Vec2::new(x, top - BAR - STRIP - 8.0)
            }
        }
    }
}

fn place_in_landscape(area: Area) -> Vec2 {
    let board = Vec2::new(0.0, -14.0);
    let top = board.y + HALF_BOARD.y + RIM;
    match area {
        Area::Board => board,
        Area::Hold => Vec2::new(-SIDE, top - 48.0),
        Area::Next => Vec2::new(SIDE, top - 172.0),
        Area::Coming(place) => Vec2::new(SIDE, top - 58.0 - 62.0 * place as f32),
        Area::Stat(Stat::Best) => Vec2::new(SIDE, top - 172.0 - 172.0 - 34.0),
        Area::Stat(stat) => Vec2::new(-SIDE, top - 130.0 - 58.0 * stat as usize as f32),
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Layout>()
        .add_systems(Startup, spawn_camera)
        .add_systems(PreUpdate, lay_out)
        .add_systems(Update, (aim, place));
}

fn spawn_camera(mut commands: Commands, layout: Res<Layout>) {
    commands.spawn(WorldCamera { room: layout.room(), turn: 0.0 });
}

fn lay_out(
    viewport: Res<Viewport>,
    touchscreen: Res<Touchscreen>,
    screen: Res<State<Screen>>,
    mut layout: ResMut<Layout>,
) {
    let watched = *screen.get() == Screen::Watch;
    layout.set_if_neq(Layout { portrait: viewport.portrait, touch: touchscreen.0, watched });
}

fn aim(layout: Res<Layout>, mut cameras: Query<&mut WorldCamera>) {
    for mut camera in &mut cameras {
        camera.set_if_neq(WorldCamera { room: layout.room(), turn: 0.0 });
    }
}

fn place(layout: Res<Layout>, mut areas: Query<(Ref<Area>, &mut Transform)>) {
    for (area, mut transform) in &mut areas {
        if layout.is_changed() || area.is_added() {
            transform.translation = layout.place(*area).extend(transform.translation.z);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_in_the_room_and_no_plate_lies_over_another() {
        for (portrait, touch, watched) in
            [(false, false, false), (false, false, true), (true, false, false), (true, true, false)]
        {
            let layout = Layout { portrait, touch, watched };
            let plates = [Area::Board, Area::Hold, Area::Next];
            let boxes =
                plates.map(|area| Rect::from_center_half_size(layout.place(area), layout.half_plate(area)));
            for (index, area) in boxes.iter().enumerate() {
                assert!(area.max.cmple(layout.room() / 2.0).all(), "{layout:?}: {:?}", plates[index]);
                assert!(area.min.cmpge(-layout.room() / 2.0).all(), "{layout:?}: {:?}", plates[index]);
                assert!(boxes[..index].iter().all(|other| other.intersect(*area).is_empty()), "{layout:?}");
            }
            for place in 0..NEXT {
                assert!(boxes[2].contains(layout.place(Area::Coming(place))), "{layout:?}: {place}");
            }
        }
    }
}
