//! Object lock: versions that are kept until a moment, or as long as somebody holds them.
//!
//! Invariant: a version under COMPLIANCE, or held, is neither deleted nor let go earlier, whoever asks; one under GOVERNANCE
//! only by who says that it shall be.

use std::time::Duration;

use aws_wire::{Reply, parse_iso};
use env::Timestamp;
use serde::{Deserialize, Serialize};

use crate::answer::with;
use crate::bucket::{Bucket, Versioning};
use crate::error::{Error, Result};
use crate::request::Request;
use crate::xml::{Element, parse};

const MODE: &str = "x-amz-object-lock-mode";
const UNTIL: &str = "x-amz-object-lock-retain-until-date";
const HOLD: &str = "x-amz-object-lock-legal-hold";
const BYPASS: &str = "x-amz-bypass-governance-retention";
/// The longest that new objects of a bucket can be kept.
const MOST_DAYS: u64 = 36_500;
const MOST_YEARS: u64 = 100;
const DAY: Duration = Duration::from_secs(86_400);

/// Whether some may delete what is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Mode {
    Governance,
    Compliance,
}

/// How long a version is kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Retention {
    pub(crate) mode: Mode,
    pub(crate) until: Timestamp,
}

/// What keeps a version. Persisted.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Lock {
    pub(crate) retention: Option<Retention>,
    /// Whether somebody holds it, if anybody ever said.
    pub(crate) held: Option<bool>,
}

impl Mode {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Governance => "GOVERNANCE",
            Self::Compliance => "COMPLIANCE",
        }
    }

    pub(crate) fn of(name: &str) -> Option<Self> {
        [Self::Governance, Self::Compliance].into_iter().find(|mode| mode.name() == name)
    }
}

impl Retention {
    /// A retention that somebody asks for, which must be of some use.
    pub(crate) fn new(mode: Mode, until: Timestamp, text: &str, now: Timestamp) -> Result<Self> {
        if until > now {
            return Ok(Self { mode, until });
        }
        Err(Error::argument("RetainUntilDate", text, "The retain until date must be in the future!"))
    }
}

impl Lock {
    /// What a new object of `bucket` is kept by: what the request says, else what the bucket does.
    pub(crate) fn of_new(request: &Request, bucket: &Bucket, now: Timestamp) -> Result<Self> {
        Ok(Self::asked_for(request, bucket, now)?.or_of_bucket(bucket, now))
    }

    /// What the request says about it.
    pub(crate) fn asked_for(request: &Request, bucket: &Bucket, now: Timestamp) -> Result<Self> {
        let lock = Self::of_headers(request, now)?;
        if lock != Self::default() {
            check_can_lock(bucket)?;
        }
        Ok(lock)
    }

    fn of_headers(request: &Request, now: Timestamp) -> Result<Self> {
        let retention = match (request.header(MODE), request.header(UNTIL)) {
            (None, None) => None,
            (Some(mode), Some(until)) => {
                let mode = Mode::of(mode).ok_or_else(|| Error::argument(MODE, mode, "Unknown wormMode directive."))?;
                let invalid =
                    || Error::argument(UNTIL, until, "The retain until date must be provided in ISO 8601 format");
                let moment = parse_iso(until.trim()).ok_or_else(invalid)?;
                Some(Retention::new(mode, moment, until, now)?)
            }
            (mode, until) => {
                let (name, value) = if mode.is_some() { (MODE, mode) } else { (UNTIL, until) };
                let message = format!("{UNTIL} and {MODE} must both be supplied");
                return Err(Error::argument(name, value.unwrap_or_default(), message));
            }
        };
        let held = match request.header(HOLD) {
            None => None,
            Some("ON") => Some(true),
            Some("OFF") => Some(false),
            Some(other) => return Err(Error::argument(HOLD, other, "Legal Hold must be either of 'ON' or 'OFF'")),
        };
        Ok(Self { retention, held })
    }

    /// With the retention of the bucket where there is no other.
    pub(crate) fn or_of_bucket(self, bucket: &Bucket, now: Timestamp) -> Self {
        Self { retention: self.retention.or_else(|| usual(bucket, now)), ..self }
    }

