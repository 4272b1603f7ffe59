//! Which of our crates uses which, held against the table in `ARCHITECTURE.md`.
//!
//! A row of the table reads ``| `crate` | `used`, `used` | … |``. The table is the law: an arrow that is not in it is
//! wrong, and one that is in it and not in the code is stale.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::cargo::{cargo, root};

type Arrows = BTreeMap<String, BTreeSet<String>>;

/// The differences between the table and the code.
pub(super) fn check() -> Result<Vec<String>> {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).context("cannot read ARCHITECTURE.md")?;
    Ok(compare(&table(&text), &code()?))
}

fn compare(table: &Arrows, code: &Arrows) -> Vec<String> {
    let mut complaints = Vec::new();
    for (from, used) in code {
        let Some(allowed) = table.get(from) else {
            complaints.push(format!("ARCHITECTURE.md has no row for the crate `{from}`"));
            continue;
        };
        complaints.extend(
            used.difference(allowed)
                .map(|to| format!("`{from}` must not use `{to}`: ARCHITECTURE.md has no such arrow")),
        );
        complaints.extend(
            allowed.difference(used).map(|to| format!("ARCHITECTURE.md lets `{from}` use `{to}`, which it does not")),
        );
    }
    complaints.extend(
        table
            .keys()
            .filter(|name| !code.contains_key(*name))
            .map(|name| format!("ARCHITECTURE.md has a row for `{name}`, which is no crate")),
    );
    complaints
}

/// The rows between the two markers.
fn table(text: &str) -> Arrows {
    let rows = text
        .lines()
        .skip_while(|line| !line.contains("<!-- arrows -->"))
        .take_while(|line| !line.contains("<!-- /arrows -->"));
    let cells = |row: &str| row.split('|').map(names).collect::<Vec<_>>();
    let rows = rows.filter(|row| row.starts_with("| `")).map(cells);
    rows.filter_map(|cells| Some((cells.get(1)?.first()?.clone(), cells.get(2)?.iter().cloned().collect()))).collect()
}

/// What stands between backticks.
fn names(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

/// The arrows that the manifests draw, tests aside.
fn code() -> Result<Arrows> {
    let output = cargo()
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .output()
        .context("cannot run cargo metadata")?;
    let metadata: Metadata = serde_json::from_slice(&output.stdout).context("cargo metadata is not what we expect")?;
    let ours: BTreeSet<&str> = metadata.packages.iter().map(|package| package.name.as_str()).collect();
    let arrows = metadata.packages.iter().map(|package| {
        let used = package.dependencies.iter().filter(|dependency| dependency.kind.as_deref() != Some("dev"));
        let used = used.map(|dependency| dependency.name.clone()).filter(|name| ours.contains(name.as_str()));
        (package.name.clone(), used.collect())
    });
    Ok(arrows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "| `not` | `this` |\n<!-- arrows -->\n| crate | uses |\n| --- | --- |\n| `a` | `b`, `c` | why |\n| `b` | |\n\
                        <!-- /arrows -->\n| `nor` | `this` |";

    fn arrows(pairs: &[(&str, &[&str])]) -> Arrows {
        pairs.iter().map(|(from, to)| ((*from).to_owned(), to.iter().map(|to| (*to).to_owned()).collect())).collect()
    }

    #[test]
    fn the_table_is_read_between_its_markers() {
        assert_eq!(table(TEXT), arrows(&[("a", &["b", "c"]), ("b", &[])]));
    }

    #[test]
    fn every_difference_is_told() {
        let told = compare(&table(TEXT), &arrows(&[("a", &["b", "x"]), ("d", &[])]));
        assert_eq!(
            told,
            [
                "`a` must not use `x`: ARCHITECTURE.md has no such arrow",
                "ARCHITECTURE.md lets `a` use `c`, which it does not",
                "ARCHITECTURE.md has no row for the crate `d`",
                "ARCHITECTURE.md has a row for `b`, which is no crate",
            ]
        );
    }
}
