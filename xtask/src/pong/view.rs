//! What happened in a match and on its link, for a person.

use super::Match;
use super::contract::{MatchResult, Peer};
use super::verdict::Verdict;
use crate::terminal::table;
use std::fmt::Write as _;

/// The figures of both sides, what the lab did, and the verdict.
pub(crate) fn report(game: &Match, results: &[MatchResult; 2], verdict: &Verdict) -> String {
    let [host, joiner] = results;
    let row = |name: &str, figure: &dyn Fn(&Peer) -> String| {
        [name.to_owned(), figure(&host.peer), figure(&joiner.peer)]
    };
    let figures = [
        ["".into(), "host".into(), "joiner".into()],
        ["score".into(), host.score[0].to_string(), host.score[1].to_string()],
        row("confirmed ticks", &|peer| peer.confirmed_ticks.to_string()),
        row("ticks a second", &|peer| format!("{:.2}", peer.ticks_per_second)),
        row("longest gap, ms", &|peer| format!("{:.1}", peer.longest_gap_ms)),
        row("round trip, ms", &|peer| format!("{:.1}", peer.rtt_ms)),
        row("sent, bytes a second", &|peer| format!("{:.0}", peer.bytes_sent_per_second)),
        row("keys pressed or let go", &|peer| peer.input_changes.to_string()),
        row("rollbacks", &|peer| peer.rollbacks.to_string()),
        row("longest rollback, ticks", &|peer| peer.max_rollback.to_string()),
        row("ticks simulated again", &|peer| peer.resimulated_ticks.to_string()),
        row("lost inputs", &|peer| peer.lost_inputs.to_string()),
        row("desyncs", &|peer| peer.desyncs.to_string()),
    ];
    let mut text = format!("\nPong, seed {}", game.seed);
    if let Some(seconds) = game.seconds {
        // Writing to a string can't fail, here and below.
        let _ = write!(text, ", {seconds} s");
    }
    if let Some(conditions) = &game.lab {
        let _ = write!(text, ", over {conditions}");
    }
    let _ = write!(text, "; ended by {}\n\n{}", host.ended, table(&figures));
    for (direction, counters) in host.lab.iter().flatten() {
        let counters: Vec<_> = counters.iter().map(|(name, count)| format!("{name} {count}")).collect();
        let _ = writeln!(text, "  lab, {direction}: {}", counters.join(", "));
    }
    let _ = match &verdict.complaint {
        None => writeln!(
            text,
            "\nin step: the chained state hashes agree at {} samples, through tick {}",
            verdict.samples, verdict.compared_through
        ),
        Some(complaint) => writeln!(text, "\nNOT in step: {complaint}"),
    };
    text
}
