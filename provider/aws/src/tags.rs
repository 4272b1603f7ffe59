//! Tags as every tagged resource handles them: `tags`, `tags_all`, and the provider's `default_tags` and `ignore_tags`.
//!
//! Works on maps only; which calls list or change tags is each resource's business. Invariant: an ignored or system tag
//! is in neither the old nor the new `tags_all`, so it is never removed from the object.

use std::collections::{BTreeMap, BTreeSet};

use tf_framework::{Attr, Plan};

/// Tag values by key.
pub(crate) type Tags = BTreeMap<String, String>;

/// What the provider block says about tags.
#[derive(Clone, Debug, Default)]
pub(crate) struct TagRules {
    /// On every object, unless it has its own value. Unknown while they depend on another resource.
    pub(crate) defaults: Attr<Tags>,
    /// Neither read nor written.
    pub(crate) ignored_keys: BTreeSet<String>,
    /// Likewise, with every key that begins so.
    pub(crate) ignored_prefixes: BTreeSet<String>,
}

/// What must happen to the tags of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TagChange {
    /// Keys to take away, first.
    pub(crate) removed: Vec<String>,
    /// Tags to add or overwrite, afterwards.
    pub(crate) set: Tags,
}

impl TagRules {
    /// Plans `tags_all` from the planned `tags`. `fields` picks the two, in this order.
    pub(crate) fn plan<R>(&self, plan: &mut Plan<R>, fields: impl Fn(&mut R) -> (&mut Attr<Tags>, &mut Attr<Tags>)) {
        if !fields(&mut plan.config).1.is_null() {
            return;
        }
        let prior_tags = plan.prior.as_mut().map(|prior| fields(prior).0.clone()).unwrap_or_default();
        let (tags, tags_all) = fields(&mut plan.planned);
        *tags_all = self.planned(&prior_tags, tags);
    }

    fn planned(&self, prior_tags: &Attr<Tags>, tags: &Attr<Tags>) -> Attr<Tags> {
        if tags.is_unknown() || self.defaults.is_unknown() {
            return Attr::Unknown;
        }
        let changed = prior_tags.clone().unwrap_or_default() != tags.clone().unwrap_or_default();
        let merged = self.merged(tags);
        // The service decides what an empty value becomes.
        if changed && merged.values().any(String::is_empty) {
            return Attr::Unknown;
        }
        Attr::Known(merged)
    }

    /// The tags to give to a create call, or to bring an object to: the defaults, overlaid by the resource's own.
    pub(crate) fn merged(&self, tags: &Attr<Tags>) -> Tags {
        let mut merged = self.defaults.clone().unwrap_or_default();
        merged.extend(tags.clone().unwrap_or_default());
        self.visible(merged)
    }

    /// Splits what the service lists into `tags` and `tags_all`; `stored` and `stored_all` are those of the state.
    ///
    /// A default that the resource repeats stays in `tags`, so that repeating is no change. One that has not changed on
    /// the object stays out, also when the provider block has changed meanwhile: the plan shows that in `tags_all`.
    pub(crate) fn read(
        &self,
        remote: impl IntoIterator<Item = (String, String)>,
        stored: &Attr<Tags>,
        stored_all: &Attr<Tags>,
    ) -> TagsRead {
        let all = self.visible(remote.into_iter().collect());
        let has = |tags: &Attr<Tags>, key: &str, value: &str| {
            tags.known().and_then(|tags| tags.get(key)).is_some_and(|found| found == value)
        };
        let is_inherited = |key: &str, value: &str| {
            let was_inherited = has(stored_all, key, value) && stored.known().is_none_or(|own| !own.contains_key(key));
            was_inherited || (has(&self.defaults, key, value) && !has(stored, key, value))
        };
        let own: Tags = all.iter().filter(|(key, value)| !is_inherited(key, value)).map(clone_pair).collect();
        // An empty map that the user wrote stays one, and nothing stays nothing.
        let tags = if own.is_empty() && stored.is_null() { Attr::Null } else { Attr::Known(own) };
        TagsRead { tags, tags_all: Attr::Known(all) }
    }

    fn visible(&self, mut tags: Tags) -> Tags {
        tags.retain(|key, _| {
            !key.starts_with("aws:")
                && !self.ignored_keys.contains(key)
                && !self.ignored_prefixes.iter().any(|prefix| key.starts_with(prefix))
        });
        tags
    }
}

/// Both tag attributes as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TagsRead {
    /// The resource's own.
    pub(crate) tags: Attr<Tags>,
    /// With those of the provider.
    pub(crate) tags_all: Attr<Tags>,
}

