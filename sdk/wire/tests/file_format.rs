//! The format of files does not change: golden bytes, and another library that reads them.

use netcord_wire::codec::file;
use proptest::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;
use wincode::config::Configuration;

/// One of everything that files are made of. A struct is spelled as its fields, like a tuple, and a variant as
/// its number and its fields, so these tuples stand for those, too.
type Sample = (Numbers, (bool, char, String, Vec<u8>, Option<u16>, Option<u16>), Lists);
type Numbers = (u8, u16, u32, u64, i8, i16, i32, i64, f32, f64, u128, usize);
type Lists = (Vec<u32>, [u16; 3], BTreeMap<u8, String>, Box<(u32, i64)>);

fn sample() -> Sample {
    (
        (250, 251, 65_536, u64::MAX, -1, -126, i32::MIN, 3, 1.5, -0.1, 1 << 64, 300),
        (true, 'é', "netcord".into(), vec![0, 255], None, Some(7)),
        (vec![0, 70_000], [1, 250, 251], [(9, "nine".into())].into(), Box::new((2, -5))),
    )
}

const GOLDEN: [u8; 98] = [
    0xfa, 0xfb, 0xfb, 0x00, 0xfc, 0x00, 0x00, 0x01, 0x00, 0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xfb, 0xfb, 0x00, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x06, 0x00, 0x00, 0xc0, 0x3f, 0x9a, 0x99,
    0x99, 0x99, 0x99, 0x99, 0xb9, 0xbf, 0xfe, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xfb, 0x2c, 0x01, 0x01, 0xc3, 0xa9, 0x07, 0x6e, 0x65, 0x74, 0x63,
    0x6f, 0x72, 0x64, 0x02, 0x00, 0xff, 0x00, 0x01, 0x07, 0x02, 0x00, 0xfc, 0x70, 0x11, 0x01, 0x00, 0x01,
    0xfa, 0xfb, 0xfb, 0x00, 0x01, 0x09, 0x04, 0x6e, 0x69, 0x6e, 0x65, 0x02, 0x09,
];

#[test]
fn files_are_spelled_as_ever() {
    let bytes = file::encode(&sample(), 1_000).unwrap();
    assert_eq!(bytes, GOLDEN);
    assert_eq!(file::decode(&GOLDEN, 1_000), Ok(sample()));
}

#[test]
fn structs_and_variants_are_spelled_as_their_fields() {
    #[derive(Serialize)]
    enum Event {
        #[expect(dead_code, reason = "the second variant has number 1")]
        Nothing,
        Moved {
            x: i64,
            y: i64,
        },
    }
    #[derive(Serialize)]
    struct Entry {
        tick: u32,
        event: Event,
    }

    let entry = Entry { tick: 300, event: Event::Moved { x: 5, y: -200 } };
    let bytes = file::encode(&entry, 100).unwrap();
    assert_eq!(bytes, file::encode(&(300u32, (1u32, 5i64, -200i64)), 100).unwrap());
    assert_eq!(bytes, [251, 44, 1, 1, 10, 251, 143, 1]);
}

#[test]
fn another_library_reads_and_writes_the_same_files() {
    let config = Configuration::default().with_little_endian().with_varint_encoding();
    assert_eq!(wincode::config::deserialize_exact::<Sample, _>(&GOLDEN, config).unwrap(), sample());
    assert_eq!(wincode::config::serialize(&sample(), config).unwrap(), GOLDEN);
}

proptest! {
    #[test]
    fn both_libraries_agree_on_any_value(value: (u64, i64, i16, String, Vec<u32>, Option<u128>)) {
        let config = Configuration::default().with_little_endian().with_varint_encoding();
        let bytes = file::encode(&value, usize::MAX).unwrap();
        prop_assert_eq!(wincode::config::serialize(&value, config).unwrap(), bytes.clone());
        prop_assert_eq!(file::decode(&bytes, bytes.len()), Ok(value));
    }
}
