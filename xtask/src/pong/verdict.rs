//! Whether two sides played the same match, from the hashes that each printed.

use super::contract::{MatchResult, Summary};

/// What the two sides' results say together.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// The figures, and whether the sides agree.
    pub(crate) summary: Summary,
    /// In how many samples the chained hashes were compared.
    pub(crate) samples: usize,
    /// The last tick of which both sides told the chained hash. It covers all ticks before it.
    pub(crate) compared_through: u64,
    /// What is wrong, if anything is.
    pub(crate) complaint: Option<String>,
}

impl Verdict {
    /// Compares the results of the host and the joiner.
    pub(crate) fn of(seed: u64, [host, joiner]: [&MatchResult; 2]) -> Self {
        let compared = compare(&host.chain, &joiner.chain).and_then(|compared| {
            let (h, j) = (&host.peer, &joiner.peer);
            if h.confirmed_ticks == j.confirmed_ticks && h.state_hash != j.state_hash {
                Err(format!(
                    "the states after {} ticks differ: {} and {}",
                    h.confirmed_ticks, h.state_hash, j.state_hash
                ))
            } else {
                Ok(compared)
            }
        });
        let peers = [host.peer.clone(), joiner.peer.clone()];
        let desyncs: u64 = peers.iter().map(|peer| peer.desyncs).sum();
        let lost: u64 = peers.iter().map(|peer| peer.lost_inputs).sum();
        let complaint = match &compared {
            Err(complaint) => Some(complaint.clone()),
            Ok(_) if desyncs > 0 => Some(format!("the players found {desyncs} desyncs")),
            Ok(_) if lost > 0 => Some(format!("{lost} inputs were lost")),
            Ok(_) => None,
        };
        let (samples, compared_through) = *compared.as_ref().unwrap_or(&(0, 0));
        let ticks = host.peer.confirmed_ticks.min(joiner.peer.confirmed_ticks);
        let equal = compared.is_ok() && desyncs == 0;
        Self {
            summary: Summary { game: "pong", seed, ticks, peers, equal },
            samples,
            compared_through,
            complaint,
        }
    }
}

/// The number of ticks at which both chains have a hash, and the last of them. An error says where they differ,
/// or where one lacks a tick that the other has: a missing sample must not pass for an equal one. Only the last
/// sample of each may stand alone, as the sides stop at different ticks.
fn compare(host: &[(u64, String)], joiner: &[(u64, String)]) -> Result<(usize, u64), String> {
    let (mut samples, mut through) = (0, 0);
    let (mut h, mut j) = (host.iter().peekable(), joiner.iter().peekable());
    while let (Some((host_tick, host_hash)), Some((joiner_tick, joiner_hash))) = (h.peek(), j.peek()) {
        if host_tick == joiner_tick {
            if host_hash != joiner_hash {
                return Err(format!(
                    "the states differ at or before tick {host_tick}, and after tick {through}"
                ));
            }
            (samples, through) = (samples + 1, *host_tick);
            h.next();
            j.next();
        } else {
            let (behind, whose, tick) = if host_tick < joiner_tick {
                (&mut h, "joiner", host_tick)
            } else {
                (&mut j, "host", joiner_tick)
            };
            behind.next();
            if behind.peek().is_some() {
                return Err(format!("the {whose} told no hash for tick {tick}"));
            }
        }
    }
    if samples == 0 {
        Err("the sides have no confirmed tick in common".into())
    } else {
        Ok((samples, through))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pong::contract::Peer;

    fn result(chain: &[(u64, &str)]) -> MatchResult {
        MatchResult {
            ended: "time".into(),
            score: [0, 0],
            peer: Peer { confirmed_ticks: chain.last().map_or(0, |last| last.0), ..Peer::default() },
            chain: chain.iter().map(|&(tick, hash)| (tick, hash.to_owned())).collect(),
            lab: None,
        }
    }

    fn verdict(host: &[(u64, &str)], joiner: &[(u64, &str)]) -> Verdict {
        Verdict::of(1, [&result(host), &result(joiner)])
    }

    #[test]
    fn equal_chains_are_equal_though_one_side_is_ahead() {
        let verdict =
            verdict(&[(60, "a"), (120, "b"), (170, "c")], &[(60, "a"), (120, "b"), (180, "d"), (181, "e")]);
        assert!(verdict.summary.equal, "{:?}", verdict.complaint);
        assert_eq!((verdict.samples, verdict.compared_through, verdict.summary.ticks), (2, 120, 170));
    }

    #[test]
    fn one_different_hash_is_found_and_placed() {
        let verdict = verdict(&[(60, "a"), (120, "b")], &[(60, "a"), (120, "x")]);
        assert!(!verdict.summary.equal);
        assert_eq!(
            verdict.complaint.as_deref(),
            Some("the states differ at or before tick 120, and after tick 60")
        );
    }

    #[test]
    fn a_missing_sample_does_not_pass_for_an_equal_one() {
        assert!(!verdict(&[(60, "a"), (120, "b"), (180, "c")], &[(60, "a"), (180, "c")]).summary.equal);
        assert!(!verdict(&[(60, "a"), (180, "c")], &[(60, "a"), (120, "b"), (180, "c")]).summary.equal);
        assert!(!verdict(&[(60, "a")], &[(61, "a")]).summary.equal);
        assert!(!verdict(&[], &[]).summary.equal);
    }

    #[test]
    fn a_desync_that_a_player_found_is_believed() {
        let mut host = result(&[(60, "a")]);
        host.peer.desyncs = 1;
        assert!(!Verdict::of(1, [&host, &result(&[(60, "a")])]).summary.equal);
    }

    #[test]
    fn states_of_the_same_tick_must_hash_alike() {
        let mut host = result(&[(60, "a")]);
        host.peer.state_hash = "1".into();
        assert!(!Verdict::of(1, [&host, &result(&[(60, "a")])]).summary.equal);
    }

    #[test]
    fn a_lost_input_is_a_complaint() {
        let mut host = result(&[(60, "a")]);
        host.peer.lost_inputs = 2;
        let verdict = Verdict::of(1, [&host, &result(&[(60, "a")])]);
        assert_eq!((verdict.summary.equal, verdict.complaint.as_deref()), (true, Some("2 inputs were lost")));
    }
}
