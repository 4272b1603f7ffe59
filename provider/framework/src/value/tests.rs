//! Round trips: what is written is read back the same, whatever the type.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::*;
use crate::{Attr, Blocks};

/// Any type that a schema can state, three levels deep.
fn types() -> impl Strategy<Value = Type> {
    let scalar = prop_oneof![Just(Type::String), Just(Type::Bool), Just(Type::Number), Just(Type::Dynamic)];
    scalar.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(Type::list),
            inner.clone().prop_map(Type::map),
            inner.clone().prop_filter("a set holds nothing dynamic", |ty| !is_dynamic(ty)).prop_map(Type::set),
            prop::collection::btree_map("[a-z]{1,3}", inner.clone(), 0..3).prop_map(Type::Object),
            prop::collection::vec(inner, 0..3).prop_map(Type::Tuple),
        ]
    })
}

fn is_dynamic(ty: &Type) -> bool {
    match ty {
        Type::Dynamic => true,
        Type::String | Type::Bool | Type::Number => false,
        Type::List(inner) | Type::Set(inner) | Type::Map(inner) => is_dynamic(inner),
        Type::Object(types) => types.values().any(is_dynamic),
        Type::Tuple(types) => types.iter().any(is_dynamic),
    }
}

fn numbers() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        any::<f64>().prop_filter_map("finite", Number::from_f64),
        "-?[1-9][0-9]{0,40}(\\.[0-9]{1,30})?(e-?[0-9]{1,3})?".prop_filter_map("a number", |text| Number::parse(&text)),
    ]
}

/// Any value of `ty`, null and unknown included.
fn values(ty: &Type, unknown: bool) -> BoxedStrategy<Value> {
    let known: BoxedStrategy<Value> = match ty {
        Type::String => any::<String>().prop_map(Value::String).boxed(),
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Number => numbers().prop_map(Value::Number).boxed(),
        Type::Dynamic => (any::<String>(), numbers())
            .prop_flat_map(|(text, number)| {
                prop_oneof![
                    Just(Value::Dynamic(Box::new(Type::String), Box::new(Value::String(text)))),
                    Just(Value::Dynamic(
                        Box::new(Type::list(Type::Number)),
                        Box::new(Value::List(vec![Value::Number(number)]))
                    )),
                ]
            })
            .boxed(),
        Type::List(inner) => prop::collection::vec(values(inner, unknown), 0..4).prop_map(Value::List).boxed(),
        Type::Set(inner) => {
            prop::collection::vec(values(inner, unknown), 0..4).prop_map(|items| Value::List(as_set(items))).boxed()
        }
        Type::Map(inner) => {
            prop::collection::btree_map(any::<String>(), values(inner, unknown), 0..4).prop_map(Value::Map).boxed()
        }
        Type::Object(types) => {
            let fields: Vec<_> = types
                .iter()
                .map(|(name, ty)| {
                    values(ty, unknown).prop_map({
                        let name = name.clone();
                        move |v| (name.clone(), v)
                    })
                })
                .collect();
            fields.prop_map(|fields| Value::Map(fields.into_iter().collect())).boxed()
        }
        Type::Tuple(types) => {
            let items: Vec<_> = types.iter().map(|ty| values(ty, unknown)).collect();
            items.prop_map(Value::List).boxed()
        }
    };
    let weight = u32::from(unknown);
    prop_oneof![8 => known, 1 => Just(Value::Null), weight => Just(Value::Unknown)].boxed()
}

fn typed_values(unknown: bool) -> impl Strategy<Value = (Type, Value)> {
    types().prop_flat_map(move |ty| (Just(ty.clone()), values(&ty, unknown)))
}

