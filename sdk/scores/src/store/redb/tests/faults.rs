//! Disks that are full, fail, or lose their power.

use super::disk::{Disk, Fault};
use super::{open_on, play, recorded};
use crate::store::ScoreStore as _;
use netcord_wire::GameRng;

/// So many runs are played on a disk that fails somewhere.
const RUNS: u64 = 4;

/// How many calls of the disk it takes to open a store, and to play [`RUNS`].
fn calls() -> (u64, u64) {
    let disk = Disk::default();
    let store = open_on(&disk).unwrap();
    let opened = disk.calls();
    play(&store, 0, RUNS).1.unwrap();
    (opened, disk.calls() - opened)
}

#[test]
fn what_was_acknowledged_outlives_a_power_cut_at_any_write() {
    let (_, calls) = calls();
    for cut in 0..calls {
        let disk = Disk::default();
        let store = open_on(&disk).unwrap();
        disk.fail_after(cut, Fault::PowerCut);
        let (acknowledged, end) = play(&store, 0, RUNS);
        end.unwrap_err();
        drop(store);
        for seed in 0..2 {
            let disk = disk.after_power_cut(&mut GameRng::new(cut << 8 | seed));
            let store = open_on(&disk).unwrap_or_else(|error| panic!("cut {cut}, seed {seed}: {error:?}"));
            let recorded = recorded(&store);
            assert!(recorded.starts_with(&acknowledged), "cut {cut}, seed {seed}");
            assert!(recorded.len() <= acknowledged.len() + 1, "cut {cut}, seed {seed}");
            assert_eq!(play(&store, 100, 2).0.len(), 2, "cut {cut}, seed {seed}");
        }
    }
}

#[test]
fn a_call_that_the_disk_fails_changes_nothing_and_the_next_one_works() {
    let (_, calls) = calls();
    for fault in 0..calls {
        let disk = Disk::default();
        let store = open_on(&disk).unwrap();
        disk.fail_after(fault, Fault::Once);
        let (mut acknowledged, mut played) = (Vec::new(), 0);
        while played < RUNS {
            let (points, end) = play(&store, played, RUNS - played);
            played += points.len() as u64;
            acknowledged.extend(points);
            assert_eq!(recorded(&store), acknowledged, "fault {fault}: {end:?}");
        }
        drop(store);
        assert_eq!(recorded(&open_on(&disk).unwrap()), acknowledged, "fault {fault}");
    }
}

#[test]
fn a_full_disk_refuses_scores_and_loses_none() {
    let disk = Disk::with_room(1 << 20);
    let store = open_on(&disk).unwrap();
    let (mut acknowledged, end) = play(&store, 0, 100_000);
    let error = end.unwrap_err();
    assert!(format!("{error:?}").contains("no storage space"), "{error:?}");
    assert!(acknowledged.len() > 20);
    for _ in 0..3 {
        assert_eq!(recorded(&store), acknowledged);
        let (more, end) = play(&store, acknowledged.len() as u64, 1);
        assert_eq!(more.len(), usize::from(end.is_ok()));
        acknowledged.extend(more);
    }
    disk.set_room(30 << 20);
    let (more, end) = play(&store, acknowledged.len() as u64, 50);
    end.unwrap();
    acknowledged.extend(more);
    assert_eq!(recorded(&store), acknowledged);
    assert_eq!(store.score(crate::model::ScoreId(1)).unwrap().unwrap().points, acknowledged[0]);
}
