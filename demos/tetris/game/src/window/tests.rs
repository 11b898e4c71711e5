//! The whole game without a window and without a graphics card: keys go in, screens come out.

use super::launch::build;
use super::play::{Purpose, Round, TouchKey};
use super::screens::{Panel, Screen};
use crate::cli::Cli;
use crate::highscores::Highscores;
use bevy::input::ButtonState;
use bevy::input::keyboard::{Key, KeyboardInput};
use bevy::prelude::*;
use bevy::render::RenderPlugin;
use bevy::render::settings::WgpuSettings;
use bevy::time::TimeUpdateStrategy;
use bevy::ui::UiGlobalTransform;
use bevy::window::{PrimaryWindow, WindowFocused, WindowResolution};
use bevy::winit::WinitPlugin;
use bevy_netcord::persist::Persist;
use clap::Parser as _;
use demo_ui::{Focusable, Preferences};
use std::path::Path;
use std::time::Duration;
use tetris_rules::Mode;

/// The game, with its files in `folder`.
fn game(folder: &Path, arguments: &[&str]) -> App {
    game_of_any_pieces(folder, &[&["--seed", "7"], arguments].concat())
}

/// The same, whose pieces are not chosen.
pub(super) fn game_of_any_pieces(folder: &Path, arguments: &[&str]) -> App {
    let folder = folder.to_str().expect("a folder with a name in Unicode");
    let cli = Cli::parse_from([&["tetris", "--saves", folder], arguments].concat());
    let mut app = App::new();
    let no_graphics = WgpuSettings { backends: None, ..default() };
    app.add_plugins(
        demo_ui::window_plugins("Tetris", &cli.window.place)
            .disable::<WinitPlugin>()
            .set(RenderPlugin { render_creation: no_graphics.into(), ..default() }),
    )
    .insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_secs(1) / 60));
    build(&mut app, &cli);
    app.finish();
    app.cleanup();
    frames(&mut app, 3);
    app
}

pub(super) fn frames(app: &mut App, count: u32) {
    (0..count).for_each(|_| app.update());
}

pub(super) fn place(app: &App) -> (Screen, Panel) {
    let world = app.world();
    (*world.resource::<State<Screen>>().get(), *world.resource::<State<Panel>>().get())
}

/// Presses a key for one frame, as `letter`.
fn press_as(app: &mut App, key_code: KeyCode, logical_key: Key) {
    let world = app.world_mut();
    let window = world.query_filtered::<Entity, With<PrimaryWindow>>().single(world).expect("a window");
    for state in [ButtonState::Pressed, ButtonState::Released] {
        let logical_key = logical_key.clone();
        let input = KeyboardInput { key_code, logical_key, state, text: None, repeat: false, window };
        app.world_mut().write_message(input);
        app.update();
    }
}

pub(super) fn press(app: &mut App, key_code: KeyCode) {
    press_as(app, key_code, Key::Enter);
    // Screens are laid out before the next key.
    frames(app, 3);
}

pub(super) fn round(app: &App) -> &Round {
    app.world().resource::<Round>()
}

/// From the title into a marathon, past the countdown.
fn begin_a_marathon(app: &mut App) {
    press(app, KeyCode::Enter);
    assert_eq!(place(app), (Screen::Modes, Panel::None));
    press(app, KeyCode::Enter);
    assert_eq!(place(app), (Screen::Play, Panel::None));
    while round(app).lead > 0 {
        app.update();
    }
}

fn rows(app: &App, mode: Mode) -> Vec<(String, u32)> {
    let highscores = app.world().resource::<Persist<Highscores>>();
    highscores.table(mode).iter().map(|entry| (entry.name.clone(), entry.score)).collect()
}

#[test]
fn a_game_leads_from_the_title_to_a_name_in_the_table_and_its_replay_and_is_there_the_next_day() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut app = game(folder.path(), &[]);
    assert_eq!(place(&app), (Screen::Title, Panel::None));
    begin_a_marathon(&mut app);
    while round(&app).game().ending().is_none() {
        press(&mut app, KeyCode::Space);
    }
    let score = round(&app).game().score();
    assert!(score > 0);
    frames(&mut app, 90);
    press(&mut app, KeyCode::Space);
    assert_eq!(place(&app), (Screen::Play, Panel::Result), "a late press for the game is none for the menu");
    frames(&mut app, 60);
    press(&mut app, KeyCode::Enter);
    assert_eq!(place(&app), (Screen::Play, Panel::Name));
    // Letters that move the focus elsewhere are letters here.
    for (key, letter) in [(KeyCode::KeyA, "a"), (KeyCode::KeyD, "d"), (KeyCode::KeyA, "a")] {
        press_as(&mut app, key, Key::Character(letter.into()));
    }
    press(&mut app, KeyCode::Enter);
    assert_eq!(place(&app), (Screen::Scores, Panel::None));
    assert_eq!(rows(&app, Mode::Marathon), [("ADA".to_owned(), score)]);

    press(&mut app, KeyCode::Enter);
    assert_eq!((place(&app).0, round(&app).purpose()), (Screen::Watch, Purpose::Watch));
    let length = round(&app).length();
    frames(&mut app, length);
    assert_eq!(round(&app).game().score(), score);
    press(&mut app, KeyCode::Escape);
    press(&mut app, KeyCode::Escape);
    assert_eq!((place(&app).0, round(&app).purpose()), (Screen::Title, Purpose::Backdrop));

    app.world_mut().write_message(AppExit::Success);
    app.update();
    drop(app);
    let app = game(folder.path(), &[]);
    assert_eq!(rows(&app, Mode::Marathon), [("ADA".to_owned(), score)]);
}

