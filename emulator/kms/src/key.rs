//! A key: its state, its material, and what it carries.
//!
//! Invariants: a key that does something here has material, the newest version last, and versions are never taken away, so
//! what was ever encrypted under a key can be decrypted as long as the key is there. A key that takes a pair has none: nobody
//! here does what it is for.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_wire::{Blob, EpochSeconds, Invocation, World};
use env::{Random, Timestamp};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::spec::{KeySpec, KeyUsage, SYMMETRIC};

/// A day, the unit of all periods here.
pub(crate) const DAY: Duration = Duration::from_secs(24 * 3600);
/// How often a key is rotated unless somebody says otherwise, in days.
pub(crate) const ROTATION_DAYS: u32 = 365;
/// What the ids of keys of several regions begin with.
pub(crate) const MULTI_REGION: &str = "mrk-";

/// A key, as it is stored.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Key {
    pub(crate) account: String,
    pub(crate) region: String,
    /// In the form of a UUID; that of a key of several regions is `mrk-` and 32 digits.
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) spec: KeySpec,
    #[serde(default)]
    pub(crate) usage: KeyUsage,
    /// The call that created it, if it said which it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) maker: Option<Invocation>,
    pub(crate) manager: Manager,
    pub(crate) created: EpochSeconds,
    pub(crate) description: String,
    pub(crate) state: State,
    pub(crate) policy: String,
    pub(crate) tags: BTreeMap<String, String>,
    /// `None` while it is not rotated by itself.
    pub(crate) rotation: Option<Rotation>,
    /// How often it was rotated on demand.
    pub(crate) rotated_on_demand: usize,
    materials: Vec<Material>,
}

/// Who looks after a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Manager {
    /// AWS, for one of its services.
    Aws,
    /// Who created it.
    Customer,
}

/// Whether a key can be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum State {
    /// For everything.
    Enabled,
    /// For nothing until it is enabled.
    Disabled,
    /// For nothing, and gone at that time.
    PendingDeletion { at: EpochSeconds },
}

/// How a key is rotated by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Rotation {
    pub(crate) days: u32,
    pub(crate) next: EpochSeconds,
}

impl Rotation {
    /// Every so many days from `now` on.
    pub(crate) fn every(days: u32, now: Timestamp) -> Self {
        Self { days, next: EpochSeconds(now + DAY * days) }
    }
}

/// One version of a key's secret.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Material {
    /// What the API calls it by.
    pub(crate) id: String,
    /// `None` if the key came with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rotated: Option<Rotated>,
    secret: Blob,
}

/// How a key came by another material.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Rotated {
    pub(crate) on: EpochSeconds,
    pub(crate) occasion: Occasion,
}

/// Why it did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Occasion {
    /// It was time.
    Automatic,
    /// Somebody asked for it.
    OnDemand,
}

impl Material {
    fn new(length: usize, rotated: Option<Rotated>, random: &Random) -> Self {
        let secret: Vec<u8> = std::iter::repeat_with(|| random.bytes::<32>()).flatten().take(length).collect();
        Self { id: random.hex::<32>(), rotated, secret: Blob(secret.into()) }
    }

    /// The secret of a symmetric encryption key: 256 bits, unless what is stored was tampered with.
    pub(crate) fn secret(&self) -> Option<[u8; 32]> {
        self.bytes().try_into().ok()
    }

    /// The secret.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.secret.0
    }
}

impl Key {
    /// A new symmetric encryption key with material of its own.
    pub(crate) fn new(world: &World, id: String, manager: Manager, now: Timestamp, random: &Random) -> Self {
        Self::of_kind(world, id, manager, (KeySpec::default(), KeyUsage::default()), now, random)
    }

