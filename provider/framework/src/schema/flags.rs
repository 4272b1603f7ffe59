//! What Terraform must know about a field of a resource struct beyond its Rust type.
//!
//! Written on the field as an expression that the compiler checks:
//! `#[schemars(extend("tf" = required().force_new().length(1..=128)))]`. It travels inside the derived JSON schema.

use std::ops::RangeBounds;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::Check;

/// The flags of one field. Built by [`required`], [`optional`], … and its methods.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flags {
    pub(super) kind: Kind,
    pub(super) force_new: bool,
    pub(super) sensitive: bool,
    pub(super) write_only: bool,
    pub(super) volatile: bool,
    pub(super) zero_is_unset: bool,
    pub(super) deprecated: Option<String>,
    pub(super) default: Option<Json>,
    pub(super) checks: Vec<Check>,
    pub(super) element_checks: Vec<Check>,
    pub(super) relations: Vec<Relation>,
    pub(super) same_when: Option<String>,
    pub(super) min_items: u32,
    pub(super) max_items: u32,
    pub(super) timeouts: Vec<String>,
}

/// What a field is to Terraform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    Required,
    Optional,
    Computed,
    OptionalComputed,
    ListBlock,
    SetBlock,
    SingleBlock,
    ComputedBlock,
    ComputedSetBlock,
    Timeouts,
}

/// How a field depends on others of the same block, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Relation {
    /// Of these (itself included) exactly one is set.
    ExactlyOneOf(Vec<String>),
    /// Of these (itself included) one or more are set.
    AtLeastOneOf(Vec<String>),
    /// When it is set, none of these is.
    ConflictsWith(Vec<String>),
    /// When it is set, all of these are.
    RequiredWith(Vec<String>),
}

impl Relation {
    /// The fields it speaks of.
    pub fn names(&self) -> &[String] {
        match self {
            Self::ExactlyOneOf(names)
            | Self::AtLeastOneOf(names)
            | Self::ConflictsWith(names)
            | Self::RequiredWith(names) => names,
        }
    }
}

/// An attribute the user must set.
pub fn required() -> Flags {
    Flags::new(Kind::Required)
}

/// An attribute the user may set; null otherwise.
pub fn optional() -> Flags {
    Flags::new(Kind::Optional)
}

/// An attribute only the provider sets.
pub fn computed() -> Flags {
    Flags::new(Kind::Computed)
}

/// An attribute the user may set; the provider sets it otherwise.
pub fn optional_computed() -> Flags {
    Flags::new(Kind::OptionalComputed)
}

/// Blocks whose order matters: a field of type `Blocks<T>`.
pub fn list_block() -> Flags {
    Flags::new(Kind::ListBlock)
}

/// Blocks without order: a field of type `Blocks<T>`.
pub fn set_block() -> Flags {
    Flags::new(Kind::SetBlock)
}

/// One block or none: a field of type `Option<T>`.
pub fn single_block() -> Flags {
    Flags::new(Kind::SingleBlock)
}

/// Blocks that the provider fills in when the user leaves them out: a field of type `Blocks<T>`.
///
/// What the user writes inside such a block is kept as written: nothing inside it is filled in.
pub fn computed_block() -> Flags {
    Flags::new(Kind::ComputedBlock)
}

/// As [`computed_block`], for blocks without order.
pub fn computed_set_block() -> Flags {
    Flags::new(Kind::ComputedSetBlock)
}

/// The `timeouts` block with these operations: a field of type `Timeouts`.
pub fn timeouts(operations: &[&str]) -> Flags {
    Flags { timeouts: owned(operations), ..Flags::new(Kind::Timeouts) }
}

