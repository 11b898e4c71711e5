//! A physics scene of the kind of the public exercise: bodies on a plane, and a driven one that rolls through them and
//! pulls some along. For machines that have no recorded scene, and to see that nothing is tuned to the recorded one.
//!
//! Bodies are balls to each other, which is enough to make them fly, bounce, roll, slide and come to rest.

use super::cubes::{BODIES, FIELDS};
use netcord::wire::GameRng;

const STEP: f64 = 1.0 / 60.0;
const GRAVITY: f64 = 9.81;
const UNITS_PER_METRE: f64 = 512.0;
/// The side of the cells in which bodies look for each other.
const CELL: f64 = 0.5;
const CELLS: usize = 128;
/// Frames of next to no motion after which a body sleeps.
const DROWSY: u32 = 30;

type Vector = [f64; 3];

#[derive(Clone)]
struct Body {
    at: Vector,
    velocity: Vector,
    spin: Vector,
    orientation: [f64; 4],
    radius: f64,
    still: u32,
    touched: u32,
}

/// `frames` frames of all bodies' integers.
pub(crate) fn record(seed: u64, frames: usize) -> Vec<i32> {
    let mut rng = GameRng::new(seed);
    let mut bodies: Vec<_> = (0..BODIES).map(body).collect();
    let mut heading = 0.0_f64;
    let mut turn = 0.0;
    let mut pulls = false;
    let mut out = Vec::with_capacity(frames * BODIES * FIELDS);
    for frame in 0..frames {
        if frame % 40 == 0 {
            turn = f64::from(rng.below(200)) / 2_000.0 - 0.05;
            pulls = rng.below(3) > 0;
        }
        // Back to the middle when it strays.
        let [x, y, _] = bodies[0].at;
        if x.hypot(y) > 14.0 {
            turn = 0.1;
        }
        heading += turn;
        for axis in 0..2 {
            let push = if axis == 0 { heading.cos() } else { heading.sin() };
            bodies[0].velocity[axis] += (6.0 * push - bodies[0].velocity[axis]) * 0.08;
        }
        if frame % 240 == 239 {
            bodies[0].velocity[2] += 4.0;
        }
        (0..2).for_each(|_| step(&mut bodies, STEP / 2.0, pulls));
        bodies.iter_mut().for_each(|body| body.touched = body.touched.saturating_sub(1));
        bodies.iter().for_each(|body| write(body, &mut out));
    }
    out
}

fn body(index: usize) -> Body {
    let (radius, at) = match index.checked_sub(1) {
        None => (1.0, [0.0, 0.0, 1.0]),
        Some(place) => (0.2, [(place % 30) as f64 - 14.5, (place / 30) as f64 - 14.5, 0.2]),
    };
    Body {
        at,
        velocity: [0.0; 3],
        spin: [0.0; 3],
        orientation: [0.0, 0.0, 0.0, 1.0],
        radius,
        still: if index == 0 { 0 } else { DROWSY },
        touched: 0,
    }
}

fn step(bodies: &mut [Body], time: f64, pulls: bool) {
    let centre = bodies[0].at;
    for (index, body) in bodies.iter_mut().enumerate() {
        if body.still >= DROWSY {
            continue;
        }
        body.velocity[2] -= GRAVITY * time;
        let away: Vector = std::array::from_fn(|axis| centre[axis] - body.at[axis]);
        let distance = length(away);
        if index > 0 && pulls && body.touched > 0 && distance < 3.0 {
            for (velocity, away) in body.velocity.iter_mut().zip(away) {
                *velocity += away / distance * 30.0 * time;
            }
        }
        for axis in 0..3 {
            body.at[axis] += body.velocity[axis] * time;
        }
        rotate(body, time);
        if body.at[2] < body.radius {
            body.at[2] = body.radius;
            ground(body, index == 0, time);
        }
        let moves = length(body.velocity) + body.radius * length(body.spin);
        body.still = if index > 0 && moves < 0.12 { body.still + 1 } else { 0 };
        if body.still >= DROWSY {
            (body.velocity, body.spin) = ([0.0; 3], [0.0; 3]);
        }
    }
    collide(bodies);
}

/// A body that touches the ground bounces, and is slowed where it slides.
fn ground(body: &mut Body, driven: bool, time: f64) {
    if body.velocity[2] < 0.0 {
        body.velocity[2] = if body.velocity[2] < -0.5 { -0.3 * body.velocity[2] } else { 0.0 };
    }
    // The speed of the point of contact; friction turns it into spin.
    let slip = [body.velocity[0] - body.spin[1] * body.radius, body.velocity[1] + body.spin[0] * body.radius];
    let speed = slip[0].hypot(slip[1]);
    if speed > 0.0 {
        let change = (0.6 * GRAVITY * time).min(speed * 2.0 / 7.0);
        for (axis, slip) in slip.into_iter().enumerate() {
            let part = change * slip / speed;
            if !driven {
                body.velocity[axis] -= part;
            }
            let sign = if axis == 0 { 1.0 } else { -1.0 };
            body.spin[1 - axis] += sign * 2.5 * part / body.radius;
        }
    }
    if !driven {
        let keep = (1.0 - 0.6 * time).max(0.0);
        body.spin = body.spin.map(|spin| spin * keep);
        (body.velocity[0], body.velocity[1]) = (body.velocity[0] * keep, body.velocity[1] * keep);
    }
}

