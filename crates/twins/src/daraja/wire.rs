//! JSON as Daraja writes it: fields in a given order, amounts with two decimals, and items
//! without a value. A general serializer would sort, round or repair these.

use std::fmt::{self, Display, Formatter};

use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wire {
    Text(String),
    /// Written as it stands: `1.00`, `20191219102115`.
    Number(String),
    List(Vec<Wire>),
    Object(Vec<(String, Wire)>),
}

pub(super) fn text(value: impl Into<String>) -> Wire {
    Wire::Text(value.into())
}

pub(super) fn number(value: impl Display) -> Wire {
    Wire::Number(value.to_string())
}

pub(super) fn object<const N: usize>(fields: [(&str, Wire); N]) -> Wire {
    Wire::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// A result code: a number where it is one, else text (`SFC_IC0003`).
pub(super) fn code(value: &str) -> Wire {
    if value.parse::<i64>().is_ok() { number(value) } else { text(value) }
}

/// `1.00` from cents.
pub(super) fn shillings(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.unsigned_abs() / 100, cents.unsigned_abs() % 100)
}

impl Wire {
    pub(super) fn push(&mut self, name: &str, value: Wire) {
        if let Wire::Object(fields) = self {
            fields.push((name.to_owned(), value));
        }
    }
}

impl Display for Wire {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Wire::Text(value) => Value::from(value.as_str()).fmt(f),
            Wire::Number(value) => f.write_str(value),
            Wire::List(items) => {
                f.write_str("[")?;
                separated(f, items, |f, item| item.fmt(f))?;
                f.write_str("]")
            }
            Wire::Object(fields) => {
                f.write_str("{")?;
                separated(f, fields, |f, (name, value)| {
                    write!(f, "{}:{value}", Value::from(name.as_str()))
                })?;
                f.write_str("}")
            }
        }
    }
}

fn separated<T>(
    f: &mut Formatter<'_>,
    items: &[T],
    mut write: impl FnMut(&mut Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(",")?;
        }
        write(f, item)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_keep_their_order_and_amounts_their_decimals() {
        let wire = object([("b", number(shillings(100))), ("a", text("\"x\""))]);
        assert_eq!(wire.to_string(), r#"{"b":1.00,"a":"\"x\""}"#);
        assert_eq!(shillings(-198_005), "-1980.05");
    }
}
