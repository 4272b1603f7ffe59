//! The runtimes of Lambda by name: which of them there are and which family runs them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Every value that AWS accepts, in the order of its service model (error texts list them).
pub(crate) const KNOWN: &[&str] = &[
    "nodejs",
    "nodejs4.3",
    "nodejs6.10",
    "nodejs8.10",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "nodejs16.x",
    "nodejs18.x",
    "nodejs20.x",
    "nodejs22.x",
    "nodejs24.x",
    "java8",
    "java8.al2",
    "java11",
    "java17",
    "java21",
    "java25",
    "python2.7",
    "python3.6",
    "python3.7",
    "python3.8",
    "python3.9",
    "python3.10",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
    "dotnetcore1.0",
    "dotnetcore2.0",
    "dotnetcore2.1",
    "dotnetcore3.1",
    "dotnet6",
    "dotnet8",
    "dotnet10",
    "nodejs4.3-edge",
    "go1.x",
    "ruby2.5",
    "ruby2.7",
    "ruby3.2",
    "ruby3.3",
    "ruby3.4",
    "ruby4.0",
    "provided",
    "provided.al2",
    "provided.al2023",
    "nodejs26.x",
    "python3.15",
    "java8.al2023",
    "java11.al2023",
    "java17.al2023",
    "custom",
];

/// A runtime's identifier: its place among the [`KNOWN`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Runtime(usize);

/// What it takes to run a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// A Python interpreter, preferably of this version (`3.12`).
    Python(&'static str),
    /// Node.js, preferably of this major version (`20`).
    Node(&'static str),
    /// A Java virtual machine, preferably of this version (`21`), with the runtime interface client of the function's own.
    Java(&'static str),
    /// A Ruby interpreter, preferably of this version (`3.3`), with the runtime interface client installed.
    Ruby(&'static str),
    /// The package brings its own executable.
    Provided,
    /// We have no bootstrap for it.
    Unsupported,
}

/// AWS knows no runtime of that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a runtime")]
pub(crate) struct UnknownRuntime;

impl Runtime {
    /// The identifier.
    pub(crate) fn as_str(self) -> &'static str {
        KNOWN[self.0]
    }

    /// What runs it.
    pub(crate) fn family(self) -> Family {
        let name = self.as_str();
        if let Some(version) = name.strip_prefix("python").filter(|version| version.starts_with("3.")) {
            return Family::Python(version);
        }
        if let Some(version) = name.strip_prefix("nodejs") {
            return Family::Node(version.split('.').next().unwrap_or_default());
        }
        if let Some(version) = name.strip_prefix("java") {
            return Family::Java(version.split('.').next().unwrap_or_default());
        }
        if let Some(version) = name.strip_prefix("ruby") {
            return Family::Ruby(version);
        }
        if name.starts_with("provided") { Family::Provided } else { Family::Unsupported }
    }

    /// All names, as error texts list them.
    pub(crate) fn known() -> String {
        KNOWN.join(", ")
    }
}

impl FromStr for Runtime {
    type Err = UnknownRuntime;

    fn from_str(text: &str) -> Result<Self, UnknownRuntime> {
        KNOWN.iter().position(|known| *known == text).map(Self).ok_or(UnknownRuntime)
    }
}

impl TryFrom<String> for Runtime {
    type Error = UnknownRuntime;

    fn try_from(text: String) -> Result<Self, UnknownRuntime> {
        text.parse()
    }
}

impl From<Runtime> for String {
    fn from(runtime: Runtime) -> Self {
        runtime.as_str().to_owned()
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_families() {
        let check = |name: &str, family| assert_eq!(name.parse::<Runtime>().unwrap().family(), family, "{name}");
        check("python3.12", Family::Python("3.12"));
        check("nodejs20.x", Family::Node("20"));
        check("provided.al2023", Family::Provided);
        check("java21", Family::Java("21"));
        check("java8.al2", Family::Java("8"));
        check("ruby3.3", Family::Ruby("3.3"));
        check("dotnet8", Family::Unsupported);
        check("python2.7", Family::Unsupported);
        assert_eq!("python4".parse::<Runtime>(), Err(UnknownRuntime));
    }
}
