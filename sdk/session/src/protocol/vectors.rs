//! The test vectors of STANDARD.md, read from the page itself.

use super::*;
use crate::PlayerIndex;
use crate::desync::chained;
use crate::player_set::PlayerSet;
use netcord_wire::StateHash;
use std::collections::BTreeMap;
use std::iter::Peekable;

const STANDARD: &str = include_str!("../../../../STANDARD.md");

#[test]
fn every_vector_of_the_standard_holds() {
    let mut checked = BTreeMap::new();
    let section = STANDARD.split("\n## ").find(|section| section.starts_with("7. ")).expect("section 7");
    for (line, text) in section.lines().enumerate() {
        let Some((name, input, expected)) = vector(text) else { continue };
        assert_eq!(result(name, input), expected, "line {} of section 7: {text}", line + 1);
        *checked.entry(name).or_insert(0) += 1;
    }
    let several = [("chain", 2), ("hello", 2), ("input", 3), ("promise", 2), ("runs", 9), ("start", 2)];
    let once = [
        "absent",
        "commit",
        "end",
        "expect",
        "forward",
        "hashes",
        "have",
        "introduce",
        "introduction",
        "links",
        "meet",
        "prepare",
        "ready",
        "refuse",
        "seated",
    ];
    let expected = several.into_iter().chain(once.map(|name| (name, 1))).collect();
    assert_eq!(checked, expected, "vectors that were found");
}

/// The parts of a line such as `    ready(600) = 03 58 02 00 00`.
fn vector(line: &'static str) -> Option<(&'static str, &'static str, &'static str)> {
    let (call, expected) = line.strip_prefix("    ")?.split_once(" = ")?;
    let (name, input) = call.strip_suffix(')')?.split_once('(')?;
    Some((name, input, expected))
}

fn result(name: &str, input: &'static str) -> String {
    let mut arguments = input.split(';').map(str::trim);
    match name {
        "runs" => shown(&runs(&mut arguments)),
        "input" => {
            let mut header = InputHeader::default();
            let mut words = input.split(';').map(str::trim).peekable();
            while let Some((name, value)) = words.peek().and_then(|word| word.split_once(' ')) {
                match name {
                    "lead" => header.lead = value.parse().unwrap(),
                    "start" => header.start = value.parse::<u32>().unwrap() as u16,
                    "sample" => header.sample = Some(value.parse().unwrap()),
                    "checkpoint" => {
                        let (tick, chain) = value.split_once(' ').unwrap();
                        let chain = u64::from_str_radix(chain, 16).unwrap() as u32;
                        header.checkpoint = Some(Checkpoint { tick: tick.parse().unwrap(), chain });
                    }
                    _ => break,
                }
                words.next();
            }
            let mut message = Vec::new();
            header.encode(&mut message);
            let read = InputHeader::decode(&mut Reader::new(&message)).unwrap();
            assert_eq!(read, InputHeader { lead: header.lead.min(63), ..header });
            message.extend(runs(&mut words));
            shown(&message)
        }
        "hello" if input.is_empty() => control(Control::Hello(Hello { resume: None })),
        "hello" => {
            let [session, confirmed, first] = [(); 3].map(|()| number(arguments.next().unwrap()));
            let own = tail(first as u32, arguments.next().unwrap());
            let resume = Resume { session, confirmed: Tick(confirmed as u32), own };
            control(Control::Hello(Hello { resume: Some(resume) }))
        }
        "start" => {
            let mut next = || number(arguments.next().unwrap());
            let [session, player, rate, window, delay, tick, chain] = [(); 7].map(|()| next());
            let mut arguments = arguments.peekable();
            let mut tails = Vec::new();
            while let Some(first) = arguments.next_if(|argument| argument.starts_with("first")) {
                tails.push(tail(number(first) as u32, arguments.next().unwrap()));
            }
            let group = (tails.len() > 2).then(|| Group {
                players: PlayerSet(number(arguments.next().unwrap()) as u8),
                lineage: Words::of(arguments.next().unwrap()).lineage(),
                number: number(arguments.next().unwrap()) as u32,
            });
            let [setup, state] = ["setup ", "state "]
                .map(|name| bytes(&arguments.next().unwrap().strip_prefix(name).unwrap().replace(' ', "")));
            control(Control::Start(Start {
                session,
                player: Some(player as u8),
                tick_rate: rate as u16,
                window: window as u8,
                delay: delay as u8,
                tick: Tick(tick as u32),
                chain,
                tails,
                group,
                setup,
                state,
            }))
        }
        "ready" => control(Control::Ready(Tick(number(input) as u32))),
        "end" => {
            let [kind, player, code] = [(); 3].map(|()| number(arguments.next().unwrap()));
            control(Control::End(Verdict { kind: kind as u8, player: player as u8, code: code as u32 }))
        }
        "hashes" => {
            let first = Tick(number(arguments.next().unwrap()) as u32);
            let hashes = arguments.next().unwrap().split(' ').map(hash).collect();
            control(Control::Hashes { first, hashes })
        }
        "chain" => {
            let [chain, next] = [(); 2].map(|()| hash(arguments.next().unwrap()));
            format!("{:016x}", chained(chain.0, next))
        }
        _ => control(Control::Membership(Words::of(input).membership(name))),
    }
}

