//! Documents in, in the terms of JSON: the shape of each member says what is base64 and what is seconds there. So a
//! document in CBOR is checked by the same code, in the same words, as one in JSON.
//!
//! Members that the shape does not know are passed over and leave nothing behind.

use serde_json::{Map, Number, Value};

use super::{Head, head, is_break, take};
use crate::check::mismatch;
use crate::format::MOST_VALUES;
use crate::shape::{Kind, Shape, Structure};
use crate::{AwsError, base64_text};

/// As deep as documents nest, which is as deep as those in JSON may.
const DEPTH: u32 = 128;

/// The members of a document, which must be one map.
pub(crate) fn members(structure: &Structure, document: &[u8]) -> Result<Map<String, Value>, AwsError> {
    let mut reader = Reader { rest: document, values: MOST_VALUES, mismatch: None };
    let members = reader.document(structure).filter(|_| reader.rest.is_empty());
    let members = members.ok_or_else(|| AwsError::bare("SerializationException"))?;
    reader.mismatch.map_or(Ok(members), Err)
}

/// `None` from any of its methods says that the document is malformed.
struct Reader<'a> {
    rest: &'a [u8],
    values: usize,
    /// The first value that cannot be put in JSON's terms. Whether the document is whole is found out first.
    mismatch: Option<AwsError>,
}

