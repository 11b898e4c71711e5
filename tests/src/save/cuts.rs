//! Power cuts at every moment of a save, and everything that a file system may make of each.

use super::disk::{Disk, Honesty, Outcome};
use super::page::{Page, options, protection};
use super::{Totals, Verdict};
use netcord::save::{Damage, Loaded, SaveFile, SaveFolder};
use netcord::wire::GameRng;
use std::sync::Arc;

/// What a game does with its save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Saves the next page, with so many bytes.
    Save(usize),
    /// Changes the protection, to the one of [`options`].
    Protect(u8),
}

/// What the game knows of its save, and what the disk has to keep of it.
#[derive(Clone, Copy, Debug, Default)]
struct Ledger {
    /// The newest page that was acknowledged: `save` returned `Ok`.
    acknowledged: u64,
    /// The newest page that was given to `save`.
    attempted: u64,
    /// The protection.
    protection: u8,
    /// The one that it is being changed to.
    next: Option<u8>,
}

const NAME: &str = "slot";

/// What games do whose every moment is tried.
const SCRIPTS: [&[Step]; 5] = [
    &[Step::Save(10), Step::Save(11), Step::Save(12), Step::Save(13), Step::Save(14)],
    &[Step::Save(2_000), Step::Save(5_000), Step::Save(70_000)],
    &[Step::Save(10), Step::Save(10), Step::Protect(2), Step::Save(10)],
    &[Step::Save(10), Step::Protect(0), Step::Save(30), Step::Protect(1)],
    &[Step::Protect(2), Step::Save(1), Step::Protect(3), Step::Protect(2), Step::Save(1)],
];

/// Cuts the power at every operation of each script, and goes on from every way in which the disk may come out of it.
pub fn exhaust(honesty: Honesty) -> Totals {
    let mut totals = Totals::default();
    for (seed, script) in SCRIPTS.iter().enumerate() {
        let whole = Disk::new(seed as u64, honesty);
        let start = Ledger { protection: 1, ..Ledger::default() };
        let mut ledger = start;
        play(&whole, script, &mut ledger).expect("nothing is wrong with this disk");
        for cut in 0..=whole.operations() {
            let disk = Disk::new(seed as u64, honesty);
            disk.cut_after(cut);
            let mut ledger = start;
            play(&disk, script, &mut ledger).expect("only the power is off");
            for outcome in disk.outcomes() {
                totals.cuts += 1;
                totals.count(come_back(&disk.after(&outcome), ledger), || {
                    format!("script {seed}, cut after {:?}: {outcome:?}", disk.journal().last())
                });
            }
        }
    }
    totals
}

/// A game that loses power again and again, at moments and with outcomes that follow from `seed`.
pub fn wander(seed: u64, honesty: Honesty) -> Totals {
    let mut rng = GameRng::new(seed);
    let mut totals = Totals::default();
    let mut disk = Disk::new(seed, honesty);
    let mut ledger = Ledger { protection: 1, ..Ledger::default() };
    for _ in 0..40 {
        let script: Vec<_> = (0..8).map(|_| step(&mut rng)).collect();
        disk.cut_after(rng.below(48) as usize);
        if let Err(verdict) = play(&disk, &script, &mut ledger) {
            totals.count(Err(verdict), || format!("seed {seed}"));
            break;
        }
        let outcome: Outcome = disk.random_outcome(&mut rng);
        let journal = disk.journal();
        disk = disk.after(&outcome);
        totals.cuts += 1;
        let back = look(&disk, ledger);
        match back {
            Ok(found) => ledger = found,
            Err(_) => {
                totals.count(back.map(drop), || {
                    format!("seed {seed}, after {:?}: {outcome:?}", journal.last())
                });
                break;
            }
        }
    }
    totals
}

fn step(rng: &mut GameRng) -> Step {
    match rng.below(8) {
        0 => Step::Protect(rng.below(4) as u8),
        1 => Step::Save(rng.below(20_000) as usize),
        _ => Step::Save(rng.below(600) as usize),
    }
}

