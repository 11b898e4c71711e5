//! What in a menu has the focus: moved by keys, by the mouse, by a finger; and what happens to it.
//!
//! A menu spawns [`Focusable`] entities and observes [`Activated`] and [`Adjusted`] on them. The highest layer on
//! screen has the focus to itself, so that a panel over a game needs no word with what lies below.

use crate::pointer::Pointer;
use bevy::input::keyboard::KeyboardInput;
use bevy::prelude::*;
use bevy::ui::UiGlobalTransform;

/// Can have the focus.
#[derive(Component, Clone, Copy, Debug, Default)]
#[require(Node, Highlight)]
pub struct Focusable {
    /// Only the highest layer of those on screen takes part.
    pub layer: u8,
}

/// Takes left and right for itself: they don't lead elsewhere.
#[derive(Component, Clone, Copy, Debug, Default)]
pub struct Adjustable;

/// Takes clicks and touches, but never the focus of the keys: in a game they have other things to do.
#[derive(Component, Clone, Copy, Debug)]
pub struct PointerOnly;

/// Gets the focus as soon as it appears.
#[derive(Component, Clone, Copy, Debug)]
pub struct FocusFirst;

/// How far an entity's look has gone from resting to focused: 0 to 1.
#[derive(Component, Clone, Copy, Debug, Default)]
pub struct Highlight(pub f32);

/// What has the focus.
#[derive(Resource, Clone, Copy, Debug, Default)]
pub struct Focus(pub Option<Entity>);

/// Somebody pressed Enter on an entity, clicked or touched it.
#[derive(EntityEvent, Clone, Copy, Debug)]
pub struct Activated {
    /// The entity.
    pub entity: Entity,
}

/// Somebody pressed left or right on an entity.
#[derive(EntityEvent, Clone, Copy, Debug)]
pub struct Adjusted {
    /// The entity.
    pub entity: Entity,
    /// -1 or 1.
    pub by: i32,
}

/// Somebody wants to go back: Escape, or the button of the mouse that is there for it.
#[derive(Message, Clone, Copy, Debug)]
pub struct Back;

/// Entities that take letters for themselves while they have the focus.
#[derive(Component, Clone, Copy, Debug)]
pub struct TakesLetters;

/// What the focus does as sounds.
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq)]
pub enum FocusSound {
    /// The focus moved.
    Moved,
    /// Something was activated or adjusted.
    Activated,
}

/// Takes input for the menus.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub struct FocusSystems;

pub(crate) fn plugin(app: &mut App) {
    app.init_resource::<Focus>()
        .add_message::<Back>()
        .add_message::<FocusSound>()
        .add_systems(Update, (settle, point, press_keys, highlight).chain().in_set(FocusSystems));
}

type Places<'w, 's> = Query<
    'w,
    's,
    (
        Entity,
        &'static Focusable,
        &'static ComputedNode,
        &'static UiGlobalTransform,
        &'static InheritedVisibility,
    ),
>;

fn top_layer(places: &Places) -> u8 {
    places.iter().filter(|place| place.4.get()).map(|place| place.1.layer).max().unwrap_or_default()
}

/// Gives the focus to what asks for it, and takes it from what is gone.
fn settle(
    mut focus: ResMut<Focus>,
    asking: Query<Entity, With<FocusFirst>>,
    places: Places,
    mut commands: Commands,
) {
    let top = top_layer(&places);
    // What was just spawned is not seen yet: it is asked again in the next frame.
    let appears = |&entity: &Entity| {
        places.get(entity).is_ok_and(|(_, focusable, .., visible)| focusable.layer == top && visible.get())
    };
    if let Some(entity) = asking.iter().find(appears) {
        focus.0 = Some(entity);
        commands.entity(entity).remove::<FocusFirst>();
    }
    let lost = focus.0.is_some_and(|entity| places.get(entity).map_or(true, |place| place.1.layer != top));
    if lost {
        focus.0 = None;
    }
}

fn point(
    pointer: Res<Pointer>,
    mut focus: ResMut<Focus>,
    mut down_on: Local<Option<Entity>>,
    mut sounds: MessageWriter<FocusSound>,
    mut commands: Commands,
    places: Places,
) {
    let Some(position) = pointer.position else { return };
    let top = top_layer(&places);
    let below = places.iter().find(|(_, focusable, node, transform, visible)| {
        focusable.layer == top && visible.get() && node.contains_point(**transform, position)
    });
    let below = below.map(|place| place.0);
    if (pointer.moved || pointer.pressed) && below.is_some() && below != focus.0 {
        focus.0 = below;
        if !pointer.pressed {
            sounds.write(FocusSound::Moved);
        }
    }
    if pointer.pressed {
        *down_on = below;
    }
    if pointer.released
        && let Some(entity) = down_on.take()
        && below == Some(entity)
    {
        sounds.write(FocusSound::Activated);
        commands.trigger(Activated { entity });
    }
}

