//! CreateAlias: another name for a key. A key has up to 50.

use aws_wire::{Action, Call, EpochSeconds, Structure};
use serde::Deserialize;

use crate::alias::{self, Alias};
use crate::error::{Error, Result};
use crate::service::Kms;
use crate::shape;

pub(super) struct CreateAlias;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    alias_name: String,
    target_key_id: String,
}

/// The aliases that a key may have.
const LIMIT: usize = 50;

impl Action<Kms> for CreateAlias {
    const NAME: &'static str = "CreateAlias";
    const INPUT: Structure = Structure::new(
        "CreateAliasRequest",
        &[shape::ALIAS_NAME.member("AliasName").required(), shape::KEY_ID.member("TargetKeyId").required()],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<()> {
        alias::check_name(&input.alias_name)?;
        let world = &call.world;
        service.directory().enter(world)?;
        let writing = service.directory().write();
        let key = service.find(world, &input.target_key_id)?;
        key.check_not_pending()?;
        if let Some(taken) = service.directory().alias(world, &input.alias_name) {
            let is_repeated = call.repeats(taken.maker.as_ref()) && taken.target == key.id;
            return if is_repeated { Ok(()) } else { Err(Error::AliasExists { arn: taken.arn() }) };
        }
        let aliases = service.directory().aliases(world);
        if aliases.iter().filter(|alias| alias.target == key.id).count() >= LIMIT {
            return Err(Error::AliasLimit { arn: key.arn(), limit: LIMIT });
        }
        let now = EpochSeconds(service.now());
        writing.put_alias(Alias {
            account: world.account.clone(),
            region: world.region.clone(),
            name: input.alias_name,
            target: key.id.clone(),
            maker: call.invocation.clone(),
            created: now,
            updated: now,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::fixture::Fixture;

    #[tokio::test]
    async fn an_alias_is_made_moved_and_removed() {
        let mut fixture = Fixture::new();
        let ((first, _), (second, _)) = (fixture.key().await, fixture.key().await);
        let alias = |key: &str| json!({"AliasName": "alias/mine", "TargetKeyId": key});
        fixture.ok("CreateAlias", alias(&first)).await;
        let exists = "AlreadyExistsException: An alias with the name arn:aws:kms:us-east-1:000000000000:alias/mine already \
                      exists";
        fixture.refused("CreateAlias", alias(&second), exists).await;
        let target = async |fixture: &Fixture| {
            fixture.ok("DescribeKey", json!({"KeyId": "alias/mine"})).await["KeyMetadata"]["KeyId"].clone()
        };
        assert_eq!(target(&fixture).await, first);
        fixture.ok("UpdateAlias", alias(&second)).await;
        fixture.restart();
        assert_eq!(target(&fixture).await, second);
        let listed = fixture.ok("ListAliases", json!({"KeyId": second})).await;
        assert_eq!(listed["Aliases"][0]["AliasName"], "alias/mine");
        let names: Vec<_> = fixture.ok("ListAliases", json!({})).await["Aliases"]
            .as_array()
            .unwrap()
            .iter()
            .map(|alias| alias["AliasName"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(names, ["alias/aws/kinesis", "alias/aws/lambda", "alias/aws/s3", "alias/mine"]);
        fixture.ok("DeleteAlias", json!({"AliasName": "alias/mine"})).await;
        let missing = "NotFoundException: Alias arn:aws:kms:us-east-1:000000000000:alias/mine is not found.";
        for action in ["DeleteAlias", "UpdateAlias"] {
            fixture.refused(action, alias(&first), missing).await;
        }
    }

    #[tokio::test]
    async fn names_are_checked() {
        let fixture = Fixture::new();
        let (key, _) = fixture.key().await;
        let refused = async |name: &str, words: &str| {
            fixture.refused("CreateAlias", json!({"AliasName": name, "TargetKeyId": key}), words).await;
        };
        let reserved = "NotAuthorizedException: Aliases that begin with alias/aws/ are reserved";
        refused("alias/aws/mine", reserved).await;
        refused(
            "mine",
            "ValidationException: Alias must start with the prefix \"alias/\". Please see \
             https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
        )
        .await;
    }
}
