//! `Timeouts`: the `timeouts` block of a resource, parsed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::attr::Attr;
use crate::duration;

/// How long the user is ready to wait, per operation. Which operations there are, the field's flags say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeouts(Option<BTreeMap<String, Attr<String>>>);

impl Timeouts {
    /// The limit for a create.
    pub fn create(&self, default: Duration) -> Duration {
        self.of("create", default)
    }

    /// The limit for a read.
    pub fn read(&self, default: Duration) -> Duration {
        self.of("read", default)
    }

    /// The limit for an update.
    pub fn update(&self, default: Duration) -> Duration {
        self.of("update", default)
    }

    /// The limit for a delete.
    pub fn delete(&self, default: Duration) -> Duration {
        self.of("delete", default)
    }

    /// Validation has refused text that is no duration, so what does not parse here was never set.
    fn of(&self, operation: &str, default: Duration) -> Duration {
        let set = self.0.as_ref().and_then(|limits| limits.get(operation)).and_then(Attr::as_str);
        set.and_then(duration::parse).unwrap_or(default)
    }
}

impl JsonSchema for Timeouts {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Timeouts".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Value, from_value};

    #[test]
    fn what_is_not_set_is_the_default() {
        let create = |value: Value| {
            let timeouts: Timeouts = from_value(&value).unwrap();
            timeouts.create(Duration::from_secs(7)).as_secs()
        };
        let set =
            |text: Value| Value::Map(BTreeMap::from([("create".to_owned(), text), ("delete".to_owned(), "1h".into())]));
        assert_eq!(create(Value::Null), 7);
        assert_eq!(create(set(Value::Null)), 7);
        assert_eq!(create(set(Value::Unknown)), 7);
        assert_eq!(create(set("2m".into())), 120);
    }
}
