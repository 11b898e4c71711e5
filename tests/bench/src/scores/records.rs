//! What is stored: as many players as scores, one score each, and players who hand in more.

use netcord_scores::model::{Board, Player, PlayerId, Score, ScoreId, Ticket, TicketId, Timing, UnixTime};
use netcord_scores::testing::{NOON, counter_board};
use netcord_wire::{GameRng, StateHash};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a replay is, in bytes.
const REPLAY: usize = 300;
/// So many have the same points, on the average.
const TIES: u64 = 10;

pub(super) fn board() -> Board {
    counter_board("counter")
}

/// When more runs are handed in: their players had a day to play them.
pub(super) fn later() -> UnixTime {
    NOON.after(Duration::from_secs(24 * 60 * 60))
}

pub(super) fn player(number: u64) -> Player {
    let mut id = [0xA5; 32];
    id[..8].copy_from_slice(&number.to_be_bytes());
    Player {
        id: PlayerId(id),
        name: format!("Player {number}"),
        name_key: format!("player {number}"),
        joined: NOON,
        busy_until: NOON,
        banned: false,
    }
}

/// A ticket of a player's, of so many.
pub(super) fn ticket(of: u64, number: u64) -> Ticket {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&of.to_be_bytes());
    id[8..].copy_from_slice(&number.to_be_bytes());
    Ticket {
        id: TicketId(id),
        board: board().id,
        player: player(of).id,
        seed: of << 20 | number,
        issued: NOON,
        expires: later().after(Duration::from_secs(1)),
    }
}

/// The points of the score of that number, of so many.
pub(super) fn points(number: u64, of: u64) -> i64 {
    i64::from(GameRng::new(number).below(u32::try_from(of / TIES).expect("few enough")))
}

pub(super) fn score(number: u64, of: u64) -> (Score, Vec<u8>) {
    let points = points(number, of);
    let mut timing = Timing::default();
    (0..40).for_each(|change| timing.note(change * 7));
    let score = Score {
        id: ScoreId(number),
        board: board().id,
        season: 1,
        player: player(number).id,
        ticket: ticket(number, 0).id,
        points,
        key: board().order.key(points),
        ticks: 3_600,
        state_hash: StateHash(number),
        accepted: NOON,
        details: BTreeMap::from([("presses".to_owned(), points)]),
        timing,
        hidden: false,
    };
    let mut rng = GameRng::new(!number);
    (score, (0..REPLAY).map(|_| rng.below(256) as u8).collect())
}
