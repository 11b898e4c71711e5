//! The figures of the match on the screen. It draws what the diagnostics say, and measures nothing itself.

use crate::connection::{Connection, LinkQuality};
use crate::diagnostics::{NetDiagnostics, NetStats};
use crate::event::{MatchState, Seat};
use crate::schedule::Match;
use bevy_app::{App, Plugin, Startup, Update};
use bevy_color::{Alpha as _, Color};
use bevy_diagnostic::{DiagnosticPath, DiagnosticsStore};
use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemParam;
use bevy_input::ButtonInput;
use bevy_input::keyboard::KeyCode;
use bevy_state::state::State;
use bevy_text::{FontSize, FontSource, TextColor, TextFont};
use bevy_time::{Real, Time};
use bevy_ui::GlobalZIndex;
use bevy_ui::prelude::*;
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
    /// What its text is set in. Default: Bevy's default font.
    pub font: FontSource,
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
            font: FontSource::default(),
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
        app.insert_resource(self.clone())
            .add_systems(Startup, spawn)
            .add_systems(Update, (switch, dress, show.run_if(is_due)).chain());
    }
}

/// All of it.
#[derive(Component)]
struct Panel;

/// Its first line, whose colour tells how the link is.
#[derive(Component)]
struct Headline;

/// A grid of texts below it.
#[derive(Component)]
struct Table {
    of: Rows,
    /// Row by row.
    cells: Vec<Entity>,
}

/// What a table shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rows {
    /// A row for each peer.
    Links,
    /// A row for each figure of the match.
    Match,
}

/// A text; names of rows and columns are quiet.
#[derive(Component)]
struct Label {
    quiet: bool,
}

/// How often the figures change: seldom enough to be read.
const INTERVAL: Duration = Duration::from_millis(250);

fn spawn(mut commands: Commands<'_, '_>) {
    let node = Node {
        position_type: PositionType::Absolute,
        padding: UiRect::all(Val::Px(10.0)),
        border: UiRect::all(Val::Px(1.0)),
        row_gap: Val::Px(6.0),
        flex_direction: FlexDirection::Column,
        border_radius: BorderRadius::all(Val::Px(6.0)),
        ..Node::default()
    };
    let table = |of: Rows| {
        let grid = Node {
            display: Display::Grid,
            grid_template_columns: RepeatedGridTrack::auto(of.columns() as u16),
            column_gap: Val::Px(14.0),
            row_gap: Val::Px(2.0),
            ..Node::default()
        };
        (Table { of, cells: Vec::new() }, grid)
    };
    commands
        .spawn((Panel, node, BackgroundColor::DEFAULT, BorderColor::DEFAULT, GlobalZIndex(i32::MAX)))
        .with_children(|panel| {
            panel.spawn((Headline, Label { quiet: false }, Text::default()));
            panel.spawn(table(Rows::Links));
            panel.spawn(table(Rows::Match));
        });
}

fn switch(keys: Option<Res<'_, ButtonInput<KeyCode>>>, mut overlay: ResMut<'_, NetOverlay>) {
    if keys.is_some_and(|keys| keys.just_pressed(overlay.key)) {
        overlay.visible = !overlay.visible;
    }
}

impl NetOverlay {
    fn text_font(&self) -> TextFont {
        TextFont { font: self.font.clone(), font_size: FontSize::Px(self.font_size), ..TextFont::default() }
    }

    fn text_color(&self, quiet: bool) -> TextColor {
        let text = self.colors.text;
        TextColor(if quiet { text.with_alpha(text.alpha() * 0.65) } else { text })
    }
}

/// Gives it the look that is asked for.
fn dress(
    overlay: Res<'_, NetOverlay>,
    mut panels: Query<'_, '_, (&mut Node, &mut BackgroundColor, &mut BorderColor), With<Panel>>,
    mut labels: Query<'_, '_, (&mut TextFont, &mut TextColor, &Label)>,
) {
    if !overlay.is_changed() {
        return;
    }
    for (mut node, mut ground, mut frame) in &mut panels {
        node.display = if overlay.visible { Display::Flex } else { Display::None };
        node.justify_self = match overlay.horizontal {
            JustifyContent::Center => JustifySelf::Center,
            JustifyContent::End | JustifyContent::FlexEnd => JustifySelf::End,
            _ => JustifySelf::Start,
        };
        node.align_self = match overlay.vertical {
            AlignItems::Center => AlignSelf::Center,
            AlignItems::End | AlignItems::FlexEnd => AlignSelf::End,
            _ => AlignSelf::Start,
        };
        node.margin = overlay.margin;
        (ground.0, *frame) = (overlay.colors.ground, BorderColor::all(overlay.colors.frame));
    }
    for (mut font, mut color, label) in &mut labels {
        (*font, *color) = (overlay.text_font(), overlay.text_color(label.quiet));
    }
}

/// What is to be shown.
#[derive(SystemParam)]
struct Shown<'w, 's> {
    state: Option<Res<'w, State<MatchState>>>,
    current: Option<Res<'w, Match>>,
    stats: Res<'w, NetStats>,
    diagnostics: Res<'w, DiagnosticsStore>,
    links: Query<'w, 's, (&'static Connection, &'static LinkQuality)>,
}

