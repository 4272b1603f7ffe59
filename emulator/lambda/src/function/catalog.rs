//! All functions: in memory for reading, written through to the store before anybody sees a change.
//!
//! Methods that write block for a disk sync; callers run them where blocking is fine. Invariant: memory shows nothing
//! that the store does not hold.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use aws_wire::World;
use state_store::{Store, Table};

use super::Function;
use crate::Error;
use crate::code::CodeHash;
use crate::name::{FunctionArn, FunctionName};

type Key = (World, FunctionName);

/// The functions of all worlds.
pub(crate) struct Catalog {
    table: Table<Function>,
    functions: RwLock<BTreeMap<Key, Arc<Function>>>,
    /// Held while something is written, so that changes come one after the other.
    writer: Mutex<()>,
}

impl Catalog {
    /// Reads what `store` holds.
    pub(crate) fn open(store: &Store) -> Result<Self, Error> {
        let table = store.table::<Function>("lambda.functions");
        let functions = table.all()?.into_iter().map(|(_, function)| (key(&function.arn), Arc::new(function)));
        Ok(Self { functions: RwLock::new(functions.collect()), table, writer: Mutex::new(()) })
    }

    /// The function that `arn` names, whatever its qualifier.
    pub(crate) fn get(&self, arn: &FunctionArn) -> Result<Arc<Function>, Error> {
        let found = self.functions.read().unwrap_or_else(PoisonError::into_inner).get(&key(arn)).cloned();
        found.ok_or_else(|| Error::FunctionNotFound(arn.clone()))
    }

    /// The functions of `world` by name.
    pub(crate) fn list(&self, world: &World) -> Vec<Arc<Function>> {
        let functions = self.functions.read().unwrap_or_else(PoisonError::into_inner);
        functions.iter().filter(|((at, _), _)| at == world).map(|(_, function)| Arc::clone(function)).collect()
    }

    /// Adds a function whose name is free.
    pub(crate) fn insert(&self, function: Function) -> Result<Arc<Function>, Error> {
        let _writer = self.writer();
        if self.get(&function.arn).is_ok() {
            return Err(Error::FunctionExists(function.arn.name));
        }
        self.store(function)
    }

    /// Changes a function. If `change` fails, nothing has happened.
    pub(crate) fn change<R>(
        &self,
        arn: &FunctionArn,
        change: impl FnOnce(&mut Function) -> Result<R, Error>,
    ) -> Result<(Arc<Function>, R), Error> {
        let _writer = self.writer();
        let before = self.get(arn)?;
        let mut function = Function::clone(&before);
        let outcome = change(&mut function)?;
        if *before == function {
            return Ok((before, outcome));
        }
        Ok((self.store(function)?, outcome))
    }

    /// Removes a function and all its versions.
    pub(crate) fn remove(&self, arn: &FunctionArn) -> Result<(), Error> {
        let _writer = self.writer();
        self.get(arn)?;
        self.table.remove(&text_key(arn))?;
        self.functions.write().unwrap_or_else(PoisonError::into_inner).remove(&key(arn));
        Ok(())
    }

    /// Runs `sweep` with the question whether a package is in use, while the answer cannot change.
    pub(crate) fn sweep<R>(&self, sweep: impl FnOnce(&dyn Fn(CodeHash) -> bool) -> R) -> R {
        let _writer = self.writer();
        let functions = self.functions.read().unwrap_or_else(PoisonError::into_inner);
        let uses = |hash| functions.values().any(|f| f.versions().any(|(_, version)| version.uses(hash)));
        sweep(&uses)
    }

    fn store(&self, function: Function) -> Result<Arc<Function>, Error> {
        self.table.put(&text_key(&function.arn), &function)?;
        let function = Arc::new(function);
        let mut functions = self.functions.write().unwrap_or_else(PoisonError::into_inner);
        functions.insert(key(&function.arn), Arc::clone(&function));
        Ok(function)
    }

    fn writer(&self) -> MutexGuard<'_, ()> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(arn: &FunctionArn) -> Key {
    (arn.world(), arn.name.clone())
}

fn text_key(arn: &FunctionArn) -> String {
    format!("{}/{}", arn.world(), arn.name)
}