impl TagChange {
    /// What leads from one set of tags to another; `None` when nothing does.
    pub(crate) fn between(old: &Tags, new: &Tags) -> Option<Self> {
        let removed: Vec<_> = old.keys().filter(|&key| !new.contains_key(key)).cloned().collect();
        let set: Tags = new.iter().filter(|&(key, value)| old.get(key) != Some(value)).map(clone_pair).collect();
        (!removed.is_empty() || !set.is_empty()).then_some(Self { removed, set })
    }
}

fn clone_pair((key, value): (&String, &String)) -> (String, String) {
    (key.clone(), value.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    fn rules(defaults: &[(&str, &str)]) -> TagRules {
        TagRules {
            defaults: Attr::Known(tags(defaults)),
            ignored_keys: BTreeSet::from(["cost".to_owned()]),
            ignored_prefixes: BTreeSet::from(["k8s/".to_owned()]),
        }
    }

    #[test]
    fn own_tags_win_over_defaults_and_ignored_ones_stay_out() {
        let own = Attr::Known(tags(&[("team", "b"), ("cost", "1"), ("k8s/x", "1")]));
        let planned = rules(&[("team", "a"), ("env", "dev")]).planned(&Attr::Null, &own);
        assert_eq!(planned, Attr::Known(tags(&[("env", "dev"), ("team", "b")])));
    }

    #[test]
    fn what_cannot_be_known_is_not_guessed() {
        assert_eq!(rules(&[]).planned(&Attr::Null, &Attr::Unknown), Attr::Unknown);
        let unknown_defaults = TagRules { defaults: Attr::Unknown, ..TagRules::default() };
        assert_eq!(unknown_defaults.planned(&Attr::Null, &Attr::Null), Attr::Unknown);
        let empty_value = Attr::Known(tags(&[("a", "")]));
        assert_eq!(rules(&[]).planned(&Attr::Null, &empty_value), Attr::Unknown);
        assert_eq!(rules(&[]).planned(&empty_value, &empty_value), empty_value);
        assert_eq!(rules(&[]).planned(&Attr::Null, &Attr::Null), Attr::Known(Tags::new()));
    }

    #[test]
    fn reading_takes_defaults_out_unless_the_resource_repeats_them() {
        let remote = tags(&[("team", "a"), ("env", "dev"), ("own", "1"), ("aws:x", "y"), ("cost", "9")]);
        let rules = rules(&[("team", "a"), ("env", "prod")]);
        let all = tags(&[("team", "a"), ("env", "dev"), ("own", "1")]);
        let read = rules.read(remote.clone(), &Attr::Null, &Attr::Null);
        // `env` drifted from its default, so it shows.
        assert_eq!(read.tags, Attr::Known(tags(&[("env", "dev"), ("own", "1")])));
        assert_eq!(read.tags_all, Attr::Known(all.clone()));
        let read = rules.read(remote, &Attr::Known(tags(&[("team", "a")])), &Attr::Null);
        assert_eq!(read.tags, Attr::Known(all));
    }

    #[test]
    fn a_default_that_changed_in_the_block_is_not_taken_for_the_resources_own() {
        let remote = tags(&[("team", "a")]);
        let read = rules(&[("team", "b")]).read(remote.clone(), &Attr::Null, &Attr::Known(remote.clone()));
        assert_eq!(read, TagsRead { tags: Attr::Null, tags_all: Attr::Known(remote.clone()) });
        // Somebody else changed it.
        let read = rules(&[("team", "b")]).read(remote.clone(), &Attr::Null, &Attr::Known(tags(&[("team", "b")])));
        assert_eq!(read.tags, Attr::Known(remote));
    }

    #[test]
    fn no_tags_read_back_as_they_were_written() {
        assert_eq!(rules(&[]).read(Tags::new(), &Attr::Null, &Attr::Null).tags, Attr::Null);
        assert_eq!(rules(&[]).read(Tags::new(), &Attr::Known(Tags::new()), &Attr::Null).tags, Attr::Known(Tags::new()));
    }

    #[test]
    fn a_change_removes_and_sets() {
        let old = tags(&[("a", "1"), ("b", "2"), ("c", "3")]);
        let new = tags(&[("b", "2"), ("c", "4"), ("d", "5")]);
        let change = TagChange::between(&old, &new).unwrap();
        assert_eq!(change, TagChange { removed: vec!["a".to_owned()], set: tags(&[("c", "4"), ("d", "5")]) });
        assert_eq!(TagChange::between(&old, &old), None);
    }
}
