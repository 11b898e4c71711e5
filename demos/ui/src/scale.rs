//! The size of menus: as large as the window allows, whatever its shape and the density of its pixels.

use bevy::prelude::*;
use bevy::window::PrimaryWindow;

/// The window as menus see it.
#[derive(Resource, Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    /// In physical pixels.
    pub size: Vec2,
    /// Whether it is higher than wide.
    pub portrait: bool,
}

/// The room that menus are made for, in their own pixels: in a wide window, and in a high one.
const LANDSCAPE: Vec2 = Vec2::new(900.0, 720.0);
const PORTRAIT: Vec2 = Vec2::new(500.0, 860.0);

pub(crate) fn plugin(app: &mut App) {
    app.insert_resource(Viewport { size: Vec2::new(1280.0, 720.0), portrait: false })
        .add_systems(PreUpdate, measure);
}

fn measure(
    windows: Query<&Window, With<PrimaryWindow>>,
    mut viewport: ResMut<Viewport>,
    mut scale: ResMut<UiScale>,
) {
    let Ok(window) = windows.single() else { return };
    let size = window.physical_size().as_vec2();
    if size.min_element() < 1.0 {
        return;
    }
    let portrait = size.y > size.x * 1.05;
    viewport.set_if_neq(Viewport { size, portrait });
    let room = if portrait { PORTRAIT } else { LANDSCAPE };
    let fit = (Vec2::new(window.width(), window.height()) / room).min_element().clamp(0.2, 4.0);
    if (scale.0 - fit).abs() > 0.001 {
        scale.0 = fit;
    }
}
