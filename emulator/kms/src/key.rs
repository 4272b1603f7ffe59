//! A key and what it is called.

use aws_wire::World;

/// A key that AWS manages for one of its services.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Key {
    /// Where it is.
    pub world: World,
    /// Its id, in the form of a UUID.
    pub id: String,
    /// The alias that it is used by.
    pub alias: &'static str,
}

impl Key {
    /// The key behind `alias`. Its id follows from world and alias, so it is the same after a restart without being stored.
    pub(crate) fn managed(world: &World, alias: &'static str) -> Self {
        Self { world: world.clone(), id: stable_id(&format!("{world}/{alias}")), alias }
    }

    /// Its ARN.
    pub fn arn(&self) -> String {
        self.world.arn("kms", format_args!("key/{}", self.id))
    }
}

/// A version 4 UUID that depends on nothing but `text`: two rounds of 64-bit FNV-1a.
fn stable_id(text: &str) -> String {
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
    fn ids_are_uuids_and_stay_the_same() {
        let id = stable_id("000000000000/us-east-1/alias/aws/kinesis");
        assert_eq!(id, stable_id("000000000000/us-east-1/alias/aws/kinesis"));
        assert_eq!((id.len(), &id[14..15]), (36, "4"));
        assert!(matches!(&id[19..20], "8" | "9" | "a" | "b"), "{id}");
    }
}
