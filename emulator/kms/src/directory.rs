//! The keys and aliases of all worlds.
//!
//! Everything is in memory and written through: a change is durable before anybody sees it. Changes go one at a time through
//! [`Writing`]; who looks meanwhile does not wait for the disk. Invariant: an alias names a key that is there.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use aws_wire::{EpochSeconds, World};
use env::Env;
use state_store::{Store, Table};

use crate::alias::{AWS_MANAGED, Alias};
use crate::error::Result;
use crate::key::Key;

/// What is known, by [`place`].
#[derive(Default)]
struct Known {
    keys: BTreeMap<String, Arc<Key>>,
    aliases: BTreeMap<String, Arc<Alias>>,
}

/// All keys and aliases.
pub(crate) struct Directory {
    env: Env,
    store: Store,
    keys: Table<Key>,
    aliases: Table<Alias>,
    known: RwLock<Known>,
    /// Held by who changes something. It is the only lock that is held during a write to disk.
    writing: Mutex<()>,
}

impl Directory {
    /// Reads what `store` holds, and forgets the keys whose deletion is over.
    pub(crate) fn open(env: &Env, store: &Store) -> Result<Self, state_store::Error> {
        let (keys, aliases) = (store.table("kms.keys"), store.table("kms.aliases"));
        let known = Known {
            keys: keys.all()?.into_iter().map(|(place, key)| (place, Arc::new(key))).collect(),
            aliases: aliases.all()?.into_iter().map(|(place, alias)| (place, Arc::new(alias))).collect(),
        };
        let directory = Self {
            env: env.clone(),
            store: store.clone(),
            keys,
            aliases,
            known: RwLock::new(known),
            writing: Mutex::new(()),
        };
        directory.write().forget_deleted()?;
        Ok(directory)
    }

    /// The key of that id.
    pub(crate) fn key(&self, world: &World, id: &str) -> Option<Arc<Key>> {
        let now = self.env.clock.now();
        self.known(|known| known.keys.get(&place(world, id)).filter(|key| !key.is_gone(now)).cloned())
    }

    /// The alias of that name.
    pub(crate) fn alias(&self, world: &World, name: &str) -> Option<Arc<Alias>> {
        let alias = self.known(|known| known.aliases.get(&place(world, name)).cloned())?;
        self.key(world, &alias.target).map(|_| alias)
    }

    /// The keys of a world by id.
    pub(crate) fn keys(&self, world: &World) -> Vec<Arc<Key>> {
        let now = self.env.clock.now();
        self.known(|known| within(&known.keys, world).filter(|key| !key.is_gone(now)).cloned().collect())
    }

    /// The aliases of a world by name.
    pub(crate) fn aliases(&self, world: &World) -> Vec<Arc<Alias>> {
        let aliases: Vec<_> = self.known(|known| within(&known.aliases, world).cloned().collect());
        aliases.into_iter().filter(|alias| self.key(world, &alias.target).is_some()).collect()
    }

    /// Makes the keys that AWS manages in a world if nobody asked for any of its keys before.
    pub(crate) fn enter(&self, world: &World) -> Result<()> {
        // By the alias, which is written last: where it is, the key is too.
        let is_there = |alias: &&str| self.known(|known| known.aliases.contains_key(&place(world, alias)));
        if AWS_MANAGED.iter().all(&is_there) {
            return Ok(());
        }
        let writing = self.write();
        // Somebody else may have been here first.
        let missing: Vec<_> = AWS_MANAGED.iter().filter(|alias| !is_there(alias)).collect();
        let now = self.env.clock.now();
        for name in missing {
            let key = Key::managed(world, name, now, &self.env.random);
            let alias = Alias {
                account: world.account.clone(),
                region: world.region.clone(),
                name: (*name).to_owned(),
                target: key.id.clone(),
                maker: None,
                created: EpochSeconds(now),
                updated: EpochSeconds(now),
            };
            writing.put_key(key)?;
            writing.put_alias(alias)?;
        }
        Ok(())
    }

    /// Begins a change. What is read until it is dropped stays true.
    pub(crate) fn write(&self) -> Writing<'_> {
        // Nothing is half done when a writer panics: memory changes last, and at once.
        Writing { directory: self, _turn: self.writing.lock().unwrap_or_else(PoisonError::into_inner) }
    }

    fn known<T>(&self, look: impl FnOnce(&Known) -> T) -> T {
        look(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change(&self, change: impl FnOnce(&mut Known)) {
        change(&mut self.known.write().unwrap_or_else(PoisonError::into_inner));
    }
}

/// The right to change a directory.
pub(crate) struct Writing<'a> {
    directory: &'a Directory,
    _turn: MutexGuard<'a, ()>,
}

