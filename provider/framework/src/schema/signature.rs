//! From a Rust struct to the signature of a function: its fields are the parameters, in the order in which they are written.

use schemars::JsonSchema;
use serde::de::{DeserializeOwned, Deserializer, Error as _, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Value as Json;

use super::SchemaError;
use super::derive::{described, value_type};
use crate::value::{ModelError, Type};

/// What a function takes and returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// What it is for, in Markdown.
    pub description: String,
    /// What it takes, in order.
    pub parameters: Vec<Parameter>,
    /// What it returns.
    pub returns: Type,
}

/// One parameter of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name; arguments are given by position all the same.
    pub name: String,
    /// The type of its values.
    pub ty: Type,
    /// What it is for, in Markdown.
    pub description: String,
    /// Whether the argument may be null: a field of type `Option<T>`.
    pub nullable: bool,
}

impl Signature {
    /// The signature of a function with the arguments `A` and the result `R`.
    pub(crate) fn derive<A: JsonSchema + DeserializeOwned, R: JsonSchema>() -> Result<Self, SchemaError> {
        let (arguments, result) = (described::<A>(), described::<R>());
        let parameter = |&name: &&str| {
            let field = arguments.get("properties").and_then(|fields| fields.get(name)).unwrap_or(&Json::Null);
            Ok(Parameter {
                name: name.to_owned(),
                ty: value_type(field, name)?,
                description: super::derive::description(field),
                nullable: is_nullable(field),
            })
        };
        Ok(Self {
            description: super::derive::description(&arguments),
            parameters: fields::<A>().iter().map(parameter).collect::<Result<_, _>>()?,
            returns: value_type(&result, "return")?,
        })
    }
}

fn is_nullable(field: &Json) -> bool {
    let null = Json::from("null");
    let says = |kind: &Json| kind == &null || kind.as_array().is_some_and(|kinds| kinds.contains(&null));
    let choices = field.get("anyOf").and_then(Json::as_array);
    field.get("type").is_some_and(says)
        || choices.into_iter().flatten().any(|choice| choice.get("type").is_some_and(says))
}

/// The names of a struct's fields in the order in which they are written, which a JSON schema does not keep.
fn fields<T: DeserializeOwned>() -> &'static [&'static str] {
    struct Probe<'a>(&'a mut &'static [&'static str]);

    impl<'de> Deserializer<'de> for Probe<'_> {
        type Error = ModelError;

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, ModelError> {
            Err(ModelError::custom("asked for its fields only"))
        }

        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            visitor: V,
        ) -> Result<V::Value, ModelError> {
            *self.0 = fields;
            self.deserialize_any(visitor)
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option enum
            unit unit_struct newtype_struct seq tuple tuple_struct map identifier ignored_any
        }
    }

    let mut fields: &'static [&'static str] = &[];
    drop(T::deserialize(Probe(&mut fields)));
    fields
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    /// Joins words.
    #[derive(Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only its shape is looked at")]
    struct Join {
        /// The words.
        words: Vec<String>,
        /// What goes between them.
        between: Option<String>,
        again: u8,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its shape is looked at")]
    struct Joined {
        text: String,
        length: i64,
    }

    #[test]
    fn parameters_keep_their_order_and_say_what_may_be_null() {
        let signature = Signature::derive::<Join, Joined>().unwrap();
        let parameter = |name: &str, ty, description: &str, nullable| Parameter {
            name: name.to_owned(),
            ty,
            description: description.to_owned(),
            nullable,
        };
        let joined = [("text".to_owned(), Type::String), ("length".to_owned(), Type::Number)];
        let expected = Signature {
            description: "Joins words.".to_owned(),
            parameters: vec![
                parameter("words", Type::list(Type::String), "The words.", false),
                parameter("between", Type::String, "What goes between them.", true),
                parameter("again", Type::Number, "", false),
            ],
            returns: Type::Object(BTreeMap::from(joined)),
        };
        assert_eq!(signature, expected);
    }

    #[test]
    fn what_has_no_terraform_type_is_refused() {
        let error = Signature::derive::<Join, BTreeMap<String, ()>>().unwrap_err();
        assert_eq!(error.field, "return");
    }
}
