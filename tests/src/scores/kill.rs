//! A process that records scores and is killed at any moment. What it acknowledged has to be there when the store is opened
//! again, and nothing twice: not even what is handed in again, because nobody heard the acknowledgement.

use netcord::wire::{GameRng, StateHash};
use netcord_scores::model::{
    Board, Entries, Listing, Player, PlayerId, Score, ScoreId, Ticket, TicketId, Timing, UnixTime,
};
use netcord_scores::store::{NewScore, RedbStore, ScoreStore, StoreError};
use netcord_scores::testing::{NOON, counter_board};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::slice::from_ref;
use std::thread;
use std::time::Duration;

/// So many players hand in runs at the same time.
const PLAYERS: u8 = 4;
/// So many runs each; then there is a new store.
const RUNS: u64 = 250;

/// What came of it.
#[derive(Debug, Default, Serialize)]
pub struct Totals {
    /// How often the process was killed.
    pub kills: u64,
    /// How many stores it filled.
    pub stores: u64,
    /// How many scores it acknowledged.
    pub acknowledged: u64,
    /// How many of these were not there, or not as they were recorded.
    pub lost: u64,
    /// How many were there twice.
    pub twice: u64,
    /// How many times the store could not be read.
    pub unreadable: u64,
    /// What went wrong, the first few.
    #[serde(skip)]
    pub faults: Vec<String>,
}

impl Totals {
    /// Whether all was as it has to be.
    pub fn is_clean(&self) -> bool {
        self.lost + self.twice + self.unreadable == 0
    }

    fn fault(&mut self, what: String) {
        if self.faults.len() < 10 {
            self.faults.push(format!("after kill {}: {what}", self.kills));
        }
    }
}

/// The process: hands in what was not recorded yet, and says on stdout what is acknowledged.
pub fn child(folder: &Path) -> Result<(), String> {
    let store = open(folder)?;
    let store = &store;
    thread::scope(|scope| {
        let players: Vec<_> = (0..PLAYERS).map(|player| scope.spawn(move || play(store, player))).collect();
        players.into_iter().try_for_each(|player| player.join().map_err(|_| "a thread panicked")?)
    })
}