fn rotate(body: &mut Body, time: f64) {
    let [x, y, z, w] = body.orientation;
    let [a, b, c] = body.spin.map(|spin| spin * time / 2.0);
    let turned = [
        x + a * w + b * z - c * y,
        y + b * w + c * x - a * z,
        z + c * w + a * y - b * x,
        w - a * x - b * y - c * z,
    ];
    let size = turned.iter().map(|part| part * part).sum::<f64>().sqrt();
    body.orientation = turned.map(|part| part / size);
}

/// Pushes apart what overlaps.
fn collide(bodies: &mut [Body]) {
    let cell = |at: f64| ((at / CELL + CELLS as f64 / 2.0) as usize).clamp(1, CELLS - 2);
    let mut cells = vec![Vec::new(); CELLS * CELLS];
    for (index, body) in bodies.iter().enumerate().skip(1) {
        cells[cell(body.at[1]) * CELLS + cell(body.at[0])].push(index);
    }
    for index in 0..bodies.len() {
        if bodies[index].still >= DROWSY {
            continue;
        }
        let reach = if index == 0 { 3 } else { 1 };
        let (column, row) = (cell(bodies[index].at[0]), cell(bodies[index].at[1]));
        for row in row.saturating_sub(reach)..=(row + reach).min(CELLS - 1) {
            for column in column.saturating_sub(reach)..=(column + reach).min(CELLS - 1) {
                for &other in &cells[row * CELLS + column] {
                    if other != index && (other > index || bodies[other].still >= DROWSY) {
                        touch(bodies, index, other);
                    }
                }
            }
        }
    }
}

fn touch(bodies: &mut [Body], one: usize, other: usize) {
    let between: Vector = std::array::from_fn(|axis| bodies[other].at[axis] - bodies[one].at[axis]);
    let (distance, reach) = (length(between), bodies[one].radius + bodies[other].radius);
    if distance >= reach || distance == 0.0 {
        return;
    }
    let normal = between.map(|part| part / distance);
    // The driven one is as good as immovable.
    let share = if one == 0 { 1.0 } else { 0.5 };
    let closing: f64 =
        (0..3).map(|axis| (bodies[one].velocity[axis] - bodies[other].velocity[axis]) * normal[axis]).sum();
    let impulse = closing.max(0.0) * 1.2 + (reach - distance) * 4.0;
    for (axis, normal) in normal.into_iter().enumerate() {
        bodies[other].velocity[axis] += share * impulse * normal;
        bodies[other].at[axis] += share * (reach - distance) * normal;
        if one != 0 {
            bodies[one].velocity[axis] -= share * impulse * normal;
        }
    }
    // Off-centre hits turn them.
    for axis in 0..3 {
        let (next, last) = ((axis + 1) % 3, (axis + 2) % 3);
        let relative: Vector =
            std::array::from_fn(|axis| bodies[one].velocity[axis] - bodies[other].velocity[axis]);
        let twist = normal[next] * relative[last] - normal[last] * relative[next];
        bodies[other].spin[axis] -= 0.2 * twist / bodies[other].radius;
    }
    bodies[other].still = 0;
    if one == 0 {
        bodies[other].touched = 90;
        bodies[0].touched = 2;
    }
}

fn length(vector: Vector) -> f64 {
    vector.iter().map(|part| part * part).sum::<f64>().sqrt()
}

fn write(body: &Body, out: &mut Vec<i32>) {
    let largest = (0..4).fold(0, |largest, place| {
        if body.orientation[place].abs() > body.orientation[largest].abs() { place } else { largest }
    });
    let sign = if body.orientation[largest] < 0.0 { -1.0 } else { 1.0 };
    out.push(largest as i32);
    for place in (0..4).filter(|&place| place != largest) {
        let part =
            (sign * body.orientation[place] + std::f64::consts::FRAC_1_SQRT_2) / std::f64::consts::SQRT_2;
        out.push(((part * 511.0 + 0.5).floor() as i32).clamp(0, 511));
    }
    for axis in 0..3 {
        out.push((body.at[axis] * UNITS_PER_METRE).floor() as i32);
    }
    out.push(i32::from(body.touched > 0));
}
