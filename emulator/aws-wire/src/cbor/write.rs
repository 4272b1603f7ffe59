//! Documents out: a serializer that writes what an action answered.
//!
//! What says how many parts it has is written with its length, the rest up to a break; clients take both.

use std::fmt::{self, Display};

use serde::ser::{self, Serialize, Serializer};

/// The name under which a time comes to the serializer: a newtype of its milliseconds.
pub(crate) const EPOCH_MILLIS: &str = "aws_wire::EpochMillis";
/// Nothing.
pub(crate) const NULL: u8 = 0xf6;

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;
const DOUBLE: u8 = 0xfb;
const BREAK: u8 = 0xff;
/// The tag of a point in time.
const EPOCH: u64 = 1;

/// The CBOR of `document`.
pub(crate) fn to_vec<T: Serialize + ?Sized>(document: &T) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    document.serialize(Writer(&mut bytes))?;
    Ok(bytes)
}

/// What a type's own serialization complains about.
#[derive(Debug)]
pub(crate) struct Error(String);

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl ser::Error for Error {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

type Outcome = Result<(), Error>;

struct Writer<'a>(&'a mut Vec<u8>);

/// What has parts, with the break to come if their number was not known.
struct Parts<'a> {
    out: &'a mut Vec<u8>,
    open: bool,
}

impl<'a> Writer<'a> {
    fn head(&mut self, major: u8, argument: u64) {
        let major = major << 5;
        let bytes = argument.to_be_bytes();
        match argument {
            0..=23 => self.0.push(major | bytes[7]),
            24..=0xff => self.0.extend_from_slice(&[major | 24, bytes[7]]),
            0x100..=0xffff => {
                self.0.push(major | 25);
                self.0.extend_from_slice(&bytes[6..]);
            }
            0x1_0000..=0xffff_ffff => {
                self.0.push(major | 26);
                self.0.extend_from_slice(&bytes[4..]);
            }
            _ => {
                self.0.push(major | 27);
                self.0.extend_from_slice(&bytes);
            }
        }
    }

    fn string(&mut self, major: u8, bytes: &[u8]) {
        self.head(major, bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn parts(mut self, major: u8, length: Option<usize>) -> Parts<'a> {
        match length {
            Some(length) => self.head(major, length as u64),
            None => self.0.push(major << 5 | 31),
        }
        Parts { out: self.0, open: length.is_none() }
    }

    /// A variant that holds something is a map of one pair, as in JSON.
    fn variant(mut self, name: &str) -> Self {
        self.head(MAP, 1);
        self.string(TEXT, name.as_bytes());
        self
    }
}

impl<'a> Serializer for Writer<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Parts<'a>;
    type SerializeTuple = Parts<'a>;
    type SerializeTupleStruct = Parts<'a>;
    type SerializeTupleVariant = Parts<'a>;
    type SerializeMap = Parts<'a>;
    type SerializeStruct = Parts<'a>;
    type SerializeStructVariant = Parts<'a>;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_bool(self, value: bool) -> Outcome {
        self.0.push(if value { 0xf5 } else { 0xf4 });
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Outcome {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Outcome {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Outcome {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(mut self, value: i64) -> Outcome {
        // -1 minus the argument is the number, which is its complement.
        self.head(if value < 0 { NEGATIVE } else { UNSIGNED }, if value < 0 { !value } else { value }.unsigned_abs());
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Outcome {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Outcome {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Outcome {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(mut self, value: u64) -> Outcome {
        self.head(UNSIGNED, value);
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Outcome {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Outcome {
        self.0.push(DOUBLE);
        self.0.extend_from_slice(&value.to_be_bytes());
        Ok(())
    }

    fn serialize_char(self, value: char) -> Outcome {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(mut self, value: &str) -> Outcome {
        self.string(TEXT, value.as_bytes());
        Ok(())
    }

    fn serialize_bytes(mut self, value: &[u8]) -> Outcome {
        self.string(BYTES, value);
        Ok(())
    }

    fn serialize_none(self) -> Outcome {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Outcome {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Outcome {
        self.0.push(NULL);
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Outcome {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Outcome {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(mut self, name: &'static str, value: &T) -> Outcome {
        if name == EPOCH_MILLIS {
            self.head(TAG, EPOCH);
        }
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Outcome {
        value.serialize(self.variant(variant))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Parts<'a>, Error> {
        Ok(self.parts(ARRAY, length))
    }

    fn serialize_tuple(self, length: usize) -> Result<Parts<'a>, Error> {
        Ok(self.parts(ARRAY, Some(length)))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Parts<'a>, Error> {
        Ok(self.parts(ARRAY, Some(length)))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Parts<'a>, Error> {
        Ok(self.variant(variant).parts(ARRAY, Some(length)))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Parts<'a>, Error> {
        Ok(self.parts(MAP, length))
    }

    fn serialize_struct(self, _: &'static str, length: usize) -> Result<Parts<'a>, Error> {
        Ok(self.parts(MAP, Some(length)))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Parts<'a>, Error> {
        Ok(self.variant(variant).parts(MAP, Some(length)))
    }
}

impl Parts<'_> {
    fn part<T: Serialize + ?Sized>(&mut self, value: &T) -> Outcome {
        value.serialize(Writer(self.out))
    }

    fn close(self) {
        if self.open {
            self.out.push(BREAK);
        }
    }
}

/// The traits of serde for sequences differ in names only.
macro_rules! sequence {
    ($($name:ident :: $method:ident),*) => {$(
        impl ser::$name for Parts<'_> {
            type Ok = ();
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Outcome {
                self.part(value)
            }

            fn end(self) -> Outcome {
                self.close();
                Ok(())
            }
        }
    )*};
}

sequence!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

macro_rules! structure {
    ($($name:ident),*) => {$(
        impl ser::$name for Parts<'_> {
            type Ok = ();
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Outcome {
                self.part(name)?;
                self.part(value)
            }

            fn end(self) -> Outcome {
                self.close();
                Ok(())
            }
        }
    )*};
}

structure!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Parts<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Outcome {
        self.part(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Outcome {
        self.part(value)
    }

    fn end(self) -> Outcome {
        self.close();
        Ok(())
    }
}
