//! The report as Markdown.

use std::fmt::Write as _;

use super::figures::Row;

pub(super) fn render(machine: &str, rows: &[Row]) -> String {
    let mut text = format!(
        "# Benchmarks\n\nWritten by `cargo xtask bench`. Medians of release builds, with the least and the greatest in brackets.\n\n\
         Measured on {machine}.\n\n| what | measured | promised |\n| --- | --- | --- |\n"
    );
    for row in rows {
        let (least, most) = row.range();
        let unit = row.unit;
        // Writing to a String cannot fail.
        let _ =
            writeln!(text, "| {} | {:.1} {unit} [{least:.1} - {most:.1}] | {} |", row.what, row.median(), row.promised);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_shows_median_and_range() {
        let row = Row { what: "a thing", unit: "ms", promised: "under 5 ms", values: vec![3.0, 1.0, 2.0] };
        assert!(render("a machine", &[row]).ends_with("| a thing | 2.0 ms [1.0 - 3.0] | under 5 ms |\n"));
    }
}