    /// A new key of some kind, with material of its own if it does something here.
    pub(crate) fn of_kind(
        world: &World,
        id: String,
        manager: Manager,
        (spec, usage): (KeySpec, KeyUsage),
        now: Timestamp,
        random: &Random,
    ) -> Self {
        Self {
            spec,
            usage,
            account: world.account.clone(),
            region: world.region.clone(),
            id,
            maker: None,
            manager,
            created: EpochSeconds(now),
            description: String::new(),
            state: State::Enabled,
            policy: default_policy(world),
            tags: BTreeMap::new(),
            rotation: None,
            rotated_on_demand: 0,
            materials: spec.secret_length().map(|length| Material::new(length, None, random)).into_iter().collect(),
        }
    }

    /// The key that AWS manages behind `alias`. Its id follows from world and alias.
    pub(crate) fn managed(world: &World, alias: &str, now: Timestamp, random: &Random) -> Self {
        let service = alias.trim_start_matches("alias/aws/");
        Self {
            description: format!("Default key that protects my {service} data when no other key is defined"),
            rotation: Some(Rotation::every(ROTATION_DAYS, now)),
            ..Self::new(world, managed_id(world, alias), Manager::Aws, now, random)
        }
    }

    /// Where it is.
    pub(crate) fn world(&self) -> World {
        World::new(&self.account, &self.region)
    }

    /// Its ARN.
    pub(crate) fn arn(&self) -> String {
        self.world().arn("kms", format_args!("key/{}", self.id))
    }

    /// Whether its deletion is over.
    pub(crate) fn is_gone(&self, now: Timestamp) -> bool {
        matches!(self.state, State::PendingDeletion { at } if at.0 <= now)
    }

    /// Fails unless the key can encrypt and decrypt.
    pub(crate) fn check_enabled(&self) -> Result<()> {
        match self.state {
            State::Enabled => Ok(()),
            State::Disabled => Err(Error::Disabled { arn: self.arn() }),
            State::PendingDeletion { .. } => Err(Error::PendingDeletion { arn: self.arn() }),
        }
    }

    /// Whether it is the primary key of several regions.
    pub(crate) fn is_multi_region(&self) -> bool {
        self.id.starts_with(MULTI_REGION)
    }

