//! The figures of the match on the screen. It draws what the diagnostics say, and measures nothing itself.

use crate::connection::{Connection, LinkQuality};
use crate::diagnostics::{NetDiagnostics, NetStats};
use crate::event::{MatchState, Seat};
use crate::schedule::Match;
use bevy_app::{App, Plugin, Startup, Update};
use bevy_color::Color;
use bevy_diagnostic::{DiagnosticPath, DiagnosticsStore};
use bevy_ecs::prelude::*;
use bevy_input::ButtonInput;
use bevy_input::keyboard::KeyCode;
use bevy_state::state::State;
use bevy_text::{FontSize, TextColor, TextFont};
use bevy_time::{Real, Time};
use bevy_ui::GlobalZIndex;
use bevy_ui::prelude::*;
use core::fmt::Write as _;
use core::time::Duration;

/// Shows how the match runs, in a corner of the window, while F3 has it switched on: needs the feature `overlay`, and an
/// app that draws Bevy's UI.
///
/// ```
/// # use bevy_netcord::overlay::NetOverlay;
/// # let mut app = bevy_app::App::new();
/// app.add_plugins(NetOverlay::default());
/// ```
///
/// It is a resource, too: what a game changes of it, its look included, shows at once.
#[derive(Resource, Clone, Debug, PartialEq)]
pub struct NetOverlay {
    /// The key that switches it on and off.
    pub key: KeyCode,
    /// Whether it is shown.
    pub visible: bool,
    /// Where it is in the window, from left to right. Default: at the start.
    pub horizontal: JustifyContent,
    /// Where it is in the window, from top to bottom. Default: at the start.
    pub vertical: AlignItems,
    /// How far from the window's edges it stays. Default 10 pixels.
    pub margin: UiRect,
    /// How high its text is, in logical pixels. Default 13.
    pub font_size: f32,
    /// What it is drawn in.
    pub colors: OverlayColors,
}

/// The colours of a [`NetOverlay`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OverlayColors {
    /// Behind the text.
    pub ground: Color,
    /// The frame around it.
    pub frame: Color,
    /// The figures.
    pub text: Color,
    /// The headline of a match over good links.
    pub good: Color,
    /// The headline where a link is slow or loses much.
    pub fair: Color,
    /// The headline where a match can't be played well.
    pub bad: Color,
}

impl Default for NetOverlay {
    fn default() -> Self {
        Self {
            key: KeyCode::F3,
            visible: false,
            horizontal: JustifyContent::FlexStart,
            vertical: AlignItems::FlexStart,
            margin: UiRect::all(Val::Px(10.0)),
            font_size: 13.0,
            colors: OverlayColors::default(),
        }
    }
}

impl Default for OverlayColors {
    fn default() -> Self {
        Self {
            ground: Color::srgba(0.04, 0.05, 0.08, 0.82),
            frame: Color::NONE,
            text: Color::srgb(0.86, 0.88, 0.92),
            good: Color::srgb(0.55, 0.9, 0.6),
            fair: Color::srgb(1.0, 0.82, 0.4),
            bad: Color::srgb(1.0, 0.45, 0.4),
        }
    }
}

