//! The lettering of titles, scores and codes: letters of one stroke with round ends, on a grid four wide and six high.
//!
//! The letters are this project's own. Only capitals, digits and a few marks exist.

/// One letter: strokes between points of the grid, x to the right and y down.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Glyph {
    /// How wide it is, in units of the grid.
    pub(crate) width: f32,
    /// Each stroke's points.
    pub(crate) strokes: Vec<Vec<[f32; 2]>>,
}

/// How high a capital is, in units of the grid.
pub(crate) const CAP_HEIGHT: f32 = 6.0;

/// How much the corner of a stroke is rounded.
const ROUNDING: f32 = 0.8;

/// Every letter with its strokes: points are two digits, x and y.
const LETTERS: [(char, &str); 48] = [
    ('A', "06 02 20 42 46/04 44"),
    ('B', "03 00 30 41 42 33 03 06 36 45 44 33"),
    ('C', "41 30 10 01 05 16 36 45"),
    ('D', "00 06 26 44 42 20 00"),
    ('E', "40 00 06 46/03 33"),
    ('F', "40 00 06/03 33"),
    ('G', "41 30 10 01 05 16 36 45 43 23"),
    ('H', "00 06/40 46/03 43"),
    ('I', "00 06"),
    ('J', "40 45 36 16 05 04"),
    ('K', "00 06/40 03 46"),
    ('L', "00 06 46"),
    ('M', "06 00 23 40 46"),
    ('N', "06 00 46 40"),
    ('O', "10 01 05 16 36 45 41 30 10"),
    ('P', "06 00 30 41 43 34 04"),
    ('Q', "10 01 05 16 36 45 41 30 10/24 46"),
    ('R', "06 00 30 41 42 33 03/23 46"),
    ('S', "41 30 10 01 02 13 33 44 45 36 16 05"),
    ('T', "00 40/20 26"),
    ('U', "00 05 16 36 45 40"),
    ('V', "00 26 40"),
    ('W', "00 16 22 36 40"),
    ('X', "00 46/40 06"),
    ('Y', "00 23 40/23 26"),
    ('Z', "00 40 06 46"),
    ('0', "10 01 05 16 36 45 41 30 10"),
    ('1', "01 10 16"),
    ('2', "01 10 30 41 42 06 46"),
    ('3', "01 10 30 41 42 33 44 45 36 16 05/13 33"),
    ('4', "36 30 04 44"),
    ('5', "40 00 03 33 44 45 36 06"),
    ('6', "40 20 02 05 16 36 45 44 33 03"),
    ('7', "00 40 16"),
    ('8', "10 01 02 13 04 05 16 36 45 44 33 42 41 30 10/13 33"),
    ('9', "06 26 44 41 30 10 01 02 13 43"),
    ('-', "03 33"),
    (':', "02 02/05 05"),
    ('.', "06 06"),
    (',', "16 07"),
    ('!', "00 04/06 06"),
    ('?', "01 10 30 41 42 24/26 26"),
    ('/', "06 40"),
    ('+', "03 43/21 25"),
    ('<', "30 03 36"),
    ('>', "00 33 06"),
    ('\'', "00 02"),
    (' ', ""),
];

/// The characters that there are letters for.
pub(crate) fn alphabet() -> impl Iterator<Item = char> {
    LETTERS.iter().map(|&(letter, _)| letter)
}

/// Where `letter` stands in the alphabet; small letters are taken for capitals, and what is unknown for a question mark.
pub(crate) fn index(letter: char) -> usize {
    let capital = letter.to_ascii_uppercase();
    let place = |wanted| LETTERS.iter().position(|&(letter, _)| letter == wanted);
    place(capital).or_else(|| place('?')).unwrap_or_default()
}

/// The letter at `index` of the alphabet.
pub(crate) fn glyph(index: usize) -> Glyph {
    let (_, drawn) = LETTERS[index];
    if drawn.is_empty() {
        return Glyph { width: 1.6, strokes: Vec::new() };
    }
    let strokes: Vec<Vec<[f32; 2]>> = drawn.split('/').map(|stroke| rounded(&points(stroke))).collect();
    let width = points(&drawn.replace('/', " ")).iter().map(|point| point[0]).fold(0.0, f32::max);
    Glyph { width, strokes }
}

