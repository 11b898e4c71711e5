//! What a benchmark found: a row for each figure and peer, as a table or as JSON.

use serde::Serialize;

/// Which way is better.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Better {
    Less,
}

/// Collects rows, and prints them: JSON as they come, a table at the end.
pub(crate) struct Report {
    json: bool,
    rows: Vec<Row>,
}

/// One figure of ours beside one of a peer's. `None` is a run that did not come to its end.
#[derive(Clone, Serialize)]
struct Row {
    bench: &'static str,
    case: String,
    metric: String,
    unit: &'static str,
    ours: Option<f64>,
    peer: &'static str,
    theirs: Option<f64>,
    /// Above 1 is better than the peer; `None` where a side has no figure.
    gain: Option<f64>,
}

/// What was measured.
pub(crate) struct Figure<'a> {
    pub(crate) bench: &'static str,
    pub(crate) case: &'a str,
    pub(crate) metric: &'a str,
    pub(crate) unit: &'static str,
    pub(crate) better: Better,
}

impl Report {
    pub(crate) fn new(json: bool) -> Self {
        Self { json, rows: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn compare(
        &mut self,
        figure: &Figure<'_>,
        ours: Option<f64>,
        peer: &'static str,
        theirs: Option<f64>,
    ) {
        let gain = match (figure.better, ours, theirs) {
            (Better::Less, Some(ours), Some(theirs)) => Some(theirs / ours),
            _ => None,
        };
        let Figure { bench, case, metric, unit, .. } = *figure;
        let (case, metric) = (case.to_owned(), metric.to_owned());
        let row = Row { bench, case, metric, unit, ours, peer, theirs, gain };
        if self.json {
            println!("{}", serde_json::to_string(&row).expect("a row of numbers and strings"));
        }
        self.rows.push(row);
    }

    /// Adds a figure that no peer has.
    pub(crate) fn alone(&mut self, figure: &Figure<'_>, ours: Option<f64>) {
        self.compare(figure, ours, "-", None);
    }

    /// Prints the table.
    pub(crate) fn finish(self) {
        if self.json {
            return;
        }
        let figure = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.1}"));
        let header = ["case", "metric", "unit", "ours", "peer", "theirs", "gain"].map(str::to_owned);
        let lines: Vec<_> = std::iter::once(header)
            .chain(self.rows.into_iter().map(|row| {
                let gain = row.gain.map_or("-".to_owned(), |gain| format!("{gain:.2}"));
                let (ours, theirs) = (figure(row.ours), figure(row.theirs));
                [row.case, row.metric, row.unit.to_owned(), ours, row.peer.to_owned(), theirs, gain]
            }))
            .collect();
        for line in &lines {
            for (column, cell) in line.iter().enumerate() {
                let width = lines.iter().map(|line| line[column].len()).max().unwrap_or(0);
                match column {
                    3 | 5 | 6 => print!("{cell:>width$}  "),
                    _ => print!("{cell:<width$}  "),
                }
            }
            println!();
        }
    }
}
