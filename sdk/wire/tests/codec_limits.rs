//! No bytes make a codec allocate past what they could hold, loop on a number, run out of stack, or panic.

use allocation_counter::{AllocationInfo, measure};
use netcord_wire::codec::{MAX_DEPTH, file, message};
use netcord_wire::{CodecError, varint};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// A value with one of everything that can be asked to grow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Everything {
    text: String,
    bytes: Vec<u8>,
    numbers: Vec<u64>,
    rows: Vec<Vec<[u32; 3]>>,
    map: BTreeMap<u16, String>,
    tree: Option<Box<Tree>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Tree {
    Leaf,
    Branch(Box<Tree>),
    Named { name: String, left: Box<Tree>, right: Box<Tree> },
}

type Decode<T> = fn(&[u8], usize) -> Result<T, CodecError>;

fn decoders<T: DeserializeOwned>() -> [Decode<T>; 2] {
    [|bytes, limit| message::decode(bytes, limit), |bytes, limit| file::decode(bytes, limit)]
}

/// Bytes that start a value with the announcement of `length` elements, for either codec.
fn announcing(length: u64) -> [Vec<u8>; 2] {
    let mut message = Vec::new();
    varint::write(&mut message, length);
    let mut file = vec![253];
    file.extend(length.to_le_bytes());
    [message, file]
}

/// Decodes `bytes` as a `T` with each codec, both of which must refuse it; what they allocated on the way.
fn refused<T: DeserializeOwned>(announced: u64, content: &[u8]) -> Vec<(CodecError, AllocationInfo)> {
    let decode = |(decode, mut bytes): (Decode<T>, Vec<u8>)| {
        bytes.extend(content);
        let mut error = None;
        let allocated = measure(|| error = decode(&bytes, 1_000).err());
        (error.expect("the bytes announce more than they hold"), allocated)
    };
    decoders().into_iter().zip(announcing(announced)).map(decode).collect()
}

#[test]
fn announced_lengths_are_not_trusted() {
    for announced in [20, 1_000, 1 << 20, 1 << 40, u64::MAX / 8, u64::MAX] {
        let content = [1; 10];
        let lists = [
            refused::<Vec<u64>>(announced, &content),
            refused::<Vec<[u64; 32]>>(announced, &content),
            refused::<Vec<String>>(announced, &content),
            refused::<Vec<()>>(announced, &content),
            refused::<HashMap<u8, [u64; 32]>>(announced, &content),
            refused::<BTreeMap<u8, u8>>(announced, &content),
        ];
        for (error, allocated) in lists.into_iter().flatten() {
            assert_eq!(error, CodecError::TooManyElements);
            assert_eq!(allocated.bytes_total, 0, "{announced} elements are announced");
        }
        for (error, allocated) in refused::<String>(announced, &content) {
            assert_eq!(
                (error, allocated.bytes_total),
                (CodecError::UnexpectedEnd, 0),
                "{announced} bytes of text"
            );
        }
    }
}

#[test]
fn lists_of_nothing_are_no_longer_than_the_bytes() {
    // Elements of lists take a byte at least; a unit takes none, so its lists are refused sooner or later.
    for decode in decoders::<Vec<()>>() {
        assert_eq!(decode(&[100], 9), Err(CodecError::TooManyElements));
    }
    for decode in decoders::<Vec<Vec<()>>>() {
        // Three lists of two, one and no elements: six elements in four bytes.
        assert_eq!(decode(&[3, 2, 1, 0], 9), Err(CodecError::TooManyElements));
    }
}

#[test]
fn lists_in_lists_do_not_add_up() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Node(Vec<Node>);

    // A hundred lists in each other, each of which announces as many elements as there are bytes.
    for decode in decoders::<Node>() {
        let allocated = measure(|| assert_eq!(decode(&[100; 100], 1_000), Err(CodecError::TooManyElements)));
        assert!(allocated.bytes_total <= 100 * size_of::<Node>() as u64);
    }
}

#[test]
fn nesting_ends_before_the_stack_does() {
    let branches = |levels: usize| {
        let mut bytes = vec![1; levels];
        bytes.push(0);
        bytes
    };
    // A branch is a variant and nothing else: one level each.
    for decode in decoders::<Tree>() {
        assert!(decode(&branches(MAX_DEPTH - 1), 1 << 20).is_ok());
        assert_eq!(decode(&branches(MAX_DEPTH), 1 << 20), Err(CodecError::TooDeep));
        assert_eq!(decode(&branches((1 << 20) - 1), 1 << 20), Err(CodecError::TooDeep));
    }
}

#[test]
fn both_ways_keep_to_the_limit() {
    let value = vec![7u8; 100];
    let exact = 101;
    let bytes = message::encode(&value, exact).unwrap();
    assert_eq!(bytes, file::encode(&value, exact).unwrap(), "short lists are spelled the same in both");
    let too_long = CodecError::TooLong { limit: exact - 1 };
    assert_eq!(message::encode(&value, exact - 1), Err(too_long));
    assert_eq!(file::encode(&value, exact - 1), Err(too_long));
    assert_eq!(message::decode::<Vec<u8>>(&bytes, exact - 1), Err(too_long));
    assert_eq!(file::decode::<Vec<u8>>(&bytes, exact - 1), Err(too_long));
    assert_eq!(message::decode(&bytes, exact), Ok(value.clone()));
    assert_eq!(file::decode(&bytes, exact), Ok(value));
}

