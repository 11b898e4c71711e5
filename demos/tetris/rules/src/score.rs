//! What a placement is worth: the guideline's table.
//!
//! After "Recent guideline compatible games", <https://tetris.wiki/Scoring>. The level is the one before the clear.

/// A turn of a T into a narrow place: <https://tetris.wiki/T-Spin>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Spin {
    /// Three corners are filled, but of the two at the side that the T faces only one.
    Mini,
    /// Three corners are filled, both that the T faces among them, or the last kick of SRS took it there.
    Full,
}

/// What a placement did, as far as it makes points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Placement {
    /// Lines cleared, 0 to 4.
    pub lines: u8,
    /// Whether it was a T-spin.
    pub spin: Option<Spin>,
    /// Whether the clear before was difficult, too, and this is.
    pub back_to_back: bool,
    /// How many placements in a row before this cleared lines.
    pub combo: u32,
    /// Whether it left nothing on the field.
    pub all_clear: bool,
}

impl Placement {
    /// Whether it is a clear that back-to-back counts: a tetris, or a T-spin with lines.
    pub const fn is_difficult(&self) -> bool {
        self.lines == 4 || self.lines > 0 && self.spin.is_some()
    }

    /// Its points on `level`.
    pub fn points(&self, level: u8) -> u32 {
        let action = match (self.spin, self.lines) {
            (None, 0) => 0,
            (None, 1) => 100,
            (None, 2) => 300,
            (None, 3) => 500,
            (None, _) => 800,
            (Some(Spin::Mini), 0) => 100,
            (Some(Spin::Mini), 1) => 200,
            (Some(Spin::Mini), _) => 400,
            (Some(Spin::Full), 0) => 400,
            (Some(Spin::Full), 1) => 800,
            (Some(Spin::Full), 2) => 1_200,
            (Some(Spin::Full), _) => 1_600,
        };
        let is_back_to_back = self.back_to_back && self.is_difficult();
        let action = if is_back_to_back { action + action / 2 } else { action };
        let combo = if self.lines > 0 { self.combo.saturating_mul(50) } else { 0 };
        let all_clear = match (self.all_clear, self.lines) {
            (false, _) | (true, 0) => 0,
            (true, 1) => 800,
            (true, 2) => 1_200,
            (true, 3) => 1_800,
            (true, _) if is_back_to_back => 3_200,
            (true, _) => 2_000,
        };
        combo.saturating_add(action + all_clear).saturating_mul(level.into())
    }
}
