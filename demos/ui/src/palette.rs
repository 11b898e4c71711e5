//! The colours: a few palettes, each made as a whole, and the roles by which everything else names its colour.
//!
//! Nothing outside this file knows a colour by its value, so a game wears any palette.

use bevy::prelude::*;

/// What a colour is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Behind everything.
    Backdrop,
    /// The ground of panels and of the playing field.
    Surface,
    /// Thin lines and frames.
    Line,
    /// What is read.
    Ink,
    /// What is read second.
    Muted,
    /// A player's or a piece's colour: 0 to 6.
    Accent(u8),
    /// What the eye should go to: the focused button, the ball.
    Bright,
    /// What went wrong.
    Warning,
}

/// A set of colours that were chosen together.
#[derive(Clone, Debug)]
pub struct Palette {
    /// What a player reads in the settings.
    pub name: &'static str,
    backdrop: Srgba,
    surface: Srgba,
    line: Srgba,
    ink: Srgba,
    muted: Srgba,
    accents: [Srgba; 7],
    bright: Srgba,
    warning: Srgba,
    /// How strongly things glow: light grounds take less.
    pub glow: f32,
    /// Whether colours alone don't tell things apart for everybody: a shape has to, besides.
    pub marked: bool,
}

const fn rgb(hex: u32) -> Srgba {
    Srgba::new(
        ((hex >> 16) & 255) as f32 / 255.0,
        ((hex >> 8) & 255) as f32 / 255.0,
        (hex & 255) as f32 / 255.0,
        1.0,
    )
}

const fn accents(hex: [u32; 7]) -> [Srgba; 7] {
    let [a, b, c, d, e, f, g] = hex;
    [rgb(a), rgb(b), rgb(c), rgb(d), rgb(e), rgb(f), rgb(g)]
}

impl Palette {
    /// All palettes; the first is the one a game starts with.
    pub const ALL: [Self; 4] = [
        Self {
            name: "Midnight",
            backdrop: rgb(0x0b0d1f),
            surface: rgb(0x131735),
            line: rgb(0x39407a),
            ink: rgb(0xeef0ff),
            muted: rgb(0x9aa1d6),
            accents: accents([0x3ee6d6, 0xff5d8f, 0xffc24b, 0xa98bff, 0x6fe07a, 0x5b9bff, 0xff9248]),
            bright: rgb(0xfff6e0),
            warning: rgb(0xff8a5c),
            glow: 1.0,
            marked: false,
        },
        // Okabe and Ito's colours, lightened for a dark ground: told apart with any kind of colour vision.
        Self {
            name: "Colour-blind safe",
            backdrop: rgb(0x101214),
            surface: rgb(0x1a1e22),
            line: rgb(0x4d565e),
            ink: rgb(0xffffff),
            muted: rgb(0xb4bdc5),
            accents: accents([0x56b4e9, 0xe69f00, 0xf0e442, 0xe39ac2, 0x2bb58b, 0x4b86e0, 0xf5793a]),
            bright: rgb(0xffffff),
            warning: rgb(0xf5793a),
            glow: 0.7,
            marked: true,
        },
        Self {
            name: "Paper",
            backdrop: rgb(0xe9e1d0),
            surface: rgb(0xf6f0e3),
            line: rgb(0xb9ab8e),
            ink: rgb(0x2a2620),
            muted: rgb(0x665c4a),
            accents: accents([0x0f6e84, 0xc8432b, 0xa97400, 0x6a4c93, 0x3f7d3a, 0x2a5bb0, 0xb85c12]),
            bright: rgb(0x2a2620),
            warning: rgb(0xb3261e),
            glow: 0.25,
            marked: false,
        },
        Self {
            name: "Amber",
            backdrop: rgb(0x120b04),
            surface: rgb(0x1d1207),
            line: rgb(0x6b4310),
            ink: rgb(0xffd08a),
            muted: rgb(0xc08a42),
            accents: accents([0xffb02e, 0xff7a1a, 0xffe08a, 0xd99a4e, 0xe8d05a, 0xb8873a, 0xffc7a1]),
            bright: rgb(0xfff0cf),
            warning: rgb(0xff6a3d),
            glow: 1.0,
            marked: true,
        },
    ];

    /// The colour for `role`.
    pub fn color(&self, role: Role) -> Srgba {
        match role {
            Role::Backdrop => self.backdrop,
            Role::Surface => self.surface,
            Role::Line => self.line,
            Role::Ink => self.ink,
            Role::Muted => self.muted,
            Role::Accent(number) => self.accents[usize::from(number) % self.accents.len()],
            Role::Bright => self.bright,
            Role::Warning => self.warning,
        }
    }
}

