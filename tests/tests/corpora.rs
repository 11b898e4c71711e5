//! What the fuzzers do, in small and without nightly Rust: every corpus, and seeded mutations of it, through every
//! target.

use netcord_tests::fuzz::{Mutator, TARGETS, Target, folder, recorded, seeds};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

/// The inputs of a target that are genuine, or were found worth keeping, with their names.
fn corpus(target: &Target) -> Vec<(String, Vec<u8>)> {
    let mut corpus = recorded(target.name).expect("the target has a corpus");
    corpus.extend(seeds(target.name).into_iter().map(|(name, bytes)| (format!("today's {name}"), bytes)));
    corpus
}

/// Feeds a target, and says with what if it fails.
fn feed(target: &Target, what: &str, input: &[u8]) {
    if catch_unwind(|| (target.run)(input)).is_err() {
        let hex = input.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        panic!("{} fails on {what}: {hex}", target.name);
    }
}

#[test]
fn every_decoder_takes_its_corpus_and_mutations_of_it() {
    std::thread::scope(|scope| {
        for target in TARGETS {
            scope.spawn(|| {
                let corpus = corpus(target);
                for (name, input) in &corpus {
                    feed(target, name, input);
                }
                let mut mutator = Mutator::new(42);
                for round in 0..target.mutations {
                    let (name, input) = &corpus[round % corpus.len()];
                    let (_, other) = &corpus[(round + round / corpus.len()) % corpus.len()];
                    feed(target, &format!("mutation {round}, of {name}"), &mutator.mutate(input, other));
                }
            });
        }
    });
}

#[test]
fn every_target_has_a_corpus_and_a_fuzz_target_and_nothing_else_has() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(targets.len(), TARGETS.len(), "each name is there once");
    assert_eq!(names(&folder(), ""), targets, "a corpus for each: cargo run -p netcord-tests --bin corpus");
    let fuzz = folder().with_file_name("fuzz_targets");
    assert_eq!(names(&fuzz, ".rs"), targets, "a file for each");
    let manifest = fs::read_to_string(folder().with_file_name("Cargo.toml")).expect("the manifest is there");
    for target in TARGETS {
        assert!(!recorded(target.name).expect("a corpus").is_empty(), "{} has an empty corpus", target.name);
        let source = fs::read_to_string(fuzz.join(format!("{}.rs", target.name))).expect("a fuzz target");
        assert!(source.contains(&format!("run(\"{}\", data)", target.name)), "{} runs another", target.name);
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{}.rs\"", target.name)));
    }
    assert_eq!(manifest.matches("[[bin]]").count(), TARGETS.len());
}

/// The names in a folder, without `ending`.
fn names(folder: &Path, ending: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    entries
        .map(|entry| name(entry.expect("the folder can be read")))
        .map(|name| name.strip_suffix(ending).unwrap_or(&name).to_owned())
        .collect()
}
