//! How many runs may be under way at once: of a function with a reservation, and of all others of an account together.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_wire::World;

use crate::invoke::ThrottleReason;
use crate::name::FunctionArn;

/// What an account has in a region.
pub(crate) const ACCOUNT_CONCURRENCY: u32 = 1000;
/// What reservations must leave for the functions without one.
pub(crate) const MINIMUM_UNRESERVED: u32 = 100;

/// The runs under way. Clones count together.
#[derive(Clone, Default)]
pub(crate) struct Concurrency(Arc<Mutex<Counts>>);

#[derive(Default)]
struct Counts {
    by_function: HashMap<FunctionArn, u32>,
    unreserved: HashMap<World, u32>,
}

/// A run under way; over when it is dropped.
pub(crate) struct Permit {
    concurrency: Concurrency,
    function: FunctionArn,
    is_reserved: bool,
}

impl Concurrency {
    /// Lets a run of `function` (unqualified) begin. `reserved_by_all` is asked only when the account is so busy that it
    /// matters.
    pub(crate) fn enter(
        &self,
        function: &FunctionArn,
        reserved: Option<u32>,
        reserved_by_all: impl FnOnce() -> u32,
    ) -> Result<Permit, ThrottleReason> {
        let mut counts = self.counts();
        let world = function.world();
        let running = counts.by_function.get(function).copied().unwrap_or_default();
        match reserved {
            Some(reserved) if running >= reserved => {
                return Err(ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded);
            }
            Some(_) => {}
            None => {
                let unreserved = counts.unreserved.entry(world).or_default();
                if *unreserved >= MINIMUM_UNRESERVED
                    && *unreserved >= ACCOUNT_CONCURRENCY.saturating_sub(reserved_by_all())
                {
                    return Err(ThrottleReason::ConcurrentInvocationLimitExceeded);
                }
                *unreserved += 1;
            }
        }
        *counts.by_function.entry(function.clone()).or_default() += 1;
        Ok(Permit { concurrency: self.clone(), function: function.clone(), is_reserved: reserved.is_some() })
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut counts = self.concurrency.counts();
        if let Some(running) = counts.by_function.get_mut(&self.function) {
            *running -= 1;
            if *running == 0 {
                counts.by_function.remove(&self.function);
            }
        }
        if !self.is_reserved
            && let Some(running) = counts.unreserved.get_mut(&self.function.world())
        {
            *running -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arn(name: &str) -> FunctionArn {
        format!("arn:aws:lambda:us-east-1:000000000000:function:{name}").parse().unwrap()
    }

    #[test]
    fn a_reservation_is_a_limit_of_its_own() {
        let concurrency = Concurrency::default();
        let enter = |reserved| concurrency.enter(&arn("f"), Some(reserved), || 0).map(Some);
        let throttled = Some(ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded);
        assert_eq!(enter(0).err(), throttled);
        let first = enter(1).unwrap();
        assert_eq!(enter(1).err(), throttled);
        drop(first);
        assert!(enter(1).is_ok());
    }

    #[test]
    fn the_others_share_what_is_left() {
        let concurrency = Concurrency::default();
        let enter = |name: &str| concurrency.enter(&arn(name), None, || 850);
        let permits: Vec<_> = (0..150).map(|i| enter(if i % 2 == 0 { "a" } else { "b" }).ok().unwrap()).collect();
        assert_eq!(enter("c").err(), Some(ThrottleReason::ConcurrentInvocationLimitExceeded));
        drop(permits);
        assert!(enter("c").is_ok());
    }
}
