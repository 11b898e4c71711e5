//! Targets of the vocabulary: numbers, bits, logs, codecs, and the lab's conditions as text.

use super::script::Script;
use netcord::Quantized;
use netcord::transport::lab::Conditions;
use netcord::wire::codec::{file, message};
use netcord::wire::quantized::Blobs;
use netcord::wire::serde::{Deserialize, Serialize};
use netcord::wire::{
    AngleQuantizer, BitReader, BitWriter, ComponentSchema, FieldLog, NetEntity, RangeQuantizer, Schema,
    StateHash, StepQuantizer, Tick, varint,
};
use std::collections::BTreeMap;

/// More than any input that a fuzzer makes by default.
const LIMIT: usize = 1 << 16;

/// Numbers one after the other: what is read is written as it was.
pub(super) fn varint(bytes: &[u8]) {
    let mut rest = bytes;
    while let Ok(value) = varint::read(&mut rest) {
        let mut again = Vec::new();
        varint::write(&mut again, value);
        let end = bytes.len() - rest.len();
        assert_eq!(&bytes[end - again.len()..end], again, "a number has one spelling");
        assert_eq!(varint::zig_zag(varint::un_zig_zag(value)), value);
    }
}

/// Widths and the bits that they take, from one input: what is read is written as it was.
pub(super) fn bits(bytes: &[u8]) {
    let mut script = Script(bytes);
    let widths: Vec<u32> = (0..script.byte()).map(|_| script.byte().into()).collect();
    let mut reader = BitReader::new(script.0);
    let mut copy = vec![0; script.0.len()];
    let mut writer = BitWriter::new(&mut copy);
    for width in widths {
        let before = reader.remaining_bits();
        match reader.read(width) {
            Ok(value) => {
                assert_eq!(before - reader.remaining_bits(), width as usize);
                writer.write(value, width).expect("there is as much room as there was to read");
            }
            Err(_) => assert_eq!(reader.remaining_bits(), before, "nothing is read"),
        }
    }
    let (length, left) = (writer.written_bits() / 8, reader.remaining_bits());
    writer.finish();
    assert_eq!(copy[..length], script.0[..length]);
    let is_filling = |last: &u8| left < 8 && u32::from(*last) >> (8 - left) == 0;
    assert_eq!(reader.finish().is_ok(), left == 0 || script.0.last().is_some_and(is_filling));
}

/// Two logs that peers compare: every pair of logs can be compared, and a log equals itself.
pub(super) fn field_log(bytes: &[u8]) {
    let mut script = Script(bytes);
    let ours = FieldLog::from_bytes(script.chunk(), LIMIT);
    let theirs = FieldLog::from_bytes(script.0, LIMIT);
    let schema = Schema::new().with("Ball", &["x", "y"]).with("Paddle", &["y"]);
    for log in [&ours, &theirs].into_iter().flatten() {
        assert_eq!(FieldLog::from_bytes(log.as_bytes(), LIMIT).as_ref(), Ok(log));
        assert_eq!(log.first_difference(log, &schema), None);
    }
    if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
        let there = ours.first_difference(&theirs, &schema);
        let back = theirs.first_difference(&ours, &schema);
        assert_eq!(there.is_some(), back.is_some(), "both see a difference, or neither");
        there.map(|difference| difference.to_string());
    }
}

/// One of everything that serde knows and that our messages use.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(crate = "netcord::wire::serde")]
pub(super) enum Everything {
    Nothing,
    Numbers { small: (u8, i8, bool), middle: (u16, i32), large: (u64, i128), real: (f32, f64) },
    Names { tick: Tick, entity: NetEntity, hash: StateHash },
    Text(String, char),
    Bytes(Vec<u8>),
    List(Vec<(u16, Option<bool>)>),
    Map(BTreeMap<String, Vec<u32>>),
    Array([u32; 4]),
    Nested(Vec<Everything>),
    Boxed(Option<Box<Everything>>),
}

/// A message of a peer: what is read is written, and read again, as it was.
pub(super) fn message(bytes: &[u8]) {
    if let Ok(value) = message::decode::<Everything>(bytes, LIMIT) {
        let again = message::encode(&value, LIMIT).expect("what was read fits");
        assert!(again.len() <= bytes.len(), "our own encoding is the shortest");
        let value = message::decode::<Everything>(&again, LIMIT).expect("what was written is read");
        assert_eq!(message::encode(&value, LIMIT), Ok(again));
    }
}