#[test]
fn a_value_that_does_not_fit_leaves_the_buffer_as_it_was() {
    let mut out = vec![1, 2, 3];
    assert_eq!(message::encode_into("too long", &mut out, 8), Err(CodecError::TooLong { limit: 8 }));
    assert_eq!(out, [1, 2, 3]);
    message::encode_into("fits", &mut out, 8).unwrap();
    assert_eq!(out, [1, 2, 3, 4, b'f', b'i', b't', b's']);
}

#[test]
fn a_buffer_that_is_large_enough_is_reused_without_allocating() {
    let value = ("text", [1u64, 2, 3], Some(-5i32));
    let mut out = message::encode(&value, 1_000).unwrap();
    let allocated = measure(|| {
        for _ in 0..100 {
            out.clear();
            message::encode_into(&value, &mut out, 1_000).unwrap();
            assert!(message::decode::<(&str, [u64; 3], Option<i32>)>(&out, 1_000).is_ok());
        }
    });
    assert_eq!(allocated.count_total, 0);
}

#[test]
fn wrong_values_have_typed_errors() {
    let message_errors = [
        message::decode::<bool>(&[2], 9).err(),
        message::decode::<u8>(&[], 9).err(),
        message::decode::<u8>(&[1, 2, 3], 9).err(),
        message::decode::<String>(&[1, 0xff], 9).err(),
        message::decode::<Tree>(&[3], 9).err(),
        message::decode::<u16>(&[0xff, 0xff, 0x04], 9).err(),
    ];
    let file_errors = [
        file::decode::<bool>(&[2], 9).err(),
        file::decode::<u8>(&[], 9).err(),
        file::decode::<u8>(&[1, 2, 3], 9).err(),
        file::decode::<String>(&[1, 0xff], 9).err(),
        file::decode::<Tree>(&[3], 9).err(),
        file::decode::<u16>(&[252, 0, 0, 1, 0], 9).err(),
    ];
    let expected = [
        CodecError::OutOfRange,
        CodecError::UnexpectedEnd,
        CodecError::TrailingBytes { left: 2 },
        CodecError::OutOfRange,
        CodecError::OutOfRange,
        CodecError::OutOfRange,
    ];
    assert_eq!(message_errors, expected.map(Some));
    assert_eq!(file_errors, expected.map(Some));
}

fn trees() -> impl Strategy<Value = Tree> {
    Just(Tree::Leaf).prop_recursive(6, 32, 2, |tree| {
        prop_oneof![
            tree.clone().prop_map(|tree| Tree::Branch(tree.into())),
            (any::<String>(), tree.clone(), tree).prop_map(|(name, left, right)| Tree::Named {
                name,
                left: left.into(),
                right: right.into()
            }),
        ]
    })
}

prop_compose! {
    fn everything()(
        text: String,
        bytes: Vec<u8>,
        numbers: Vec<u64>,
        rows in proptest::collection::vec(proptest::collection::vec(any::<[u32; 3]>(), 0..5), 0..5),
        map in proptest::collection::btree_map(any::<u16>(), any::<String>(), 0..5),
        tree in proptest::option::of(trees().prop_map(Box::new)),
    ) -> Everything {
        Everything { text, bytes, numbers, rows, map, tree }
    }
}

proptest! {
    #[test]
    fn every_value_survives_both_codecs(value in everything()) {
        let bytes = message::encode(&value, usize::MAX).unwrap();
        prop_assert_eq!(message::decode(&bytes, bytes.len()), Ok(value.clone()));
        let bytes = file::encode(&value, usize::MAX).unwrap();
        prop_assert_eq!(file::decode(&bytes, bytes.len()), Ok(value));
    }

    #[test]
    fn damaged_bytes_are_a_value_or_an_error_within_the_budget(
        value in everything(),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), prop_oneof![any::<u8>(), 250..=255u8]), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let encoded = [message::encode(&value, usize::MAX).unwrap(), file::encode(&value, usize::MAX).unwrap()];
        for (mut bytes, decode) in encoded.into_iter().zip(decoders::<Everything>()) {
            for (at, byte) in &damage {
                *at.get_mut(&mut bytes) = *byte;
            }
            bytes.truncate(cut.index(bytes.len()) + 1);
            // The largest element that a byte can make: a node of a tree, or of a map, with its overhead.
            let budget = 200 * bytes.len() as u64 + 1_000;
            let allocated = measure(|| drop(decode(&bytes, bytes.len())));
            prop_assert!(allocated.bytes_max <= budget, "{} bytes of {}", allocated.bytes_max, budget);
        }
    }

    #[test]
    fn any_bytes_are_a_value_or_an_error(bytes: Vec<u8>) {
        drop(message::decode::<Everything>(&bytes, bytes.len()));
        drop(file::decode::<Everything>(&bytes, bytes.len()));
    }
}