    /// Fails unless it is for `usage`, which `action` asks of it, and knows the algorithm if there is one.
    pub(crate) fn check_use(&self, usage: KeyUsage, action: &'static str, algorithm: Option<&str>) -> Result<()> {
        if self.usage != usage {
            return Err(Error::UsageInvalid { arn: self.arn(), usage: self.usage.name(), action });
        }
        match algorithm {
            Some(algorithm) if !self.spec.algorithms(usage).contains(&algorithm) => {
                Err(Error::AlgorithmInvalid { algorithm: algorithm.to_owned(), spec: self.spec.name() })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Fails unless it encrypts, as `action` asks, with `algorithm`, which is the symmetric one if nobody says.
    pub(crate) fn check_encrypts(&self, action: &'static str, algorithm: Option<&str>) -> Result<()> {
        self.check_use(KeyUsage::EncryptDecrypt, action, Some(algorithm.unwrap_or(SYMMETRIC)))?;
        if self.spec.is_asymmetric() { Err(self.without_cipher(action)) } else { Ok(()) }
    }

    /// What `action` is told that uses a pair: first what is wrong with it anywhere, then that nothing here has pairs.
    pub(crate) fn refusal(&self, usage: KeyUsage, action: &'static str, algorithm: &str) -> Error {
        let checked = self.check_enabled().and_then(|()| self.check_use(usage, action, Some(algorithm)));
        checked.err().unwrap_or_else(|| self.without_cipher(action))
    }

    /// What `action` is told about a key that it could be done with, but not here.
    pub(crate) fn without_cipher(&self, action: &'static str) -> Error {
        Error::WithoutCipher { action, spec: self.spec.name() }
    }

    /// Fails unless it can get new material.
    pub(crate) fn check_rotates(&self) -> Result<()> {
        match self.spec {
            KeySpec::Symmetric => Ok(()),
            spec => Err(Error::SpecInvalid { arn: self.arn(), spec: spec.name() }),
        }
    }

    /// Fails if the key is to be deleted.
    pub(crate) fn check_not_pending(&self) -> Result<()> {
        match self.state {
            State::Enabled | State::Disabled => Ok(()),
            State::PendingDeletion { .. } => Err(Error::PendingDeletion { arn: self.arn() }),
        }
    }

    /// The material to encrypt with, and its version.
    pub(crate) fn current(&self) -> Option<(u32, &Material)> {
        let version = self.materials.len().checked_sub(1)?;
        Some((u32::try_from(version).ok()?, self.materials.last()?))
    }

    /// All that it has had, the oldest first.
    pub(crate) fn materials(&self) -> &[Material] {
        &self.materials
    }

    /// The material of a version.
    pub(crate) fn material(&self, version: u32) -> Option<&Material> {
        self.materials.get(usize::try_from(version).ok()?)
    }

    /// Whether it is time to rotate it.
    pub(crate) fn is_rotation_due(&self, now: Timestamp) -> bool {
        self.state == State::Enabled && self.rotation.is_some_and(|rotation| rotation.next.0 <= now)
    }

    /// Gives it new material. What was encrypted under the old one can still be decrypted.
    pub(crate) fn rotate(&mut self, occasion: Occasion, now: Timestamp, random: &Random) {
        let rotated = Some(Rotated { on: EpochSeconds(now), occasion });
        self.materials.extend(self.spec.secret_length().map(|length| Material::new(length, rotated, random)));
        self.rotation = self.rotation.map(|rotation| Rotation::every(rotation.days, now));
    }
}

/// The policy of a key that was created without one: the account decides.
fn default_policy(world: &World) -> String {
    let root = format!("arn:{}:iam::{}:root", world.partition(), world.account);
    serde_json::json!({
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [{
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": {"AWS": root},
            "Action": "kms:*",
            "Resource": "*",
        }],
    })
    .to_string()
}

/// The id of the key that AWS manages behind `alias`: a UUID that depends on nothing else, by two rounds of 64-bit FNV-1a.
pub(crate) fn managed_id(world: &World, alias: &str) -> String {
    let text = format!("{world}/{alias}");
    let round =
        |seed: u64| text.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let bits = u128::from(round(0xcbf2_9ce4_8422_2325)) << 64 | u128::from(round(0x9e37_79b9_7f4a_7c15));
    let version = 0xf << 76;
    let variant = 0x3 << 62;
    let bits = bits & !version & !variant | 0x4 << 76 | 0x2 << 62;
    let hex = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_managed_keys_are_uuids_and_stay_the_same() {
        let world = World::new("000000000000", "us-east-1");
        let id = managed_id(&world, "alias/aws/kinesis");
        assert_eq!(id, managed_id(&world, "alias/aws/kinesis"));
        assert_ne!(id, managed_id(&world, "alias/aws/lambda"));
        assert_eq!((id.len(), &id[14..15]), (36, "4"));
        assert!(matches!(&id[19..20], "8" | "9" | "a" | "b"), "{id}");
    }

    #[test]
    fn rotating_keeps_old_versions() {
        let world = World::new("000000000000", "us-east-1");
        let random = Random::seeded(1);
        let mut key = Key::managed(&world, "alias/aws/kinesis", Timestamp::from_secs(0), &random);
        let old = key.current().unwrap().1.id.clone();
        let year = Timestamp::EPOCH + DAY * 365;
        assert!(!key.is_rotation_due(year - Duration::from_secs(1)) && key.is_rotation_due(year));
        key.rotate(Occasion::Automatic, year, &random);
        assert!(!key.is_rotation_due(year));
        assert_eq!(key.current().unwrap().0, 1);
        assert_eq!(key.material(0).unwrap().id, old);
        assert!(key.material(2).is_none());
    }
}
