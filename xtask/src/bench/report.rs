//! The report as Markdown: sections between markers, of which the measured ones are written anew.

use std::fmt::Write as _;

use super::figures::Row;

/// The file before anything was measured.
pub(super) const EMPTY: &str = "# Benchmarks\n\nWritten by `cargo xtask bench`. Medians of release builds.\n\n\
                                ## Starting up\n\n<!-- startup -->\n<!-- /startup -->\n\n\
                                ## Terraform\n\n<!-- terraform -->\n<!-- /terraform -->\n\n\
                                ## Kinesis\n\n<!-- kinesis -->\n<!-- /kinesis -->\n\n\
                                ## Functions\n\n<!-- functions -->\n<!-- /functions -->\n";

/// `text` with `content` between the markers of `section`.
pub(super) fn replace(text: &str, section: &str, content: &str) -> String {
    let (begin, end) = (format!("<!-- {section} -->"), format!("<!-- /{section} -->"));
    match (text.split_once(&begin), text.split_once(&end)) {
        (Some((before, _)), Some((_, after))) => format!("{before}{begin}\n{}\n{end}{after}", content.trim_end()),
        _ => format!("{}\n\n{begin}\n{}\n{end}\n", text.trim_end(), content.trim_end()),
    }
}

pub(super) fn rows(machine: &str, rows: &[Row]) -> String {
    let mut text = format!(
        "Measured on {machine}; the least and the greatest in brackets.\n\n\
         | what | measured | promised |\n| --- | --- | --- |\n"
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
        assert!(rows("a machine", &[row]).ends_with("| a thing | 2.0 ms [1.0 - 3.0] | under 5 ms |\n"));
    }

    #[test]
    fn a_section_is_replaced_and_the_rest_stays() {
        let first = replace(EMPTY, "startup", "old\n");
        let second = replace(&replace(&first, "kinesis", "fast"), "startup", "new");
        assert!(second.contains("<!-- startup -->\nnew\n<!-- /startup -->") && !second.contains("old"), "{second}");
        assert!(second.contains("<!-- kinesis -->\nfast\n"), "{second}");
        assert!(replace("# Other", "x", "y").ends_with("<!-- x -->\ny\n<!-- /x -->\n"));
    }
}
