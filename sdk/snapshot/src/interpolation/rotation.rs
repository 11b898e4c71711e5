//! Unit quaternions as four numbers, in whatever order: what is done here is the same for each of them.

/// Closer than this to parallel, as a cosine, a straight line is as good as an arc, and the arc can't be computed.
const PARALLEL: f32 = 0.999_5;

/// From `from`, at phase 0, to `to`, at phase 1, on the shorter arc at constant speed, and beyond (Shoemake: Animating
/// rotation with quaternion curves, 1985). The result has length 1. What is no rotation is taken to be like the
/// other; if neither is, the last number is 1, the others 0.
pub(super) fn slerp(from: [f32; 4], to: [f32; 4], phase: f32) -> [f32; 4] {
    let (from, to) = match (normalised(from), normalised(to)) {
        (Some(from), Some(to)) => (from, to),
        (Some(one), None) | (None, Some(one)) => return one,
        (None, None) => return [0.0, 0.0, 0.0, 1.0],
    };
    if !phase.is_finite() {
        return to;
    }
    let cosine = dot(from, to);
    // A quaternion and its negative are the same rotation.
    let sign = if cosine < 0.0 { -1.0 } else { 1.0 };
    let cosine = (cosine * sign).min(1.0);
    let (from_share, to_share) = if cosine > PARALLEL {
        (1.0 - phase, phase)
    } else {
        // The sine divides both: normalising takes care of it.
        let angle = cosine.acos();
        (((1.0 - phase) * angle).sin(), (phase * angle).sin())
    };
    let sum = std::array::from_fn(|place| from[place] * from_share * sign + to[place] * to_share);
    normalised(sum).unwrap_or(to)
}

/// The angle of the rotation that leads from one to the other, from 0 to π; 0 if one is no rotation.
pub(super) fn angle_between(from: [f32; 4], to: [f32; 4]) -> f32 {
    match (normalised(from), normalised(to)) {
        (Some(from), Some(to)) => 2.0 * dot(from, to).abs().min(1.0).acos(),
        _ => 0.0,
    }
}

fn dot(a: [f32; 4], b: [f32; 4]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// With length 1; nothing of what has no length.
fn normalised(rotation: [f32; 4]) -> Option<[f32; 4]> {
    let length = dot(rotation, rotation).sqrt();
    (length.is_finite() && length > 1e-6).then(|| rotation.map(|number| number / length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unit() -> impl Strategy<Value = [f32; 4]> {
        proptest::array::uniform4(-1.0..1.0_f32).prop_filter_map("too short", |numbers| {
            (dot(numbers, numbers) > 0.01).then(|| normalised(numbers)).flatten()
        })
    }

    /// The same in `f64`, straight from the definition: shorter arc, sines.
    fn exact(from: [f32; 4], to: [f32; 4], phase: f32) -> [f64; 4] {
        let wide = |rotation: [f32; 4]| rotation.map(f64::from);
        let (from, mut to, phase) = (wide(from), wide(to), f64::from(phase));
        let mut cosine: f64 = from.iter().zip(to).map(|(a, b)| a * b).sum();
        if cosine < 0.0 {
            to = to.map(|number| -number);
            cosine = -cosine;
        }
        let angle = cosine.min(1.0).acos();
        let shares = match angle.sin() {
            sine if sine < 1e-9 => [1.0 - phase, phase],
            sine => [((1.0 - phase) * angle).sin() / sine, (phase * angle).sin() / sine],
        };
        std::array::from_fn(|place| from[place] * shares[0] + to[place] * shares[1])
    }

    proptest! {
        #[test]
        fn a_turn_is_within_a_thousandth_of_a_degree_of_the_exact_one(
            from in unit(), to in unit(), near in proptest::bool::ANY, phase in 0.0..=1.0_f32,
        ) {
            let close: [f32; 4] = std::array::from_fn(|place| from[place] + 0.02 * to[place]);
            let to = if near { normalised(close).unwrap() } else { to };
            let (value, exact) = (slerp(from, to, phase), exact(from, to, phase));
            // Opposite signs are the same rotation.
            let off = |sign: f64| {
                let squares = value.iter().zip(exact).map(|(&a, b)| (f64::from(a) * sign - b).powi(2));
                squares.sum::<f64>().sqrt()
            };
            // Half the angle is the distance of the quaternions.
            let error = 2.0 * off(1.0).min(off(-1.0));
            prop_assert!(error.to_degrees() < 1e-3, "{error} rad");
            prop_assert!((dot(value, value) - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn what_turns_goes_on_turning_beyond_the_later_one() {
        let about_x = |degrees: f32| {
            let (sine, cosine) = (degrees.to_radians() / 2.0).sin_cos();
            [sine, 0.0, 0.0, cosine]
        };
        let value = slerp(about_x(10.0), about_x(40.0), 1.5);
        assert!(angle_between(value, about_x(55.0)).to_degrees() < 0.1, "{value:?}");
        let other_sign = slerp(about_x(10.0), about_x(40.0).map(|number| -number), 0.5);
        assert!(angle_between(other_sign, about_x(25.0)).to_degrees() < 0.1, "{other_sign:?}");
    }

    #[test]
    fn no_rotation_is_taken_to_be_like_the_other() {
        let turned = [0.0, 1.0, 0.0, 0.0];
        assert_eq!(slerp([0.0; 4], turned, 0.3), turned);
        assert_eq!(slerp(turned, [f32::NAN; 4], 0.3), turned);
        assert_eq!(slerp([f32::INFINITY; 4], [0.0; 4], 0.3), [0.0, 0.0, 0.0, 1.0]);
    }
}
