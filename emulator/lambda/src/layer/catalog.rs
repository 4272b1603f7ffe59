//! All layers: in memory for reading, written through to the store before anybody sees a change.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use aws_wire::World;
use state_store::{Store, Table};

use super::{Layer, LayerArn, LayerUse, LayerVersion};
use crate::Error;
use crate::code::{CodeHash, Shelf, Unpacked};
use crate::function::Policy;

/// At most so many layers to a function.
const MOST_LAYERS: usize = 5;

/// The layers of all worlds.
pub(crate) struct Layers {
    table: Table<Layer>,
    layers: RwLock<BTreeMap<String, Arc<Layer>>>,
    /// Held while something is written, so that changes come one after the other.
    writer: Mutex<()>,
}

impl Layers {
    /// Reads what `store` holds.
    pub(crate) fn open(store: &Store) -> Result<Self, Error> {
        let table = store.table::<Layer>("lambda.layers");
        let layers = table.all()?.into_iter().map(|(key, layer)| (key, Arc::new(layer))).collect();
        Ok(Self { table, layers: RwLock::new(layers), writer: Mutex::new(()) })
    }

    /// The layer that `arn` names, whatever its version.
    pub(crate) fn get(&self, arn: &LayerArn) -> Option<Arc<Layer>> {
        self.layers.read().unwrap_or_else(PoisonError::into_inner).get(&key(arn)).cloned()
    }

    /// The layers of `world` by name.
    pub(crate) fn list(&self, world: &World) -> Vec<Arc<Layer>> {
        let layers = self.layers.read().unwrap_or_else(PoisonError::into_inner);
        layers.values().filter(|layer| layer.arn.world == *world).cloned().collect()
    }

    /// Adds a version and returns its number.
    pub(crate) fn publish(&self, arn: &LayerArn, version: LayerVersion) -> Result<u64, Error> {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut layer = self.get(arn).map_or_else(
            || Layer { arn: arn.clone(), versions: BTreeMap::new(), last_number: 0 },
            |layer| Layer::clone(&layer),
        );
        layer.last_number += 1;
        let number = layer.last_number;
        layer.versions.insert(number, version);
        self.store(layer)?;
        Ok(number)
    }

    /// Removes a version, if it is there. Its number is not given again.
    pub(crate) fn remove(&self, arn: &LayerArn, number: u64) -> Result<(), Error> {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(before) = self.get(arn) else { return Ok(()) };
        let mut layer = Layer::clone(&before);
        match layer.versions.remove(&number) {
            Some(_) => self.store(layer),
            None => Ok(()),
        }
    }

    /// Changes the policy of a version. If `change` fails, nothing has happened.
    pub(crate) fn change_policy<R>(
        &self,
        arn: &LayerArn,
        change: impl FnOnce(&mut Policy) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let none = || Error::LayerVersionNotFound(arn.to_string());
        let mut layer = Layer::clone(&*self.get(arn).ok_or_else(none)?);
        let version = arn.version.and_then(|number| layer.versions.get_mut(&number)).ok_or_else(none)?;
        let changed = change(&mut version.policy)?;
        self.store(layer)?;
        Ok(changed)
    }

    /// The versions that a function of `world` means by `arns`. Their packages stay while the second part is held.
    pub(crate) fn resolve(
        &self,
        world: &World,
        arns: &[String],
        shelf: &Shelf,
    ) -> Result<(Vec<LayerUse>, Vec<Arc<Unpacked>>), Error> {
        if arns.len() > MOST_LAYERS {
            return Err(Error::TooManyLayers);
        }
        let mut uses: Vec<LayerUse> = Vec::new();
        let mut held = Vec::new();
        for text in arns {
            let none = || Error::LayerNotFound(text.clone());
            let arn = LayerArn::parse(text).filter(|arn| arn.world == *world).ok_or_else(none)?;
            let layer = self.get(&arn).ok_or_else(none)?;
            let version = arn.version.and_then(|number| layer.versions.get(&number)).ok_or_else(none)?;
            let prefix = LayerArn { version: None, ..arn.clone() }.to_string() + ":";
            if uses.iter().any(|other| other.arn.starts_with(&prefix)) {
                return Err(Error::LayerTwice(text.clone()));
            }
            held.push(shelf.unpacked(version.code.hash)?);
            uses.push(LayerUse { arn: text.clone(), size: version.code.size, hash: version.code.hash });
        }
        Ok((uses, held))
    }

    /// Runs `sweep` with the question whether a layer uses a package, while the answer cannot change.
    pub(crate) fn sweep<R>(&self, sweep: impl FnOnce(&dyn Fn(CodeHash) -> bool) -> R) -> R {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let layers = self.layers.read().unwrap_or_else(PoisonError::into_inner);
        sweep(&|hash| layers.values().any(|layer| layer.versions.values().any(|version| version.code.hash == hash)))
    }

    fn store(&self, layer: Layer) -> Result<(), Error> {
        let key = key(&layer.arn);
        self.table.put(&key, &layer)?;
        self.layers.write().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::new(layer));
        Ok(())
    }
}

fn key(arn: &LayerArn) -> String {
    format!("{}/{}", arn.world, arn.name)
}
