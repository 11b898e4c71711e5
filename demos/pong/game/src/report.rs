//! What is told while a match goes on: lines for a person, or JSON for a program.

use serde::Serialize;
use std::io::{IsTerminal as _, Write as _};

/// Something to tell. Under `--json`, one object on a line of stdout, tagged by `event`.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Report {
    /// The socket is open.
    Listening { address: String, advertised: Vec<String> },
    /// Somebody may join with this.
    Invite { code: String, role: &'static str },
    /// The two are joined.
    Connected,
    /// Somebody watches.
    Spectator,
    /// Where the match is.
    Progress { tick: u32, score: [u16; 2], rtt_ms: f64, rollbacks: u64, phase: &'static str },
    /// The other side is not heard of.
    Paused,
    /// The match goes on.
    Resumed { tick: u32 },
    /// The two simulations differ.
    Desync { report: String },
    /// The last word.
    Result(Box<MatchResult>),
}

/// How a match ended.
#[derive(Debug, Serialize)]
pub(crate) struct MatchResult {
    /// `time`, `match`, `forfeit` or `left`.
    pub(crate) ended: &'static str,
    pub(crate) score: [u16; 2],
    pub(crate) peer: Peer,
    /// Hashes at sampled confirmed ticks, each chained to those before it.
    pub(crate) chain: Vec<(u32, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lab: Option<serde_json::Value>,
}

/// The figures of one side.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Peer {
    pub(crate) state_hash: String,
    pub(crate) confirmed_ticks: u64,
    pub(crate) desyncs: u64,
    pub(crate) lost_inputs: u64,
    pub(crate) input_changes: u64,
    pub(crate) rollbacks: u64,
    pub(crate) max_rollback: u32,
    pub(crate) resimulated_ticks: u64,
    /// With UDP and IPv4 headers.
    pub(crate) bytes_sent_per_second: f64,
    pub(crate) rtt_ms: f64,
    pub(crate) ticks_per_second: f64,
    pub(crate) longest_gap_ms: f64,
}

/// Where reports go.
pub(crate) struct Reporter {
    json: bool,
    /// Whether progress may overwrite itself on the terminal.
    live: bool,
    /// The length of the line that progress stands on.
    shown: usize,
}

impl Reporter {
    pub(crate) fn new(json: bool) -> Self {
        Self { json, live: std::io::stdout().is_terminal(), shown: 0 }
    }

    pub(crate) fn tell(&mut self, report: &Report) {
        let mut out = std::io::stdout().lock();
        // A closed pipe is no reason to end a match that another person plays.
        let _ = if self.json {
            serde_json::to_writer(&mut out, report).map_err(Into::into).and_then(|()| writeln!(out))
        } else if matches!(report, Report::Progress { .. }) {
            let line = line(report);
            let width = std::mem::replace(&mut self.shown, line.chars().count());
            if self.live { write!(out, "\r{line:width$}") } else { Ok(()) }
        } else {
            let before = if std::mem::take(&mut self.shown) > 0 && self.live { "\n" } else { "" };
            writeln!(out, "{before}{}", line(report))
        };
        let _ = out.flush();
    }
}

/// What a person reads.
fn line(report: &Report) -> String {
    match report {
        Report::Listening { address, advertised } => format!(
            "listening on UDP {address}; the invite names {}. Where others reach this machine elsewhere, use --advertise",
            advertised.join(" and ")
        ),
        Report::Invite { code, role } => {
            format!("invite for a {role}:  {code}\n  the other one runs:  pong join {code} --headless --bot")
        }
        Report::Connected => "connected; the match begins".into(),
        Report::Spectator => "somebody watches".into(),
        Report::Progress { tick, score: [left, right], rtt_ms, rollbacks, phase } => format!(
            "{left:>2} : {right:<2} {phase:<6}  tick {tick:<7}  rtt {rtt_ms:>5.1} ms  rollbacks {rollbacks}"
        ),
        Report::Paused => "nothing comes from the other side: waiting for it to come back".into(),
        Report::Resumed { tick } => format!("back, from tick {tick} on"),
        Report::Desync { report } => format!("the two games differ:\n{report}"),
        Report::Result(result) => {
            let MatchResult { ended, score: [left, right], peer, .. } = &**result;
            let ended = match *ended {
                "time" => "time is up",
                "match" => "the match is over",
                "forfeit" => "won by forfeit: the other side did not come back",
                _ => "the other side left",
            };
            format!(
                "{ended}, {left} : {right}\n  {} ticks confirmed, state {}, {} rollbacks (longest {} ticks), {} inputs \
                 lost, {} desyncs\n  {:.1} ticks/s, longest gap {:.0} ms, rtt {:.0} ms, {:.0} bytes/s sent",
                peer.confirmed_ticks,
                peer.state_hash,
                peer.rollbacks,
                peer.max_rollback,
                peer.lost_inputs,
                peer.desyncs,
                peer.ticks_per_second,
                peer.longest_gap_ms,
                peer.rtt_ms,
                peer.bytes_sent_per_second,
            )
        }
    }
}
