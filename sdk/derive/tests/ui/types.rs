use netcord_wire::Quantized;

#[derive(Quantized)]
enum Order {
    Rest,
    Go { x: i16, y: i16 },
}

#[derive(Quantized)]
enum Never {}

#[derive(Quantized)]
union Either {
    one: u32,
    other: i32,
}

#[derive(Quantized)]
#[quantize(step = 0.1)]
struct Place {
    #[quantize(step = 0.1)]
    x: f32,
}

fn main() {}
