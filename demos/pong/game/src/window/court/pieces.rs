//! What moves: the paddles, and the ball with its trail.

use crate::window::play::arena::Stage;
use crate::window::play::view::View;
use bevy::prelude::*;
use demo_ui::{Role, Shapes, Theme, box_slices};
use pong_rules::{BALL_RADIUS, PADDLE_HALF_HEIGHT, PADDLE_THICKNESS, UNIT};

/// A player's paddle.
#[derive(Component, Clone, Copy, Debug)]
pub(super) struct PaddleSprite {
    pub(super) player: usize,
    /// From 0 to 1: it was hit; it ebbs.
    pub(super) hit: f32,
}

/// The light around a paddle.
#[derive(Component, Clone, Copy, Debug)]
struct PaddleLight(usize);

#[derive(Component, Clone, Copy, Debug)]
pub(super) struct BallSprite {
    /// From 0 to 1: it hit something; it ebbs.
    pub(super) hit: f32,
    /// Who hit it last.
    pub(super) last: Option<usize>,
}

#[derive(Component, Clone, Copy, Debug)]
struct BallLight;

/// A bead of the trail; the first is next to the ball.
#[derive(Component, Clone, Copy, Debug)]
struct Bead(usize);

/// Where the ball was lately, the newest first.
#[derive(Resource, Clone, Debug, Default)]
struct Trail {
    places: Vec<Vec2>,
    /// Seconds since the last place was noted.
    since: f32,
}

const BEADS: usize = 18;
/// Seconds between two beads.
const BEAD_INTERVAL: f32 = 1.0 / 90.0;

fn units(length: i32) -> f32 {
    length as f32 / UNIT as f32
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Trail>()
        .add_systems(Startup, spawn)
        .add_systems(Update, (place_paddles, place_ball, follow).chain().in_set(super::CourtSystems));
}

fn spawn(mut commands: Commands, shapes: Res<Shapes>) {
    let sprite = |image: &Handle<Image>| Sprite {
        image: image.clone(),
        custom_size: Some(Vec2::ZERO),
        color: Color::NONE,
        ..default()
    };
    for player in 0..4 {
        commands.spawn((PaddleLight(player), sprite(&shapes.glow), Transform::from_xyz(0.0, 0.0, 2.0)));
        commands.spawn((
            PaddleSprite { player, hit: 0.0 },
            Sprite { image_mode: box_slices(units(PADDLE_THICKNESS) / 2.0), ..sprite(&shapes.pill) },
            Transform::from_xyz(0.0, 0.0, 3.0),
        ));
    }
    for bead in 0..BEADS {
        commands.spawn((Bead(bead), sprite(&shapes.disc), Transform::from_xyz(0.0, 0.0, 4.0)));
    }
    commands.spawn((BallLight, sprite(&shapes.glow), Transform::from_xyz(0.0, 0.0, 5.0)));
    commands.spawn((
        BallSprite { hit: 0.0, last: None },
        sprite(&shapes.disc),
        Transform::from_xyz(0.0, 0.0, 6.0),
    ));
}

fn place_paddles(
    time: Res<Time>,
    theme: Res<Theme>,
    view: Res<View>,
    mut paddles: Query<(&mut PaddleSprite, &mut Sprite, &mut Transform), Without<PaddleLight>>,
    mut lights: Query<(&PaddleLight, &mut Sprite, &mut Transform), Without<PaddleSprite>>,
) {
    let mut hits = [0.0; 4];
    for (mut paddle, mut sprite, mut transform) in &mut paddles {
        paddle.hit = (paddle.hit - 4.0 * time.delta_secs()).max(0.0);
        hits[paddle.player] = paddle.hit;
        let Some(picture) = view.paddle(paddle.player) else {
            sprite.custom_size = Some(Vec2::ZERO);
            continue;
        };
        // A hit pushes it back a little, and it lights up.
        let outwards = picture.centre.signum() * if picture.upright { Vec2::X } else { Vec2::Y };
        let recoil = if theme.reduced_motion { 0.0 } else { paddle.hit * 3.0 };
        transform.translation = (picture.centre + outwards * recoil).extend(3.0);
        let (thick, long) = (units(PADDLE_THICKNESS), 2.0 * units(PADDLE_HALF_HEIGHT));
        sprite.custom_size =
            Some(if picture.upright { Vec2::new(thick, long) } else { Vec2::new(long, thick) });
        sprite.color =
            theme.color(super::role(paddle.player)).mix(&theme.color(Role::Bright), paddle.hit * 0.7);
    }
    for (light, mut sprite, mut transform) in &mut lights {
        let Some(picture) = view.paddle(light.0) else {
            sprite.custom_size = Some(Vec2::ZERO);
            continue;
        };
        transform.translation = picture.centre.extend(2.0);
        let size = Vec2::new(60.0, 2.0 * units(PADDLE_HALF_HEIGHT) + 56.0);
        sprite.custom_size = Some(if picture.upright { size } else { size.yx() });
        sprite.color = theme.faded(super::role(light.0), (0.4 + 0.5 * hits[light.0]) * theme.palette().glow);
    }
}

