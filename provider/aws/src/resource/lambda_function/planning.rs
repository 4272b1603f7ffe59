//! What a change of a function makes uncertain, and what an imported function need not change.

use tf_framework::{Attr, Plan};

use super::{LambdaFunction, code, request};

/// Refines the plan that the schema made.
pub(super) async fn refine(plan: &mut Plan<LambdaFunction>) {
    let Some(prior) = &plan.prior else { return };
    if is_code_in_use(prior, &plan.config).await {
        plan.planned.filename.clone_from(&prior.filename);
        if plan.config.source_code_hash.is_known() {
            plan.planned.source_code_hash.clone_from(&prior.source_code_hash);
        }
    }
    let adds_or_drops_durability = prior.durable_config.len() != plan.planned.durable_config.len();
    unsettle(prior, &plan.config, &mut plan.planned);
    if adds_or_drops_durability {
        plan.replace_on("durable_config");
    }
}

/// After an import the state cannot say which file the code came from, and has the empty name for it (a null one Terraform
/// would not let stay). If the configured file holds just the code that runs, there is nothing to upload.
async fn is_code_in_use(prior: &LambdaFunction, config: &LambdaFunction) -> bool {
    let is_imported = prior.filename == Attr::Known(String::new());
    let Some(in_use) = prior.code_sha256.as_str().filter(|_| is_imported) else { return false };
    let Some(file) = config.filename.as_str() else { return false };
    let hash_agrees = match &config.source_code_hash {
        Attr::Null => true,
        Attr::Known(hash) => hash == in_use,
        Attr::Unknown => false,
    };
    hash_agrees && code::sha256_of(file).await.as_deref() == Some(in_use)
}

/// Makes unknown what the service will say anew.
fn unsettle(prior: &LambdaFunction, config: &LambdaFunction, planned: &mut LambdaFunction) {
    let code_changes = code::is_changed(prior, planned);
    let configuration_changes = request::changes_configuration(prior, planned);
    if code_changes {
        planned.source_code_size = Attr::Unknown;
        if config.code_sha256.is_null() {
            planned.code_sha256 = Attr::Unknown;
        }
    }
    if code_changes || configuration_changes {
        planned.last_modified = Attr::Unknown;
    }
    let turns_on_publishing = planned.publish != prior.publish;
    if planned.publish == Attr::Known(true) && (code_changes || configuration_changes || turns_on_publishing) {
        planned.version = Attr::Unknown;
        planned.qualified_arn = Attr::Unknown;
        planned.qualified_invoke_arn = Attr::Unknown;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored() -> LambdaFunction {
        LambdaFunction {
            filename: "a.zip".into(),
            code_sha256: "h".into(),
            source_code_size: 1.into(),
            memory_size: 128.into(),
            last_modified: "monday".into(),
            version: "1".into(),
            publish: false.into(),
            ..LambdaFunction::default()
        }
    }

    /// Which computed values a change leaves unknown.
    fn unknowns(change: impl Fn(&mut LambdaFunction)) -> Vec<&'static str> {
        let mut planned = stored();
        change(&mut planned);
        unsettle(&stored(), &LambdaFunction::default(), &mut planned);
        let computed = [
            ("code_sha256", planned.code_sha256.is_unknown()),
            ("source_code_size", planned.source_code_size.is_unknown()),
            ("last_modified", planned.last_modified.is_unknown()),
            ("version", planned.version.is_unknown()),
        ];
        computed.into_iter().filter(|(_, is_unknown)| *is_unknown).map(|(name, _)| name).collect()
    }

    #[test]
    fn a_plan_knows_what_stays() {
        assert!(unknowns(|_| ()).is_empty());
        assert!(unknowns(|f| f.tags_all = Attr::Unknown).is_empty());
        assert_eq!(unknowns(|f| f.memory_size = 256.into()), ["last_modified"]);
        assert_eq!(unknowns(|f| f.filename = "b.zip".into()), ["code_sha256", "source_code_size", "last_modified"]);
        assert_eq!(unknowns(|f| f.publish = true.into()), ["version"]);
    }

    #[tokio::test]
    async fn an_imported_function_keeps_the_code_it_runs() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        let hash = code::sha256_of(file).await.unwrap();
        let imported =
            LambdaFunction { filename: "".into(), code_sha256: hash.as_str().into(), ..LambdaFunction::default() };
        let config = LambdaFunction { filename: file.into(), ..LambdaFunction::default() };
        assert!(is_code_in_use(&imported, &config).await);
        let hashed = LambdaFunction { source_code_hash: hash.into(), ..config.clone() };
        assert!(is_code_in_use(&imported, &hashed).await);
        let other = LambdaFunction { source_code_hash: "other".into(), ..config.clone() };
        assert!(!is_code_in_use(&imported, &other).await);
        assert!(!is_code_in_use(&stored(), &config).await);
    }
}