/// The numbers and runs of a message about who takes part, and the words that say what comes next.
struct Words(Peekable<Box<dyn Iterator<Item = &'static str>>>);

impl Words {
    /// Words that only help to read.
    const LABELS: [&str; 10] =
        ["to", "lineage", "number", "from", "first", "attempt", "joins", "barrier", "knows", "linked"];

    fn of(input: &'static str) -> Self {
        let words = input.split([' ', ';']).filter(|word| !word.is_empty() && !Self::LABELS.contains(word));
        Self((Box::new(words) as Box<dyn Iterator<Item = _>>).peekable())
    }

    fn membership(mut self, name: &str) -> Membership {
        match name {
            "seated" => Membership::Seated { player: self.player(), players: self.number() as u8 },
            "introduce" => Membership::Introduce { pair: self.pair() },
            "introduction" => Membership::Introduction { pair: self.pair(), introduction: self.bytes() },
            "meet" => Membership::Meet { pair: self.pair(), introduction: self.bytes() },
            "expect" => Membership::Expect { sighting: self.bytes() },
            "have" => {
                Membership::Have { lineage: self.lineage(), number: self.number(), from: Tick(self.number()) }
            }
            "links" => Membership::Links {
                linked: PlayerSet(self.number() as u8),
                lacking: self.each("lacking", |words| (words.player(), Tick(words.number()))),
            },
            "forward" => Membership::Forward { player: self.player(), inputs: self.tail() },
            "absent" => Membership::Absent { players: PlayerSet(self.number() as u8) },
            "prepare" => Membership::Prepare {
                ballot: self.ballot(),
                joins: self.number() == 1,
                removed: self.each("removed", |words| (words.player(), Tick(words.number()))),
            },
            "promise" => Membership::Promise {
                ballot: self.ballot(),
                promise: Promise {
                    barrier: Tick(self.number()),
                    number: self.number(),
                    known: self.each("known", |words| (words.player(), words.tail())),
                    last: self.each("last", |words| Box::new(words.commit())).pop(),
                },
            },
            "commit" => Membership::Commit(self.commit()),
            "refuse" => Membership::Refuse { lineage: self.lineage() },
            _ => panic!("an unknown vector"),
        }
    }

    /// What follows each of the words that come next.
    fn each<T>(&mut self, word: &str, read: impl Fn(&mut Self) -> T) -> Vec<T> {
        std::iter::from_fn(|| self.0.next_if(|next| *next == word).map(|_| read(self))).collect()
    }

    fn number(&mut self) -> u32 {
        self.0.next().unwrap().parse().unwrap()
    }

    fn player(&mut self) -> PlayerIndex {
        PlayerIndex(self.number() as u8)
    }

    fn pair(&mut self) -> Pair {
        Pair { comer: self.player(), maker: self.player() }
    }

    fn lineage(&mut self) -> Lineage {
        Lineage { term: self.number(), host: self.number() as u8 }
    }

    fn ballot(&mut self) -> Ballot {
        Ballot { lineage: self.lineage(), number: self.number(), attempt: self.number() as u8 }
    }

    fn bytes(&mut self) -> Vec<u8> {
        bytes(self.0.next().unwrap())
    }

    fn tail(&mut self) -> InputTail {
        tail(self.number(), self.0.next().unwrap())
    }

    fn commit(&mut self) -> Commit {
        let (lineage, number) = (self.lineage(), self.number());
        let mut changes = self.each("left", |words| Change::Left {
            player: words.player(),
            tick: Tick(words.number()),
            reason: words.number() as u8,
            code: words.number(),
            inputs: words.tail(),
        });
        changes.extend(
            self.each("joined", |words| Change::Joined {
                player: words.player(),
                tick: Tick(words.number()),
            }),
        );
        Commit { lineage, number, changes }
    }
}

/// A control message's bytes; what is read from them is the message.
fn control(message: Control) -> String {
    let bytes = message.encode();
    assert_eq!(Control::decode(&bytes), Ok(message));
    shown(&bytes)
}

/// A base, and inputs such as `05*20 06`, as runs.
fn runs(arguments: &mut impl Iterator<Item = &'static str>) -> Vec<u8> {
    let base = bytes(arguments.next().unwrap());
    let mut first = InputBytes::zeros(base.len());
    first.copy_from_slice(&base);
    let inputs = inputs(arguments.next().unwrap());
    let mut out = Vec::new();
    let mut writer = RunWriter::new(first.clone(), &mut out);
    inputs.iter().for_each(|input| writer.push(input));
    let mut read = Vec::new();
    let result = read_runs(first, &mut Reader::new(&out), |input| {
        read.push(input.to_vec());
        Ok(())
    });
    assert_eq!((result.is_ok(), read.len()), (inputs.len() <= 128, inputs.len().min(128)));
    assert_eq!(read, inputs[..read.len()]);
    out
}

fn inputs(text: &str) -> Vec<Vec<u8>> {
    text.split_whitespace()
        .flat_map(|word| {
            let (input, count) = word.split_once('*').unwrap_or((word, "1"));
            std::iter::repeat_n(bytes(input), count.parse().unwrap())
        })
        .collect()
}

fn tail(first: u32, text: &str) -> InputTail {
    let inputs: Vec<u8> = if text == "-" { vec![] } else { inputs(text).into_iter().flatten().collect() };
    let tail = InputTail::new(Tick(first), inputs.iter().copied());
    assert_eq!(tail.inputs::<u8>(), Ok(inputs));
    tail
}

/// A decimal number, after a name or alone.
fn number(text: &str) -> u64 {
    text.rsplit(' ').next().unwrap().parse().unwrap()
}

fn hash(text: &str) -> StateHash {
    StateHash(u64::from_str_radix(text, 16).unwrap())
}

fn bytes(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn shown(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}