fn place_ball(
    time: Res<Time>,
    theme: Res<Theme>,
    view: Res<View>,
    mut ball: Query<(&mut BallSprite, &mut Sprite, &mut Transform), Without<BallLight>>,
    mut light: Query<(&mut Sprite, &mut Transform), With<BallLight>>,
) {
    let (Ok((mut ball, mut sprite, mut transform)), Ok((mut glow, mut glow_place))) =
        (ball.single_mut(), light.single_mut())
    else {
        return;
    };
    ball.hit = (ball.hit - 5.0 * time.delta_secs()).max(0.0);
    // While it waits for the serve it breathes.
    let swell = match view.now.stage {
        Stage::Serve { ticks, .. } if !theme.reduced_motion => 0.12 * (ticks as f32 * 0.21).sin(),
        _ => 0.0,
    };
    let place = view.ball();
    let size = 2.0 * units(BALL_RADIUS) * (1.0 + swell);
    // It is pressed flat where it hit, and long where it is fast.
    let flight = view.now.ball - view.before.ball;
    let stretch = if theme.reduced_motion { 0.0 } else { 0.25 * view.now.pace - 0.5 * ball.hit };
    sprite.custom_size = Some(Vec2::new(size * (1.0 + stretch), size * (1.0 - stretch * 0.6)));
    sprite.color = theme.color(Role::Bright);
    transform.translation = place.extend(6.0);
    transform.rotation = Quat::from_rotation_z(flight.to_angle());
    glow.custom_size = Some(Vec2::splat(76.0 + 70.0 * ball.hit + 30.0 * view.now.pace));
    let role = ball.last.map_or(Role::Bright, super::role);
    glow.color = theme.faded(role, (0.45 + 0.4 * ball.hit) * theme.palette().glow);
    glow_place.translation = place.extend(5.0);
}

fn follow(
    time: Res<Time>,
    theme: Res<Theme>,
    view: Res<View>,
    mut trail: ResMut<Trail>,
    ball: Query<&BallSprite>,
    mut beads: Query<(&Bead, &mut Sprite, &mut Transform)>,
) {
    let place = view.ball();
    if trail.places.first().is_some_and(|last| last.distance(place) > 60.0) || view.now.stage != Stage::Rally
    {
        trail.places.clear();
    }
    trail.since += time.delta_secs();
    let from = trail.places.first().copied().unwrap_or(place);
    let missing = (trail.since / BEAD_INTERVAL) as usize;
    trail.since -= missing as f32 * BEAD_INTERVAL;
    // A long frame leaves as many beads as several short ones.
    for bead in 1..=missing.min(BEADS) {
        trail.places.insert(0, from.lerp(place, bead as f32 / missing as f32));
    }
    trail.places.truncate(BEADS);
    let role = ball.single().ok().and_then(|ball| ball.last).map_or(Role::Bright, super::role);
    for (bead, mut sprite, mut transform) in &mut beads {
        let Some(&at) = trail.places.get(bead.0).filter(|_| !theme.reduced_motion) else {
            sprite.custom_size = Some(Vec2::ZERO);
            continue;
        };
        let left = 1.0 - (bead.0 + 1) as f32 / (BEADS + 1) as f32;
        transform.translation = at.extend(4.0);
        sprite.custom_size = Some(Vec2::splat(2.0 * units(BALL_RADIUS) * (0.25 + 0.65 * left)));
        sprite.color = theme.faded(role, 0.35 * left * left);
    }
}