/// Whether the figures are to be seen, and old.
fn is_due(time: Res<'_, Time<Real>>, overlay: Res<'_, NetOverlay>, mut next: Local<'_, Duration>) -> bool {
    let is_due = overlay.visible && (time.elapsed() >= *next || overlay.is_changed());
    if is_due {
        *next = time.elapsed() + INTERVAL;
    }
    is_due
}

fn show(
    mut commands: Commands<'_, '_>,
    overlay: Res<'_, NetOverlay>,
    shown: Shown<'_, '_>,
    mut headlines: Query<'_, '_, (&mut Text, &mut TextColor), With<Headline>>,
    mut tables: Query<'_, '_, (Entity, &mut Table)>,
    mut texts: Query<'_, '_, &mut Text, (With<Label>, Without<Headline>)>,
) {
    let (headline, color) = shown.headline(&overlay.colors);
    for (mut text, mut shown) in &mut headlines {
        (text.0, shown.0) = (headline.clone(), color);
    }
    for (entity, mut table) in &mut tables {
        let values = match table.of {
            Rows::Links => shown.links(),
            Rows::Match => shown.figures(),
        };
        let stays = values.len().min(table.cells.len());
        for gone in table.cells.drain(stays..) {
            commands.entity(gone).despawn();
        }
        for (index, value) in values.into_iter().enumerate() {
            let known = table.cells.get(index).and_then(|&cell| texts.get_mut(cell).ok());
            match known {
                // What stays is not laid out again.
                Some(text) => drop(text.map_unchanged(|text| &mut text.0).set_if_neq(value)),
                None => {
                    let label = Label { quiet: table.of.is_quiet(index) };
                    let node = Node { justify_self: table.of.justify(index), ..Node::default() };
                    let look = (overlay.text_font(), overlay.text_color(label.quiet));
                    let cell = commands.spawn((label, node, Text(value), look, ChildOf(entity))).id();
                    table.cells.push(cell);
                }
            }
        }
    }
}

impl Rows {
    const fn columns(self) -> usize {
        match self {
            Self::Links => 6,
            Self::Match => 2,
        }
    }

    /// Whether the cell names its row or its column.
    const fn is_quiet(self, index: usize) -> bool {
        index.is_multiple_of(self.columns()) || (matches!(self, Self::Links) && index < self.columns())
    }

    /// Numbers below each other end at the same place.
    const fn justify(self, index: usize) -> JustifySelf {
        match self {
            Self::Links if !index.is_multiple_of(self.columns()) => JustifySelf::End,
            _ => JustifySelf::Start,
        }
    }
}

impl Shown<'_, '_> {
    /// What it is all about, and how good it is.
    fn headline(&self, colors: &OverlayColors) -> (String, Color) {
        let state = self.state.as_ref().map_or(MatchState::Idle, |state| *state.get());
        let what = match state {
            MatchState::Idle => "no match",
            MatchState::Waiting => "waiting for players",
            MatchState::Connecting => "connecting",
            MatchState::Playing if self.current.as_ref().is_some_and(|current| current.is_local) => {
                "local match"
            }
            MatchState::Playing => "playing",
            MatchState::Paused => "reconnecting",
            MatchState::Over => "match over",
        };
        let worst = self.links.iter().map(|(_, link)| grade(link)).max().unwrap_or(0);
        let color = match (state, worst) {
            _ if self.stats.session.desyncs > 0 => colors.bad,
            (MatchState::Paused, _) | (_, 2) => colors.bad,
            (_, 1) => colors.fair,
            (MatchState::Playing, _) => colors.good,
            _ => colors.text,
        };
        (format!("netcord: {what}"), color)
    }

    fn links(&self) -> Vec<String> {
        if self.links.is_empty() {
            return Vec::new();
        }
        let milliseconds = |time: Duration| format!("{:.0} ms", time.as_secs_f64() * 1_000.0);
        let rate = |bytes: f32| format!("{:.1} kB/s", bytes / 1_000.0);
        let mut cells = ["", "round trip", "jitter", "loss", "up", "down"].map(String::from).to_vec();
        for (connection, link) in &self.links {
            cells.extend([
                match (connection.player, connection.seat) {
                    (Some(player), _) => format!("player {}", player.0 + 1),
                    (None, Seat::Spectator) => "spectator".into(),
                    (None, Seat::Player) => "joining".into(),
                },
                milliseconds(link.rtt),
                milliseconds(link.jitter),
                format!("{:.1} %", link.loss * 100.0),
                rate(link.sent_per_second),
                rate(link.received_per_second),
            ]);
        }
        cells
    }

