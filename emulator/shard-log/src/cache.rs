//! A bounded cache: of open files, so that idle logs hold none, and of the indexes of sealed segments.
//!
//! What it forgets can be had again. Invariant: it never holds more than its capacity.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// Keeps the values used last.
#[derive(Debug)]
pub(crate) struct Cache<K, V> {
    capacity: usize,
    slots: Mutex<Slots<K, V>>,
}

#[derive(Debug)]
struct Slots<K, V> {
    by_key: HashMap<K, (V, u64)>,
    /// Counts uses; the slot with the lowest was used longest ago.
    uses: u64,
}

impl<K: Copy + Eq + Hash, V: Clone> Cache<K, V> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, slots: Mutex::new(Slots { by_key: HashMap::new(), uses: 0 }) }
    }

    /// The value of `key`, made by `make` if it is not here. Two callers may both make it; the last one stays.
    pub(crate) fn get_or<E>(&self, key: K, make: impl FnOnce() -> Result<V, E>) -> Result<V, E> {
        if let Some(value) = self.get(key) {
            return Ok(value);
        }
        let value = make()?;
        self.put(key, value.clone());
        Ok(value)
    }

    /// Forgets `key`.
    pub(crate) fn forget(&self, key: K) {
        drop(self.with(|slots| slots.by_key.remove(&key)));
    }

    /// Notes `value` as that of `key`.
    pub(crate) fn put(&self, key: K, value: V) {
        // What falls out is dropped after the lock: closing a file may take its time.
        drop(self.with(|slots| {
            slots.uses += 1;
            let replaced = slots.by_key.insert(key, (value, slots.uses));
            if slots.by_key.len() <= self.capacity {
                return replaced;
            }
            let oldest = slots.by_key.iter().min_by_key(|(_, (_, used))| *used).map(|(key, _)| *key);
            oldest.and_then(|key| slots.by_key.remove(&key))
        }));
    }

    fn get(&self, key: K) -> Option<V> {
        self.with(|slots| {
            slots.uses += 1;
            let (value, used) = slots.by_key.get_mut(&key)?;
            *used = slots.uses;
            Some(value.clone())
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut Slots<K, V>) -> T) -> T {
        // A cache is right whatever is in it, also after a panic.
        act(&mut self.slots.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgets_what_was_used_longest_ago() {
        let cache = Cache::new(2);
        let get = |key: u32| {
            let mut made = false;
            let value = cache.get_or::<()>(key, || {
                made = true;
                Ok(key * 10)
            });
            assert_eq!(value, Ok(key * 10));
            made
        };
        assert!(get(1) && get(2));
        assert!(!get(1));
        assert!(get(3));
        assert!(!get(1));
        assert!(get(2));
    }
}
