//! Which messages of a FIFO queue were sent twice: for five minutes, what has the same deduplication id is the same message,
//! received and deleted or not.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use env::Timestamp;
use serde::{Deserialize, Serialize};

/// How long a send is remembered.
const REMEMBERED: Duration = Duration::from_secs(300);

/// A send that is remembered. Persisted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Remembered {
    pub(crate) key: Key,
    pub(crate) message: String,
    pub(crate) at: Timestamp,
}

/// What two sends have in common that are one.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub(crate) struct Key {
    /// The group, if ids count within one only.
    pub(crate) group: Option<String>,
    pub(crate) id: String,
}

/// The sends that a queue remembers.
#[derive(Default)]
pub(crate) struct Sends {
    by_key: HashMap<Key, u64>,
    /// By sequence, which is the order of time.
    sends: BTreeMap<u64, Remembered>,
}

impl Sends {
    /// The sequence and the message id of an earlier send of the same.
    pub(crate) fn earlier(&self, key: &Key, now: Timestamp) -> Option<(u64, &str)> {
        let sequence = *self.by_key.get(key)?;
        let send = self.sends.get(&sequence).filter(|send| send.at + REMEMBERED > now)?;
        Some((sequence, &send.message))
    }

    /// Remembers a send.
    pub(crate) fn remember(&mut self, sequence: u64, send: Remembered) {
        self.by_key.insert(send.key.clone(), sequence);
        self.sends.insert(sequence, send);
    }

    /// Forgets one that did not become durable.
    pub(crate) fn forget(&mut self, sequence: u64) {
        if let Some(send) = self.sends.remove(&sequence)
            && self.by_key.get(&send.key) == Some(&sequence)
        {
            self.by_key.remove(&send.key);
        }
    }

    /// Forgets those that are over, and says which.
    pub(crate) fn forget_old(&mut self, now: Timestamp) -> Vec<u64> {
        let old = self.sends.iter().take_while(|(_, send)| send.at + REMEMBERED <= now);
        let old: Vec<u64> = old.map(|(sequence, _)| *sequence).collect();
        old.iter().for_each(|sequence| self.forget(*sequence));
        old
    }

    /// All of them.
    pub(crate) fn sequences(&self) -> Vec<u64> {
        self.sends.keys().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_minutes() {
        let key = |id: &str| Key { group: None, id: id.into() };
        let at = Timestamp::from_secs(1000);
        let mut sends = Sends::default();
        sends.remember(1, Remembered { key: key("a"), message: "m".into(), at });
        assert_eq!(sends.earlier(&key("a"), at), Some((1, "m")));
        assert_eq!(sends.earlier(&key("b"), at), None);
        let last = at + REMEMBERED - Duration::from_millis(1);
        assert_eq!(sends.earlier(&key("a"), last), Some((1, "m")));
        assert_eq!(sends.forget_old(last), [0; 0]);
        assert_eq!(sends.earlier(&key("a"), at + REMEMBERED), None);
        sends.remember(2, Remembered { key: key("a"), message: "n".into(), at: at + REMEMBERED });
        assert_eq!(sends.forget_old(at + REMEMBERED), [1]);
        assert_eq!(sends.earlier(&key("a"), at + REMEMBERED), Some((2, "n")));
    }
}
