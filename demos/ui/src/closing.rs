//! The window is closed, or the player quits: the game says its farewells before the program ends.

use bevy::prelude::*;
use bevy::window::WindowCloseRequested;

/// Ends the program, as a closed window does.
#[derive(Message, Clone, Copy, Debug)]
pub struct Quit;

/// The program is about to end. What is to be said before it does leaves within two frames.
#[derive(Event, Clone, Copy, Debug)]
pub struct Closing;

/// Frames since the farewells were asked for.
#[derive(Resource, Clone, Copy, Debug, Default)]
struct Farewell(Option<u8>);

pub(crate) fn plugin(app: &mut App) {
    app.add_message::<Quit>().init_resource::<Farewell>().add_systems(PostUpdate, close);
}

fn close(
    mut requests: MessageReader<WindowCloseRequested>,
    mut quits: MessageReader<Quit>,
    mut farewell: ResMut<Farewell>,
    mut commands: Commands,
    mut exit: MessageWriter<AppExit>,
) {
    let asked = requests.read().count() + quits.read().count() > 0;
    match &mut farewell.0 {
        None if asked => {
            commands.trigger(Closing);
            farewell.0 = Some(0);
        }
        None => {}
        Some(frames) if *frames < 2 => *frames += 1,
        Some(_) => {
            exit.write(AppExit::Success);
        }
    }
}
