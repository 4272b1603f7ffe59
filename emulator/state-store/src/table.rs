//! One typed table, and the transaction that writes to several of them at once.

use std::marker::PhantomData;
use std::ops::Bound;

use redb::{Database, ReadOnlyTable, ReadableDatabase, TableDefinition, WriteTransaction};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Error, Result, Store};

type Definition = TableDefinition<'static, &'static str, &'static [u8]>;

/// Values of one type by text key.
#[derive(Debug)]
pub struct Table<T> {
    store: Store,
    name: &'static str,
    values: PhantomData<fn() -> T>,
}

impl<T> Clone for Table<T> {
    fn clone(&self) -> Self {
        Self { store: self.store.clone(), name: self.name, values: PhantomData }
    }
}

impl<T> Table<T> {
    pub(crate) fn new(store: Store, name: &'static str) -> Self {
        Self { store, name, values: PhantomData }
    }

    fn definition(&self) -> Definition {
        Definition::new(self.name)
    }
}

impl<T: Serialize + DeserializeOwned> Table<T> {
    /// The value of `key`.
    pub fn get(&self, key: &str) -> Result<Option<T>> {
        let Some(table) = self.to_read()? else { return Ok(None) };
        table.get(key)?.map(|bytes| self.decode(key, bytes.value())).transpose()
    }

    /// Everything, by key in order.
    pub fn all(&self) -> Result<Vec<(String, T)>> {
        self.scan("")
    }

    /// Everything whose key begins with `prefix`, by key in order.
    pub fn scan(&self, prefix: &str) -> Result<Vec<(String, T)>> {
        let mut found = Vec::new();
        let Some(table) = self.to_read()? else { return Ok(found) };
        for entry in table.range::<&str>((Bound::Included(prefix), Bound::Unbounded))? {
            let (key, bytes) = entry?;
            if !key.value().starts_with(prefix) {
                break;
            }
            found.push((key.value().to_owned(), self.decode(key.value(), bytes.value())?));
        }
        Ok(found)
    }

    /// Sets the value of `key`, durably.
    pub fn put(&self, key: &str, value: &T) -> Result<()> {
        self.store.commit(|transaction| transaction.put(self, key, value))
    }

    /// Removes `key`, durably. No error if it is not there.
    pub fn remove(&self, key: &str) -> Result<()> {
        self.store.commit(|transaction| transaction.remove(self, key))
    }

    /// The table as the file holds it: there is none before the first put.
    fn to_read(&self) -> Result<Option<ReadOnlyTable<&'static str, &'static [u8]>>> {
        match self.store.0.begin_read()?.open_table(self.definition()) {
            Ok(table) => Ok(Some(table)),
            Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn decode(&self, key: &str, bytes: &[u8]) -> Result<T> {
        serde_json::from_slice(bytes).map_err(|reason| self.value_error(key, reason))
    }

    fn value_error(&self, key: &str, reason: serde_json::Error) -> Error {
        Error::Value { table: self.name, key: key.to_owned(), reason: reason.into() }
    }
}

/// Writes that become durable together.
pub struct Transaction(WriteTransaction);

impl Transaction {
    pub(crate) fn begin(database: &Database) -> Result<Self> {
        Ok(Self(database.begin_write()?))
    }

    pub(crate) fn commit(self) -> Result<()> {
        Ok(self.0.commit()?)
    }

    /// Sets the value of `key` in `table`.
    pub fn put<T: Serialize + DeserializeOwned>(&mut self, table: &Table<T>, key: &str, value: &T) -> Result<()> {
        let bytes = serde_json::to_vec(value).map_err(|reason| table.value_error(key, reason))?;
        self.0.open_table(table.definition())?.insert(key, bytes.as_slice())?;
        Ok(())
    }

    /// Removes `key` from `table`. No error if it is not there.
    pub fn remove<T>(&mut self, table: &Table<T>, key: &str) -> Result<()> {
        self.0.open_table(table.definition())?.remove(key)?;
        Ok(())
    }
}
