//! The MessagePack form of values, as they travel between Terraform and the provider.
//!
//! Reading is strict about types and lenient about encodings: a number may come as integer, float or decimal text, and
//! every extension means "unknown", whatever Terraform refines it with.

use std::collections::BTreeMap;

use rmpv::Value as Wire;

use super::{Number, Type, Value, as_set};
use crate::path::{Path, Step};

/// Bytes that are no value of the type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed value at {path:?}: {reason}", path = path.to_string())]
pub struct WireError {
    path: Path,
    reason: String,
}

impl WireError {
    fn new(reason: impl Into<String>) -> Self {
        Self { path: Path::root(), reason: reason.into() }
    }

    fn under(mut self, step: Step) -> Self {
        self.path = self.path.under(step);
        self
    }
}

/// Reads a value of type `ty`. No bytes at all are null.
pub(crate) fn decode(bytes: &[u8], ty: &Type) -> Result<Value, WireError> {
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    let mut rest = bytes;
    let wire = rmpv::decode::read_value(&mut rest).map_err(|e| WireError::new(e.to_string()))?;
    if !rest.is_empty() {
        return Err(WireError::new("bytes after the value"));
    }
    read(wire, ty)
}

/// Writes a value of type `ty`.
pub(crate) fn encode(value: &Value, ty: &Type) -> Result<Vec<u8>, WireError> {
    let mut bytes = Vec::new();
    let wire = write(value, ty)?;
    rmpv::encode::write_value(&mut bytes, &wire).map_err(|e| WireError::new(e.to_string()))?;
    Ok(bytes)
}

fn read(wire: Wire, ty: &Type) -> Result<Value, WireError> {
    match (wire, ty) {
        (Wire::Nil, _) => Ok(Value::Null),
        (Wire::Ext(..), _) => Ok(Value::Unknown),
        (Wire::String(text), Type::String) => match text.into_str() {
            Some(text) => Ok(Value::String(text)),
            None => Err(WireError::new("text is not UTF-8")),
        },
        (Wire::Boolean(value), Type::Bool) => Ok(Value::Bool(value)),
        (wire, Type::Number) => read_number(&wire).map(Value::Number),
        (Wire::Array(items), Type::List(element) | Type::Set(element)) => {
            let read_item = |(i, item)| read(item, element).map_err(|e| e.under(Step::Index(i)));
            let items = items.into_iter().enumerate().map(read_item).collect::<Result<_, _>>()?;
            // Terraform has an order of its own for sets; here, equal ones are equal values.
            Ok(Value::List(if matches!(ty, Type::Set(_)) { as_set(items) } else { items }))
        }
        (Wire::Array(items), Type::Tuple(types)) if items.len() == types.len() => {
            let read_item = |(i, (item, ty))| read(item, ty).map_err(|e| e.under(Step::Index(i)));
            items.into_iter().zip(types).enumerate().map(read_item).collect::<Result<_, _>>().map(Value::List)
        }
        (Wire::Map(entries), Type::Map(element)) => {
            let mut map = BTreeMap::new();
            for (key, item) in entries {
                let key = read_key(&key)?;
                let item = read(item, element).map_err(|e| e.under(Step::Key(key.clone())))?;
                map.insert(key, item);
            }
            Ok(Value::Map(map))
        }
        (Wire::Map(entries), Type::Object(attributes)) => {
            let mut map = BTreeMap::new();
            for (key, item) in entries {
                let key = read_key(&key)?;
                let ty = attributes.get(&key).ok_or_else(|| WireError::new(format!("no attribute {key:?}")))?;
                let item = read(item, ty).map_err(|e| e.under(Step::Name(key.clone())))?;
                map.insert(key, item);
            }
            for name in attributes.keys() {
                map.entry(name.clone()).or_default();
            }
            Ok(Value::Map(map))
        }
        (Wire::Array(parts), Type::Dynamic) => read_dynamic(parts),
        (wire, ty) => Err(WireError::new(format!("not a {}: {}", kind(ty), wire_kind(&wire)))),
    }
}

fn read_number(wire: &Wire) -> Result<Number, WireError> {
    let number = match wire {
        Wire::Integer(int) => int.as_i64().map(Number::from).or_else(|| int.as_u64().map(Number::from)),
        Wire::F64(float) => Number::from_f64_exact(*float),
        Wire::F32(float) => Number::from_f64_exact(f64::from(*float)),
        Wire::String(text) => text.as_str().and_then(Number::parse),
        _ => None,
    };
    number.ok_or_else(|| WireError::new(format!("not a number: {}", wire_kind(wire))))
}

