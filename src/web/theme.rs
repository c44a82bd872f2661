//! The accent colour of a site: an administrator chooses one colour, readable variants follow.

use std::fmt;
use std::str::FromStr;

/// Backgrounds of `style.css` on which the accent is read as text, light and dark.
const LIGHT_PAPER: Accent = Accent([0xf3, 0xeb, 0xdd]);
const DARK_PAPER: Accent = Accent([0x32, 0x2c, 0x26]);
const WHITE: Accent = Accent([0xff, 0xff, 0xff]);
const BLACK: Accent = Accent([0x11, 0x11, 0x11]);

/// Least contrast of text (WCAG 2.2, criterion 1.4.3), with some margin for rounding.
const TEXT_CONTRAST: f64 = 4.6;

/// A colour, red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accent(pub [u8; 3]);

/// A colour that is not written `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a colour is written #rrggbb, with six hexadecimal digits")]
pub struct AccentError;

impl FromStr for Accent {
    type Err = AccentError;

    fn from_str(text: &str) -> Result<Self, AccentError> {
        let digits = text.trim().strip_prefix('#').ok_or(AccentError)?;
        if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(AccentError);
        }
        let value = u32::from_str_radix(digits, 16).map_err(|_| AccentError)?;
        let [_, red, green, blue] = value.to_be_bytes();
        Ok(Self([red, green, blue]))
    }
}

impl fmt::Display for Accent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl Accent {
    /// Relative luminance, 0 to 1 (WCAG 2.2 definition).
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|channel| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// Contrast ratio with another colour, 1 to 21 (WCAG 2.2 definition).
    fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// The colour moved toward another in 32 steps at most, until it can be read on a background.
    fn readable_on(self, background: Self, toward: Self) -> Self {
        let mut colour = self;
        for step in 0..=32_u16 {
            for (channel, (from, to)) in colour.0.iter_mut().zip(self.0.into_iter().zip(toward.0)) {
                let mixed = (u16::from(from) * (32 - step) + u16::from(to) * step) / 32;
                *channel = u8::try_from(mixed).unwrap_or(u8::MAX);
            }
            if colour.contrast(background) >= TEXT_CONTRAST {
                break;
            }
        }
        colour
    }

    /// White or black, whichever is read best on this colour.
    fn text_on(self) -> Self {
        if self.contrast(WHITE) >= self.contrast(BLACK) {
            WHITE
        } else {
            BLACK
        }
    }
}

/// The style sheet that sets a site's colour; served as `/theme.css`.
pub fn style_sheet(accent: Accent) -> String {
    let light = accent.readable_on(LIGHT_PAPER, BLACK);
    let dark = accent.readable_on(DARK_PAPER, WHITE);
    let rule = |colour: Accent| {
        format!(
            ":root{{--accent:{colour};--on-accent:{}}}",
            colour.text_on()
        )
    };
    format!(
        "{}\n@media screen and (prefers-color-scheme:dark){{{}}}\n",
        rule(light),
        rule(dark)
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_six_hexadecimal_digits_make_a_colour() {
        assert_eq!("#1c5D4e".parse(), Ok(Accent([0x1c, 0x5d, 0x4e])));
        for wrong in ["1c5d4e", "#fff", "#gggggg", "#1c5d4e;", "#+1c5d4", ""] {
            assert_eq!(wrong.parse::<Accent>(), Err(AccentError), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_colour_stays_readable_light_and_dark(channels: [u8; 3]) {
            let accent = Accent(channels);
            for (background, toward) in [(LIGHT_PAPER, BLACK), (DARK_PAPER, WHITE)] {
                let colour = accent.readable_on(background, toward);
                prop_assert!(colour.contrast(background) >= 4.5);
                prop_assert!(colour.text_on().contrast(colour) >= 4.5);
            }
        }
    }
}