    /// Whether a version must not be deleted, even if the request says that it shall be.
    pub(crate) fn protects(&self, now: Timestamp, bypass: bool) -> bool {
        let retention = self.retention.as_ref().filter(|retention| retention.until > now);
        self.held == Some(true) || retention.is_some_and(|retention| retention.mode == Mode::Compliance || !bypass)
    }

    /// Whether a version may be kept by `to` from now on.
    pub(crate) fn allows(&self, to: Option<&Retention>, now: Timestamp, bypass: bool) -> bool {
        let Some(from) = self.retention.as_ref().filter(|retention| retention.until > now) else { return true };
        let is_longer = to.is_some_and(|to| {
            let is_weaker = from.mode == Mode::Compliance && to.mode == Mode::Governance;
            to.until >= from.until && !is_weaker
        });
        is_longer || from.mode == Mode::Governance && bypass
    }
}

/// Nothing is kept in a bucket that cannot keep anything.
pub(crate) fn check_can_lock(bucket: &Bucket) -> Result<()> {
    let missing = || Error::InvalidRequest("Bucket is missing Object Lock Configuration".into());
    bucket.has_lock().then_some(()).ok_or_else(missing)
}

/// Whether a request says that what GOVERNANCE keeps is not to be kept.
pub(crate) fn bypasses(request: &Request) -> bool {
    request.header(BYPASS).is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

/// Refuses an upload that is to be kept, and does not say what the body is.
pub(crate) fn check_digest(request: &Request, lock: &Lock) -> Result<()> {
    if *lock == Lock::default() || request.has_checksum() || request.header("content-md5").is_some() {
        return Ok(());
    }
    let message =
        "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters";
    Err(Error::InvalidRequest(message.into()))
}

/// Adds what keeps an object.
pub(crate) fn described(mut reply: Reply, lock: &Lock) -> Reply {
    if let Some(retention) = &lock.retention {
        reply = with(reply, MODE, retention.mode.name());
        reply = with(reply, UNTIL, &retention.until.to_string());
    }
    match lock.held {
        Some(held) => with(reply, HOLD, if held { "ON" } else { "OFF" }),
        None => reply,
    }
}

/// How long new objects of a bucket are kept.
fn usual(bucket: &Bucket, now: Timestamp) -> Option<Retention> {
    let root = parse(bucket.configurations.get("object-lock")?.as_bytes(), "ObjectLockConfiguration").ok()?;
    let (mode, time) = of_rule(root.child("Rule")?).ok()?;
    Some(Retention { mode, until: now + time })
}

/// Looks over the document that configures a bucket's lock.
pub(crate) fn check(root: &Element) -> Result<()> {
    if root.value("ObjectLockEnabled") != Some("Enabled") {
        return Err(Error::XmlMalformed);
    }
    root.child("Rule").map_or(Ok(()), |rule| of_rule(rule).map(drop))
}

/// Whether a bucket may have a lock. One that has no versions has nothing to lock.
pub(crate) fn check_bucket(bucket: &Bucket) -> Result<()> {
    match bucket.versioning {
        Versioning::Enabled => Ok(()),
        Versioning::Off | Versioning::Suspended => {
            Err(Error::BucketState("Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"))
        }
    }
}

/// What a rule says about new objects.
fn of_rule(rule: &Element) -> Result<(Mode, Duration)> {
    let retention = rule.child("DefaultRetention").ok_or(Error::XmlMalformed)?;
    let mode = retention.value("Mode").and_then(Mode::of).ok_or(Error::XmlMalformed)?;
    let (name, text, most, days) = match (retention.value("Days"), retention.value("Years")) {
        (Some(days), None) => ("Days", days, MOST_DAYS, 1),
        (None, Some(years)) => ("Years", years, MOST_YEARS, 365),
        _ => return Err(Error::XmlMalformed),
    };
    let number: i64 = text.trim().parse().map_err(|_| Error::XmlMalformed)?;
    let positive = u64::try_from(number).ok().filter(|number| *number > 0);
    let too_small = || Error::argument(name, text, "Default retention period must be a positive integer value.");
    let number = positive.ok_or_else(too_small)?;
    let too_large = || Error::argument(name, text, format!("Default retention period too large for '{name}' {number}"));
    let number = u32::try_from(number).ok().filter(|number| u64::from(*number) <= most).ok_or_else(too_large)?;
    Ok((mode, DAY * days * number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: u64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    fn until(mode: Mode, secs: u64) -> Retention {
        Retention { mode, until: at(secs) }
    }

    #[test]
    fn what_keeps_a_version() {
        let lock = |retention, held| Lock { retention, held };
        let (governed, complied) = (until(Mode::Governance, 10), until(Mode::Compliance, 10));
        for (lock, now, bypass, expected) in [
            (lock(None, None), 1, false, false),
            (lock(None, Some(true)), 99, true, true),
            (lock(None, Some(false)), 1, false, false),
            (lock(Some(governed.clone()), None), 9, false, true),
            (lock(Some(governed.clone()), None), 9, true, false),
            (lock(Some(governed), None), 10, false, false),
            (lock(Some(complied.clone()), None), 9, true, true),
            (lock(Some(complied), None), 10, false, false),
        ] {
            assert_eq!(lock.protects(at(now), bypass), expected, "{lock:?} at {now}, {bypass}");
        }
    }

    #[test]
    fn what_can_be_changed() {
        use Mode::{Compliance, Governance};
        for (from, to, bypass, expected) in [
            (None, Some(until(Governance, 5)), false, true),
            (Some(until(Governance, 10)), Some(until(Governance, 11)), false, true),
            (Some(until(Governance, 10)), Some(until(Compliance, 11)), false, true),
            (Some(until(Governance, 10)), Some(until(Governance, 9)), false, false),
            (Some(until(Governance, 10)), Some(until(Governance, 9)), true, true),
            (Some(until(Governance, 10)), None, false, false),
            (Some(until(Governance, 10)), None, true, true),
            (Some(until(Governance, 1)), None, false, true),
            (Some(until(Compliance, 10)), Some(until(Compliance, 11)), false, true),
            (Some(until(Compliance, 10)), Some(until(Compliance, 9)), true, false),
            (Some(until(Compliance, 10)), Some(until(Governance, 11)), true, false),
            (Some(until(Compliance, 10)), None, true, false),
        ] {
            let lock = Lock { retention: from, held: None };
            assert_eq!(lock.allows(to.as_ref(), at(1), bypass), expected, "{lock:?} to {to:?}, {bypass}");
        }
    }

    #[test]
    fn rules_of_buckets() {
        let check = |content: &str| {
            let document = format!(
                "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>{content}</ObjectLockConfiguration>"
            );
            check(&parse(document.as_bytes(), "ObjectLockConfiguration").unwrap())
        };
        let rule = |content: &str| check(&format!("<Rule><DefaultRetention>{content}</DefaultRetention></Rule>"));
        assert_eq!(check(""), Ok(()));
        assert_eq!(rule("<Mode>GOVERNANCE</Mode><Days>1</Days>"), Ok(()));
        assert_eq!(rule("<Mode>COMPLIANCE</Mode><Years>100</Years>"), Ok(()));
        for content in [
            "",
            "<Mode>GOVERNANCE</Mode>",
            "<Mode>NONE</Mode><Days>1</Days>",
            "<Days>1</Days>",
            "<Mode>GOVERNANCE</Mode><Days>1</Days><Years>1</Years>",
            "<Mode>GOVERNANCE</Mode><Days>x</Days>",
        ] {
            assert_eq!(rule(content), Err(Error::XmlMalformed), "{content}");
        }
        for time in ["<Days>0</Days>", "<Days>-1</Days>", "<Days>36501</Days>", "<Years>101</Years>"] {
            let checked = rule(&format!("<Mode>GOVERNANCE</Mode>{time}"));
            assert!(matches!(checked, Err(Error::InvalidArgument { .. })), "{time}");
        }
    }
}