impl Plugin for NetOverlay {
    fn build(&self, app: &mut App) {
        app.insert_resource(self.clone()).add_systems(Startup, spawn).add_systems(
            Update,
            (switch, dress, show.run_if(|overlay: Res<'_, NetOverlay>| overlay.visible)).chain(),
        );
    }
}

/// What places the panel: as large as the window.
#[derive(Component)]
struct Place;

/// The panel.
#[derive(Component)]
struct Panel;

/// Its first line, whose colour tells how the link is.
#[derive(Component)]
struct Headline;

/// The figures below it.
#[derive(Component)]
struct Figures;

/// How often the figures change: seldom enough to be read.
const INTERVAL: Duration = Duration::from_millis(250);

fn spawn(mut commands: Commands<'_, '_>) {
    let place = Node {
        position_type: PositionType::Absolute,
        width: Val::Percent(100.0),
        height: Val::Percent(100.0),
        ..Node::default()
    };
    let panel = Node {
        padding: UiRect::all(Val::Px(10.0)),
        border: UiRect::all(Val::Px(1.0)),
        row_gap: Val::Px(6.0),
        flex_direction: FlexDirection::Column,
        border_radius: BorderRadius::all(Val::Px(6.0)),
        ..Node::default()
    };
    commands.spawn((Place, place, GlobalZIndex(i32::MAX))).with_children(|place| {
        place.spawn((Panel, panel, BackgroundColor::DEFAULT, BorderColor::DEFAULT)).with_children(|panel| {
            panel.spawn((Headline, Text::default()));
            panel.spawn((Figures, Text::default()));
        });
    });
}

fn switch(keys: Option<Res<'_, ButtonInput<KeyCode>>>, mut overlay: ResMut<'_, NetOverlay>) {
    if keys.is_some_and(|keys| keys.just_pressed(overlay.key)) {
        overlay.visible = !overlay.visible;
    }
}

/// Gives it the look that is asked for.
fn dress(
    overlay: Res<'_, NetOverlay>,
    mut places: Query<'_, '_, &mut Node, With<Place>>,
    mut panels: Query<'_, '_, (&mut BackgroundColor, &mut BorderColor), With<Panel>>,
    mut texts: Query<'_, '_, (&mut TextFont, &mut TextColor), Or<(With<Headline>, With<Figures>)>>,
) {
    if !overlay.is_changed() {
        return;
    }
    for mut place in &mut places {
        place.display = if overlay.visible { Display::Flex } else { Display::None };
        (place.justify_content, place.align_items) = (overlay.horizontal, overlay.vertical);
        place.padding = overlay.margin;
    }
    for (mut ground, mut frame) in &mut panels {
        (ground.0, *frame) = (overlay.colors.ground, BorderColor::all(overlay.colors.frame));
    }
    for (mut font, mut color) in &mut texts {
        (font.font_size, color.0) = (FontSize::Px(overlay.font_size), overlay.colors.text);
    }
}

type Lines<'w, 's> = (
    Query<'w, 's, (&'static mut Text, &'static mut TextColor), With<Headline>>,
    Query<'w, 's, &'static mut Text, (With<Figures>, Without<Headline>)>,
);

fn show(
    time: Res<'_, Time<Real>>,
    mut next: Local<'_, Duration>,
    overlay: Res<'_, NetOverlay>,
    state: Option<Res<'_, State<MatchState>>>,
    current: Option<Res<'_, Match>>,
    stats: Res<'_, NetStats>,
    diagnostics: Res<'_, DiagnosticsStore>,
    links: Query<'_, '_, (&Connection, &LinkQuality)>,
    (mut headlines, mut figures): Lines<'_, '_>,
) {
    if time.elapsed() < *next && !overlay.is_changed() {
        return;
    }
    *next = time.elapsed() + INTERVAL;
    let state = state.map_or(MatchState::Idle, |state| *state.get());
    let (headline, color) =
        headline(state, current.as_deref(), links.iter().map(|(_, link)| link), &overlay.colors);
    for (mut text, mut shown) in &mut headlines {
        text.0.clone_from(&headline);
        shown.0 = color;
    }
    let mut body = String::new();
    for (connection, link) in &links {
        peer(&mut body, connection, link);
    }
    if current.is_some() {
        simulation(&mut body, &stats, |path| {
            diagnostics.get(path).and_then(|diagnostic| diagnostic.smoothed()).unwrap_or(0.0)
        });
    }
    for mut text in &mut figures {
        text.0.clone_from(&body);
    }
}

/// What it is all about, and how good it is.
fn headline<'a>(
    state: MatchState,
    current: Option<&Match>,
    links: impl Iterator<Item = &'a LinkQuality>,
    colors: &OverlayColors,
) -> (String, Color) {
    let what = match state {
        MatchState::Idle => "no match",
        MatchState::Waiting => "waiting for players",
        MatchState::Connecting => "connecting",
        MatchState::Playing if current.is_some_and(|current| current.is_local) => "local match",
        MatchState::Playing => "playing",
        MatchState::Paused => "reconnecting",
        MatchState::Over => "match over",
    };
    let worst = links.map(grade).max().unwrap_or(0);
    let color = match (state, worst) {
        (MatchState::Paused, _) | (_, 2) => colors.bad,
        (_, 1) => colors.fair,
        (MatchState::Playing, _) => colors.good,
        _ => colors.text,
    };
    (format!("netcord   {what}"), color)
}

/// How a link feels to those who play over it: 0 well, 1 so, 2 badly.
fn grade(link: &LinkQuality) -> u8 {
    if link.rtt > Duration::from_millis(250) || link.loss > 0.15 {
        2
    } else if link.rtt > Duration::from_millis(120) || link.loss > 0.04 {
        1
    } else {
        0
    }
}

fn peer(body: &mut String, connection: &Connection, link: &LinkQuality) {
    let who = match (connection.player, connection.seat) {
        (Some(player), _) => format!("player {}", player.0 + 1),
        (None, Seat::Spectator) => "spectator".to_owned(),
        (None, Seat::Player) => "joining".to_owned(),
    };
    let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
    let kilobytes = |bytes: f32| bytes / 1_000.0;
    _ = writeln!(
        body,
        "{who:<10} {:>5.0} ms  +-{:<4.1}  loss {:>4.1} %\n{:<10} up {:.1} kB/s  down {:.1} kB/s",
        ms(link.rtt),
        ms(link.jitter),
        link.loss * 100.0,
        "",
        kilobytes(link.sent_per_second),
        kilobytes(link.received_per_second),
    );
}

fn simulation(body: &mut String, stats: &NetStats, figure: impl Fn(&DiagnosticPath) -> f64) {
    let session = &stats.session;
    _ = write!(
        body,
        "tick       {}  ({:.0} not final)\n\
         delay      {} ticks   lead {:+.1}\n\
         rollback   {:.1} ticks a frame, {} at most\n\
         cost       simulate {:.2}  save {:.2}  load {:.2} ms",
        session.current_tick,
        figure(&NetDiagnostics::PREDICTED),
        session.input_delay,
        session.lead_ticks,
        figure(&NetDiagnostics::RESIMULATED),
        session.max_rollback,
        figure(&NetDiagnostics::SIMULATE),
        figure(&NetDiagnostics::SAVE),
        figure(&NetDiagnostics::LOAD),
    );
    if session.desyncs > 0 {
        _ = write!(body, "\nDESYNC     found {} times: see the log", session.desyncs);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::NetCommands as _;
    use crate::options::NetConfig;
    use crate::plugin::NetcordPlugins;
    use bevy_time::TimeUpdateStrategy;

    #[test]
    fn the_key_shows_and_hides_the_figures_of_a_match() {
        let mut app = App::new();
        app.add_plugins((NetcordPlugins::p2p::<u8>(NetConfig::new("overlay")), NetOverlay::default()))
            .insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_millis(300)))
            .init_resource::<ButtonInput<KeyCode>>();
        app.world_mut().commands().local_match(1);
        app.update();
        let shown = |app: &mut App| {
            let world = app.world_mut();
            let display =
                world.query_filtered::<&Node, With<Place>>().single(world).expect("a place").display;
            let text =
                world.query_filtered::<&Text, With<Figures>>().single(world).expect("its text").0.clone();
            (display, text)
        };
        assert_eq!(shown(&mut app), (Display::None, String::new()));
        app.world_mut().resource_mut::<ButtonInput<KeyCode>>().press(KeyCode::F3);
        app.update();
        let (display, text) = shown(&mut app);
        assert!(display == Display::Flex && text.contains("rollback"), "{text}");
        app.world_mut().resource_mut::<ButtonInput<KeyCode>>().reset_all();
        app.world_mut().resource_mut::<ButtonInput<KeyCode>>().press(KeyCode::F3);
        app.update();
        assert_eq!(shown(&mut app).0, Display::None);
    }
}