#[test]
fn who_looks_elsewhere_pauses_and_a_pause_stands_still_until_it_is_counted_down() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut app = game(folder.path(), &[]);
    begin_a_marathon(&mut app);
    frames(&mut app, 30);
    let window = {
        let world = app.world_mut();
        world.query_filtered::<Entity, With<PrimaryWindow>>().single(world).expect("a window")
    };
    app.world_mut().write_message(WindowFocused { window, focused: false });
    frames(&mut app, 4);
    assert_eq!(place(&app), (Screen::Play, Panel::Pause));
    let before = round(&app).game().clone();
    frames(&mut app, 60);
    assert_eq!(*round(&app).game(), before);
    press(&mut app, KeyCode::KeyP);
    assert_eq!(place(&app), (Screen::Play, Panel::None));
    frames(&mut app, 60);
    assert_eq!(*round(&app).game(), before, "it is counted down first");
    frames(&mut app, 120);
    assert!(round(&app).game().ticks() > before.ticks());
}

#[test]
fn the_keys_of_a_game_move_its_piece_and_press_no_button() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut app = game(folder.path(), &[]);
    begin_a_marathon(&mut app);
    let start = round(&app).game().piece().expect("a piece");
    press(&mut app, KeyCode::ArrowLeft);
    press(&mut app, KeyCode::KeyA);
    assert_eq!(round(&app).game().piece().map(|piece| piece.x), Some(start.x - 2));
    press(&mut app, KeyCode::Space);
    assert_eq!((round(&app).game().pieces(), place(&app).1), (1, Panel::None));
}

#[test]
fn settings_are_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut app = game(folder.path(), &[]);
    app.world_mut().resource_mut::<NextState<Screen>>().set(Screen::Settings);
    frames(&mut app, 3);
    // The palette has the focus.
    press(&mut app, KeyCode::ArrowRight);
    assert_eq!(app.world().resource::<Preferences>().palette, 1);
    app.world_mut().write_message(AppExit::Success);
    app.update();
    drop(app);
    assert_eq!(game(folder.path(), &[]).world().resource::<Preferences>().palette, 1);
}

#[test]
fn a_bot_with_a_name_enters_its_highscore_by_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut app = game(folder.path(), &["--bot", "--pace", "2", "--mode", "sprint", "--name", "robot"]);
    while place(&app) == (Screen::Play, Panel::None) {
        app.update();
    }
    assert_eq!(place(&app).1, Panel::Result);
    assert_eq!(rows(&app, Mode::Sprint), [("ROBOT".to_owned(), round(&app).game().score())]);
}

#[test]
fn every_button_is_inside_of_the_window_on_every_screen_and_in_windows_of_any_shape() {
    let folder = tempfile::tempdir().expect("a folder");
    // Nobody listens there: all that is shown of the world is there all the same.
    let world = ["--scores", "http://127.0.0.1:9"];
    let mut app = game(folder.path(), &[&["--bot", "--mode", "ultra", "--touch"], &world[..]].concat());
    let screens = [Screen::Title, Screen::Modes, Screen::Settings, Screen::Scores, Screen::Play]
        .map(|screen| (screen, Panel::None));
    let in_one_row = |world: &mut World| {
        let mut keys = world.query_filtered::<&UiGlobalTransform, With<TouchKey>>();
        let heights: Vec<f32> = keys.iter(world).map(|place| place.translation.y).collect();
        !heights.is_empty() && heights.iter().all(|height| (height - heights[0]).abs() < 1.0)
    };
    let panels = [Panel::Pause, Panel::Settings, Panel::Name].map(|panel| (Screen::Play, panel));
    for (width, height, scale) in [(1280, 720, 1.0), (390, 844, 1.0), (320, 200, 1.0), (2560, 1440, 2.0)] {
        let world = app.world_mut();
        let mut window =
            world.query_filtered::<&mut Window, With<PrimaryWindow>>().single_mut(world).expect("one");
        window.resolution = WindowResolution::new(width, height).with_scale_factor_override(scale);
        for (screen, panel) in screens.into_iter().chain(panels) {
            app.world_mut().resource_mut::<NextState<Screen>>().set(screen);
            frames(&mut app, 2);
            app.world_mut().resource_mut::<NextState<Panel>>().set(panel);
            // What slides in has arrived.
            frames(&mut app, 60);
            assert_eq!(place(&app), (screen, panel));
            assert!(screen != Screen::Play || in_one_row(app.world_mut()), "{width}x{height}");
            let world = app.world_mut();
            let mut buttons = world
                .query_filtered::<(&ComputedNode, &UiGlobalTransform), Or<(With<Focusable>, With<TouchKey>)>>(
                );
            assert!(buttons.iter(world).count() > 0, "{screen:?}");
            for (node, transform) in buttons.iter(world) {
                let place = Rect::from_center_size(transform.translation, node.size);
                let window = Rect::new(-1.0, -1.0, width as f32 + 1.0, height as f32 + 1.0);
                assert!(
                    window.contains(place.min) && window.contains(place.max),
                    "{screen:?} {panel:?} at {width}x{height}: a button is at {place:?}"
                );
            }
        }
    }
}
