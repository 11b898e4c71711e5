//! The matches on the local network, as a part of the screen for joining: whoever can be joined first.
//!
//! It asks for a match by [`Picked`], and joins none itself.

use super::Screen;
use super::host::waiting_lights;
use bevy::prelude::*;
use bevy_netcord::netcord::transport::lan::ListingId;
use bevy_netcord::prelude::*;
use bevy_netcord::{LanGame, NotJoinable};
use demo_ui::{Activated, Focus, FocusFirst, Role, column, entry, label, quiet_entry, row};

/// The player chose a match; its code.
#[derive(Message, Clone, Debug)]
pub(super) struct Picked(pub(super) String);

/// Where the list is.
#[derive(Component, Clone, Copy, Debug)]
pub(super) struct LanList;

/// A line of the list that can be joined.
#[derive(Component, Clone, Copy, Debug)]
struct Listed(ListingId);

/// A match as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    id: ListingId,
    name: String,
    /// What is told beside it.
    detail: String,
    joinable: bool,
}

/// The most lines there is room for.
const LINES: usize = 4;

pub(super) fn plugin(app: &mut App) {
    app.add_message::<Picked>()
        .add_systems(OnEnter(Screen::Join), |mut commands: Commands| commands.browse_lan())
        .add_systems(OnExit(Screen::Join), |mut commands: Commands| commands.stop_browsing_lan())
        .add_systems(Update, show.run_if(in_state(Screen::Join)));
}

/// The place for the list.
pub(super) fn lan_list() -> impl Bundle {
    (LanList, Node { min_height: Val::Px(48.0), row_gap: Val::Px(8.0), ..column(560.0) })
}

fn show(
    games: Res<LanGames>,
    focus: Res<Focus>,
    places: Query<(Entity, Ref<LanList>)>,
    shown: Query<&Listed>,
    mut focused: Local<Option<ListingId>>,
    mut commands: Commands,
) {
    let Ok((place, new)) = places.single() else { return };
    // While a new list is not seen yet, nothing has the focus.
    if let Some(entity) = focus.0 {
        *focused = shown.get(entity).ok().map(|listed| listed.0);
    }
    if !games.is_changed() && !new.is_added() {
        return;
    }
    let (lines, more) = arranged(games.iter().map(line).collect());
    commands.entity(place).despawn_children().with_children(|list| {
        for line in &lines {
            if !line.joinable {
                list.spawn(quiet_entry(&line.name, &line.detail));
                continue;
            }
            let mut entry = list.spawn((Listed(line.id), entry(&line.name, &line.detail)));
            entry.observe(pick);
            if *focused == Some(line.id) {
                entry.insert(FocusFirst);
            }
        }
        if more > 0 {
            list.spawn(label(format!("and {more} more"), 16.0, Role::Muted));
        }
        if lines.is_empty() {
            list.spawn(row(10.0)).with_children(|line| match games.failure() {
                Some(why) => {
                    debug!("{why}");
                    line.spawn(label("this network can't be searched for games", 18.0, Role::Muted));
                }
                None => {
                    line.spawn(label("no games on this network yet", 18.0, Role::Muted));
                    waiting_lights(line);
                }
            });
        }
    });
}

fn pick(
    activated: On<Activated>,
    games: Res<LanGames>,
    listed: Query<&Listed>,
    mut picked: MessageWriter<Picked>,
) {
    let Ok(&Listed(id)) = listed.get(activated.entity) else { return };
    // It may be full by now; then the list says so with the next frame.
    if let Some(Ok(code)) = games.iter().find(|game| game.id == id).map(LanGame::code) {
        picked.write(Picked(code));
    }
}

fn line(game: &LanGame) -> Line {
    let why_not = game.code().err();
    let detail = match &why_not {
        Some(NotJoinable::OtherVersion { theirs, ours }) => {
            format!("has version {}, this is {}", version(theirs), version(ours))
        }
        Some(NotJoinable::AskForCode) => format!("{}/{}  needs its code", game.players, game.max_players),
        Some(why) => why.to_string(),
        None => format!("{}/{} players  v{}", game.players, game.max_players, version(&game.version)),
    };
    Line { id: game.id, name: game.name.clone(), detail, joinable: why_not.is_none() }
}

/// A version as people write it; as it is, if it is not one of ours.
fn version(text: &str) -> String {
    let Ok(number) = text.parse::<u64>() else { return text.to_owned() };
    format!("{}.{}.{}", number >> 32, (number >> 16) & 0xffff, number & 0xffff)
}

/// Those that can be joined first, each by name; and how many there is no room for.
fn arranged(mut lines: Vec<Line>) -> (Vec<Line>, usize) {
    lines.sort_by_cached_key(|line| (!line.joinable, line.name.to_lowercase(), line.id));
    let more = lines.len().saturating_sub(LINES);
    lines.truncate(LINES);
    (lines, more)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: u64, name: &str, joinable: bool) -> Line {
        Line { id: ListingId(id), name: name.into(), detail: String::new(), joinable }
    }

    #[test]
    fn what_can_be_joined_is_listed_first_and_by_name() {
        let (lines, more) =
            arranged(vec![line(1, "zoe", true), line(2, "Adam", false), line(3, "Ben", true)]);
        assert_eq!(lines.iter().map(|line| line.id.0).collect::<Vec<_>>(), [3, 1, 2]);
        assert_eq!(more, 0);
    }

    #[test]
    fn games_of_one_name_keep_their_order() {
        let (lines, _) = arranged(vec![line(9, "Pong", true), line(4, "Pong", true)]);
        assert_eq!(lines.iter().map(|line| line.id.0).collect::<Vec<_>>(), [4, 9]);
    }

    #[test]
    fn what_there_is_no_room_for_is_counted() {
        let (lines, more) = arranged((0..7).map(|id| line(id, "Pong", id != 0)).collect());
        assert_eq!((lines.len(), more), (LINES, 3));
        assert!(lines.iter().all(|line| line.joinable));
    }

    #[test]
    fn a_version_reads_as_people_write_it() {
        assert_eq!(version(&((1 << 32) | (2 << 16) | 3_u64).to_string()), "1.2.3");
        assert_eq!(version("beta"), "beta");
    }
}
