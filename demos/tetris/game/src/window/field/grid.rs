//! The cells of the board: one sprite each, of which only those change that look different from the frame before.

use super::layout::{Area, CELL, HALF_BOARD};
use super::tiles::{Tile, Tiles};
use super::{FieldSystems, role};
use crate::window::kept::Settings;
use crate::window::play::{Purpose, Round};
use crate::window::screens::Panel;
use bevy::prelude::*;
use bevy_netcord::persist::Persist;
use demo_ui::{Role, Theme};
use tetris_rules::{Ending, Kind, Tetris, WIDTH};

/// Rows that are drawn: those that are seen, and above them the ones into which pieces come.
const ROWS: i8 = tetris_rules::VISIBLE_HEIGHT + 2;

/// What is in a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Look {
    #[default]
    Empty,
    Block(Kind),
    /// Where the piece would land.
    Ghost(Kind),
    /// It lay there when the game was lost.
    Spent(Kind),
}

/// The cells, row by row from the lowest, and how they look.
#[derive(Resource, Clone, Debug)]
pub(super) struct Grid {
    sprites: Vec<Entity>,
    looks: Vec<Look>,
}

impl Grid {
    /// What a cell shows; nothing outside of the board.
    pub(super) fn look(&self, x: i8, y: i8) -> Look {
        index(x, y).and_then(|index| self.looks.get(index)).copied().unwrap_or_default()
    }
}

fn index(x: i8, y: i8) -> Option<usize> {
    ((0..WIDTH).contains(&x) && (0..ROWS).contains(&y)).then(|| y as usize * WIDTH as usize + x as usize)
}

/// The middle of a cell, from the middle of the board.
pub(super) fn cell_place(x: i8, y: i8) -> Vec2 {
    (Vec2::new(x.into(), y.into()) + 0.5) * CELL - HALF_BOARD
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Startup, spawn).add_systems(Update, draw.in_set(FieldSystems));
}

fn spawn(mut commands: Commands, tiles: Res<Tiles>) {
    let board = commands.spawn(Area::Board).id();
    let cells = (0..ROWS).flat_map(|y| (0..WIDTH).map(move |x| cell_place(x, y)));
    let sprites = cells.map(|place| {
        let sprite = Sprite { image: tiles.0.clone(), custom_size: Some(Vec2::splat(CELL)), ..default() };
        commands
            .spawn((
                sprite,
                Transform::from_translation(place.extend(2.0)),
                Visibility::Hidden,
                ChildOf(board),
            ))
            .id()
    });
    let sprites: Vec<_> = sprites.collect();
    commands.insert_resource(Grid { looks: vec![Look::Empty; sprites.len()], sprites });
}

/// What every cell shows.
fn looks(game: &Tetris, with_ghost: bool) -> Vec<Look> {
    let is_lost = matches!(game.ending(), Some(Ending::BlockOut | Ending::LockOut));
    let lying = (0..ROWS).flat_map(|y| (0..WIDTH).map(move |x| game.board().cell(x, y)));
    let mut looks: Vec<_> = lying
        .map(|cell| match cell {
            None => Look::Empty,
            Some(kind) if is_lost => Look::Spent(kind),
            Some(kind) => Look::Block(kind),
        })
        .collect();
    let mut put = |piece: Option<tetris_rules::Piece>, look: fn(Kind) -> Look| {
        for (piece, [x, y]) in piece.iter().flat_map(|piece| piece.cells().map(|cell| (piece, cell))) {
            if let Some(index) = index(x, y) {
                looks[index] = look(piece.kind);
            }
        }
    };
    put(game.ghost().filter(|_| with_ghost), Look::Ghost);
    put(game.piece(), Look::Block);
    looks
}

fn draw(
    round: Res<Round>,
    settings: Res<Persist<Settings>>,
    theme: Res<Theme>,
    panel: Res<State<Panel>>,
    mut grid: ResMut<Grid>,
    mut sprites: Query<(&mut Sprite, &mut Visibility)>,
) {
    // Who pauses must not plan.
    let is_hidden = round.purpose() == Purpose::Play && matches!(panel.get(), Panel::Pause | Panel::Settings);
    let wanted = match is_hidden {
        true => vec![Look::Empty; grid.looks.len()],
        false => looks(round.game(), settings.ghost || round.purpose() != Purpose::Play),
    };
    let marked = theme.palette().marked;
    for (index, &look) in wanted.iter().enumerate() {
        if look == grid.looks[index] && !theme.is_changed() {
            continue;
        }
        let Ok((mut sprite, mut visibility)) = sprites.get_mut(grid.sprites[index]) else { continue };
        visibility.set_if_neq(if look == Look::Empty { Visibility::Hidden } else { Visibility::Inherited });
        let (tile, color) = match look {
            Look::Empty => continue,
            Look::Block(kind) => (Tile::block(kind, marked), theme.color(role(kind))),
            Look::Ghost(kind) => (Tile::Ghost, theme.faded(role(kind), 0.75)),
            Look::Spent(kind) => (Tile::block(kind, marked), theme.color(Role::Line)),
        };
        (sprite.rect, sprite.color) = (Some(tile.rect()), color);
    }
    grid.looks = wanted;
}

#[cfg(test)]
mod tests {
    use super::*;
    use tetris_rules::{Config, Mode};

    #[test]
    fn the_piece_and_its_ghost_are_drawn_and_the_ghost_can_be_left_out() {
        let game = Tetris::new(3, Config::new(Mode::Marathon));
        let (piece, ghost) = (game.piece().expect("a piece"), game.ghost().expect("a ghost"));
        let with = looks(&game, true);
        let count = |looks: &[Look], wanted| looks.iter().filter(|&&look| look == wanted).count();
        assert_eq!(count(&with, Look::Block(piece.kind)), 4);
        assert_eq!(count(&with, Look::Ghost(piece.kind)), 4);
        assert!(
            ghost
                .cells()
                .into_iter()
                .all(|[x, y]| { index(x, y).is_some_and(|index| with[index] == Look::Ghost(piece.kind)) })
        );
        assert_eq!(count(&looks(&game, false), Look::Ghost(piece.kind)), 0);
    }
}
