//! Follows a match from what its two players print: a state machine that knows no processes and no clock.

use super::contract::{Event, MatchResult, Progress};
use crate::failure::Failure;
use crate::player::Heard;
use std::collections::VecDeque;
use std::fmt;

/// A player's place in the match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The one that makes the invite.
    Host,
    /// The one that is invited.
    Joiner,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Host => "host",
            Self::Joiner => "joiner",
        })
    }
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Go on listening.
    Listen,
    /// Start the joiner with this invite code.
    Join(String),
    /// Both players ended well.
    Over,
}

/// What is known of a match.
#[derive(Debug, Default)]
pub(crate) struct Referee {
    players: [Player; 2],
    invited: bool,
    /// Whether players may leave before the end: people close windows.
    is_open: bool,
}

#[derive(Debug, Default)]
struct Player {
    progress: Option<Progress>,
    waiting: bool,
    result: Option<Box<MatchResult>>,
    gone: bool,
    /// The end of its stderr.
    complaints: VecDeque<String>,
}

impl Referee {
    /// How many lines of a player's stderr are shown when it fails.
    const COMPLAINTS: usize = 20;

    /// Follows a match of people, who may leave before its end.
    pub(crate) fn of_people() -> Self {
        Self { is_open: true, ..Self::default() }
    }

    /// Takes what `side` did. An error ends the match.
    pub(crate) fn hear(&mut self, side: Side, heard: Heard) -> Result<Step, Failure> {
        let player = &mut self.players[side as usize];
        match heard {
            Heard::Line(line) => {
                let event = serde_json::from_str(&line).map_err(|error| {
                    Failure::new(format!("the {side} printed what is no event ({error}): {line}"))
                })?;
                match event {
                    Event::Invite { code, role } if role == "player" && !self.invited => {
                        self.invited = true;
                        return Ok(Step::Join(code));
                    }
                    Event::Progress(progress) => player.progress = Some(progress),
                    Event::Paused => player.waiting = true,
                    Event::Resumed => player.waiting = false,
                    Event::Desync { report } => eprintln!("the {side} found a desync: {report}"),
                    Event::Result(result) => player.result = Some(result),
                    Event::Connected | Event::Invite { .. } | Event::Other => {}
                }
                Ok(Step::Listen)
            }
            Heard::Complaint(line) => {
                if player.complaints.len() == Self::COMPLAINTS {
                    player.complaints.pop_front();
                }
                player.complaints.push_back(line);
                Ok(Step::Listen)
            }
            Heard::Gone(exit_code) => {
                player.gone = true;
                match exit_code {
                    Some(0) if player.result.is_some() || self.is_open => {}
                    Some(0) => return Err(self.failure(side, "ended without a result")),
                    Some(code) => return Err(self.failure(side, &format!("ended with exit code {code}"))),
                    None => return Err(self.failure(side, "was killed")),
                }
                let [host, joiner] = self.players.each_ref().map(|player| player.gone);
                // Without an invite there is no joiner.
                Ok(if host && (joiner || !self.invited) { Step::Over } else { Step::Listen })
            }
        }
    }

    /// Says what `side` did, and what it said on stderr.
    fn failure(&self, side: Side, what: &str) -> Failure {
        let complaints = &self.players[side as usize].complaints;
        let mut message = format!("the {side} {what}");
        for (separator, line) in std::iter::once(": ").chain(std::iter::repeat("\n  ")).zip(complaints) {
            message.push_str(separator);
            message.push_str(line.strip_prefix("error: ").unwrap_or(line));
        }
        Failure::new(message)
    }

    /// Where the match is, in a line.
    pub(crate) fn view(&self) -> String {
        let [host, joiner] = self.players.each_ref().map(|player| player.progress.as_ref());
        let Some(shown) = host.or(joiner) else {
            return if self.invited { "joining".into() } else { "waiting for the host".into() };
        };
        let rollbacks =
            |side: Option<&Progress>| side.map_or_else(|| "-".into(), |p| p.rollbacks.to_string());
        let phase = if self.players.iter().any(|player| player.waiting) { "paused" } else { &shown.phase };
        format!(
            "tick {:>6}  score {}:{}  rtt {:>5.1} ms  rollbacks {} / {}  {phase}",
            shown.tick,
            shown.score[0],
            shown.score[1],
            shown.rtt_ms,
            rollbacks(host),
            rollbacks(joiner),
        )
    }

