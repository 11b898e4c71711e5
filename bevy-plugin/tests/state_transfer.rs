//! Who loses the connection gets the state when it is back, and the two go on alike.

use bevy_app::App;
use bevy_ecs::prelude::*;
use bevy_netcord::prelude::*;
use bevy_netcord::testing::TestMatch;
use serde::{Deserialize, Serialize};

#[derive(Component, Clone, Serialize, Deserialize)]
struct Snake {
    body: Vec<(i16, i16)>,
    name: Option<String>,
}

/// A marker without fields.
#[derive(Component, Clone, Serialize, Deserialize)]
struct Hungry;

#[derive(Resource, Clone, Default, Serialize, Deserialize)]
struct Apples {
    rng: Option<GameRng>,
    eaten: u32,
}

fn game(app: &mut App) {
    app.rollback::<Snake>()
        .rollback::<Hungry>()
        .rollback_resource::<Apples>()
        .add_systems(NetStart, |mut commands: Commands, current: Res<Match>, mut apples: ResMut<Apples>| {
            apples.rng = Some(GameRng::new(current.seed));
            for _ in 0..3 {
                commands.spawn((Rollback, Snake { body: vec![(0, 0)], name: None }));
            }
        })
        .add_systems(NetUpdate, crawl);
}

fn crawl(
    mut commands: Commands,
    mut snakes: Query<(Entity, &NetId, &mut Snake, Has<Hungry>)>,
    inputs: Res<PlayerInputs<u8>>,
    mut apples: ResMut<Apples>,
) {
    let keys = i16::from(inputs.get(PlayerIndex(0))) * 3 + i16::from(inputs.get(PlayerIndex(1)));
    for (entity, id, mut snake, hungry) in snakes.iter_mut().sort::<&NetId>() {
        let random = apples.rng.as_mut().expect("seeded").below(40);
        let head =
            snake.body.last().map_or((0, 0), |head| (head.0.wrapping_add(keys), head.1.wrapping_add(1)));
        snake.body.push(head);
        if snake.body.len() > 10 {
            snake.body.remove(0);
        }
        match random {
            0 if hungry => {
                commands.entity(entity).try_remove::<Hungry>();
            }
            1 => {
                commands.entity(entity).try_insert(Hungry);
            }
            2 => apples.eaten += 1,
            // All of these go with the first.
            3 => {
                commands.spawn((
                    Rollback,
                    Snake { body: vec![head], name: Some(format!("of {id}")) },
                    ChildOf(entity),
                ));
            }
            4 if id.entity().0 > 10 => commands.entity(entity).try_despawn(),
            _ => {}
        }
    }
}

#[test]
fn a_match_goes_on_after_the_connection_was_lost() {
    let conditions = "latency=40ms,jitter=10ms,loss=3%".parse().expect("conditions");
    let mut game = TestMatch::<u8>::new(2, conditions, 9, game);
    game.run_until_playing();
    let mut rng = GameRng::new(1);
    let mut play = |game: &mut TestMatch<u8>, turns: usize| {
        for _ in 0..turns {
            game.set_input(0, rng.below(3) as u8);
            game.set_input(1, rng.below(3) as u8);
            game.frames(4);
        }
    };
    play(&mut game, 50);
    let before = game.stats(0).confirmed_tick;
    for _ in 0..2 {
        game.cut(1);
        play(&mut game, 110);
        assert_eq!([game.state(0), game.state(1)], [MatchState::Paused; 2]);
        game.heal();
        play(&mut game, 150);
        assert_eq!([game.state(0), game.state(1)], [MatchState::Playing; 2], "{:?}", game.log(1));
    }
    game.assert_equal();
    assert!(game.stats(0).confirmed_tick.since(before) > 600);
    assert_eq!(game.stats(1).lost_inputs, 0);
}

#[test]
fn a_second_match_starts_where_the_first_did() {
    let conditions = "latency=20ms".parse().expect("conditions");
    let mut game = TestMatch::<u8>::new(2, conditions, 9, game);
    let mut states = Vec::new();
    for _ in 0..2 {
        game.run_until_playing();
        game.frames(100);
        game.assert_equal();
        let world = game.world(0);
        states.push((world.resource::<NetTime>().tick.0 > 80, world.resource::<NetEntities>().is_empty()));
        game.leave(0);
        game.frames(30);
        game.leave(1);
        game.frames(5);
        for player in 0..2 {
            let world = game.world(player);
            assert!(world.resource::<NetEntities>().is_empty() && !world.contains_resource::<Match>());
            assert_eq!(world.query::<&Snake>().iter(world).count(), 0);
            assert_eq!(world.resource::<Apples>().eaten, 0);
        }
        game.open();
    }
    assert_eq!(states, [(true, false); 2]);
}