fn play(store: &RedbStore, player: u8) -> Result<(), String> {
    let failed = |error: StoreError| format!("{error:?}");
    store.put_player(&player_of(player)).map_err(failed)?;
    let mut next = 0;
    while store.ticket(&ticket(player, next).id).map_err(failed)?.is_some_and(|(_, score)| score.is_some()) {
        next += 1;
    }
    // The last one may be there although nobody heard of it: who hands it in hands it in again.
    for number in next.saturating_sub(1)..RUNS {
        let ticket = ticket(player, number);
        if number >= next {
            store.issue_tickets(from_ref(&ticket), usize::MAX, NOON).map_err(failed)?;
        }
        let id = match store.record(&run(&ticket)) {
            Ok(score) => score.id,
            Err(StoreError::TicketUsed(id)) if number < next => id,
            Err(error) => return Err(failed(error)),
        };
        let mut stdout = io::stdout().lock();
        let said = writeln!(stdout, "{player} {number} {id}").and_then(|()| stdout.flush());
        said.map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Starts `program` with a folder as its last argument, kills it at a random moment, and looks at what it left; and again,
/// so many times.
pub fn kill(kills: u64, seed: u64, folder: &Path, program: impl Fn() -> Command) -> Result<Totals, String> {
    let mut rng = GameRng::new(seed);
    let mut totals = Totals::default();
    let mut acknowledged = BTreeMap::new();
    while totals.kills < kills {
        let folder = folder.join(totals.stores.to_string());
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let before = acknowledged.len();
        let is_full = live(&mut rng, program().arg(&folder), &mut acknowledged)?;
        totals.kills += u64::from(!is_full);
        totals.acknowledged += (acknowledged.len() - before) as u64;
        match open(&folder).and_then(|store| judge(&store, &acknowledged, &mut totals)) {
            Ok(()) => {}
            Err(why) => {
                totals.unreadable += 1;
                totals.fault(why);
            }
        }
        if is_full {
            totals.stores += 1;
            acknowledged.clear();
        }
    }
    Ok(totals)
}

/// One life of the process; returns whether it came to its end before it was killed.
fn live(
    rng: &mut GameRng,
    program: &mut Command,
    acknowledged: &mut BTreeMap<(u8, u64), ScoreId>,
) -> Result<bool, String> {
    let child = program.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = child.map_err(|error| format!("can't start what is to be killed: {error}"))?;
    let mut pipe = BufReader::new(child.stdout.take().ok_or("it has no output")?);
    let failed = |error| format!("lost what is to be killed: {error}");
    let mut output = String::new();
    // Some while they open the store, most while they record: in the middle of it, or between two.
    for _ in 0..rng.below(120) {
        pipe.read_line(&mut output).map_err(failed)?;
    }
    thread::sleep(Duration::from_micros(rng.below(8_000).into()));
    let ended = child.try_wait().map_err(failed)?;
    child.kill().and_then(|()| child.wait()).map_err(failed)?;
    pipe.read_to_string(&mut output).map_err(failed)?;
    // The last line may be cut off.
    for line in output.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')) {
        let numbers: Vec<u64> = line.split(' ').filter_map(|number| number.parse().ok()).collect();
        let &[player, number, id] = numbers.as_slice() else { return Err(format!("it says {line:?}")) };
        let player = u8::try_from(player).map_err(|error| error.to_string())?;
        let known = acknowledged.insert((player, number), ScoreId(id));
        if known.is_some_and(|known| known != ScoreId(id)) {
            return Err(format!("one run is two scores: {known:?} and {id}"));
        }
    }
    match ended {
        Some(status) if !status.success() => Err(format!("it failed: {status}")),
        ended => Ok(ended.is_some()),
    }
}

/// Looks for all that was acknowledged, and at all that is there.
fn judge(
    store: &RedbStore,
    acknowledged: &BTreeMap<(u8, u64), ScoreId>,
    totals: &mut Totals,
) -> Result<(), String> {
    let failed = |error: StoreError| format!("{error:?}");
    for (&(player, number), &id) in acknowledged {
        let expected = run(&ticket(player, number));
        let found = store.score(id).map_err(failed)?;
        let replay = store.replay(id).map_err(failed)?;
        if found != Some(Score { id, ..expected.score }) || replay != Some(expected.replay) {
            totals.lost += 1;
            totals.fault(format!("run {number} of player {player} was score {id}, which is {found:?}"));
        }
    }
    let mut tickets = BTreeSet::new();
    let mut scores: usize = 0;
    while let Some(score) = store.score(ScoreId(scores as u64 + 1)).map_err(failed)? {
        scores += 1;
        if !tickets.insert(score.ticket) {
            totals.twice += 1;
            totals.fault(format!("ticket {} was redeemed twice, at last for {}", score.ticket, score.id));
        }
    }
    let all = Listing { board: board().id, season: None };
    let listed = store.page_after(&all, None, usize::MAX).map_err(failed)?;
    let places: BTreeSet<_> = listed.iter().map(|score| score.id).collect();
    if listed.len() != scores || places.len() != scores {
        totals.twice += listed.len().abs_diff(places.len()) as u64;
        totals.fault(format!(
            "{} of {scores} scores are listed, {} different ones",
            listed.len(),
            places.len()
        ));
        return Err("the listing is not what is stored".into());
    }
    // What was in the middle of being acknowledged may be there.
    if scores > acknowledged.len() + usize::from(PLAYERS) {
        return Err(format!("{scores} scores are there, and {} were acknowledged", acknowledged.len()));
    }
    Ok(())
}

fn open(folder: &Path) -> Result<RedbStore, String> {
    RedbStore::open(folder.join("scores.redb"), &[board()]).map_err(|error| format!("{error:?}"))
}

fn board() -> Board {
    Board { entries: Entries::AllRuns, ..counter_board("counter") }
}

fn player_of(number: u8) -> Player {
    Player {
        id: PlayerId([number; 32]),
        name: format!("Player {number}"),
        name_key: format!("player {number}"),
        joined: NOON,
        busy_until: NOON,
        banned: false,
    }
}

fn ticket(player: u8, number: u64) -> Ticket {
    let mut id = [player; 16];
    id[..8].copy_from_slice(&number.to_be_bytes());
    Ticket {
        id: TicketId(id),
        board: board().id,
        player: player_of(player).id,
        seed: number << 8 | u64::from(player),
        issued: NOON,
        expires: UnixTime::from_millis(u64::MAX),
    }
}

/// The run that was played with a ticket.
fn run(ticket: &Ticket) -> NewScore {
    let mut rng = GameRng::new(ticket.seed);
    let points = rng.below(100).into();
    let length = if rng.below(8) == 0 { 60_000 } else { 600 };
    NewScore {
        score: Score {
            id: ScoreId(0),
            board: ticket.board.clone(),
            season: 1,
            player: ticket.player,
            ticket: ticket.id,
            points,
            key: board().order.key(points),
            ticks: 60,
            state_hash: StateHash(ticket.seed),
            accepted: NOON,
            details: BTreeMap::from([("presses".to_owned(), points)]),
            timing: Timing::default(),
            hidden: false,
        },
        replay: (0..rng.below(length)).map(|_| rng.below(256) as u8).collect(),
        was_busy_until: NOON,
        busy_until: NOON,
    }
}
