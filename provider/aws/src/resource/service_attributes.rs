//! Resources that the service knows as a map of texts: queues, topics and subscriptions.
//!
//! One list of names and fields serves reading and writing. Invariant: what the service does not mention is read as zero,
//! `false` or empty, which is what it is.

use std::collections::{BTreeMap, HashMap};

use tf_framework::Attr;

/// A resource with such a map.
pub(super) trait ServiceAttributes: Clone {
    /// The names that the service gives to its attributes, with the fields that hold them.
    fn fields(&mut self) -> Vec<(&'static str, Field<'_>)>;

    /// Puts in what the service says.
    fn observe(&mut self, found: &HashMap<String, String>) {
        for (name, field) in self.fields() {
            field.set(found.get(name).map_or("", String::as_str));
        }
    }

    /// What to ask for when the object is made: what is set. A flag that is not raised is not mentioned, because many are
    /// refused where they make no sense.
    fn to_create(&self) -> BTreeMap<&'static str, String> {
        let mut own = self.clone();
        let set = |(name, field): (_, Field<'_>)| field.is_set().then(|| (name, field.text()));
        own.fields().into_iter().filter_map(set).collect()
    }

    /// What to ask for to get from `self` to `planned`.
    fn to_update(&self, planned: &Self) -> BTreeMap<&'static str, String> {
        let (mut prior, mut planned) = (self.clone(), planned.clone());
        let pairs = prior.fields().into_iter().zip(planned.fields());
        let changed = |((name, old), (_, new)): ((_, Field<'_>), (&str, Field<'_>))| {
            let (old, new, is_known) = (old.text(), new.text(), !new.is_unknown());
            (is_known && old != new).then_some((name, new))
        };
        pairs.filter_map(changed).collect()
    }
}

/// A field of one of the types that such attributes have.
pub(super) enum Field<'a> {
    Flag(&'a mut Attr<bool>),
    Number(&'a mut Attr<i64>),
    Text(&'a mut Attr<String>),
}

impl Field<'_> {
    fn set(self, text: &str) {
        match self {
            Self::Flag(field) => *field = text.eq_ignore_ascii_case("true").into(),
            Self::Number(field) => *field = text.parse().unwrap_or(0).into(),
            Self::Text(field) => *field = text.into(),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Flag(field) => field.unwrap_or(false).to_string(),
            Self::Number(field) => field.unwrap_or(0).to_string(),
            Self::Text(field) => field.text().to_owned(),
        }
    }

    fn is_set(&self) -> bool {
        match self {
            Self::Flag(field) => field.unwrap_or(false),
            Self::Number(field) => field.is_known(),
            Self::Text(field) => !field.text().is_empty(),
        }
    }

    const fn is_unknown(&self) -> bool {
        match self {
            Self::Flag(field) => field.is_unknown(),
            Self::Number(field) => field.is_unknown(),
            Self::Text(field) => field.is_unknown(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, Default, PartialEq)]
    struct Thing {
        flag: Attr<bool>,
        number: Attr<i64>,
        text: Attr<String>,
    }

    impl ServiceAttributes for Thing {
        fn fields(&mut self) -> Vec<(&'static str, Field<'_>)> {
            vec![
                ("Flag", Field::Flag(&mut self.flag)),
                ("Number", Field::Number(&mut self.number)),
                ("Text", Field::Text(&mut self.text)),
            ]
        }
    }

    fn thing(flag: bool, number: i64, text: &str) -> Thing {
        Thing { flag: flag.into(), number: number.into(), text: text.into() }
    }

    fn asked(pairs: &[(&'static str, &str)]) -> BTreeMap<&'static str, String> {
        pairs.iter().map(|&(name, value)| (name, value.to_owned())).collect()
    }

    #[test]
    fn what_is_not_mentioned_is_zero() {
        let mut observed = Thing::default();
        observed.observe(&HashMap::new());
        assert_eq!(observed, thing(false, 0, ""));
        let found = [("Flag", "true"), ("Number", "7"), ("Text", "t"), ("Other", "x")];
        observed.observe(&found.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        assert_eq!(observed, thing(true, 7, "t"));
    }

    #[test]
    fn only_what_is_set_is_asked_for() {
        assert_eq!(Thing::default().to_create(), asked(&[]));
        assert_eq!(thing(false, 0, "").to_create(), asked(&[("Number", "0")]));
        assert_eq!(thing(true, 1, "t").to_create(), asked(&[("Flag", "true"), ("Number", "1"), ("Text", "t")]));
    }

    #[test]
    fn only_what_differs_is_changed() {
        let (old, new) = (thing(true, 1, "t"), thing(false, 2, ""));
        assert_eq!(old.to_update(&old), asked(&[]));
        assert_eq!(old.to_update(&new), asked(&[("Flag", "false"), ("Number", "2"), ("Text", "")]));
        let unset = Thing { text: Attr::Unknown, ..Thing::default() };
        assert_eq!(old.to_update(&unset), asked(&[("Flag", "false"), ("Number", "0")]));
        assert_eq!(thing(false, 0, "").to_update(&Thing::default()), asked(&[]));
    }
}
