//! Records on their way in: the keys and data of a request in one piece of memory, each key as the log will hold it.
//!
//! Left to others: which stream they are for, and whether the call as a whole is valid. Invariant: what is to be appended
//! has its place in the key space; that is given to all records of a call at once, because many keys are hashed quicker
//! together.

use std::ops::Range;

use aws_wire::scan::{Scanner, Written};
use shard_log::Entry;

use crate::error::{Error, Result};
use crate::hash_key::HashKey;
use crate::stored_record::RecordKey;

/// The longest partition key, in characters.
const LONGEST_KEY: usize = 256;
/// The most data that any stream takes in a record.
const LARGEST_DATA: usize = 10_485_760;

/// The records of a request, in its order.
#[derive(Debug)]
pub(crate) struct NewRecords {
    /// Of each record the log's key and the data.
    bytes: Vec<u8>,
    records: Vec<Place>,
    /// Whether a record came without a partition key.
    keyless: bool,
}

/// Where a record lies.
#[derive(Debug)]
struct Place {
    /// The hash key that the producer gave it.
    explicit: Option<HashKey>,
    start: usize,
    data: usize,
    end: usize,
}

/// The records of a request, each with its place in the key space.
#[derive(Debug)]
pub(crate) struct PlacedRecords {
    pub(crate) records: NewRecords,
    hash_keys: Vec<HashKey>,
}

/// A record as a request writes it, before its base64 is read.
#[derive(Default, Debug)]
pub(crate) struct Written64<'a> {
    data: Option<Written<'a>>,
    partition_key: Option<&'a str>,
    explicit_hash_key: Option<&'a str>,
}

impl<'a> Written64<'a> {
    /// Reads the member of that name. `None` if there is no such member, or if it came before.
    pub(crate) fn member(&mut self, scanner: &mut Scanner<'a>, name: &[u8]) -> Option<()> {
        match name {
            b"Data" => once(&mut self.data, scanner.blob()?),
            b"PartitionKey" => once(&mut self.partition_key, scanner.text()?),
            b"ExplicitHashKey" => once(&mut self.explicit_hash_key, scanner.text()?),
            _ => None,
        }
    }
}

/// Fills a member that may come once.
pub(crate) fn once<T>(member: &mut Option<T>, value: T) -> Option<()> {
    member.replace(value).is_none().then_some(())
}

impl NewRecords {
    /// None yet, with room for so many bytes of keys and data.
    pub(crate) fn with_room(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), records: Vec::new(), keyless: false }
    }

    /// Adds a record. No key that is given is empty.
    pub(crate) fn push(&mut self, partition_key: &str, explicit_hash_key: Option<&str>, data: &[u8]) -> Result<()> {
        let explicit = |key: &str| HashKey::parse(key).ok_or_else(|| Error::ExplicitHashKey { key: key.to_owned() });
        let explicit = explicit_hash_key.map(explicit).transpose()?;
        self.keyless |= partition_key.is_empty();
        let (start, data_at) = self.begin(partition_key);
        self.bytes.extend_from_slice(data);
        self.records.push(Place { explicit, start, data: data_at, end: self.bytes.len() });
        Ok(())
    }

    /// Adds a record straight from a request. `None` if it breaks a constraint; then these records are of no use.
    pub(crate) fn push_written(&mut self, record: &Written64<'_>) -> Option<()> {
        let partition_key = record.partition_key?;
        let most = LONGEST_KEY;
        let fits = !partition_key.is_empty() && (partition_key.len() <= most || partition_key.chars().count() <= most);
        let explicit = match record.explicit_hash_key {
            None => None,
            // What is a number, but not in the model's form, takes the general way.
            Some(key) => Some(HashKey::parse(key).filter(|parsed| parsed.to_string() == key)?),
        };
        let (start, data) = self.begin(partition_key);
        record.data?.decode_onto(&mut self.bytes)?;
        let end = self.bytes.len();
        self.records.push(Place { explicit, start, data, end });
        (fits && end - data <= LARGEST_DATA).then_some(())
    }

    /// Appends the log's key of a record; where it begins and ends.
    fn begin(&mut self, partition_key: &str) -> (usize, usize) {
        let start = self.bytes.len();
        RecordKey::encode_onto(&mut self.bytes, partition_key);
        (start, self.bytes.len())
    }

    /// Notes on every record that its stream was encrypted when it was put.
    pub(crate) fn mark_encrypted(&mut self) {
        for place in &self.records {
            RecordKey::mark_encrypted(&mut self.bytes[place.start..place.data]);
        }
    }

    /// Whether there is one without a partition key.
    pub(crate) const fn lack_keys(&self) -> bool {
        self.keyless
    }

    /// Gives each record the place of its explicit hash key, or of its partition key.
    pub(crate) fn by_their_keys(self) -> PlacedRecords {
        let hashed = self.records.iter().filter(|place| place.explicit.is_none());
        let keys: Vec<&[u8]> = hashed.map(|place| self.partition_key(place)).collect();
        let mut hashed = HashKey::of_partition_keys(&keys).into_iter();
        let mut hash_key = || hashed.next().expect("one for each that has no explicit one");
        let hash_keys = self.records.iter().map(|place| place.explicit.unwrap_or_else(&mut hash_key)).collect();
        PlacedRecords { hash_keys, records: self }
    }

    /// Gives each record, by its number, another place than that of its keys.
    pub(crate) fn spread(self, hash_key: impl Fn(usize) -> HashKey) -> PlacedRecords {
        PlacedRecords { hash_keys: (0..self.len()).map(hash_key).collect(), records: self }
    }

    fn partition_key(&self, place: &Place) -> &[u8] {
        &self.bytes[place.start + RecordKey::OVERHEAD..place.data]
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// What each record counts towards limits: partition key and data.
    pub(crate) fn sizes(&self) -> impl Iterator<Item = u64> {
        self.records.iter().map(Place::size)
    }

    pub(crate) fn size(&self, index: usize) -> u64 {
        self.records[index].size()
    }

    /// The record as the log takes it.
    pub(crate) fn entry(&self, index: usize) -> Entry<'_> {
        let Place { start, data, end, .. } = self.records[index];
        let part = |range: Range<usize>| &self.bytes[range];
        Entry { key: part(start..data), payload: part(data..end) }
    }
}

impl PlacedRecords {
    pub(crate) fn hash_key(&self, index: usize) -> HashKey {
        self.hash_keys[index]
    }
}

impl Place {
    const fn size(&self) -> u64 {
        (self.end - self.start - RecordKey::OVERHEAD) as u64
    }
}
