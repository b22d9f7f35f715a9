//! JSON objects with their members in the order in which they were sent, which `Value` forgets.

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// One member of an object.
#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    /// The value's JSON text.
    pub text: String,
}

struct Fields(Vec<Field>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Fields;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    let text = value.get().to_owned();
                    fields.push(Field { name, text });
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// The members of a JSON object.
#[track_caller]
pub fn fields(object: &str) -> Vec<Field> {
    let read: Result<Fields, _> = serde_json::from_str(object);
    read.unwrap_or_else(|error| panic!("{error} in {object}")).0
}

/// The texts of a JSON list's rows.
#[track_caller]
pub fn rows(list: &str) -> Vec<String> {
    let read: Result<Vec<Box<RawValue>>, _> = serde_json::from_str(list);
    let rows = read.unwrap_or_else(|error| panic!("{error} in {list}"));
    rows.iter().map(|row| row.get().to_owned()).collect()
}
