//! Identities as protocol messages, for the RPCs that carry one beside a state.

use std::collections::BTreeMap;

use tfplugin::tfplugin6 as proto;

use super::{Service, wire};
use crate::diagnostics::Diagnostics;
use crate::identity::Identity;
use crate::provider::Provider;
use crate::value::{self, Value};

/// The identity of the object with this state. None where the type has none or the state does not name its object yet: a
/// host then keeps what it has.
pub(super) async fn of_state<P: Provider>(
    service: &Service<P>,
    identity: Option<Identity>,
    state: &Value,
) -> Option<proto::ResourceIdentityData> {
    let identity = identity?;
    let client = service.client()?;
    let mut missing = BTreeMap::new();
    for &name in identity.optional.iter().filter(|name| state.get(name).is_null()) {
        if let Some(value) = P::identity_part(&client, name, state).await {
            missing.insert(name, value);
        }
    }
    message(identity, identity.of_state(state, &missing)?).ok()
}

pub(super) fn message(identity: Identity, value: Value) -> Result<proto::ResourceIdentityData, Diagnostics> {
    let bug = |error: &dyn std::fmt::Display| {
        Diagnostics::error("Provider made an unusable identity", format!("This is a bug in the provider: {error}."))
    };
    let value = value::conform(value, &identity.ty()).map_err(|e| bug(&e))?;
    let msgpack = value::encode(&value, &identity.ty()).map_err(|e| bug(&e))?;
    let identity_data = Some(proto::DynamicValue { msgpack, json: Vec::new() });
    Ok(proto::ResourceIdentityData { identity_data })
}

/// The identity that a host sent; null when it sent none.
pub(super) fn read(message: Option<proto::ResourceIdentityData>, identity: Identity) -> Result<Value, Diagnostics> {
    match message.and_then(|message| message.identity_data) {
        None => Ok(Value::Null),
        Some(data) => value::decode(&data.msgpack, &identity.ty()).map_err(|e| wire::malformed("Terraform sent", &e)),
    }
}
