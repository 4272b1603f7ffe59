//! From a Rust struct to a Terraform value: a serde format that builds `Value`.

use std::collections::BTreeMap;

use serde::ser::{self, Error as _, Impossible, Serialize, Serializer};

use super::{ModelError, Number, UNKNOWN_MARK, Value};

/// Writes a struct as an object value.
pub(crate) fn to_value<T: Serialize + ?Sized>(model: &T) -> Result<Value, ModelError> {
    model.serialize(Sink)
}

struct Sink;

macro_rules! integers {
    ($($method:ident: $int:ty as $wide:ty),+) => {
        $(fn $method(self, value: $int) -> Result<Value, ModelError> {
            Ok(Value::Number(<$wide>::from(value).into()))
        })+
    };
}

impl Serializer for Sink {
    type Ok = Value;
    type Error = ModelError;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Impossible<Value, ModelError>;
    type SerializeMap = Entries;
    type SerializeStruct = Entries;
    type SerializeStructVariant = Impossible<Value, ModelError>;

    integers!(
        serialize_i8: i8 as i64, serialize_i16: i16 as i64, serialize_i32: i32 as i64, serialize_i64: i64 as i64,
        serialize_u8: u8 as u64, serialize_u16: u16 as u64, serialize_u32: u32 as u64, serialize_u64: u64 as u64
    );

    fn serialize_bool(self, value: bool) -> Result<Value, ModelError> {
        Ok(Value::Bool(value))
    }
    fn serialize_f32(self, value: f32) -> Result<Value, ModelError> {
        Number::parse(&value.to_string()).map(Value::Number).ok_or_else(|| ModelError::custom("not a finite number"))
    }
    fn serialize_f64(self, value: f64) -> Result<Value, ModelError> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| ModelError::custom("not a finite number"))
    }
    fn serialize_char(self, value: char) -> Result<Value, ModelError> {
        Ok(Value::String(value.to_string()))
    }
    fn serialize_str(self, value: &str) -> Result<Value, ModelError> {
        Ok(Value::String(value.to_owned()))
    }
    fn serialize_bytes(self, _: &[u8]) -> Result<Value, ModelError> {
        Err(ModelError::custom("Terraform has no bytes; use base64 text"))
    }
    fn serialize_none(self) -> Result<Value, ModelError> {
        Ok(Value::Null)
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, ModelError> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Result<Value, ModelError> {
        Ok(Value::Null)
    }
    fn serialize_unit_struct(self, name: &'static str) -> Result<Value, ModelError> {
        Ok(if name == UNKNOWN_MARK { Value::Unknown } else { Value::Null })
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Value, ModelError> {
        Ok(Value::String(variant.to_owned()))
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Value, ModelError> {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Value, ModelError> {
        Err(ModelError::custom("variants with content have no Terraform form"))
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Items, ModelError> {
        Ok(Items(Vec::new()))
    }
    fn serialize_tuple(self, _: usize) -> Result<Items, ModelError> {
        Ok(Items(Vec::new()))
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items, ModelError> {
        Ok(Items(Vec::new()))
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, ModelError> {
        Err(ModelError::custom("variants with content have no Terraform form"))
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Entries, ModelError> {
        Ok(Entries::default())
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Entries, ModelError> {
        Ok(Entries::default())
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, ModelError> {
        Err(ModelError::custom("variants with content have no Terraform form"))
    }
}

struct Items(Vec<Value>);

impl ser::SerializeSeq for Items {
    type Ok = Value;
    type Error = ModelError;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ModelError> {
        self.0.push(to_value(value)?);
        Ok(())
    }
    fn end(self) -> Result<Value, ModelError> {
        Ok(Value::List(self.0))
    }
}

impl ser::SerializeTuple for Items {
    type Ok = Value;
    type Error = ModelError;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ModelError> {
        ser::SerializeSeq::serialize_element(self, value)
    }
    fn end(self) -> Result<Value, ModelError> {
        ser::SerializeSeq::end(self)
    }
}

impl ser::SerializeTupleStruct for Items {
    type Ok = Value;
    type Error = ModelError;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ModelError> {
        ser::SerializeSeq::serialize_element(self, value)
    }
    fn end(self) -> Result<Value, ModelError> {
        ser::SerializeSeq::end(self)
    }
}

#[derive(Default)]
struct Entries {
    entries: BTreeMap<String, Value>,
    key: Option<String>,
}

impl ser::SerializeMap for Entries {
    type Ok = Value;
    type Error = ModelError;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), ModelError> {
        match to_value(key)? {
            Value::String(key) => self.key = Some(key),
            Value::Number(number) => self.key = Some(number.to_string()),
            _ => return Err(ModelError::custom("the keys of a map must be text")),
        }
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ModelError> {
        let key = self.key.take().ok_or_else(|| ModelError::custom("a map value came before its key"))?;
        self.entries.insert(key, to_value(value)?);
        Ok(())
    }
    fn end(self) -> Result<Value, ModelError> {
        Ok(Value::Map(self.entries))
    }
}

impl ser::SerializeStruct for Entries {
    type Ok = Value;
    type Error = ModelError;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), ModelError> {
        self.entries.insert(name.to_owned(), to_value(value)?);
        Ok(())
    }
    fn end(self) -> Result<Value, ModelError> {
        Ok(Value::Map(self.entries))
    }
}