fn read_key(wire: &Wire) -> Result<String, WireError> {
    wire.as_str().map(str::to_owned).ok_or_else(|| WireError::new("a key is not text"))
}

fn read_dynamic(parts: Vec<Wire>) -> Result<Value, WireError> {
    let Ok([ty, value]) = <[Wire; 2]>::try_from(parts) else {
        return Err(WireError::new("a dynamic value has a type and a value"));
    };
    let json = ty.as_slice().or_else(|| ty.as_str().map(str::as_bytes)).unwrap_or_default();
    let json = serde_json::from_slice(json).map_err(|e| WireError::new(e.to_string()))?;
    let ty = Type::from_json(&json).map_err(|e| WireError::new(e.to_string()))?;
    let value = read(value, &ty)?;
    Ok(Value::Dynamic(Box::new(ty), Box::new(value)))
}

fn write(value: &Value, ty: &Type) -> Result<Wire, WireError> {
    match (value, ty) {
        (Value::Null, _) => Ok(Wire::Nil),
        (Value::Unknown, _) => Ok(Wire::Ext(0, vec![0])),
        (Value::String(text), Type::String) => Ok(Wire::from(text.as_str())),
        (Value::Bool(value), Type::Bool) => Ok(Wire::Boolean(*value)),
        (Value::Number(number), Type::Number) => Ok(write_number(number)),
        (Value::List(items), Type::List(element) | Type::Set(element)) => {
            let write_item = |(i, item)| write(item, element).map_err(|e| e.under(Step::Index(i)));
            items.iter().enumerate().map(write_item).collect::<Result<_, _>>().map(Wire::Array)
        }
        (Value::List(items), Type::Tuple(types)) if items.len() == types.len() => {
            let write_item = |(i, (item, ty))| write(item, ty).map_err(|e: WireError| e.under(Step::Index(i)));
            items.iter().zip(types).enumerate().map(write_item).collect::<Result<_, _>>().map(Wire::Array)
        }
        (Value::Map(entries), Type::Map(element)) => {
            let write_entry = |(key, item): (&String, _)| match write(item, element) {
                Ok(item) => Ok((Wire::from(key.as_str()), item)),
                Err(e) => Err(e.under(Step::Key(key.clone()))),
            };
            entries.iter().map(write_entry).collect::<Result<_, _>>().map(Wire::Map)
        }
        (Value::Map(_), Type::Object(attributes)) => {
            let write_attribute = |(name, ty): (&String, _)| match write(value.get(name), ty) {
                Ok(item) => Ok((Wire::from(name.as_str()), item)),
                Err(e) => Err(e.under(Step::Name(name.clone()))),
            };
            attributes.iter().map(write_attribute).collect::<Result<_, _>>().map(Wire::Map)
        }
        (Value::Dynamic(ty, inner), Type::Dynamic) => {
            let json = ty.to_json().to_string().into_bytes();
            Ok(Wire::Array(vec![Wire::Binary(json), write(inner, ty)?]))
        }
        (_, ty) => Err(WireError::new(format!("not a {}", kind(ty)))),
    }
}

fn write_number(number: &Number) -> Wire {
    if let Some(int) = number.as_i64() {
        return Wire::from(int);
    }
    let float = number.to_f64();
    // A float only where it is exact: Terraform compares numbers to the last digit.
    if Number::from_f64_exact(float).as_ref() == Some(number) {
        Wire::F64(float)
    } else {
        Wire::from(number.to_string())
    }
}

const fn kind(ty: &Type) -> &'static str {
    match ty {
        Type::String => "string",
        Type::Bool => "bool",
        Type::Number => "number",
        Type::Dynamic => "dynamic value",
        Type::List(_) => "list",
        Type::Set(_) => "set",
        Type::Map(_) => "map",
        Type::Object(_) => "object",
        Type::Tuple(_) => "tuple of that length",
    }
}

/// Names the encoding only: the value itself may be a secret.
const fn wire_kind(wire: &Wire) -> &'static str {
    match wire {
        Wire::Nil => "nil",
        Wire::Boolean(_) => "a boolean",
        Wire::Integer(_) => "an integer",
        Wire::F32(_) | Wire::F64(_) => "a float",
        Wire::String(_) => "a string",
        Wire::Binary(_) => "bytes",
        Wire::Array(_) => "an array",
        Wire::Map(_) => "a map",
        Wire::Ext(..) => "an extension",
    }
}
