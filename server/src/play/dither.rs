//! Pictures on lamps of few colours: which lamps are lit, so that from afar it looks like the picture.
//!
//! Floyd and Steinberg's error diffusion (1976), every other row from right to left, on the light itself (IEC 61966-2-1
//! undone): half of the lamps lit give half of the light. Whole numbers alone, so that the same picture is the same
//! lamps on every machine. Next: `made.rs`.

use std::sync::LazyLock;

use loa_board::ink;
use loa_board::shape::Rgb888;
use loa_domain::class::Depth;

/// All the light there is.
const FULL: i32 = 65_535;

/// The light of each value of a screen's colour, of [`FULL`].
static LIGHT: LazyLock<[i32; 256]> = LazyLock::new(|| std::array::from_fn(|value| light(value as f64 / 255.0)));

/// The light of a value between 0 and 1. Only operations that are the same on every machine.
fn light(value: f64) -> i32 {
    let linear = if value <= 0.040_45 {
        value / 12.92
    } else {
        let base = (value + 0.055) / 1.055;
        base * base * fifth_root(base * base)
    };
    (linear * f64::from(FULL) + 0.5) as i32
}

/// By Newton's steps, for numbers from 0 to 1.
fn fifth_root(number: f64) -> f64 {
    let step = |root: f64| (4.0 * root + number / (root * root * root * root)) / 5.0;
    (0..60).fold(1.0, |root, _| step(root))
}

/// What each lamp is told ([`ink::level`]), row by row, for dots of three bytes each.
#[must_use]
pub fn levels(rgb: &[u8], width: u32, depth: Depth) -> Vec<u32> {
    let dots = || rgb.as_chunks::<3>().0.iter();
    let lights =
        |of: fn([i32; 3]) -> i32| dots().map(move |dot| of(dot.map(|value| LIGHT[usize::from(value)]))).collect();
    let width = width as usize;
    match depth {
        Depth::Mono => diffused(lights(whole), width, &[0, FULL]),
        Depth::Grey16 => {
            let steps: [i32; 16] = std::array::from_fn(|level| LIGHT[level * 17]);
            diffused(lights(whole), width, &steps)
        }
        Depth::RedGreen => {
            // There is no blue lamp: a part of its light is given to both.
            let red = diffused(lights(|[red, _, blue]| (red + blue / 4).min(FULL)), width, &[0, FULL]);
            let green = diffused(lights(|[_, green, blue]| (green + blue / 4).min(FULL)), width, &[0, FULL]);
            red.into_iter().zip(green).map(|(red, green)| red << 1 | green).collect()
        }
        Depth::Rgb565 | Depth::Rgb888 => {
            dots().map(|[red, green, blue]| ink::level(Rgb888::new(*red, *green, *blue), depth)).collect()
        }
    }
}

/// How bright a dot is (ITU-R BT.709), of [`FULL`].
fn whole([red, green, blue]: [i32; 3]) -> i32 {
    let sum = i64::from(red) * 13_933 + i64::from(green) * 46_871 + i64::from(blue) * 4_732;
    (sum >> 16) as i32
}

/// For each dot the number of the step that it is shown in; what is lost goes to the dots around it.
fn diffused(lights: Vec<i32>, width: usize, steps: &[i32]) -> Vec<u32> {
    let mut levels = vec![0; lights.len()];
    // In sixteenths; a column more at each side.
    let (mut here, mut below) = (vec![0_i32; width + 2], vec![0_i32; width + 2]);
    for (row, line) in lights.chunks(width.max(1)).enumerate() {
        let backwards = row % 2 == 1;
        for nth in 0..line.len() {
            let x = if backwards { line.len() - 1 - nth } else { nth };
            let wanted = (line[x] + ((here[x + 1] + 8) >> 4)).clamp(-FULL / 2, FULL + FULL / 2);
            let (level, shown) = nearest(wanted, steps);
            levels[row * width + x] = level;
            let lost = wanted - shown;
            let (ahead, behind) = if backwards { (x, x + 2) } else { (x + 2, x) };
            here[ahead] += lost * 7;
            below[behind] += lost * 3;
            below[x + 1] += lost * 5;
            below[ahead] += lost;
        }
        std::mem::swap(&mut here, &mut below);
        below.fill(0);
    }
    levels
}

