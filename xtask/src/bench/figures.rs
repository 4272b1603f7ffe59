//! A row of the report: what was measured, what came out, what was promised.

/// Repeated measurements of one thing, in one unit.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) what: &'static str,
    pub(super) unit: &'static str,
    pub(super) promised: &'static str,
    pub(super) values: Vec<f64>,
}

impl Row {
    pub(super) fn median(&self) -> f64 {
        let mut values = self.values.clone();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    }

    pub(super) fn range(&self) -> (f64, f64) {
        let fold = |f: fn(f64, f64) -> f64, start| self.values.iter().copied().fold(start, f);
        (fold(f64::min, f64::INFINITY), fold(f64::max, f64::NEG_INFINITY))
    }
}
