//! The topics and subscriptions of all worlds.
//!
//! Everything is in memory and written through: a change is durable before anybody sees it. Changes go one at a time through
//! [`Writing`]; who looks meanwhile does not wait for the disk. Invariant: a subscription's topic is there.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use aws_wire::World;
use state_store::{Store, Table};

use crate::error::{Error, Result};
use crate::subscription::Subscription;
use crate::topic::{Topic, of_arn};

/// What is known: topics by place, subscriptions by ARN, which begins with that of their topic.
#[derive(Default)]
struct Known {
    topics: BTreeMap<String, Arc<Topic>>,
    subscriptions: BTreeMap<String, Arc<Subscription>>,
}

/// All topics and subscriptions.
pub(crate) struct Directory {
    store: Store,
    topics: Table<Topic>,
    subscriptions: Table<Subscription>,
    known: RwLock<Known>,
    /// Held by who changes something. It is the only lock that is held during a write to disk.
    writing: Mutex<()>,
}

impl Directory {
    /// Reads what `store` holds.
    pub(crate) fn open(store: &Store) -> Result<Self, state_store::Error> {
        let (topics, subscriptions) = (store.table("sns.topics"), store.table("sns.subscriptions"));
        let known = Known {
            topics: topics.all()?.into_iter().map(|(place, topic)| (place, Arc::new(topic))).collect(),
            subscriptions: subscriptions.all()?.into_iter().map(|(arn, one)| (arn, Arc::new(one))).collect(),
        };
        Ok(Self { store: store.clone(), topics, subscriptions, known: RwLock::new(known), writing: Mutex::new(()) })
    }

    /// The topic that an ARN names, for a caller of `world`. Another account's is not there: nobody could have allowed it.
    pub(crate) fn topic(&self, world: &World, arn: &str) -> Result<Arc<Topic>> {
        let (of, name) = of_arn("TopicArn", arn)?;
        self.by_name(&of, name).filter(|_| of.account == world.account).ok_or(Error::TopicNotFound)
    }

    pub(crate) fn by_name(&self, world: &World, name: &str) -> Option<Arc<Topic>> {
        self.known(|known| known.topics.get(&place(world, name)).cloned())
    }

    /// The topics of a world by name.
    pub(crate) fn all(&self, world: &World) -> Vec<Arc<Topic>> {
        self.known(|known| within(&known.topics, &place(world, "")))
    }

    pub(crate) fn subscription(&self, arn: &str) -> Option<Arc<Subscription>> {
        self.known(|known| known.subscriptions.get(arn).cloned())
    }

    /// The subscription that an ARN names, for a caller of `world`.
    pub(crate) fn subscription_of(&self, world: &World, arn: &str) -> Result<Arc<Subscription>> {
        let parts = arn.split(':').count();
        if parts < 6 {
            let reason = format!("SubscriptionArn Reason: An ARN must have at least 6 elements, not {parts}");
            return Err(Error::invalid(reason));
        }
        let found = self.subscription(arn).filter(|subscription| subscription.owner == world.account);
        found.ok_or(Error::SubscriptionNotFound)
    }

    /// The subscriptions of a topic.
    pub(crate) fn subscriptions(&self, topic: &Topic) -> Vec<Arc<Subscription>> {
        self.known(|known| within(&known.subscriptions, &format!("{}:", topic.arn())))
    }

    /// The subscriptions of all topics of a world.
    pub(crate) fn all_subscriptions(&self, world: &World) -> Vec<Arc<Subscription>> {
        self.known(|known| within(&known.subscriptions, &world.arn("sns", "")))
    }

    /// Begins a change. What is read until it is dropped stays true.
    pub(crate) fn write(&self) -> Writing<'_> {
        // Nothing is half done when a writer panics: memory changes last, and at once.
        Writing { directory: self, _turn: self.writing.lock().unwrap_or_else(PoisonError::into_inner) }
    }

    fn known<T>(&self, look: impl FnOnce(&Known) -> T) -> T {
        look(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change(&self, change: impl FnOnce(&mut Known)) {
        change(&mut self.known.write().unwrap_or_else(PoisonError::into_inner));
    }
}

/// The right to change a directory.
pub(crate) struct Writing<'a> {
    directory: &'a Directory,
    _turn: MutexGuard<'a, ()>,
}

impl Writing<'_> {
    /// Adds or replaces a topic.
    pub(crate) fn put_topic(&self, topic: Topic) -> Result<()> {
        let place = place(&topic.world(), &topic.name);
        self.directory.topics.put(&place, &topic)?;
        self.directory.change(|known| drop(known.topics.insert(place, Arc::new(topic))));
        Ok(())
    }

    /// Removes a topic and its subscriptions.
    pub(crate) fn remove_topic(&self, topic: &Topic) -> Result<()> {
        let directory = self.directory;
        let place = place(&topic.world(), &topic.name);
        let subscriptions = directory.subscriptions(topic);
        directory.store.commit(|transaction| {
            subscriptions.iter().try_for_each(|one| transaction.remove(&directory.subscriptions, &one.arn))?;
            transaction.remove(&directory.topics, &place)
        })?;
        directory.change(|known| {
            known.topics.remove(&place);
            for one in &subscriptions {
                known.subscriptions.remove(&one.arn);
            }
        });
        Ok(())
    }

    /// Adds or replaces a subscription.
    pub(crate) fn put_subscription(&self, subscription: Subscription) -> Result<()> {
        self.directory.subscriptions.put(&subscription.arn, &subscription)?;
        let arn = subscription.arn.clone();
        self.directory.change(|known| drop(known.subscriptions.insert(arn, Arc::new(subscription))));
        Ok(())
    }

    /// Removes a subscription, which its topic counts.
    pub(crate) fn remove_subscription(&self, topic: &Topic, subscription: &Subscription) -> Result<()> {
        let directory = self.directory;
        let place = place(&topic.world(), &topic.name);
        let topic = Topic { removed: topic.removed + 1, ..topic.clone() };
        directory.store.commit(|transaction| {
            transaction.remove(&directory.subscriptions, &subscription.arn)?;
            transaction.put(&directory.topics, &place, &topic)
        })?;
        directory.change(|known| {
            known.subscriptions.remove(&subscription.arn);
            known.topics.insert(place, Arc::new(topic));
        });
        Ok(())
    }
}

/// The key of a record. Persisted. Neither accounts nor regions have a slash.
fn place(world: &World, name: &str) -> String {
    format!("{world}/{name}")
}

fn within<T>(records: &BTreeMap<String, Arc<T>>, prefix: &str) -> Vec<Arc<T>> {
    let range = records.range(prefix.to_owned()..).take_while(|(key, _)| key.starts_with(prefix));
    range.map(|(_, record)| Arc::clone(record)).collect()
}