fn points(stroke: &str) -> Vec<[f32; 2]> {
    stroke
        .split(' ')
        .map(|point| {
            let mut digits = point.bytes().map(|digit| f32::from(digit - b'0'));
            [digits.next().unwrap_or_default(), digits.next().unwrap_or_default()]
        })
        .collect()
}

/// The same stroke with its corners turned into curves.
fn rounded(points: &[[f32; 2]]) -> Vec<[f32; 2]> {
    let closed = points.len() > 2 && points.first() == points.last();
    let corners = if closed { &points[1..] } else { points };
    let mut out = Vec::new();
    for (index, &corner) in corners.iter().enumerate() {
        let before = match index.checked_sub(1) {
            Some(before) => Some(corners[before]),
            None if closed => corners.last().copied(),
            None => None,
        };
        let after = match corners.get(index + 1) {
            Some(&after) => Some(after),
            None if closed => corners.first().copied(),
            None => None,
        };
        let (Some(before), Some(after)) = (before, after) else {
            out.push(corner);
            continue;
        };
        let (from, to) = (towards(corner, before), towards(corner, after));
        for step in 0..=6 {
            let t = step as f32 / 6.0;
            // A quadratic curve with the corner as its handle.
            let [a, b, c] = [(1.0 - t) * (1.0 - t), 2.0 * t * (1.0 - t), t * t];
            out.push([0, 1].map(|axis| a * from[axis] + b * corner[axis] + c * to[axis]));
        }
    }
    if closed && let Some(&first) = out.first() {
        out.push(first);
    }
    out
}

/// The point on the way from `corner` to `other` at which the curve begins.
fn towards(corner: [f32; 2], other: [f32; 2]) -> [f32; 2] {
    let way = [other[0] - corner[0], other[1] - corner[1]];
    let length = way[0].hypot(way[1]).max(f32::EPSILON);
    let part = (ROUNDING / length).min(0.5);
    [corner[0] + way[0] * part, corner[1] + way[1] * part]
}

/// How far `point` is from the nearest stroke.
pub(crate) fn distance(glyph: &Glyph, point: [f32; 2]) -> f32 {
    let mut nearest = f32::INFINITY;
    for stroke in &glyph.strokes {
        for pair in stroke.windows(2) {
            nearest = nearest.min(distance_to_line(point, pair[0], pair[1]));
        }
    }
    nearest
}

fn distance_to_line(point: [f32; 2], from: [f32; 2], to: [f32; 2]) -> f32 {
    let way = [to[0] - from[0], to[1] - from[1]];
    let off = [point[0] - from[0], point[1] - from[1]];
    let length = way[0] * way[0] + way[1] * way[1];
    let along =
        if length > 0.0 { ((off[0] * way[0] + off[1] * way[1]) / length).clamp(0.0, 1.0) } else { 0.0 };
    (off[0] - way[0] * along).hypot(off[1] - way[1] * along)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_but_the_space_has_a_stroke_within_the_grid() {
        for letter in alphabet().filter(|&letter| letter != ' ') {
            let glyph = glyph(index(letter));
            assert!(!glyph.strokes.is_empty(), "{letter}");
            for point in glyph.strokes.iter().flatten() {
                assert!(
                    (0.0..=4.0).contains(&point[0]) && (0.0..=7.0).contains(&point[1]),
                    "{letter}: {point:?}"
                );
            }
        }
    }

    #[test]
    fn letters_differ() {
        let all: Vec<Glyph> = alphabet().map(|letter| glyph(index(letter))).collect();
        let same = |a: usize, b: usize| all[a] == all[b];
        for a in 0..all.len() {
            for b in 0..a {
                // The digit is the letter, on purpose: codes use only one of them.
                assert!(!same(a, b) || [a, b] == [index('0'), index('O')], "{a} {b}");
            }
        }
    }
}