impl Flags {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            force_new: false,
            sensitive: false,
            write_only: false,
            volatile: false,
            zero_is_unset: false,
            deprecated: None,
            default: None,
            checks: Vec::new(),
            element_checks: Vec::new(),
            relations: Vec::new(),
            same_when: None,
            min_items: 0,
            max_items: 0,
            timeouts: Vec::new(),
        }
    }

    /// A changed value destroys the resource and creates it anew.
    #[must_use]
    pub fn force_new(mut self) -> Self {
        self.force_new = true;
        self
    }

    /// Terraform hides the value.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// The value reaches the provider and is stored nowhere. Read it from the configuration.
    #[must_use]
    pub fn write_only(mut self) -> Self {
        self.write_only = true;
        self
    }

    /// A computed value that any update of the resource may change, so that a plan with changes cannot know it.
    #[must_use]
    pub fn volatile(mut self) -> Self {
        self.volatile = true;
        self
    }

    /// For an optional attribute: zero, `false` and empty say the same as "not set".
    ///
    /// Services answer with such values where nothing was set, and states keep them. A stored zero then stays when the
    /// user sets nothing, and any other stored value is unset. Terraform must be told that the attribute is computed.
    #[must_use]
    pub fn zero_is_unset(mut self) -> Self {
        self.zero_is_unset = true;
        self
    }

    /// Using it warns, with this advice.
    #[must_use]
    pub fn deprecated(mut self, advice: &str) -> Self {
        self.deprecated = Some(advice.to_owned());
        self
    }

    /// The value when the user sets none.
    #[must_use]
    pub fn default(mut self, value: impl Into<Json>) -> Self {
        self.default = Some(value.into());
        self
    }

    /// The value must satisfy `check`.
    #[must_use]
    pub fn check(mut self, check: Check) -> Self {
        self.checks.push(check);
        self
    }

    /// Every element of the collection must satisfy `check`.
    #[must_use]
    pub fn each(mut self, check: Check) -> Self {
        self.element_checks.push(check);
        self
    }

    /// The text has so many characters.
    #[must_use]
    pub fn length(self, bounds: impl RangeBounds<i64>) -> Self {
        self.check(Check::length(bounds))
    }

    /// The number is within bounds.
    #[must_use]
    pub fn range(self, bounds: impl RangeBounds<i64>) -> Self {
        self.check(Check::range(bounds))
    }

    /// The collection has so many elements.
    #[must_use]
    pub fn items(self, bounds: impl RangeBounds<i64>) -> Self {
        self.check(Check::items(bounds))
    }

    /// The value is one of these.
    #[must_use]
    pub fn one_of<T: Clone + Into<Json>>(self, values: &[T]) -> Self {
        self.check(Check::one_of(values))
    }

    /// The text matches the regular expression somewhere.
    #[must_use]
    pub fn pattern(self, regex: &str) -> Self {
        self.check(Check::pattern(regex))
    }

    /// The text is JSON.
    #[must_use]
    pub fn json(self) -> Self {
        self.check(Check::Json)
    }

    /// Of these fields (this one included) exactly one is set.
    #[must_use]
    pub fn exactly_one_of(self, names: &[&str]) -> Self {
        self.relation(Relation::ExactlyOneOf(owned(names)))
    }

    /// Of these fields (this one included) one or more are set.
    #[must_use]
    pub fn at_least_one_of(self, names: &[&str]) -> Self {
        self.relation(Relation::AtLeastOneOf(owned(names)))
    }

    /// When this is set, none of these fields is.
    #[must_use]
    pub fn conflicts_with(self, names: &[&str]) -> Self {
        self.relation(Relation::ConflictsWith(owned(names)))
    }

    /// When this is set, all of these fields are.
    #[must_use]
    pub fn required_with(self, names: &[&str]) -> Self {
        self.relation(Relation::RequiredWith(owned(names)))
    }

    /// A configured value that this rule calls the same as the stored one is no change; the stored form stays.
    ///
    /// `"case"` (letters in any case) and `"json"` (the same JSON) are built in; any other name is passed to the
    /// resource's `same`.
    #[must_use]
    pub fn same_when(mut self, rule: &str) -> Self {
        self.same_when = Some(rule.to_owned());
        self
    }

    /// At least so many blocks.
    #[must_use]
    pub fn min_items(mut self, count: u32) -> Self {
        self.min_items = count;
        self
    }

    /// At most so many blocks.
    #[must_use]
    pub fn max_items(mut self, count: u32) -> Self {
        self.max_items = count;
        self
    }

    fn relation(mut self, relation: Relation) -> Self {
        self.relations.push(relation);
        self
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}
