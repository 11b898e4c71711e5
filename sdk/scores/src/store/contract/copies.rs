//! All there is goes out, and into another store.

use super::fixture::{ALL, BEST, Fixture, all_time, at, board, player, refusal, season};
use super::{Maker, promises};
use crate::model::{Act, Score, ScoreId};
use crate::store::{Record, ScoreStore, StoreError};
use std::slice::from_ref;

promises![
    what_is_exported_comes_in_order,
    a_copy_is_like_the_original,
    a_copy_goes_on_counting,
    an_import_that_does_not_fit_changes_nothing,
    an_import_that_ends_in_an_error_changes_nothing,
    an_export_stops_at_an_error,
];

fn filled(make: Maker<'_>) -> Fixture {
    let mut fixture = Fixture::new(make);
    for (number, name, in_season, points) in [
        (2, BEST, 1, 20),
        (1, BEST, 1, 30),
        (1, BEST, 2, 10),
        (1, ALL, 1, 5),
        (3, BEST, 1, 50),
        (2, ALL, 1, 5),
    ] {
        fixture.record(number, name, in_season, points);
    }
    fixture.run(2, BEST, 1, 0);
    let acts = [Act::Hide { score: ScoreId(2) }, Act::Ban { player: player(3).id }];
    for act in acts {
        fixture.store.moderate(&player(9).id, act, "why", at(3)).unwrap();
    }
    fixture
}

fn export(store: &dyn ScoreStore) -> Vec<Record> {
    let mut records = Vec::new();
    store
        .export(&mut |record| {
            records.push(record);
            Ok(())
        })
        .unwrap();
    records
}

fn import(store: &dyn ScoreStore, records: &[Record]) -> Result<u64, StoreError> {
    store.import(&mut records.iter().cloned().map(Ok))
}

fn what_is_exported_comes_in_order(make: Maker<'_>) {
    let records = export(&*filled(make).store);
    let kinds = records.iter().map(|record| match record {
        Record::Player(_) => 'p',
        Record::Ticket(_) => 't',
        Record::Score { .. } => 's',
        Record::Act(_) => 'a',
    });
    assert_eq!(kinds.collect::<String>(), "ppptttttttssssssaa");
    let ids = records.iter().filter_map(|record| match record {
        Record::Score { score, replay } => {
            assert!(!replay.is_empty());
            Some(score.id.0)
        }
        _ => None,
    });
    assert_eq!(ids.collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
}

fn a_copy_is_like_the_original(make: Maker<'_>) {
    let (original, copy) = (filled(make), Fixture::new(make));
    let records = export(&*original.store);
    assert_eq!(import(&*copy.store, &records).unwrap(), records.len() as u64);
    let sorted = |store: &dyn ScoreStore| {
        let mut lines: Vec<_> = export(store).iter().map(|record| format!("{record:?}")).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&*copy.store), sorted(&*original.store));
    for listing in [all_time(BEST), all_time(ALL), season(BEST, 1), season(BEST, 2), season(ALL, 1)] {
        assert_eq!(copy.points(&listing), original.points(&listing), "{listing:?}");
    }
    assert_eq!(copy.points(&all_time(BEST)), [20, 10]);
    for record in &records {
        if let Record::Ticket(ticket) = record {
            let redeemed = original.store.ticket(&ticket.id).unwrap();
            assert_eq!(copy.store.ticket(&ticket.id).unwrap(), redeemed);
        }
    }
    assert_eq!(copy.store.players_named("", 9).unwrap(), original.store.players_named("", 9).unwrap());
    assert_eq!(copy.store.audit(None, 9).unwrap(), original.store.audit(None, 9).unwrap());
}

fn a_copy_goes_on_counting(make: Maker<'_>) {
    let original = filled(make);
    // The ids of what is made here must not be those of what is imported.
    let mut copy = Fixture::new(make);
    import(&*copy.store, &export(&*original.store)).unwrap();
    let player = copy.join(4);
    let ticket =
        crate::model::Ticket { id: crate::model::TicketId([0xee; 16]), ..copy.fresh_ticket(player, BEST) };
    copy.store.issue_tickets(from_ref(&ticket), 1, at(0)).unwrap();
    let run = super::fixture::run_with(&ticket, 1, 1, super::fixture::player(4).busy_until);
    assert_eq!(copy.store.record(&run).unwrap().id, ScoreId(7));
    let done = copy.store.moderate(&player, Act::Show { score: ScoreId(7) }, "", at(0)).unwrap();
    assert_eq!(done.number, 3);
}

fn an_import_that_does_not_fit_changes_nothing(make: Maker<'_>) {
    let records = export(&*filled(make).store);
    let find = |wanted: fn(&Record) -> bool| records.iter().find(|record| wanted(record)).cloned().unwrap();
    let one = find(|record| matches!(record, Record::Player(player) if player.id.0[0] == 1));
    let ticket = find(|record| matches!(record, Record::Ticket(_)));
    let act = find(|record| matches!(record, Record::Act(_)));
    let Record::Score { score, replay } = find(|record| matches!(record, Record::Score { .. })) else {
        unreachable!("it was looked for")
    };
    let with = |score: Score| Record::Score { score, replay: replay.clone() };
    let name_of_one = Record::Player(crate::model::Player { id: player(7).id, ..player(1) });
    let nowhere = crate::model::TicketId([0xdd; 16]);
    for (what, bad) in [
        ("a player twice", one.clone()),
        ("a name twice", name_of_one),
        ("a ticket twice", ticket),
        ("a score twice", with(score.clone())),
        ("a ticket redeemed twice", with(Score { id: ScoreId(99), ..score.clone() })),
        ("a score without a ticket", with(Score { id: ScoreId(99), ticket: nowhere, ..score })),
        ("an act twice", act),
    ] {
        let copy = Fixture::new(make);
        let all: Vec<_> = records.iter().cloned().chain([bad]).collect();
        assert!(refusal(import(&*copy.store, &all)).starts_with("Conflict"), "{what}");
        assert_eq!(export(&*copy.store), [], "{what}");
        assert_eq!(copy.points(&all_time(BEST)), [0; 0], "{what}");
    }
    let twice = Fixture::new(make);
    import(&*twice.store, &records).unwrap();
    assert!(refusal(import(&*twice.store, &[one])).starts_with("Conflict"));
    assert_eq!(export(&*twice.store).len(), records.len());
}

fn an_import_that_ends_in_an_error_changes_nothing(make: Maker<'_>) {
    let records = export(&*filled(make).store);
    let copy = make(&[board(BEST), board(ALL)]);
    let broken = StoreError::Conflict("line 12".to_owned());
    let mut records = records.into_iter().map(Ok).chain([Err(broken)]);
    assert_eq!(refusal(copy.import(&mut records)), "Conflict(\"line 12\")");
    assert_eq!(export(&*copy), []);
}

fn an_export_stops_at_an_error(make: Maker<'_>) {
    let store = filled(make).store;
    let mut seen = 0;
    let stopped = store.export(&mut |_| {
        seen += 1;
        if seen == 3 { Err(StoreError::Conflict("enough".to_owned())) } else { Ok(()) }
    });
    assert_eq!(refusal(stopped), "Conflict(\"enough\")");
    assert_eq!(seen, 3);
}