impl Reader<'_> {
    fn document(&mut self, structure: &Structure) -> Option<Map<String, Value>> {
        match self.untagged(DEPTH)? {
            (Head::Map(length), depth) => self.structure(structure, length, depth),
            _ => None,
        }
    }

    /// The next head that is no tag, and how deep what follows may still go. A tag says nothing that the shape of its
    /// value does not say.
    fn untagged(&mut self, mut depth: u32) -> Option<(Head, u32)> {
        loop {
            depth = depth.checked_sub(1)?;
            match head(&mut self.rest)? {
                Head::Tag(_) => {}
                head => return Some((head, depth)),
            }
        }
    }

    fn structure(&mut self, structure: &Structure, length: Option<u64>, depth: u32) -> Option<Map<String, Value>> {
        let mut members = Map::new();
        self.each(length, |reader| {
            let name = reader.key()?;
            match structure.member(&name) {
                Some(member) => _ = members.insert(name, reader.value(&member.shape, depth)?),
                None => reader.skip(depth)?,
            }
            Some(())
        })?;
        Some(members)
    }

    fn value(&mut self, shape: &Shape, depth: u32) -> Option<Value> {
        self.values = self.values.checked_sub(1)?;
        let (head, depth) = self.untagged(depth)?;
        Some(match head {
            Head::Null => Value::Null,
            Head::Bool(value) => Value::Bool(value),
            Head::Unsigned(number) => self.number(shape, number.into())?,
            Head::Negative(number) => match i64::try_from(number) {
                Ok(number) => self.number(shape, (-1 - number).into())?,
                #[expect(clippy::cast_precision_loss, reason = "so far out, a number is clamped")]
                Err(_) => self.number(shape, Number::from_f64(-1.0 - number as f64)?)?,
            },
            Head::Float(number) => self.number(shape, Number::from_f64(number)?)?,
            Head::Text(length) => {
                let text = self.text(length)?;
                match shape.kind {
                    Kind::Blob => self.misplaced(shape, "java.lang.String"),
                    _ => Value::String(text),
                }
            }
            Head::Bytes(length) => {
                let bytes = self.string(length, chunk_of_bytes)?;
                match shape.kind {
                    Kind::Blob | Kind::Document => Value::String(base64_text::encode(&bytes)),
                    _ => self.misplaced(shape, "java.nio.HeapByteBuffer"),
                }
            }
            // What stands where it does not belong is passed over; that it is there is enough for the words.
            Head::Array(length) => {
                let mut list = Vec::new();
                let element = match shape.kind {
                    Kind::List(element) => Some(element),
                    Kind::Document => Some(shape),
                    _ => None,
                };
                self.each(length, |reader| match element {
                    Some(element) => {
                        list.push(reader.value(element, depth)?);
                        Some(())
                    }
                    None => reader.skip(depth),
                })?;
                Value::Array(list)
            }
            Head::Map(length) => match shape.kind {
                Kind::Structure(inner) => Value::Object(self.structure(inner, length, depth)?),
                Kind::Map(_, element) => self.map(element, length, depth)?,
                Kind::Document => self.map(shape, length, depth)?,
                _ => {
                    self.skip_pairs(length, depth)?;
                    Value::Object(Map::new())
                }
            },
            Head::Tag(_) | Head::Break => return None,
        })
    }

    fn map(&mut self, element: &Shape, length: Option<u64>, depth: u32) -> Option<Value> {
        let mut map = Map::new();
        self.each(length, |reader| {
            let key = reader.key()?;
            map.insert(key, reader.value(element, depth)?);
            Some(())
        })?;
        Some(Value::Object(map))
    }

    /// A number; where a time belongs, from milliseconds to seconds.
    fn number(&self, shape: &Shape, number: Number) -> Option<Value> {
        Some(Value::Number(match shape.kind {
            Kind::Timestamp => Number::from_f64(number.as_f64()? / 1000.0)?,
            _ => number,
        }))
    }

    fn misplaced(&mut self, shape: &Shape, class: &str) -> Value {
        self.mismatch.get_or_insert_with(|| mismatch(shape, class));
        Value::Null
    }

    fn key(&mut self) -> Option<String> {
        match head(&mut self.rest)? {
            Head::Text(length) => self.text(length),
            _ => None,
        }
    }

    fn text(&mut self, length: Option<u64>) -> Option<String> {
        String::from_utf8(self.string(length, chunk_of_text)?).ok()
    }

    fn string(&mut self, length: Option<u64>, chunk: Chunk) -> Option<Vec<u8>> {
        let mut whole = Vec::new();
        self.chunks(length, chunk, |part| whole.extend_from_slice(part))?;
        Some(whole)
    }

    /// Calls `each` for the parts of a string, which is one if its length is known.
    fn chunks(&mut self, length: Option<u64>, chunk: Chunk, mut each: impl FnMut(&[u8])) -> Option<()> {
        if let Some(length) = length {
            each(take(&mut self.rest, length)?);
            return Some(());
        }
        while !is_break(&mut self.rest) {
            let length = chunk(head(&mut self.rest)?)?;
            each(take(&mut self.rest, length)?);
        }
        Some(())
    }

    /// Calls `element` for every element of a sequence.
    fn each(&mut self, length: Option<u64>, mut element: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        match length {
            Some(length) => (0..length).try_for_each(|_| element(self)),
            None => {
                while !is_break(&mut self.rest) {
                    element(self)?;
                }
                Some(())
            }
        }
    }

    /// Passes over a value.
    fn skip(&mut self, depth: u32) -> Option<()> {
        let (head, depth) = self.untagged(depth)?;
        match head {
            Head::Text(length) => self.chunks(length, chunk_of_text, |_| {}),
            Head::Bytes(length) => self.chunks(length, chunk_of_bytes, |_| {}),
            Head::Array(length) => self.each(length, |reader| reader.skip(depth)),
            Head::Map(length) => self.skip_pairs(length, depth),
            Head::Break => None,
            _ => Some(()),
        }
    }

    fn skip_pairs(&mut self, length: Option<u64>, depth: u32) -> Option<()> {
        self.each(length, |reader| {
            reader.key()?;
            reader.skip(depth)
        })
    }
}

/// The length of a chunk, if it is one of the string it is found in.
type Chunk = fn(Head) -> Option<u64>;

fn chunk_of_text(head: Head) -> Option<u64> {
    if let Head::Text(length) = head { length } else { None }
}

fn chunk_of_bytes(head: Head) -> Option<u64> {
    if let Head::Bytes(length) = head { length } else { None }
}
