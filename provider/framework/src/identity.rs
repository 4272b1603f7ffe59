//! Resource identity: the few attributes that name an object for good, whatever becomes of its state.
//!
//! An identity is an object of texts. Most of them are attributes of the state by the same name; what the state does not
//! hold (an account, say) the provider adds. The other way round, an identity is written out as the import id it stands for,
//! so that a resource has one way in.

use std::collections::BTreeMap;

use crate::value::{Type, Value};

/// What names an object of one resource type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// What an import must say.
    pub required: &'static [&'static str],
    /// What an import may leave out, because the provider knows it.
    pub optional: &'static [&'static str],
}

impl Identity {
    /// An object that these attributes name.
    pub const fn new(required: &'static [&'static str]) -> Self {
        Self { required, optional: &[] }
    }

    /// Attributes that belong to the name, too, but are the provider's own unless said.
    #[must_use]
    pub const fn or_own(self, optional: &'static [&'static str]) -> Self {
        Self { optional, ..self }
    }

    /// All attributes, those that must be said first.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.required.iter().chain(self.optional).copied()
    }

    /// The type of its values.
    pub(crate) fn ty(&self) -> Type {
        Type::Object(self.names().map(|name| (name.to_owned(), Type::String)).collect())
    }

    /// The identity of the object with this state, or none while the state does not name it. `missing` are the values of
    /// attributes that the state has not.
    pub(crate) fn of_state(&self, state: &Value, missing: &BTreeMap<&'static str, String>) -> Option<Value> {
        let value = |name: &'static str| match state.get(name) {
            Value::String(text) => Value::String(text.clone()),
            _ => missing.get(name).map_or(Value::Null, |text| Value::String(text.clone())),
        };
        let names_it = self.required.iter().all(|&name| matches!(value(name), Value::String(text) if !text.is_empty()));
        names_it.then(|| Value::Map(self.names().map(|name| (name.to_owned(), value(name))).collect()))
    }
}

/// The import id that `form` makes of an identity: attributes in braces are put in, what is in brackets is left out if one of its
/// attributes is missing, the rest stays. `Err` is an attribute that is missing elsewhere.
pub(crate) fn import_id<'f>(form: &'f str, identity: &Value) -> Result<String, &'f str> {
    if let Some((before, (inside, behind))) =
        form.split_once('[').and_then(|(before, rest)| Some((before, rest.split_once(']')?)))
    {
        let inside = import_id(inside, identity).unwrap_or_default();
        return Ok(import_id(before, identity)? + &inside + &import_id(behind, identity)?);
    }
    let (mut id, mut rest) = (String::new(), form);
    while let Some((text, (name, behind))) =
        rest.split_once('{').and_then(|(text, behind)| Some((text, behind.split_once('}')?)))
    {
        let value = identity.get(name).as_str().filter(|value| !value.is_empty()).ok_or(name)?;
        id.push_str(text);
        id.push_str(value);
        rest = behind;
    }
    Ok(id + rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::from_json;

    const POLICY: Identity = Identity::new(&["role", "name"]).or_own(&["account"]);

    fn value(json: &str) -> Value {
        from_json(json.as_bytes()).unwrap()
    }

    #[test]
    fn an_identity_is_taken_from_the_state_and_what_the_provider_knows() {
        let known = BTreeMap::from([("account", "1".to_owned()), ("name", "wrong".to_owned())]);
        let state = value(r#"{"role": "r", "name": "n", "policy": "{}"}"#);
        assert_eq!(POLICY.of_state(&state, &known), Some(value(r#"{"role": "r", "name": "n", "account": "1"}"#)));
        assert_eq!(
            POLICY.of_state(&state, &BTreeMap::new()),
            Some(value(r#"{"role": "r", "name": "n", "account": null}"#))
        );
        assert_eq!(POLICY.of_state(&value(r#"{"role": "r", "name": null}"#), &BTreeMap::new()), None);
        assert_eq!(POLICY.of_state(&value(r#"{"role": "r", "name": ""}"#), &BTreeMap::new()), None);
    }

    #[test]
    fn an_import_id_is_written_from_an_identity() {
        let identity = value(r#"{"role": "r", "name": "n:1", "account": null}"#);
        assert_eq!(import_id("{role}:{name}", &identity), Ok("r:n:1".to_owned()));
        assert_eq!(import_id("alias/{name}!", &identity), Ok("alias/n:1!".to_owned()));
        assert_eq!(import_id("{account}/{name}", &identity), Err("account"));
        assert_eq!(import_id("{id}", &identity), Err("id"));
        assert_eq!(import_id("{role}[:{name}]/x", &identity), Ok("r:n:1/x".to_owned()));
        assert_eq!(import_id("{role}[:{account}]/x", &identity), Ok("r/x".to_owned()));
        assert_eq!(import_id("a{b", &identity), Ok("a{b".to_owned()));
    }
}
