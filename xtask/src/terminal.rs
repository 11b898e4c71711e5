//! What a person reads: aligned tables, and one line that is rewritten as things go on.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// Lays out `rows` in columns, each as wide as its widest cell.
pub(crate) fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (width, cell) in widths.iter().zip(row) {
            // Writing to a string can't fail.
            let _ = write!(line, "  {cell:width$}");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// One line on stderr that shows where things are. Where stderr is no terminal, a line now and then.
pub(crate) struct StatusLine {
    live: bool,
    /// When a line was last shown; none yet.
    shown: Option<Instant>,
}

impl StatusLine {
    /// How often a line is shown where it can't be rewritten.
    const PLAIN_EVERY: Duration = Duration::from_secs(5);

    /// A line that shows nothing yet.
    pub(crate) fn new() -> Self {
        Self { live: std::io::stderr().is_terminal(), shown: None }
    }

    /// Replaces what the line shows.
    pub(crate) fn show(&mut self, text: &str) {
        if self.live {
            eprint!("\r{text}\x1b[K");
            // A view that can't be shown is no reason to stop.
            let _ = std::io::stderr().flush();
        } else if self.shown.is_none_or(|shown| shown.elapsed() >= Self::PLAIN_EVERY) {
            eprintln!("{text}");
        } else {
            return;
        }
        self.shown = Some(Instant::now());
    }
}

impl Drop for StatusLine {
    fn drop(&mut self) {
        if self.live && self.shown.is_some() {
            eprintln!();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["a", "bb", ""], ["ccc", "d", "e"]].map(|row| row.map(String::from));
        assert_eq!(table(&rows), "  a    bb\n  ccc  d   e\n");
    }
}
