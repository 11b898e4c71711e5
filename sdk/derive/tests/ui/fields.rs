use netcord_wire::Quantized;

#[derive(Quantized)]
struct Player {
    position: [f32; 2],
    #[quantize(angle)]
    facing: f32,
    #[quantize(range(-1.0..=1.0))]
    charge: f32,
    #[quantize(range(0..100))]
    health: u8,
    #[quantize(range(-8.0..=8.0), step = 0.1, velocity_of = "positon")]
    velocity: [f32; 2],
    #[quantize(rotation, angle, bits = 9)]
    orientation: [f32; 4],
    #[quantize(counter, bits = 8, max = 3)]
    shots: u32,
    #[quantize(stp = 0.1)]
    drift: f32,
    #[quantize(step = 0.1, velocity_of = "drift", per = "minute")]
    drifting: f32,
    #[quantize(bits = 3)]
    phase: u8,
    orders: Vec<u8>,
    items: usize,
    fuel: f64,
    spin: Quat,
}

struct Quat;

fn main() {}
