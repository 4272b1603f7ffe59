//! A framework for Terraform providers in pure Rust.
//!
//! A resource is a struct. serde moves it in and out of Terraform's values, schemars derives its schema, and the flags
//! that Terraform adds (required, computed, force new, checks, …) are expressions on the fields. The framework speaks the
//! plugin protocol, plans everything that follows from the schema, and calls the resource's functions for the rest.
//!
//! ```
//! use std::time::Duration;
//!
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//! use tf_framework::flags::*;
//! use tf_framework::{
//!     Applied, Attr, Blocks, Change, Check, Context, Diagnostics, Failure, Host, Plan, Provider, Registry, Resource,
//!     Timeouts,
//! };
//!
//! /// A queue of letters.
//! #[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
//! struct Queue {
//!     /// Assigned when the queue is made.
//!     #[schemars(extend("tf" = computed()))]
//!     id: Attr<String>,
//!     /// What the queue is called.
//!     #[schemars(extend("tf" = required().force_new().length(1..=80).pattern("^[a-z-]+$")))]
//!     name: Attr<String>,
//!     /// How many hours a letter is kept.
//!     #[schemars(extend("tf" = optional().default(24).range(1..=168)))]
//!     retention: Attr<i64>,
//!     /// Changes with every update.
//!     #[schemars(extend("tf" = computed().volatile()))]
//!     modified: Attr<String>,
//!     /// Who may read.
//!     #[schemars(extend("tf" = optional().each(Check::length(1..=64))))]
//!     readers: Attr<std::collections::BTreeSet<String>>,
//!     /// Where letters go that nobody wants.
//!     #[schemars(extend("tf" = list_block().max_items(1)))]
//!     dead_letters: Blocks<DeadLetters>,
//!     #[schemars(extend("tf" = timeouts(&["create"])))]
//!     timeouts: Timeouts,
//! }
//!
//! #[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
//! struct DeadLetters {
//!     /// The other queue.
//!     #[schemars(extend("tf" = required()))]
//!     target: Attr<String>,
//! }
//!
//! /// What the provider block becomes.
//! struct PostOffice;
//!
//! impl Resource for Queue {
//!     const TYPE: &'static str = "post_queue";
//!     type Client = PostOffice;
//!
//!     fn validate(config: &Self) -> Diagnostics {
//!         match config.dead_letters.first() {
//!             Some(dead) if dead.target.is_known() && dead.target == config.name => {
//!                 Diagnostics::error("Queue feeds itself", "Choose another queue for dead letters.")
//!             }
//!             _ => Diagnostics::new(),
//!         }
//!     }
//!
//!     async fn plan(_: &Context<PostOffice>, plan: &mut Plan<Self>) -> Result<(), Diagnostics> {
//!         if plan.is_create() {
//!             // Known before the queue exists, so other resources need not wait for it.
//!             plan.planned.id = plan.planned.name.clone().map(|name| format!("queue/{name}"));
//!         }
//!         Ok(())
//!     }
//!
//!     async fn create(cx: &Context<PostOffice>, planned: Self, _config: Self) -> Applied<Self> {
//!         let _limit = planned.timeouts.create(Duration::from_secs(60));
//!         let mut state = Self { modified: "now".into(), ..planned };
//!         // The queue exists from here on, whatever happens next.
//!         cx.save(&state);
//!         state.retention = 24.into();
//!         Ok(state)
//!     }
//!
//!     async fn read(_: &Context<PostOffice>, state: Self) -> Result<Option<Self>, Diagnostics> {
//!         Ok(Some(state))
//!     }
//!
//!     async fn update(_: &Context<PostOffice>, change: Change<Self>) -> Applied<Self> {
//!         if change.changes(|queue| &queue.retention) && change.planned.retention == Attr::Known(13) {
//!             let trouble = Diagnostics::error("Unlucky", "Choose another retention.");
//!             return Err(Failure::leaving(change.prior, trouble));
//!         }
//!         Ok(Self { modified: "later".into(), ..change.planned })
//!     }
//!
//!     async fn delete(_: &Context<PostOffice>, _: Self) -> Result<(), Failure<Self>> {
//!         Ok(())
//!     }
//! }
//!
//! #[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
//! struct Post {
//!     /// Where the post office is.
//!     #[schemars(extend("tf" = optional()))]
//!     address: Attr<String>,
//! }
//!
//! impl Provider for Post {
//!     const ADDRESS: &'static str = "registry.terraform.io/example/post";
//!     type Client = PostOffice;
//!
//!     fn registry() -> Registry<PostOffice> {
//!         Registry::new().resource::<Queue>()
//!     }
//!
//!     async fn configure(_config: Self, _host: &Host) -> Result<PostOffice, Diagnostics> {
//!         Ok(PostOffice)
//!     }
//! }
//!
//! // A provider's `main` is `tf_framework::serve::<Post>()`; its first test is this:
//! tf_framework::check::<Post>().expect("every schema is one");
//! ```

mod attr;
mod blocks;
mod context;
mod data_source;
mod diagnostics;
pub mod docs;
mod duration;
mod function;
mod identity;
mod intent;
mod operations;
mod path;
mod plan;
mod plugin;
mod provider;
mod registry;
mod resource;
mod rpc;
pub mod schema;
mod stop;
mod timeouts;
mod validate;
pub mod value;

pub use attr::Attr;
pub use blocks::Blocks;
pub use context::Context;
pub use data_source::DataSource;
pub use diagnostics::{Diagnostic, Diagnostics, Severity};
pub use function::{Function, FunctionError};
pub use identity::Identity;
pub use intent::{Intent, current_intent};
pub use path::{Path, Step};
pub use plugin::serve;
pub use provider::{Host, Provider, check};
pub use registry::{Import, Registry, Schemas};
pub use resource::{Applied, Change, Comparison, Failure, Model, MoveSource, Plan, Resource};
pub use rpc::schemas_ahead;
pub use schema::{Check, flags};
pub use timeouts::Timeouts;
pub use value::Value;
