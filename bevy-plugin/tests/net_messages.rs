//! Typed messages go both ways, in order, and connections are entities.

use bevy_app::{App, Update};
use bevy_diagnostic::DiagnosticsStore;
use bevy_ecs::prelude::*;
use bevy_netcord::prelude::*;
use bevy_netcord::testing::TestMatch;
use bevy_netcord::{LinkQuality, NetDiagnostics};
use serde::{Deserialize, Serialize};

#[derive(Message, Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Chat(String);

#[derive(Message, Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Emote(u32);

#[derive(Resource, Default)]
struct Inbox {
    chats: Vec<(Option<PlayerIndex>, String)>,
    emotes: u32,
    /// Connections made and ended, as observers saw them.
    made: u32,
    ended: u32,
}

fn read(
    mut chats: MessageReader<FromPeer<Chat>>,
    mut emotes: MessageReader<FromPeer<Emote>>,
    mut inbox: ResMut<Inbox>,
) {
    inbox.chats.extend(chats.read().map(|chat| (chat.player, chat.message.0.clone())));
    inbox.emotes += emotes.read().count() as u32;
}

fn game(app: &mut App) {
    app.add_net_message::<Chat>(Channel::ReliableOrdered)
        .add_net_message::<Emote>(Channel::Unreliable)
        .init_resource::<Inbox>()
        .add_systems(Update, read)
        .add_observer(|_: On<Add<Connection>>, mut inbox: ResMut<Inbox>| inbox.made += 1)
        .add_observer(|_: On<Remove<Connection>>, mut inbox: ResMut<Inbox>| inbox.ended += 1);
}

#[test]
fn messages_arrive_once_in_order_and_say_who_sent_them() {
    let mut game = TestMatch::<u8>::new(2, "latency=40ms,loss=10%".parse().expect("conditions"), 6, game);
    game.run_until_playing();
    for number in 0..20 {
        game.world(0).write_message(ToPeers::all(Chat(format!("ping {number}"))));
        game.world(1).write_message(ToPeers::player(PlayerIndex(0), Chat(format!("pong {number}"))));
        game.world(1).write_message(ToPeers::player(PlayerIndex(1), Chat("to myself".into())));
        game.world(0).write_message(ToPeers::all(Emote(number)));
        game.frames(3);
    }
    game.frames(60);
    let told = |player: u8, word: &str| -> Vec<_> {
        (0..20).map(|number| (Some(PlayerIndex(player)), format!("{word} {number}"))).collect()
    };
    assert_eq!(game.world(1).resource::<Inbox>().chats, told(0, "ping"));
    assert_eq!(game.world(0).resource::<Inbox>().chats, told(1, "pong"));
    let emotes = game.world(1).resource::<Inbox>().emotes;
    assert!((5..=20).contains(&emotes), "{emotes}");
}

#[test]
fn a_connection_is_an_entity_as_long_as_it_lasts() {
    let mut game = TestMatch::<u8>::new(2, "latency=40ms".parse().expect("conditions"), 6, game);
    game.run_until_playing();
    game.frames(120);
    for player in 0..2 {
        let world = game.world(player);
        let (connection, quality) =
            world.query::<(&Connection, &LinkQuality)>().single(world).expect("one connection");
        assert_eq!(connection.player, Some(PlayerIndex(1 - player as u8)));
        assert!((75..110).contains(&quality.rtt.as_millis()), "{quality:?}");
        assert!(quality.sent_per_second > 100.0 && quality.received_per_second > 100.0, "{quality:?}");
        let diagnostics = world.resource::<DiagnosticsStore>();
        for (path, _) in NetDiagnostics::ALL {
            let value = diagnostics.get(&path).and_then(|diagnostic| diagnostic.value());
            assert!(value.is_some(), "{path:?} is measured");
        }
        assert_eq!((world.resource::<Inbox>().made, world.resource::<Inbox>().ended), (1, 0));
    }
    game.leave(1);
    game.frames(60);
    for player in 0..2 {
        let world = game.world(player);
        assert_eq!(world.query::<&Connection>().iter(world).count(), 0);
        assert_eq!(world.resource::<Inbox>().ended, 1);
    }
    assert_eq!((game.state(0), game.state(1)), (MatchState::Over, MatchState::Idle));
    assert!(
        game.log(0).iter().any(|event| event.contains("Left { player: PlayerIndex(1)")),
        "{:?}",
        game.log(0)
    );
}

#[test]
#[should_panic(expected = "is added as a net message twice")]
fn a_message_is_added_once() {
    App::new().add_net_message::<Chat>(Channel::ReliableOrdered).add_net_message::<Chat>(Channel::Unreliable);
}