fn nearest(wanted: i32, steps: &[i32]) -> (u32, i32) {
    let nearest = (0_u32..).zip(steps).min_by_key(|(_, step)| wanted.abs_diff(**step));
    nearest.map_or((0, 0), |(level, step)| (level, *step))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn flat(colour: [u8; 3], dots: usize) -> Vec<u8> {
        colour.repeat(dots)
    }

    #[test]
    fn the_light_of_a_value_is_that_of_the_standard() {
        for (value, expected) in
            [(0, 0.0), (10, 0.003_035), (55, 0.038_204), (128, 0.215_861), (188, 0.502_886), (255, 1.0)]
        {
            let light = f64::from(LIGHT[value]) / f64::from(FULL);
            assert!((light - expected).abs() < 0.000_02, "{value}: {light}");
        }
        assert!(LIGHT.is_sorted() && LIGHT[255] == FULL);
    }

    #[test]
    fn an_area_gives_as_much_light_as_it_has_in_the_picture() {
        for value in [30_u8, 80, 128, 188, 230] {
            for depth in [Depth::Mono, Depth::Grey16, Depth::RedGreen] {
                let levels = levels(&flat([value; 3], 64 * 64), 64, depth);
                let wanted = LIGHT[usize::from(value)] as f64;
                let given = |level: &u32| match depth {
                    Depth::Grey16 => LIGHT[*level as usize * 17],
                    Depth::Mono => *level as i32 * FULL,
                    _ => (*level as i32 & 1) * FULL,
                };
                let given = levels.iter().map(|level| f64::from(given(level))).sum::<f64>() / levels.len() as f64;
                let extra = if depth == Depth::RedGreen { wanted / 4.0 } else { 0.0 };
                let wanted = (wanted + extra).min(f64::from(FULL));
                assert!((given - wanted).abs() < f64::from(FULL) * 0.02, "{value} {depth:?}: {given} for {wanted}");
            }
        }
    }

    #[test]
    fn what_is_black_or_white_stays_so_dot_by_dot() {
        let picture: Vec<u8> = (0..32 * 8).flat_map(|dot| [if dot * 7 % 5 < 2 { 255 } else { 0 }; 3]).collect();
        let wanted: Vec<u32> = (0..32 * 8).map(|dot| u32::from(dot * 7 % 5 < 2)).collect();
        assert_eq!(levels(&picture, 32, Depth::Mono), wanted);
        let full = |depth: Depth| wanted.iter().map(|lit| lit * ((1 << depth.bits()) - 1)).collect::<Vec<_>>();
        for depth in [Depth::RedGreen, Depth::Grey16] {
            assert_eq!(levels(&picture, 32, depth), full(depth), "{depth:?}");
        }
    }

    #[test]
    fn a_ramp_becomes_the_lamps_that_were_looked_at() {
        let picture: Vec<u8> = (0..8).flat_map(|_| (0..32_u8).flat_map(|x| [x * 8; 3])).collect();
        let lamps: Vec<String> = levels(&picture, 32, Depth::Mono)
            .chunks(32)
            .map(|row| row.iter().map(|lit| if *lit == 1 { '#' } else { '.' }).collect())
            .collect();
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/play/dither.golden.txt");
            std::fs::write(path, lamps.join("\n") + "\n").unwrap();
            return;
        }
        assert_eq!(lamps.join("\n") + "\n", include_str!("dither.golden.txt"));
    }

    proptest! {
        #[test]
        fn any_picture_gives_a_level_that_its_lamps_have_for_each_dot(
            rgb in prop::collection::vec(any::<u8>(), 0..600), width in 1_u32..40,
        ) {
            let rgb = &rgb[..rgb.len() / 3 * 3];
            for depth in Depth::ALL {
                let levels = levels(rgb, width, depth);
                prop_assert_eq!(levels.len(), rgb.len() / 3);
                prop_assert!(levels.iter().all(|level| u64::from(*level) < 1 << depth.bits()));
            }
        }
    }
}