/// Plays until the power is off.
fn play(disk: &Disk, script: &[Step], ledger: &mut Ledger) -> Result<(), Verdict> {
    let unless_off =
        |disk: &Disk, error: String| if disk.is_off() { Ok(()) } else { Err(Verdict::Unreadable(error)) };
    let mut file = match open(disk, ledger.protection) {
        Ok(file) => file,
        Err(error) => return unless_off(disk, error),
    };
    for step in script {
        let done = match *step {
            Step::Save(bytes) => {
                ledger.attempted += 1;
                file.save(&Page::new(ledger.attempted, bytes)).map(drop)
            }
            Step::Protect(to) => {
                ledger.next = Some(to);
                file.change_protection(protection(to))
            }
        };
        if let Err(error) = done {
            return unless_off(disk, error.to_string());
        }
        match step {
            Step::Save(_) => ledger.acknowledged = ledger.attempted,
            Step::Protect(to) => ledger.protection = *to,
        }
        ledger.next = None;
    }
    Ok(())
}

fn open(disk: &Disk, protection: u8) -> Result<SaveFile<Page>, String> {
    let folder =
        SaveFolder::in_environment(Arc::new(disk.clone()), "saves").map_err(|error| error.to_string())?;
    folder.open(NAME, options(protection)).map_err(|error| error.to_string())
}

/// Looks at the save after a power cut, and goes on with it for a while.
fn come_back(disk: &Disk, ledger: Ledger) -> Result<(), Verdict> {
    let mut ledger = look(disk, ledger)?;
    play(disk, &[Step::Save(20), Step::Save(20)], &mut ledger)?;
    look(disk, ledger).map(drop)
}

/// Loads after a power cut: with the key, or, where it was being changed, with either.
fn look(disk: &Disk, ledger: Ledger) -> Result<Ledger, Verdict> {
    // The new one first: to try it must not harm what is under the old one.
    let candidates = ledger.next.into_iter().chain([ledger.protection]);
    let mut best: Option<(u64, u8)> = None;
    let mut verdict = None;
    for protection in candidates {
        match load(disk, protection) {
            Ok(number) if best.is_none_or(|(best, _)| number > best) => best = Some((number, protection)),
            Ok(_) => {}
            Err(other) => verdict = Some(other),
        }
    }
    match (best, verdict) {
        (Some((number, _)), _) if number > ledger.attempted => {
            Err(Verdict::Torn(format!("page {number} of {}", ledger.attempted)))
        }
        (Some((number, protection)), _) if number >= ledger.acknowledged => {
            Ok(Ledger { acknowledged: number, attempted: ledger.attempted, protection, next: None })
        }
        (_, Some(verdict)) => Err(verdict),
        (best, None) => Err(Verdict::Lost(format!("{best:?}, but {} was acknowledged", ledger.acknowledged))),
    }
}

/// The number of the page that is offered; 0 for none.
fn load(disk: &Disk, protection: u8) -> Result<u64, Verdict> {
    let loaded = open(disk, protection).map_err(Verdict::Unreadable)?.load();
    let (page, lost) = match loaded.map_err(|error| Verdict::Unreadable(error.to_string()))? {
        Loaded::Nothing => return Ok(0),
        Loaded::Found { value, .. } => (value, Vec::new()),
        Loaded::Recovered { value, lost, .. } => (value, lost),
    };
    let expected =
        |damage: &Damage| matches!(damage, Damage::WrongKey | Damage::NotEncrypted | Damage::Encrypted);
    if let Some(lost) = lost.iter().find(|lost| !expected(&lost.damage)) {
        // Another generation was offered; but a file that was half written must not have had a save's name.
        return Err(Verdict::Torn(format!("{}: {}", lost.path.display(), lost.damage)));
    }
    if page.is_whole() { Ok(page.number) } else { Err(Verdict::Torn(format!("page {}", page.number))) }
}