/// A file: what is read is written, and read again, as it was.
pub(super) fn file(bytes: &[u8]) {
    if let Ok(value) = file::decode::<Everything>(bytes, LIMIT) {
        let again = file::encode(&value, LIMIT).expect("what was read fits");
        assert!(again.len() <= bytes.len(), "our own encoding is the shortest");
        let value = file::decode::<Everything>(&again, LIMIT).expect("what was written is read");
        assert_eq!(file::encode(&value, LIMIT), Ok(again));
    }
}

/// Steps that a peer sends: all stand for numbers within the range.
pub(super) fn quantizers(bytes: &[u8]) {
    const RANGE: RangeQuantizer = RangeQuantizer::new(-320.0, 320.0, 0.1);
    const ANGLE: AngleQuantizer = AngleQuantizer::new(10);
    const STEP: StepQuantizer = StepQuantizer::new(0.01);
    for word in bytes.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)) {
        let number = RANGE.dequantize(word as u32);
        assert!((-320.0..=320.0).contains(&number));
        assert!(RANGE.quantize(number) <= RANGE.top());
        assert!(ANGLE.dequantize(word as u32).abs() <= core::f32::consts::PI);
        assert!(STEP.dequantize(word as i64).is_finite());
        let any = f32::from_bits(word as u32);
        assert!(RANGE.quantize(any) <= RANGE.top() && ANGLE.quantize(any) < 1 << ANGLE.bits());
        STEP.quantize(any);
    }
}

/// A component with one field of each kind.
#[derive(Quantized)]
pub(super) struct Kinds {
    #[quantize(range(-64.0..=64.0, 0.0..=16.0), step = 0.3)]
    pub(super) position: [f32; 2],
    #[quantize(step = 0.001)]
    pub(super) drift: f32,
    #[quantize(angle, bits = 10)]
    pub(super) facing: f32,
    #[quantize(unit, bits = 7)]
    pub(super) aim: [f32; 2],
    #[quantize(unit, bits = 9)]
    pub(super) normal: [f32; 3],
    #[quantize(rotation, bits = 9)]
    pub(super) orientation: [f32; 4],
    #[quantize(range(-5..=250))]
    pub(super) health: i16,
    #[quantize(counter, bits = 4)]
    pub(super) shots: u16,
    #[quantize(bytes, max = 8)]
    pub(super) name: String,
    #[quantize(bytes, max = 4)]
    pub(super) badge: Vec<u8>,
    pub(super) phase: Phase,
    pub(super) whole: (u8, u32, i64, bool),
}

#[derive(Clone, Copy, Quantized)]
pub(super) enum Phase {
    Idle,
    Running,
}

/// Texts, bytes and columns of a component, as a decoder of snapshots would hand them on: they make a value that has columns,
/// or are refused.
pub(super) fn columns(bytes: &[u8]) {
    let mut script = Script(bytes);
    let mut blobs = Blobs::new();
    (0..2).for_each(|_| blobs.push(script.chunk()));
    let columns: Vec<i32> = script.0.as_chunks().0.iter().map(|column| i32::from_le_bytes(*column)).collect();
    match Kinds::from_columns(&columns, &blobs) {
        Ok(value) => {
            let mut again = columns.clone();
            value.to_columns(&mut again, &mut blobs).expect("what was read is within its caps");
            let exact = |columns: &[i32]| columns[11..].to_vec();
            assert_eq!(exact(&again), exact(&columns), "integers are as they were");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// The schema of a peer: it can be compared with ours, and is written as it was.
pub(super) fn schema(bytes: &[u8]) {
    let Ok(theirs) = Schema::from_bytes(bytes, LIMIT) else { return };
    let ours = kinds_schema();
    assert!(theirs.to_bytes().len() <= bytes.len(), "our own encoding is the shortest");
    assert_eq!(ours.hash() == theirs.hash(), ours.first_difference(&theirs).is_none());
    if let Some(difference) = ours.first_difference(&theirs) {
        assert!(!difference.to_string().is_empty());
    }
    for component in theirs.components() {
        for (place, field) in component.fields.iter().enumerate() {
            field.kind.column_kind();
            let _refused = component.motion(place, 60.0);
        }
        component.value_name(component.columns());
    }
}

/// The schema of [`Kinds`], and of a component that is only shown.
pub(super) fn kinds_schema() -> Schema {
    Schema::new().with_component(ComponentSchema::of::<Kinds>("Kinds")).with("Score", &["points"])
}

/// The lab's conditions: what is read is written so that it is read again.
pub(super) fn conditions(bytes: &[u8]) {
    match String::from_utf8_lossy(bytes).parse::<Conditions>() {
        Ok(conditions) => assert_eq!(conditions.to_string().parse(), Ok(conditions)),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
