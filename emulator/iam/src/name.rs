//! Names and paths. They are checked where they are used and not by the constraints, because AWS has words of its own
//! for them.

use crate::Error;

/// Refuses a name outside `[\w+=,.@-]+`; `member` is what AWS calls it.
pub(crate) fn check_name(member: &'static str, name: &str) -> Result<(), Error> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if name.chars().all(allowed) { Ok(()) } else { Err(Error::InvalidName { member }) }
}

/// Refuses what is not `/` or `/…/` of printable characters.
pub(crate) fn check_path(path: &str) -> Result<(), Error> {
    let printable = path.chars().all(|c| c.is_ascii_graphic());
    if printable && path.starts_with('/') && path.ends_with('/') { Ok(()) } else { Err(Error::InvalidPath) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths() {
        for good in ["a", "Role_1+=,.@-"] {
            check_name("roleName", good).unwrap();
        }
        for bad in ["a b", "a/b", "ä", "a:b"] {
            assert!(check_name("roleName", bad).is_err(), "{bad}");
        }
        for good in ["/", "/service-role/", "/a/b/"] {
            check_path(good).unwrap();
        }
        for bad in ["a", "/a", "a/", "/a b/", "/ä/"] {
            assert!(check_path(bad).is_err(), "{bad}");
        }
    }
}