/// Keys that were pressed, and those that the keyboard repeats.
fn press_keys(
    mut keys: MessageReader<KeyboardInput>,
    mouse: Res<ButtonInput<MouseButton>>,
    mut focus: ResMut<Focus>,
    mut back: MessageWriter<Back>,
    mut sounds: MessageWriter<FocusSound>,
    mut commands: Commands,
    places: Places,
    writing: Query<(), With<TakesLetters>>,
    pointed: Query<(), With<PointerOnly>>,
    adjustable: Query<(), With<Adjustable>>,
) {
    if mouse.just_pressed(MouseButton::Back) {
        back.write(Back);
    }
    for key in keys.read().filter(|key| key.state.is_pressed()) {
        let letters = focus.0.is_some_and(|entity| writing.contains(entity));
        let way = match key.key_code {
            KeyCode::ArrowUp => Vec2::NEG_Y,
            KeyCode::ArrowDown => Vec2::Y,
            KeyCode::ArrowLeft => Vec2::NEG_X,
            KeyCode::ArrowRight => Vec2::X,
            KeyCode::KeyW if !letters => Vec2::NEG_Y,
            KeyCode::KeyS if !letters => Vec2::Y,
            KeyCode::KeyA if !letters => Vec2::NEG_X,
            KeyCode::KeyD if !letters => Vec2::X,
            // A letter, too.
            KeyCode::Space if letters => continue,
            KeyCode::Escape if !key.repeat => {
                back.write(Back);
                continue;
            }
            KeyCode::Enter | KeyCode::NumpadEnter | KeyCode::Space if !key.repeat => {
                if let Some(entity) = focus.0.filter(|&entity| !pointed.contains(entity)) {
                    sounds.write(FocusSound::Activated);
                    commands.trigger(Activated { entity });
                }
                continue;
            }
            KeyCode::Tab => Vec2::Y,
            _ => continue,
        };
        if let Some(entity) = focus.0
            && way.x != 0.0
        {
            commands.trigger(Adjusted { entity, by: way.x as i32 });
            if adjustable.contains(entity) {
                continue;
            }
        }
        if let Some(next) = neighbour(&places, &pointed, focus.0, way, key.key_code == KeyCode::Tab) {
            focus.0 = Some(next);
            sounds.write(FocusSound::Moved);
        }
    }
}

/// The nearest in a direction; from the last to the first, where `around` or nothing is left that way up or down.
fn neighbour(
    places: &Places,
    pointed: &Query<(), With<PointerOnly>>,
    from: Option<Entity>,
    way: Vec2,
    around: bool,
) -> Option<Entity> {
    let top = top_layer(places);
    let can_have_it = |place: &Entity, layer: u8| layer == top && !pointed.contains(*place);
    let all = || places.iter().filter(|place| can_have_it(&place.0, place.1.layer) && place.4.get());
    let centre = |place: &(Entity, &Focusable, &ComputedNode, &UiGlobalTransform, &InheritedVisibility)| {
        place.3.translation
    };
    let first = || {
        all().min_by(|a, b| (centre(a).y + centre(a).x * 0.01).total_cmp(&(centre(b).y + centre(b).x * 0.01)))
    };
    let Some(here) = from.and_then(|from| places.get(from).ok()) else {
        return first().map(|place| place.0);
    };
    let (from, at) = (here.0, centre(&here));
    let ahead = |place: &Vec2| (*place - at).dot(way);
    let aside = |place: &Vec2| (*place - at).perp_dot(way).abs();
    let next = all()
        .filter(|place| place.0 != from && ahead(&centre(place)) > 4.0)
        // To the side only what is in the same row.
        .filter(|place| way.x == 0.0 || aside(&centre(place)) < here.2.size.y * 0.6)
        .min_by(|a, b| {
            let far =
                |place: Vec2| ahead(&place) + 2.0 * aside(&place) * if way.y == 0.0 { 1.0 } else { 0.1 };
            far(centre(a)).total_cmp(&far(centre(b)))
        });
    match next {
        Some(next) => Some(next.0),
        None if way.y > 0.0 => first().map(|place| place.0),
        None if way.y < 0.0 && !around => {
            all().max_by(|a, b| centre(a).y.total_cmp(&centre(b).y)).map(|place| place.0)
        }
        None => None,
    }
    .filter(|&next| next != from)
}

fn highlight(time: Res<Time>, focus: Res<Focus>, mut all: Query<(Entity, &mut Highlight)>) {
    for (entity, mut highlight) in &mut all {
        let wanted = if focus.0 == Some(entity) { 1.0 } else { 0.0 };
        if highlight.0 != wanted {
            let step = time.delta_secs() * 9.0;
            highlight.0 += (wanted - highlight.0).clamp(-step, step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::ecs::system::RunSystemOnce as _;

    fn focused(world: &mut World) -> Option<Entity> {
        world.run_system_once(settle).expect("a system that runs");
        world.resource::<Focus>().0
    }

    #[test]
    fn a_panel_over_a_game_gets_the_focus_once_it_is_seen() {
        let mut world = World::new();
        world.init_resource::<Focus>();
        world.spawn((Focusable { layer: 0 }, InheritedVisibility::VISIBLE));
        let first = (Focusable { layer: 1 }, FocusFirst, InheritedVisibility::HIDDEN);
        let button = world.spawn(first).id();
        assert_eq!(focused(&mut world), None);
        world.entity_mut(button).insert(InheritedVisibility::VISIBLE);
        assert_eq!(focused(&mut world), Some(button));
    }

    #[test]
    fn what_is_gone_has_the_focus_no_more() {
        let mut world = World::new();
        world.init_resource::<Focus>();
        let button = world.spawn((Focusable { layer: 0 }, FocusFirst, InheritedVisibility::VISIBLE)).id();
        assert_eq!(focused(&mut world), Some(button));
        world.despawn(button);
        assert_eq!(focused(&mut world), None);
    }
}
