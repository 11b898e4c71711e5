//! What a benchmark found: a row for each figure and peer, as a table or as JSON.

use serde::Serialize;

/// What was measured.
pub(crate) struct Figure<'a> {
    pub(crate) bench: &'static str,
    pub(crate) case: &'a str,
    pub(crate) metric: &'a str,
    pub(crate) unit: &'static str,
}

/// Collects rows and prints them: JSON as they come, a table at the end.
pub(crate) struct Report {
    json: bool,
    rows: Vec<Row>,
    notes: Vec<String>,
}

/// One figure of ours beside one of a peer's.
#[derive(Serialize)]
struct Row {
    bench: &'static str,
    case: String,
    metric: String,
    unit: &'static str,
    ours: f64,
    peer: &'static str,
    theirs: f64,
    /// Above 1 is better than the peer.
    gain: f64,
}

impl Report {
    pub(crate) fn new(json: bool) -> Self {
        Self { json, rows: Vec::new(), notes: Vec::new() }
    }

    /// Adds a row of what is better the less of it there is; `None` is a run that did not come to its end, of which there is only a note.
    pub(crate) fn compare(
        &mut self,
        figure: &Figure<'_>,
        ours: Option<f64>,
        peer: &'static str,
        theirs: Option<f64>,
    ) {
        let (Some(ours), Some(theirs)) = (ours, theirs) else {
            let (case, metric) = (figure.case, figure.metric);
            let failed = if ours.is_none() { "netcord" } else { peer };
            return self.note(format!("{case}, {metric}: {failed} did not deliver"));
        };
        self.add(figure, ours, peer, theirs, theirs / ours);
    }

    /// Adds a row of what is better the more of it there is.
    pub(crate) fn compare_rates(&mut self, figure: &Figure<'_>, ours: f64, peer: &'static str, theirs: f64) {
        self.add(figure, ours, peer, theirs, ours / theirs);
    }

    fn add(&mut self, figure: &Figure<'_>, ours: f64, peer: &'static str, theirs: f64, gain: f64) {
        let Figure { bench, case, metric, unit } = *figure;
        let (case, metric) = (case.to_owned(), metric.to_owned());
        let row = Row { bench, case, metric, unit, ours, peer, theirs, gain };
        if self.json {
            println!("{}", serde_json::to_string(&row).expect("a row of numbers and strings"));
        }
        self.rows.push(row);
    }

    /// Adds what no peer's figure stands beside.
    pub(crate) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Prints the table; the notes, too, which with JSON go to the error output.
    pub(crate) fn finish(self) {
        if !self.json && !self.rows.is_empty() {
            self.print_table();
        }
        for note in &self.notes {
            eprintln!("{note}");
        }
    }

    fn print_table(&self) {
        let header = ["case", "metric", "unit", "ours", "peer", "theirs", "gain"].map(str::to_owned);
        let lines = self.rows.iter().map(|row| {
            let (ours, theirs, gain) =
                (format!("{:.1}", row.ours), format!("{:.1}", row.theirs), format!("{:.2}", row.gain));
            [row.case.clone(), row.metric.clone(), row.unit.into(), ours, row.peer.into(), theirs, gain]
        });
        let lines: Vec<_> = std::iter::once(header).chain(lines).collect();
        let widths: [_; 7] =
            std::array::from_fn(|column| lines.iter().map(|line| line[column].len()).max().unwrap_or(0));
        for line in &lines {
            for (column, (cell, width)) in line.iter().zip(widths).enumerate() {
                match column {
                    3 | 5 | 6 => print!("{cell:>width$}  "),
                    _ => print!("{cell:<width$}  "),
                }
            }
            println!();
        }
    }
}
