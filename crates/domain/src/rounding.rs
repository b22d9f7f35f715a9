//! The one place that rounds. Every caller names the direction; nothing else divides money.

/// Which way a division that leaves a rest goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// Towards zero: what we pay out.
    Down,
    /// Away from zero: what we ask for.
    Up,
}

/// Divides two non-negative numbers; the rest is dropped or counted as one more.
///
/// `None` when the divisor is zero, an operand is negative, or the result exceeds `i64`.
pub fn divide(dividend: i128, divisor: i128, rounding: Rounding) -> Option<i64> {
    if dividend.is_negative() || divisor.is_negative() {
        return None;
    }
    let quotient = dividend.checked_div(divisor)?;
    let rest = dividend.checked_rem(divisor)?;
    let step = i128::from(rest != 0 && rounding == Rounding::Up);
    i64::try_from(quotient.checked_add(step)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_direction_decides_what_a_rest_does() {
        assert_eq!(divide(7, 2, Rounding::Down), Some(3));
        assert_eq!(divide(7, 2, Rounding::Up), Some(4));
        assert_eq!(divide(8, 2, Rounding::Up), Some(4));
    }

    #[test]
    fn what_cannot_be_divided_is_none() {
        assert_eq!(divide(1, 0, Rounding::Down), None);
        assert_eq!(divide(-1, 2, Rounding::Down), None);
        assert_eq!(divide(i128::MAX, 1, Rounding::Down), None);
    }
}
