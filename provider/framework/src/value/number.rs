//! Numbers as Terraform has them: exact, of any size.
//!
//! Invariant: one number has one representation, so `==` compares by value (`1`, `1.0` and `10e-1` are the same).

use std::fmt;

/// An exact decimal number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(Repr);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Repr {
    Int(i64),
    /// Canonical decimal text of everything that is not an `i64`.
    Decimal(String),
}

impl Number {
    /// Reads decimal text: sign, digits, fraction, exponent.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(int) = text.parse::<i64>() {
            return Some(int.into());
        }
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits: String = [whole, fraction].concat();
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let exponent = i64::from(exponent) - i64::try_from(fraction.len()).ok()?;
        Some(Self::canonical(negative, &digits, exponent))
    }

    /// The number that a program means by this float: its shortest decimal text. None for infinities and NaN.
    pub fn from_f64(value: f64) -> Option<Self> {
        value.is_finite().then(|| Self::parse(&value.to_string())).flatten()
    }

    /// The number that this float is, to the last binary digit.
    pub(crate) fn from_f64_exact(value: f64) -> Option<Self> {
        // The smallest subnormal has 1074 places after the point, so nothing is rounded here.
        value.is_finite().then(|| Self::parse(&format!("{value:.1074}"))).flatten()
    }

    /// As a signed integer, when it is one.
    pub const fn as_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Int(int) => Some(*int),
            Repr::Decimal(_) => None,
        }
    }

    /// As an unsigned integer, when it is one.
    pub fn as_u64(&self) -> Option<u64> {
        match &self.0 {
            Repr::Int(int) => u64::try_from(*int).ok(),
            Repr::Decimal(text) => text.parse().ok(),
        }
    }

    /// The nearest float.
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            Repr::Int(int) => *int as f64,
            Repr::Decimal(text) => text.parse().unwrap_or(f64::NAN),
        }
    }

    fn canonical(negative: bool, digits: &str, mut exponent: i64) -> Self {
        let digits = digits.trim_start_matches('0');
        let significant = digits.trim_end_matches('0');
        if significant.is_empty() {
            return 0_i64.into();
        }
        exponent += (digits.len() - significant.len()) as i64;
        let places = significant.len() as i64 + exponent;
        let sign = if negative { "-" } else { "" };
        // Plain notation within reason; beyond it a text of a hundred thousand zeros helps nobody.
        let text = if exponent >= 0 && places <= 400 {
            format!("{sign}{significant}{}", "0".repeat(exponent as usize))
        } else if exponent < 0 && places > 0 {
            let (whole, fraction) = significant.split_at(places as usize);
            format!("{sign}{whole}.{fraction}")
        } else if exponent < 0 && places > -1100 {
            format!("{sign}0.{}{significant}", "0".repeat(places.unsigned_abs() as usize))
        } else {
            format!("{sign}{significant}e{exponent}")
        };
        text.parse::<i64>().map_or_else(|_| Self(Repr::Decimal(text)), Self::from)
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(Repr::Int(value))
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or_else(|_| Self(Repr::Decimal(value.to_string())), Self::from)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Int(int) => write!(f, "{int}"),
            Repr::Decimal(text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_have_one_form() {
        for (text, canonical) in [
            ("1", "1"),
            ("1.0", "1"),
            ("10e-1", "1"),
            ("-0.0", "0"),
            ("0.10", "0.1"),
            ("100e-4", "0.01"),
            ("18446744073709551615", "18446744073709551615"),
            ("1.8446744073709551615e19", "18446744073709551615"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("1e500", "1e500"),
            ("0.00125", "0.00125"),
        ] {
            assert_eq!(Number::parse(text).map(|n| n.to_string()).as_deref(), Some(canonical), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "-", ".", "e5", "1e", "0x10", "1 ", "NaN", "1e99999999999"] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_float_on_the_wire_is_taken_to_its_last_digit() {
        assert_eq!(Number::from_f64(0.1), Number::parse("0.1"));
        assert_ne!(Number::from_f64_exact(0.1), Number::parse("0.1"));
        assert_eq!(Number::from_f64_exact(1.5), Number::parse("1.5"));
        assert_eq!(Number::from_f64(f64::NAN), None);
    }
}
