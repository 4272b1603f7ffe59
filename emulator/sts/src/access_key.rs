//! Temporary access keys. Like AWS's, they carry their account in the open and nothing else of meaning.
//!
//! After `ASIA` come ten bytes in base 32: a bit that is set, forty bits of account number, and chance.
//!
//! ```text
//!  bit  0   1 ……………………… 40   41 … 79
//!       1   account number   chance
//! ```

use env::Env;

const PREFIX: &str = "ASIA";
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Characters after the prefix: eighty bits, five in each.
const CHARACTERS: u32 = 16;
/// Bits after the account number.
const CHANCE_BITS: u32 = 39;

/// A new temporary access key of `account`.
pub(crate) fn issue(env: &Env, account: &str) -> String {
    let chance = u64::from_le_bytes(env.random.bytes()) & ((1 << CHANCE_BITS) - 1);
    // Accounts are twelve digits; what is not has no number to carry.
    let number = account.parse::<u64>().ok().filter(|_| account.len() == 12).unwrap_or_default();
    let bits = 1 << 79 | u128::from(number) << CHANCE_BITS | u128::from(chance);
    let letter = |index: u32| {
        let five = usize::try_from(bits >> (index * 5) & 31).expect("five bits fit in usize");
        char::from(ALPHABET[five])
    };
    PREFIX.chars().chain((0..CHARACTERS).rev().map(letter)).collect()
}

/// The account that a temporary access key belongs to; nothing for any other key.
pub fn account_of(access_key: &str) -> Option<String> {
    let letters = access_key.strip_prefix(PREFIX).filter(|letters| letters.len() == CHARACTERS as usize)?;
    let five = |letter: u8| ALPHABET.iter().position(|found| *found == letter);
    let bits = letters.bytes().try_fold(0, |bits: u128, letter| Some(bits << 5 | five(letter)? as u128))?;
    let number = bits >> CHANCE_BITS & ((1 << 40) - 1);
    (bits >> 79 == 1 && number < 1_000_000_000_000).then(|| format!("{number:012}"))
}

#[cfg(test)]
mod tests {
    use env::Timestamp;

    use super::*;

    #[test]
    fn a_key_tells_its_account() {
        let env = Env::manual(Timestamp::EPOCH, 1);
        for account in ["000000000000", "123456789012", "999999999999"] {
            let (one, other) = (issue(&env, account), issue(&env, account));
            assert_ne!(one, other);
            assert_eq!(one.len(), 20);
            assert_eq!(account_of(&one).as_deref(), Some(account));
            assert_eq!(account_of(&other).as_deref(), Some(account));
        }
    }

    #[test]
    fn other_keys_tell_nothing() {
        for key in [
            "",
            "test",
            "123456789012",
            "AKIAIOSFODNN7EXAMPLE",
            "ASIAIOSFODNN7EXAMPLE",
            "ASIAQ",
            "ASIA777777777777777ä",
        ] {
            assert_eq!(account_of(key), None, "{key}");
        }
        // Beyond the last account number.
        assert_eq!(account_of("ASIA7777777777777777"), None);
    }
}