/// As Terraform writes state: the JSON form of a value.
fn json(value: &Value) -> String {
    match value {
        Value::Null | Value::Unknown => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => serde_json::to_string(text).unwrap(),
        Value::List(items) => format!("[{}]", items.iter().map(json).collect::<Vec<_>>().join(",")),
        Value::Map(entries) => {
            let entry =
                |(key, value): (&String, &Value)| format!("{}:{}", serde_json::to_string(key).unwrap(), json(value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(","))
        }
        Value::Dynamic(ty, value) => format!("{{\"type\":{},\"value\":{}}}", ty.to_json(), json(value)),
    }
}

proptest! {
    #[test]
    fn types_survive_json(ty in types()) {
        prop_assert_eq!(Type::from_json(&ty.to_json()).unwrap(), ty);
    }

    #[test]
    fn values_survive_messagepack((ty, value) in typed_values(true)) {
        let bytes = encode(&value, &ty).unwrap();
        prop_assert_eq!(decode(&bytes, &ty).unwrap(), value);
    }

    #[test]
    fn values_survive_state_json((ty, value) in typed_values(false)) {
        let read = from_json(json(&value).as_bytes()).unwrap();
        prop_assert_eq!(conform(read, &ty).unwrap(), value);
    }

    #[test]
    fn garbage_is_refused_and_nothing_worse((ty, mut bytes, at) in (types(), prop::collection::vec(any::<u8>(), 1..40), any::<usize>())) {
        drop(decode(&bytes, &ty));
        drop(from_json(&bytes));
        let cut = at % bytes.len();
        bytes.truncate(cut);
        drop(decode(&bytes, &ty));
    }

    #[test]
    fn a_cut_value_is_refused((ty, value) in typed_values(true), at in any::<prop::sample::Index>()) {
        let bytes = encode(&value, &ty).unwrap();
        let cut = at.index(bytes.len());
        if cut > 0 {
            prop_assert!(decode(&bytes[..cut], &ty).is_err());
        }
    }
}

#[test]
fn numbers_travel_as_terraform_compares_them() {
    for (text, wire) in [
        ("300", vec![0xcd, 0x01, 0x2c]),
        ("1.5", vec![0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0]),
        ("0.1", vec![0xa3, b'0', b'.', b'1']),
    ] {
        assert_eq!(encode(&Value::Number(Number::parse(text).unwrap()), &Type::Number).unwrap(), wire, "{text}");
    }
}

#[test]
fn a_set_has_one_order_whatever_it_came_in() {
    let as_sent = Type::list(Type::String);
    let sent = encode(&Value::List(vec!["b".into(), "a".into()]), &as_sent).unwrap();
    assert_eq!(decode(&sent, &as_sent), Ok(Value::List(vec!["b".into(), "a".into()])));
    assert_eq!(decode(&sent, &Type::set(Type::String)), Ok(Value::List(vec!["a".into(), "b".into()])));
}

#[test]
fn every_extension_is_unknown() {
    // Extension 12 refines an unknown: here with "not null".
    let refined = [0xc7, 0x03, 0x0c, 0x81, 0x01, 0xc2];
    assert_eq!(decode(&refined, &Type::String), Ok(Value::Unknown));
    assert_eq!(decode(&[0xd4, 0, 0], &Type::list(Type::Bool)), Ok(Value::Unknown));
    assert_eq!(decode(&[], &Type::String), Ok(Value::Null));
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Model {
    text: Attr<String>,
    count: Attr<u64>,
    ratio: Attr<f64>,
    flag: Attr<bool>,
    tags: Attr<BTreeMap<String, String>>,
    blocks: Blocks<Inner>,
    single: Option<Inner>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Inner {
    names: Attr<Vec<String>>,
}

fn attrs<T: Clone + std::fmt::Debug + 'static>(known: impl Strategy<Value = T> + 'static) -> BoxedStrategy<Attr<T>> {
    prop_oneof![Just(Attr::Null), Just(Attr::Unknown), known.prop_map(Attr::Known)].boxed()
}

fn models() -> impl Strategy<Value = Model> {
    let inner = || attrs(prop::collection::vec(any::<String>(), 0..3)).prop_map(|names| Inner { names });
    let blocks = prop_oneof![Just(Blocks::unknown()), prop::collection::vec(inner(), 0..3).prop_map(Blocks::from),];
    (
        attrs(any::<String>()),
        attrs(any::<u64>()),
        attrs(any::<f64>().prop_filter("finite", |f| f.is_finite())),
        attrs(any::<bool>()),
        attrs(prop::collection::btree_map(any::<String>(), any::<String>(), 0..3)),
        blocks,
        prop::option::of(inner()),
    )
        .prop_map(|(text, count, ratio, flag, tags, blocks, single)| Model {
            text,
            count,
            ratio,
            flag,
            tags,
            blocks,
            single,
        })
}

proptest! {
    #[test]
    fn structs_survive_values(model in models()) {
        prop_assert_eq!(from_value::<Model>(&to_value(&model).unwrap()).unwrap(), model);
    }
}

#[test]
fn one_unknown_element_makes_an_attribute_unknown() {
    let mut value = to_value(&Inner { names: vec!["a".to_owned()].into() }).unwrap();
    value.as_map_mut().unwrap().insert("names".to_owned(), Value::List(vec!["a".into(), Value::Unknown]));
    assert_eq!(from_value::<Inner>(&value).unwrap().names, Attr::Unknown);
}