/// What everything looks like at the moment.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Theme {
    /// Which of [`Palette::ALL`].
    pub palette: usize,
    /// Whether shaking, flashing and sliding are left out.
    pub reduced_motion: bool,
}

impl Theme {
    /// The palette in use.
    pub fn palette(&self) -> &'static Palette {
        const ALL: &[Palette] = &Palette::ALL;
        &ALL[self.palette % ALL.len()]
    }

    /// The colour for `role`.
    pub fn color(&self, role: Role) -> Color {
        self.palette().color(role).into()
    }

    /// The colour for `role`, so opaque.
    pub fn faded(&self, role: Role, alpha: f32) -> Color {
        self.palette().color(role).with_alpha(alpha).into()
    }
}

/// Gives a text, image or sprite the colour of a role, and keeps it when the palette changes.
#[derive(Component, Clone, Copy, Debug)]
pub struct Tint(
    /// The role.
    pub Role,
    /// How opaque.
    pub f32,
);

/// Gives a node's ground the colour of a role.
#[derive(Component, Clone, Copy, Debug)]
#[require(BackgroundColor)]
pub struct Fill(
    /// The role.
    pub Role,
    /// How opaque.
    pub f32,
);

/// Gives a node's frame the colour of a role.
#[derive(Component, Clone, Copy, Debug)]
#[require(BorderColor)]
pub struct Frame(
    /// The role.
    pub Role,
    /// How opaque.
    pub f32,
);

pub(crate) fn plugin(app: &mut App) {
    app.init_resource::<Theme>().add_systems(PostUpdate, (clear, tint, fill).in_set(crate::Painting));
}

fn clear(theme: Res<Theme>, mut clear: ResMut<ClearColor>) {
    if theme.is_changed() {
        clear.0 = theme.color(Role::Backdrop);
    }
}

type Tinted<'a> =
    (Ref<'a, Tint>, Option<&'a mut TextColor>, Option<&'a mut ImageNode>, Option<&'a mut Sprite>);

fn tint(theme: Res<Theme>, mut tinted: Query<Tinted>) {
    for (tint, text, image, sprite) in &mut tinted {
        if !theme.is_changed() && !tint.is_changed() {
            continue;
        }
        let color = theme.faded(tint.0, tint.1);
        if let Some(mut text) = text {
            text.0 = color;
        }
        if let Some(mut image) = image {
            image.color = color;
        }
        if let Some(mut sprite) = sprite {
            sprite.color = color;
        }
    }
}

fn fill(
    theme: Res<Theme>,
    mut fills: Query<(Ref<Fill>, &mut BackgroundColor)>,
    mut frames: Query<(Ref<Frame>, &mut BorderColor)>,
) {
    for (fill, mut ground) in &mut fills {
        if theme.is_changed() || fill.is_changed() {
            ground.0 = theme.faded(fill.0, fill.1);
        }
    }
    for (frame, mut border) in &mut frames {
        if theme.is_changed() || frame.is_changed() {
            *border = BorderColor::all(theme.faded(frame.0, frame.1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG's contrast between two colours.
    fn contrast(a: Srgba, b: Srgba) -> f32 {
        let light = |color: Srgba| {
            let linear = LinearRgba::from(color);
            0.2126 * linear.red + 0.7152 * linear.green + 0.0722 * linear.blue + 0.05
        };
        let (a, b) = (light(a), light(b));
        a.max(b) / a.min(b)
    }

    #[test]
    fn what_is_read_stands_out_from_its_ground() {
        for palette in &Palette::ALL {
            for ground in [Role::Backdrop, Role::Surface] {
                for (role, least) in [
                    (Role::Ink, 7.0),
                    (Role::Muted, 4.5),
                    (Role::Warning, 3.0),
                    (Role::Accent(0), 3.0),
                    (Role::Accent(1), 3.0),
                    (Role::Accent(2), 3.0),
                    (Role::Accent(3), 3.0),
                    (Role::Accent(4), 3.0),
                    (Role::Accent(5), 3.0),
                    (Role::Accent(6), 3.0),
                ] {
                    let contrast = contrast(palette.color(role), palette.color(ground));
                    assert!(contrast >= least, "{}: {role:?} on {ground:?} is {contrast:.1}", palette.name);
                }
            }
        }
    }
}