    /// The results of the host and the joiner, once the match is over.
    pub(crate) fn results(self) -> Option<[MatchResult; 2]> {
        let [host, joiner] = self.players.map(|player| player.result);
        Some([*host?, *joiner?])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVITE: &str = r#"{"event":"invite","code":"AB-CD","role":"player"}"#;
    const RESULT: &str = r#"{"event":"result","ended":"time","score":[2,1],"peer":{"state_hash":"00ff",
        "confirmed_ticks":60,"desyncs":0,"lost_inputs":0,"input_changes":0,"rollbacks":3,"max_rollback":4,"resimulated_ticks":9,
        "bytes_sent_per_second":3000,"rtt_ms":20.5,"ticks_per_second":60.0,"longest_gap_ms":17},
        "chain":[[60,"aa"]],"lab":{"up":{"dropped":3},"down":{"dropped":1}}}"#;

    fn hear(referee: &mut Referee, side: Side, line: &str) -> Result<Step, Failure> {
        referee.hear(side, Heard::Line(line.into()))
    }

    #[test]
    fn a_match_goes_from_invite_to_results() {
        let mut referee = Referee::default();
        let listening = r#"{"event":"listening","address":"127.0.0.1:1"}"#;
        assert_eq!(hear(&mut referee, Side::Host, listening), Ok(Step::Listen));
        assert_eq!(hear(&mut referee, Side::Host, INVITE), Ok(Step::Join("AB-CD".into())));
        let progress =
            r#"{"event":"progress","tick":30,"score":[2,1],"rtt_ms":20.0,"rollbacks":3,"phase":"rally"}"#;
        assert_eq!(hear(&mut referee, Side::Host, progress), Ok(Step::Listen));
        assert_eq!(referee.view(), "tick     30  score 2:1  rtt  20.0 ms  rollbacks 3 / -  rally");
        let paused = r#"{"event":"paused","player":1}"#;
        assert_eq!(hear(&mut referee, Side::Host, paused), Ok(Step::Listen));
        assert!(referee.view().ends_with("paused"));
        assert_eq!(hear(&mut referee, Side::Host, r#"{"event":"resumed","tick":31}"#), Ok(Step::Listen));
        assert!(referee.view().ends_with("rally"));
        for side in [Side::Joiner, Side::Host] {
            assert_eq!(hear(&mut referee, side, RESULT), Ok(Step::Listen));
        }
        assert_eq!(referee.hear(Side::Joiner, Heard::Gone(Some(0))), Ok(Step::Listen));
        assert_eq!(referee.hear(Side::Host, Heard::Gone(Some(0))), Ok(Step::Over));
        let [host, joiner] = referee.results().expect("both gave a result");
        assert_eq!((host.peer.confirmed_ticks, joiner.chain), (60, vec![(60, "aa".into())]));
        assert_eq!(host.lab.expect("the host ran the lab")["up"]["dropped"], 3);
    }

    #[test]
    fn only_the_first_invite_for_a_player_starts_a_joiner() {
        let mut referee = Referee::default();
        let spectator = INVITE.replace("player", "spectator");
        assert_eq!(hear(&mut referee, Side::Host, &spectator), Ok(Step::Listen));
        assert_eq!(hear(&mut referee, Side::Host, INVITE), Ok(Step::Join("AB-CD".into())));
        assert_eq!(hear(&mut referee, Side::Host, INVITE), Ok(Step::Listen));
    }

    #[test]
    fn a_player_that_fails_is_quoted() {
        let mut referee = Referee::default();
        assert_eq!(
            referee.hear(Side::Host, Heard::Complaint("error: can't bind UDP 0.0.0.0:7".into())),
            Ok(Step::Listen)
        );
        let failure = referee.hear(Side::Host, Heard::Gone(Some(1))).expect_err("the host is gone");
        assert_eq!(failure.message, "the host ended with exit code 1: can't bind UDP 0.0.0.0:7");
        assert_eq!(failure.exit_code, 1);
    }

    #[test]
    fn a_player_that_ends_without_a_result_fails_the_match() {
        let failure = Referee::default().hear(Side::Joiner, Heard::Gone(Some(0))).expect_err("no result");
        assert_eq!(failure.message, "the joiner ended without a result");
    }

    #[test]
    fn a_line_that_is_no_event_is_shown() {
        let failure = hear(&mut Referee::default(), Side::Host, "hello").expect_err("not JSON");
        assert!(failure.message.starts_with("the host printed what is no event"), "{}", failure.message);
        assert!(failure.message.ends_with(": hello"), "{}", failure.message);
    }
}
