//! The pieces that wait: the one on hold, and those that come.

use super::layout::{Area, CELL, Layout};
use super::tiles::{Tile, Tiles};
use super::{FieldSystems, role};
use crate::window::play::{Purpose, Round};
use crate::window::screens::Panel;
use bevy::prelude::*;
use demo_ui::{Role, Theme};
use tetris_rules::{Kind, NEXT};

/// A place for a piece that waits, and what it shows: which piece, and whether it may be taken.
#[derive(Component, Clone, Copy, Debug)]
struct Slot {
    shows: Option<(Kind, bool)>,
    cells: [Entity; 4],
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Startup, spawn).add_systems(Update, draw.in_set(FieldSystems));
}

fn spawn(mut commands: Commands, tiles: Res<Tiles>) {
    for area in std::iter::once(Area::Hold).chain((0..NEXT).map(Area::Coming)) {
        let slot = commands.spawn(area).id();
        let cells = [(); 4].map(|()| {
            let sprite = Sprite { image: tiles.0.clone(), ..default() };
            commands
                .spawn((sprite, Transform::from_xyz(0.0, 0.0, 2.0), Visibility::Hidden, ChildOf(slot)))
                .id()
        });
        commands.entity(slot).insert(Slot { shows: None, cells });
    }
}

/// How far from the middle of a piece's box its cells are, in cells.
fn centred(kind: Kind) -> [Vec2; 4] {
    let cells = kind.cells().map(|[x, y]| Vec2::new(x.into(), y.into()));
    let bounds = cells.iter().fold(Rect::EMPTY, |bounds, &cell| bounds.union_point(cell));
    cells.map(|cell| cell - bounds.center())
}

fn draw(
    round: Res<Round>,
    theme: Res<Theme>,
    layout: Res<Layout>,
    panel: Res<State<Panel>>,
    mut slots: Query<(&Area, &mut Slot)>,
    mut cells: Query<(&mut Sprite, &mut Transform, &mut Visibility)>,
) {
    let game = round.game();
    let is_hidden = round.purpose() == Purpose::Play && matches!(panel.get(), Panel::Pause | Panel::Settings);
    for (&area, mut slot) in &mut slots {
        let wanted = match area {
            _ if is_hidden => None,
            Area::Hold => game.held().map(|kind| (kind, game.can_hold())),
            Area::Coming(place) => Some((game.next()[place], true)),
            _ => continue,
        };
        if slot.shows == wanted && !theme.is_changed() && !layout.is_changed() {
            continue;
        }
        slot.shows = wanted;
        let size = CELL * layout.scale(area);
        for (index, cell) in slot.cells.into_iter().enumerate() {
            let Ok((mut sprite, mut transform, mut visibility)) = cells.get_mut(cell) else { continue };
            let shown = if wanted.is_some() { Visibility::Inherited } else { Visibility::Hidden };
            visibility.set_if_neq(shown);
            let Some((kind, can_take)) = wanted else { continue };
            sprite.rect = Some(Tile::block(kind, theme.palette().marked).rect());
            sprite.custom_size = Some(Vec2::splat(size));
            sprite.color = theme.color(if can_take { role(kind) } else { Role::Line });
            // The plate has its name at its head.
            let middle = if area == Area::Hold { -0.15 * layout.half_plate(area).y } else { 0.0 };
            let place = centred(kind)[index] * size + Vec2::new(0.0, middle);
            transform.translation = place.extend(transform.translation.z);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_centred() {
        for kind in Kind::ALL {
            let cells = centred(kind);
            let bounds = cells.iter().fold(Rect::EMPTY, |bounds, &cell| bounds.union_point(cell));
            assert!(bounds.center().length() < 1e-5, "{kind:?}");
        }
    }
}
