//! Names that the user leaves to the provider: a prefix, the moment and a counter.

use std::sync::atomic::{AtomicU32, Ordering};

use jiff::Timestamp;
use tf_framework::{Attr, Plan};

/// The prefix of a name for which the user gave none.
const DEFAULT_PREFIX: &str = "terraform-";

/// Digits of the moment, and a counter for names of the same moment.
const SUFFIX_LENGTH: usize = 18 + 8;

/// Plans `name` and `name_prefix`, which `fields` picks in this order: a name that the user chose has no prefix.
pub(super) fn plan_name<R>(plan: &mut Plan<R>, fields: impl Fn(&mut R) -> (&mut Attr<String>, &mut Attr<String>)) {
    let is_chosen = fields(&mut plan.config).0.is_known();
    if plan.is_create() && is_chosen {
        *fields(&mut plan.planned).1 = "".into();
    }
}

/// The name to create something under: the chosen one, else one that no other object has.
pub(super) fn name_or_unique(name: &Attr<String>, prefix: &Attr<String>) -> String {
    name_or_unique_with(name, prefix, "")
}

/// Likewise, for objects whose kind the end of their name tells: one that is made up ends in `ending`.
pub(super) fn name_or_unique_with(name: &Attr<String>, prefix: &Attr<String>, ending: &str) -> String {
    static COUNTER: AtomicU32 = AtomicU32::new(1);
    if let Some(name) = name.as_str().filter(|name| !name.is_empty()) {
        return name.to_owned();
    }
    let prefix = prefix.as_str().filter(|prefix| !prefix.is_empty()).unwrap_or(DEFAULT_PREFIX);
    unique(prefix, Timestamp::now(), COUNTER.fetch_add(1, Ordering::Relaxed)) + ending
}

fn unique(prefix: &str, now: Timestamp, count: u32) -> String {
    let ten_thousandths = now.subsec_nanosecond() / 100_000;
    format!("{prefix}{}{ten_thousandths:04}{count:08x}", now.strftime("%Y%m%d%H%M%S"))
}

/// The prefix within a name that `name_or_unique` made; empty for any other.
pub(super) fn prefix_of(name: &str) -> &str {
    prefix_before(name, "")
}

/// Likewise, within one that `name_or_unique_with` made.
pub(super) fn prefix_before<'a>(name: &'a str, ending: &str) -> &'a str {
    let Some(name) = name.strip_suffix(ending) else { return "" };
    let split = name.len().checked_sub(SUFFIX_LENGTH).and_then(|at| name.split_at_checked(at));
    let Some((prefix, suffix)) = split.filter(|(_, suffix)| suffix.is_ascii()) else { return "" };
    let (moment, counter) = suffix.split_at(SUFFIX_LENGTH - 8);
    let is_ours = moment.bytes().all(|b| b.is_ascii_digit()) && counter.bytes().all(|b| b.is_ascii_hexdigit());
    if is_ours { prefix } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unique_name_shows_its_prefix() {
        let now: Timestamp = "2026-01-02T03:04:05.678912Z".parse().unwrap();
        let name = unique("role-", now, 27);
        assert_eq!(name, "role-2026010203040567890000001b");
        assert_eq!(prefix_of(&name), "role-");
        let accents = "é".repeat(20);
        for other in ["", "role", "role-20260102030405678900000", "an-ordinary-name-that-is-long-enough", &*accents] {
            assert_eq!(prefix_of(other), "", "{other}");
        }
        assert_eq!(prefix_before(&format!("{name}.fifo"), ".fifo"), "role-");
        assert_eq!(prefix_before(&name, ".fifo"), "");
    }

    #[test]
    fn the_users_name_is_taken_as_it_is() {
        assert_eq!(name_or_unique(&"r".into(), &Attr::Null), "r");
        assert!(name_or_unique(&Attr::Unknown, &Attr::Null).starts_with("terraform-2"));
        let fifo = name_or_unique_with(&Attr::Null, &"q-".into(), ".fifo");
        assert!(fifo.starts_with("q-2") && fifo.ends_with(".fifo"), "{fifo}");
        assert_ne!(name_or_unique(&Attr::Null, &"p".into()), name_or_unique(&Attr::Null, &"p".into()));
    }
}
