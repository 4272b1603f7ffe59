//! Constraints as data: what members an input has, of what type, within what bounds.
//!
//! The data says what AWS's service model says, in the same terms, so a test can hold one against the other. `check` turns
//! it into decisions and words.

/// A text form that a member must have.
#[derive(Clone, Copy, Debug)]
pub struct Pattern {
    /// The regular expression as the service model and the error message spell it.
    pub text: &'static str,
    /// Whether the whole of a text has the form.
    pub matches: fn(&str) -> bool,
}

/// The least and the greatest that is allowed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// At least.
    pub min: Option<i64>,
    /// At most.
    pub max: Option<i64>,
}

const UNBOUNDED: Bounds = Bounds { min: None, max: None };

/// The type of a member and its bounds.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// What it is.
    pub kind: Kind,
    /// Of its value (numbers) or its length (everything else that has one).
    pub bounds: Bounds,
    /// Its form, for text.
    pub pattern: Option<Pattern>,
    /// Its values, for text that is an enumeration.
    pub one_of: &'static [&'static str],
}

/// The types of AWS's service models.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Text.
    String,
    /// Bytes.
    Blob,
    /// A 32-bit number.
    Integer,
    /// A 64-bit number.
    Long,
    /// A number with a fraction.
    Double,
    /// True or false.
    Boolean,
    /// A point in time.
    Timestamp,
    /// Several of one shape.
    List(&'static Shape),
    /// Text keys to values.
    Map(&'static Shape, &'static Shape),
    /// Named members.
    Structure(&'static Structure),
    /// Any JSON, which the action reads itself.
    Document,
}

impl Shape {
    const fn of(kind: Kind) -> Self {
        Self { kind, bounds: UNBOUNDED, pattern: None, one_of: &[] }
    }

    /// Text.
    pub const fn string() -> Self {
        Self::of(Kind::String)
    }

    /// Bytes.
    pub const fn blob() -> Self {
        Self::of(Kind::Blob)
    }

    /// A 32-bit number.
    pub const fn integer() -> Self {
        Self::of(Kind::Integer)
    }

    /// A 64-bit number.
    pub const fn long() -> Self {
        Self::of(Kind::Long)
    }

    /// A number with a fraction.
    pub const fn double() -> Self {
        Self::of(Kind::Double)
    }

    /// True or false.
    pub const fn boolean() -> Self {
        Self::of(Kind::Boolean)
    }

    /// A point in time.
    pub const fn timestamp() -> Self {
        Self::of(Kind::Timestamp)
    }

    /// Several of one shape.
    pub const fn list(element: &'static Self) -> Self {
        Self::of(Kind::List(element))
    }

    /// Text keys to values.
    pub const fn map(key: &'static Self, value: &'static Self) -> Self {
        Self::of(Kind::Map(key, value))
    }

    /// Named members.
    pub const fn structure(structure: &'static Structure) -> Self {
        Self::of(Kind::Structure(structure))
    }

    /// Any JSON.
    pub const fn document() -> Self {
        Self::of(Kind::Document)
    }

    /// With a length (text in characters, bytes, list and map in entries) from `min` to `max`.
    #[must_use]
    pub const fn length(self, min: i64, max: i64) -> Self {
        Self { bounds: Bounds { min: Some(min), max: Some(max) }, ..self }
    }

    /// With a value from `min` to `max`.
    #[must_use]
    pub const fn range(self, min: i64, max: i64) -> Self {
        self.length(min, max)
    }

    /// With a value or length of `min` or more.
    #[must_use]
    pub const fn at_least(self, min: i64) -> Self {
        Self { bounds: Bounds { min: Some(min), max: self.bounds.max }, ..self }
    }

    /// With a value or length of `max` or less.
    #[must_use]
    pub const fn at_most(self, max: i64) -> Self {
        Self { bounds: Bounds { min: self.bounds.min, max: Some(max) }, ..self }
    }

    /// With a form.
    #[must_use]
    pub const fn pattern(self, pattern: Pattern) -> Self {
        Self { pattern: Some(pattern), ..self }
    }

    /// One of these.
    #[must_use]
    pub const fn one_of(self, one_of: &'static [&'static str]) -> Self {
        Self { one_of, ..self }
    }

    /// A member of this shape.
    pub const fn member(self, name: &'static str) -> Member {
        Member { name, shape: self, required: false }
    }
}

/// A member of a structure.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it is.
    pub shape: Shape,
    /// Whether it must be there.
    pub required: bool,
}

impl Member {
    /// The same member, which must be there.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }
}

/// A structure: an input, or a part of one.
#[derive(Clone, Copy, Debug)]
pub struct Structure {
    /// Its name in the service model; error messages about list elements show it.
    pub name: &'static str,
    /// Its members, in the order in which violations are reported.
    pub members: &'static [Member],
}

impl Structure {
    /// A structure of the given members.
    pub const fn new(name: &'static str, members: &'static [Member]) -> Self {
        Self { name, members }
    }

    /// The member called `name`.
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }
}