impl Writing<'_> {
    /// Adds or replaces a key.
    pub(crate) fn put_key(&self, key: Key) -> Result<Arc<Key>> {
        let place = place(&key.world(), &key.id);
        self.directory.keys.put(&place, &key)?;
        let key = Arc::new(key);
        self.directory.change(|known| drop(known.keys.insert(place, Arc::clone(&key))));
        Ok(key)
    }

    /// Adds or replaces an alias.
    pub(crate) fn put_alias(&self, alias: Alias) -> Result<()> {
        let place = place(&World::new(&alias.account, &alias.region), &alias.name);
        self.directory.aliases.put(&place, &alias)?;
        self.directory.change(|known| drop(known.aliases.insert(place, Arc::new(alias))));
        Ok(())
    }

    /// Removes an alias.
    pub(crate) fn remove_alias(&self, world: &World, name: &str) -> Result<()> {
        let place = place(world, name);
        self.directory.aliases.remove(&place)?;
        self.directory.change(|known| drop(known.aliases.remove(&place)));
        Ok(())
    }

    /// Removes the keys whose deletion is over, and their aliases.
    fn forget_deleted(&self) -> Result<(), state_store::Error> {
        let directory = self.directory;
        let now = directory.env.clock.now();
        let (keys, aliases) = directory.known(|known| {
            let gone = known.keys.iter().filter(|(_, key)| key.is_gone(now));
            let keys: Vec<_> = gone.map(|(place, _)| place.clone()).collect();
            let of_gone =
                |alias: &Alias| keys.contains(&place(&World::new(&alias.account, &alias.region), &alias.target));
            let aliases: Vec<_> =
                known.aliases.iter().filter(|(_, alias)| of_gone(alias)).map(|(place, _)| place.clone()).collect();
            (keys, aliases)
        });
        if keys.is_empty() {
            return Ok(());
        }
        directory.store.commit(|transaction| {
            keys.iter().try_for_each(|place| transaction.remove(&directory.keys, place))?;
            aliases.iter().try_for_each(|place| transaction.remove(&directory.aliases, place))
        })?;
        directory.change(|known| {
            known.keys.retain(|place, _| !keys.contains(place));
            known.aliases.retain(|place, _| !aliases.contains(place));
        });
        Ok(())
    }
}

/// The key of a record. Persisted. Neither accounts nor regions have a slash.
fn place(world: &World, name: &str) -> String {
    format!("{world}/{name}")
}

fn within<'a, T>(records: &'a BTreeMap<String, Arc<T>>, world: &World) -> impl Iterator<Item = &'a Arc<T>> {
    let prefix = place(world, "");
    records.range(prefix.clone()..).take_while(move |(place, _)| place.starts_with(&prefix)).map(|(_, record)| record)
}

#[cfg(test)]
mod tests {
    use env::Timestamp;

    use super::*;

    #[test]
    fn a_world_that_was_half_made_is_made_again() {
        let env = Env::manual(Timestamp::from_secs(1), 1);
        let store = Store::in_memory();
        let world = World::new("000000000000", "us-east-1");
        Directory::open(&env, &store).unwrap().enter(&world).unwrap();
        // What a kill leaves that comes after the key and before its alias.
        store.table::<Alias>("kms.aliases").remove(&place(&world, "alias/aws/lambda")).unwrap();
        let directory = Directory::open(&env, &store).unwrap();
        let kinesis = directory.alias(&world, "alias/aws/kinesis").unwrap();
        let material = |directory: &Directory| {
            let key = directory.key(&world, &kinesis.target).unwrap();
            key.current().unwrap().1.id.clone()
        };
        let before = material(&directory);
        assert!(directory.alias(&world, "alias/aws/lambda").is_none());
        directory.enter(&world).unwrap();
        assert!(directory.alias(&world, "alias/aws/lambda").is_some());
        assert_eq!(material(&directory), before);
        assert_eq!(
            (directory.keys(&world).len(), directory.aliases(&world).len()),
            (AWS_MANAGED.len(), AWS_MANAGED.len())
        );
    }
}
