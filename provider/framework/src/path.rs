//! Attribute paths: where in a resource a diagnostic or a replacement belongs.

/// One step from a value to a part of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// An attribute or block of an object.
    Name(String),
    /// An element of a list.
    Index(usize),
    /// An element of a map.
    Key(String),
}

/// The steps from the resource to one of its values. Elements of sets have no path: point at the set.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Vec<Step>);

impl Path {
    /// The resource itself.
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// The path extended by an attribute or block name.
    #[must_use]
    pub fn name(&self, name: impl Into<String>) -> Self {
        self.step(Step::Name(name.into()))
    }

    /// The path extended by a list index.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.step(Step::Index(index))
    }

    /// The path extended by a map key.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        self.step(Step::Key(key.into()))
    }

    /// The path extended by `step`.
    #[must_use]
    pub fn step(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// The steps in order from the root.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// The path as seen from further out: `step` comes first.
    pub(crate) fn under(mut self, step: Step) -> Self {
        self.0.insert(0, step);
        self
    }
}

impl From<&str> for Path {
    fn from(name: &str) -> Self {
        Self::root().name(name)
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, step) in self.0.iter().enumerate() {
            match step {
                Step::Name(name) if i == 0 => write!(f, "{name}")?,
                Step::Name(name) => write!(f, ".{name}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) => write!(f, "[{key:?}]")?,
            }
        }
        Ok(())
    }
}