    fn figures(&self) -> Vec<String> {
        if self.current.is_none() {
            return Vec::new();
        }
        let session = &self.stats.session;
        let figure = |path: DiagnosticPath| {
            self.diagnostics.get(&path).and_then(|diagnostic| diagnostic.smoothed()).unwrap_or(0.0)
        };
        let (predicted, resimulated) =
            (figure(NetDiagnostics::PREDICTED), figure(NetDiagnostics::RESIMULATED));
        let [simulate, save, load] =
            [NetDiagnostics::SIMULATE, NetDiagnostics::SAVE, NetDiagnostics::LOAD].map(figure);
        let mut rows = vec![
            ("tick", format!("{}, {predicted:.0} not final", session.current_tick.0)),
            ("input delay", format!("{} ticks, {:+.1} ahead", session.input_delay, session.lead_ticks)),
            ("replayed", format!("{resimulated:.1} ticks a frame, {} at most", session.max_rollback)),
            ("a frame takes", format!("{simulate:.2} ms, saving {save:.2}, going back {load:.2}")),
        ];
        if session.desyncs > 0 {
            rows.push(("desyncs", format!("{}: see the log", session.desyncs)));
        }
        rows.into_iter().flat_map(|(name, value)| [name.into(), value]).collect()
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::NetCommands as _;
    use crate::options::NetConfig;
    use crate::plugin::NetcordPlugins;
    use crate::testing::TestMatch;
    use bevy_time::TimeUpdateStrategy;

    fn press(world: &mut World, key: KeyCode) {
        let mut keys = world.resource_mut::<ButtonInput<KeyCode>>();
        keys.reset_all();
        keys.press(key);
    }

    fn is_shown(world: &mut World) -> bool {
        world.query_filtered::<&Node, With<Panel>>().single(world).expect("a panel").display == Display::Flex
    }

    /// The texts of a table, in rows.
    fn rows(world: &mut World, of: Rows) -> Vec<Vec<String>> {
        let mut tables = world.query::<(&Table, Option<&Children>)>();
        let (table, children) = tables.iter(world).find(|(table, _)| table.of == of).expect("the table");
        let children = children.map_or(&[][..], |children| &children[..]);
        assert_eq!(table.cells, children, "the grid places them in the order of children");
        let text = |cell: &Entity| world.get::<Text>(*cell).expect("a text").0.clone();
        table.cells.chunks(of.columns()).map(|row| row.iter().map(text).collect()).collect()
    }

    #[test]
    fn the_key_shows_and_hides_the_figures_of_a_match() {
        let mut app = App::new();
        let overlay = NetOverlay { key: KeyCode::F9, ..NetOverlay::default() };
        app.add_plugins((NetcordPlugins::p2p::<u8>(NetConfig::new("overlay")), overlay))
            .insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_millis(300)))
            .init_resource::<ButtonInput<KeyCode>>();
        app.world_mut().commands().local_match(1);
        app.update();
        assert!(!is_shown(app.world_mut()));
        assert!(rows(app.world_mut(), Rows::Match).is_empty(), "what is not seen is not written");
        press(app.world_mut(), KeyCode::F9);
        app.update();
        assert!(is_shown(app.world_mut()));
        let names: Vec<_> =
            rows(app.world_mut(), Rows::Match).into_iter().map(|row| row[0].clone()).collect();
        assert_eq!(names, ["tick", "input delay", "replayed", "a frame takes"]);
        assert!(rows(app.world_mut(), Rows::Links).is_empty(), "nobody is connected");
        press(app.world_mut(), KeyCode::F9);
        app.update();
        assert!(!is_shown(app.world_mut()));
    }

    #[test]
    fn each_peer_has_a_row_while_it_is_connected() {
        let conditions = "latency=100ms".parse().expect("conditions");
        let mut game = TestMatch::<u8>::new(3, conditions, 1, |app| {
            app.add_plugins(NetOverlay { visible: true, ..NetOverlay::default() });
        });
        game.run_until_playing();
        game.frames(120);
        let links = rows(game.world(0), Rows::Links);
        let who: Vec<_> = links.iter().map(|row| row[0].as_str()).collect();
        assert_eq!(who, ["", "player 2", "player 3"]);
        let rtt: f32 = links[1][1].trim_end_matches(" ms").parse().expect("a number");
        assert!((190.0..260.0).contains(&rtt), "{links:?}");
        game.leave(2);
        game.frames(120);
        assert_eq!(rows(game.world(0), Rows::Links).len(), 2);
    }

    #[test]
    fn it_goes_where_and_looks_as_the_game_says() {
        let mut app = App::new();
        app.add_plugins((NetcordPlugins::p2p::<u8>(NetConfig::new("overlay")), NetOverlay::default()));
        app.update();
        let mut overlay = app.world_mut().resource_mut::<NetOverlay>();
        (overlay.horizontal, overlay.vertical) = (JustifyContent::FlexEnd, AlignItems::Center);
        (overlay.font, overlay.font_size) = (FontSource::family("Mono"), 20.0);
        app.update();
        let world = app.world_mut();
        let node = world.query_filtered::<&Node, With<Panel>>().single(world).expect("a panel");
        assert_eq!((node.justify_self, node.align_self), (JustifySelf::End, AlignSelf::Center));
        let font = world.query_filtered::<&TextFont, With<Headline>>().single(world).expect("a headline");
        assert_eq!((&font.font, font.font_size), (&FontSource::family("Mono"), FontSize::Px(20.0)));
    }
}
