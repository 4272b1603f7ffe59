//! ListTopics lists the topics of a region.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use super::NEXT_TOKEN;
use crate::error::Result;
use crate::page;
use crate::service::Sns;

pub(super) struct ListTopics;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    topics: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    topic_arn: String,
}

impl Action<Sns> for ListTopics {
    const NAME: &'static str = "ListTopics";
    const INPUT: Structure = Structure::new("ListTopicsInput", &[NEXT_TOKEN]);
    type Input = Input;
    type Output = Output;

    async fn run(sns: &Sns, call: &Call, input: Input) -> Result<Output> {
        let topics = sns.directory().all(&call.world);
        let (page, next_token) = page::cut(&topics, |topic| &topic.name, input.next_token.as_deref());
        Ok(Output { topics: page.into_iter().map(|topic| Entry { topic_arn: topic.arn() }).collect(), next_token })
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{Fixture, TOPIC, first};

    #[tokio::test]
    async fn of_the_region() {
        let fixture = Fixture::with_topic().await;
        assert_eq!(first(&fixture.ok("ListTopics", &[]).await, "TopicArn").as_deref(), Some(TOPIC));
        let after = fixture.ok("ListTopics", &[("NextToken", "t")]).await;
        assert_eq!(first(&after, "TopicArn"), None);
    }
}
