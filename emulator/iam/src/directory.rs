//! The roles and policies of all accounts.
//!
//! Everything is in memory and written through: a change is durable before anybody sees it. Changes go one at a time
//! through [`Writing`]; who reads meanwhile sees the state before it and does not wait for the disk. Who changes does wait,
//! on its own thread: changes to roles and policies are too rare to be worth a detour.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use serde::Serialize;
use serde::de::DeserializeOwned;
use state_store::{Store, Table};

use crate::Error;
use crate::policy::{Policy, Usage};
use crate::role::Role;

/// All that IAM knows.
pub(crate) struct Directory {
    roles: Records<Role>,
    policies: Records<Policy>,
    /// Held by who changes something. It is the only lock that is held during a write to disk.
    writing: Mutex<()>,
}

/// One kind of records, by [`key`].
struct Records<T> {
    table: Table<T>,
    known: RwLock<BTreeMap<String, Arc<T>>>,
}

impl Directory {
    /// Reads what `store` holds.
    pub(crate) fn open(store: &Store) -> Result<Self, state_store::Error> {
        Ok(Self {
            roles: Records::open(store, "iam.roles")?,
            policies: Records::open(store, "iam.policies")?,
            writing: Mutex::new(()),
        })
    }

    /// The role called `name`.
    pub(crate) fn role(&self, account: &str, name: &str) -> Option<Arc<Role>> {
        self.roles.get(account, name)
    }

    /// The roles of `account` by name.
    pub(crate) fn roles(&self, account: &str) -> Vec<Arc<Role>> {
        self.roles.all(account)
    }

    /// The managed policy called `name`.
    pub(crate) fn policy(&self, account: &str, name: &str) -> Option<Arc<Policy>> {
        self.policies.get(account, name)
    }

    /// The managed policies of `account` by name.
    pub(crate) fn policies(&self, account: &str) -> Vec<Arc<Policy>> {
        self.policies.all(account)
    }

    /// How many entities of `account` use the policy `arn`.
    pub(crate) fn usage(&self, account: &str, arn: &str) -> Usage {
        self.roles(account).iter().fold(Usage::default(), |usage, role| Usage {
            attachments: usage.attachments + usize::from(role.attached.contains(arn)),
            boundaries: usage.boundaries + usize::from(role.boundary.as_deref() == Some(arn)),
        })
    }

    /// Begins a change. What is read through it stays true until it is dropped.
    pub(crate) fn write(&self) -> Writing<'_> {
        // Nothing is half done when a writer panics: memory changes last, and at once.
        let turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        Writing { directory: self, _turn: turn }
    }
}

/// The right to change a directory.
pub(crate) struct Writing<'a> {
    directory: &'a Directory,
    _turn: MutexGuard<'a, ()>,
}

impl Deref for Writing<'_> {
    type Target = Directory;

    fn deref(&self) -> &Directory {
        self.directory
    }
}

impl Writing<'_> {
    /// Adds or replaces a role.
    pub(crate) fn put_role(&self, account: &str, role: Role) -> Result<Arc<Role>, Error> {
        self.roles.put(account, &role.name.clone(), role)
    }

    /// Removes a role.
    pub(crate) fn remove_role(&self, account: &str, name: &str) -> Result<(), Error> {
        self.roles.remove(account, name)
    }

    /// Adds or replaces a policy.
    pub(crate) fn put_policy(&self, account: &str, policy: Policy) -> Result<Arc<Policy>, Error> {
        self.policies.put(account, &policy.name.clone(), policy)
    }

    /// Removes a policy.
    pub(crate) fn remove_policy(&self, account: &str, name: &str) -> Result<(), Error> {
        self.policies.remove(account, name)
    }
}

impl<T: Serialize + DeserializeOwned> Records<T> {
    fn open(store: &Store, table: &'static str) -> Result<Self, state_store::Error> {
        let table: Table<T> = store.table(table);
        let known = table.all()?.into_iter().map(|(key, record)| (key, Arc::new(record))).collect();
        Ok(Self { table, known: RwLock::new(known) })
    }

    fn get(&self, account: &str, name: &str) -> Option<Arc<T>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&key(account, name)).cloned()
    }

    fn all(&self, account: &str) -> Vec<Arc<T>> {
        let prefix = key(account, "");
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let entries = known.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix));
        entries.map(|(_, record)| Arc::clone(record)).collect()
    }

    fn put(&self, account: &str, name: &str, record: T) -> Result<Arc<T>, Error> {
        let key = key(account, name);
        self.table.put(&key, &record)?;
        let record = Arc::new(record);
        self.known.write().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&record));
        Ok(record)
    }

    fn remove(&self, account: &str, name: &str) -> Result<(), Error> {
        let key = key(account, name);
        self.table.remove(&key)?;
        self.known.write().unwrap_or_else(PoisonError::into_inner).remove(&key);
        Ok(())
    }
}

/// The key of a record. Persisted. Neither accounts nor names have a slash.
fn key(account: &str, name: &str) -> String {
    format!("{account}/{name}")
}
