//! The test vectors of STANDARD.md, section 2, read from the page itself.

use netcord_wire::codec::{file, message};
use netcord_wire::quantized::Blobs;
use netcord_wire::{
    AngleQuantizer, BitReader, BitWriter, CodecError, ComponentId, ComponentSchema, CounterQuantizer,
    DirectionQuantizer, FieldLog, FieldSink, Inspect, IntegerQuantizer, NetEntity, Quantized, RangeQuantizer,
    RotationQuantizer, Schema, StateHash, StepQuantizer, UnitVectorQuantizer, varint,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::str::FromStr;

const STANDARD: &str = include_str!("../../../STANDARD.md");

#[test]
fn every_vector_of_the_standard_holds() {
    let mut checked = BTreeMap::new();
    let section = STANDARD.split("\n## ").find(|section| section.starts_with("2. ")).expect("section 2");
    for (line, text) in section.lines().enumerate() {
        let Some((name, input, expected)) = vector(text) else { continue };
        assert_eq!(result(name, input), expected, "line {} of section 2: {text}", line + 1);
        *checked.entry(name).or_insert(0) += 1;
    }
    let expected = [
        ("angle", 5),
        ("bits", 3),
        ("columns", 1),
        ("counter", 1),
        ("counter_near", 3),
        ("direction", 5),
        ("file", 1),
        ("integer", 3),
        ("log", 2),
        ("log_from", 4),
        ("message", 1),
        ("range", 4),
        ("rotation", 4),
        ("schema_bytes", 2),
        ("schema_hash", 3),
        ("signed", 6),
        ("state_hash", 3),
        ("step", 4),
        ("unit", 5),
        ("varint", 5),
        ("varint_from", 5),
    ];
    assert_eq!(checked.into_iter().collect::<Vec<_>>(), expected, "vectors that were found");
}

/// The parts of a line such as `    varint(300) = ac 02`.
fn vector(line: &'static str) -> Option<(&'static str, &'static str, &'static str)> {
    let (call, expected) = line.strip_prefix("    ")?.split_once(" = ")?;
    let (name, input) = call.strip_suffix(')')?.split_once('(')?;
    name.chars().all(|char| char.is_ascii_lowercase() || char == '_').then_some((name, input, expected))
}

/// What the code makes of a vector's input.
fn result(name: &str, input: &'static str) -> String {
    match name {
        "state_hash" => StateHash::of(&State::parse(input)).to_string(),
        "schema_hash" => format!("{:016x}", schema(input).hash()),
        "schema_bytes" => {
            let schema = schema(input);
            assert_eq!(Schema::from_bytes(&schema.to_bytes(), 1_000), Ok(schema.clone()));
            hex(&schema.to_bytes())
        }
        "columns" => columns(),
        "bits" => bits(input),
        "varint" => spelled(varint::write, varint::read, number(input)),
        "signed" => spelled(varint::write_signed, varint::read_signed, number(input)),
        "varint_from" => read(varint::read(&mut bytes(input).as_slice())),
        "range" => {
            let ([min, max, step], [value]) = numbers(input);
            RangeQuantizer::new(min, max, step).quantize(value).to_string()
        }
        "angle" => {
            let ([bits], [value]) = numbers::<f64, f32, 1, 1>(input);
            AngleQuantizer::new(bits as u32).quantize(value).to_string()
        }
        "step" => {
            let ([step], [value]) = numbers(input);
            StepQuantizer::new(step).quantize(value).to_string()
        }
        "direction" => {
            let ([bits], vector) = numbers(input);
            DirectionQuantizer::new(bits).quantize(vector).to_string()
        }
        "unit" => {
            let ([bits], vector) = numbers(input);
            listed(&UnitVectorQuantizer::new(bits).quantize(vector))
        }
        "rotation" => {
            let ([bits], quaternion) = numbers(input);
            listed(&RotationQuantizer::new(bits).quantize(quaternion))
        }
        "integer" => {
            let ([min, max], [value]) = numbers(input);
            IntegerQuantizer::new(min, max).quantize(value).to_string()
        }
        "counter" => {
            let ([bits], [value]) = numbers(input);
            CounterQuantizer::new(bits).quantize(value).to_string()
        }
        "counter_near" => {
            let ([bits], [value, near]) = numbers::<u32, u64, 1, 2>(input);
            CounterQuantizer::new(bits).dequantize_near(value as u32, near).to_string()
        }
        "log" => {
            let log = FieldLog::of(&State::parse(input), 1_000);
            assert_eq!(FieldLog::from_bytes(log.as_bytes(), 1_000), Ok(log.clone()));
            hex(log.as_bytes())
        }
        "log_from" => read(FieldLog::from_bytes(&bytes(input), 1_000)),
        "message" => {
            let encoded = message::encode(&Sample::new(), 1_000).unwrap();
            assert_eq!(message::decode(&encoded, 1_000), Ok(Sample::new()));
            hex(&encoded)
        }
        "file" => {
            let encoded = file::encode(&Sample::new(), 1_000).unwrap();
            assert_eq!(file::decode(&encoded, 1_000), Ok(Sample::new()));
            hex(&encoded)
        }
        _ => panic!("the standard has vectors of {name}, which nothing checks"),
    }
}

/// The sample of 2.8.
#[derive(Quantized)]
struct Ball {
    #[quantize(range(-64.0..=64.0), step = 0.01)]
    position: [f32; 2],
    #[quantize(range(-8.0..=8.0), step = 0.02, velocity_of = "position")]
    velocity: [f32; 2],
    #[quantize(angle, bits = 10)]
    facing: f32,
    #[quantize(range(0..=100))]
    health: u8,
    phase: Phase,
    score: u32,
    #[quantize(bytes, max = 16)]
    name: String,
}

#[derive(Quantized)]
#[allow(dead_code, reason = "only its name is needed")]
enum Phase {
    Idle,
    Thrown,
}

/// The sample's columns, which come back as the same.
fn columns() -> String {
    let ball = Ball {
        position: [1.003, -64.0],
        velocity: [0.5, 0.0],
        facing: 1.0,
        health: 80,
        phase: Phase::Thrown,
        score: 3_000_000_000,
        name: "gg".into(),
    };
    let (mut columns, mut blobs) = ([0; 8], Blobs::new());
    ball.to_columns(&mut columns, &mut blobs).unwrap();
    let (mut again, mut blobs_again) = ([0; 8], Blobs::new());
    Ball::from_columns(&columns, &blobs).unwrap().to_columns(&mut again, &mut blobs_again).unwrap();
    assert_eq!((again, &blobs_again), (columns, &blobs));
    assert_eq!(blobs.iter().collect::<Vec<_>>(), [b"gg"]);
    columns.map(|column| column.to_string()).join(" ")
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Sample {
    id: u8,
    tick: u32,
    offset: i64,
    name: String,
    path: Vec<u16>,
    choice: Option<Choice>,
    ratio: f32,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Choice {
    Left,
    Right { by: i16 },
}

impl Sample {
    fn new() -> Self {
        Self {
            id: 255,
            tick: 70_000,
            offset: -300,
            name: "gg".into(),
            path: vec![1, 300],
            choice: Some(Choice::Right { by: 5 }),
            ratio: 1.5,
        }
    }
}

/// A state such as `0.0: 1 -2; 7.1: 3`.
struct State(Vec<(NetEntity, ComponentId, Vec<i64>)>);

impl State {
    fn parse(input: &str) -> Self {
        let component = |(key, fields): (&str, &str)| {
            let (entity, component) = key.split_once('.').expect("an entity and its component");
            let fields = fields.split_whitespace().map(number).collect();
            (NetEntity(number(entity)), ComponentId(number(component)), fields)
        };
        Self(parts(input).map(component).collect())
    }
}

impl Inspect for State {
    fn inspect(&self, sink: &mut dyn FieldSink) {
        for (entity, component, fields) in &self.0 {
            sink.component(*entity, *component);
            fields.iter().for_each(|&field| sink.field(field));
        }
    }
}

/// A schema such as `Ball: x y; Paddle: y`, or that of the sample of 2.8.
fn schema(input: &'static str) -> Schema {
    if input == "sample" {
        return Schema::new().with_component(ComponentSchema::of::<Ball>("Ball"));
    }
    parts(input).fold(Schema::new(), |schema, (name, fields)| {
        schema.with(name, &fields.split_whitespace().collect::<Vec<_>>())
    })
}

/// Packs values such as `1:1 2:2`, and checks that they are read again.
fn bits(input: &str) -> String {
    let values: Vec<(u64, u32)> = input
        .split_whitespace()
        .map(|value| value.split_once(':').expect("a value and its bits"))
        .map(|(value, bits)| (number(value), number(bits)))
        .collect();
    let mut buffer = [0xff; 64];
    let mut writer = BitWriter::new(&mut buffer);
    values.iter().for_each(|&(value, bits)| writer.write(value, bits).unwrap());
    let length = writer.finish();
    let packed = &buffer[..length];
    let mut reader = BitReader::new(packed);
    values.iter().for_each(|&(value, bits)| assert_eq!(reader.read(bits), Ok(value)));
    assert_eq!(reader.finish(), Ok(()));
    hex(packed)
}

/// Writes a number, and checks that it is read again.
fn spelled<T: Copy + Debug + PartialEq>(
    write: fn(&mut Vec<u8>, T),
    read: fn(&mut &[u8]) -> Result<T, CodecError>,
    value: T,
) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes, value);
    let mut rest = bytes.as_slice();
    assert_eq!((read(&mut rest), rest.len()), (Ok(value), 0));
    hex(&bytes)
}

fn read<T: Debug>(result: Result<T, CodecError>) -> String {
    result.map_or_else(|_| "refused".into(), |value| format!("{value:?}"))
}

/// `name: content` pairs, apart by semicolons.
fn parts(input: &str) -> impl Iterator<Item = (&str, &str)> {
    input.split(';').filter(|part| !part.is_empty()).map(|part| part.trim().split_once(':').expect("a colon"))
}

/// A quantiser's parameters, and what follows the colon.
fn numbers<P: FromStr<Err: Debug>, V: FromStr<Err: Debug>, const N: usize, const M: usize>(
    input: &str,
) -> ([P; N], [V; M]) {
    fn list<T: FromStr<Err: Debug>, const N: usize>(text: &str) -> [T; N] {
        let numbers: Vec<T> = text.split_whitespace().map(number).collect();
        numbers.try_into().ok().expect("as many numbers as the quantiser takes")
    }
    let (parameters, values) = input.split_once(':').expect("parameters and a value");
    (list(parameters), list(values))
}

fn listed(numbers: &[u32]) -> String {
    numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(" ")
}

fn number<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().expect("a number")
}

fn bytes(text: &str) -> Vec<u8> {
    text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).expect("a byte")).collect()
}

fn hex(bytes: &[u8]) -> String {
    let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    if bytes.is_empty() { "nothing".into() } else { bytes.join(" ") }
}
