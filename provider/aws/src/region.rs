//! The `region` argument that every regional resource has: planned as the provider's region, never changed in place.
//!
//! Also reads the `ID@region` form of an import id.

use tf_framework::{Attr, Diagnostic, Diagnostics, Plan};

use crate::arn::{Partition, is_region, region_of_arn};
use crate::client::Aws;

/// Plans the region of a resource: the configured one, else the provider's. Another region is another object, except
/// that state without a region belongs to the provider's.
pub(crate) fn plan<R>(
    aws: &Aws,
    plan: &mut Plan<R>,
    region: impl Fn(&mut R) -> &mut Attr<String>,
) -> Result<(), Diagnostics> {
    if let Some(configured) = region(&mut plan.config).as_str() {
        check(aws, configured)?;
    } else if region(&mut plan.config).is_null() {
        // To write a region down that nobody chose is no reason for an update; the next read does it.
        let is_old = plan.prior.as_mut().is_some_and(|prior| region(prior).is_null());
        if !is_old || plan.has_changes {
            region(&mut plan.planned).clone_from(aws.region());
        }
    }
    let planned = region(&mut plan.planned).clone();
    let Some(prior) = plan.prior.as_mut() else { return Ok(()) };
    let prior = region(prior);
    let adopted = prior.is_null() && planned == *aws.region();
    if *prior != planned && !adopted {
        plan.replace_on("region");
    }
    Ok(())
}

fn check(aws: &Aws, region: &str) -> Result<(), Diagnostics> {
    let Some(provider_region) = aws.region().as_str() else { return Ok(()) };
    let partition = Partition::of_region(provider_region);
    if aws.skips_region_validation() || partition.has_region(region) {
        return Ok(());
    }
    Err(Diagnostic::error(
        format!("invalid region {region:?}: not in the partition {:?}", partition.id),
        format!("Choose a region of the same partition as the provider's, which is in {provider_region}."),
    )
    .at("region")
    .into())
}

/// Splits `ID@region` into the id and its region; without the suffix the region is the provider's.
pub(crate) fn of_import_id<'a>(aws: &Aws, id: &'a str) -> (&'a str, Attr<String>) {
    match id.rsplit_once('@') {
        Some((id, region)) if is_region(region) => (id, region.into()),
        Some(_) | None => (id, aws.region().clone()),
    }
}

/// Reads an import id that is the ARN of `what`, alone or as `ARN@region`, which must be the ARN's own. `example` tells whoever
/// gave another.
pub(crate) fn of_import_arn<'a>(id: &'a str, what: &str, example: &str) -> Result<(&'a str, &'a str), Diagnostics> {
    let (arn, suffix) = match id.rsplit_once('@') {
        Some((arn, region)) if is_region(region) => (arn, Some(region)),
        Some(_) | None => (id, None),
    };
    let region = region_of_arn(arn).filter(|_| arn.starts_with("arn:"));
    let region =
        region.ok_or_else(|| Diagnostics::error(format!("Import ID {id:?} is not the ARN of {what}"), example))?;
    match suffix {
        Some(suffix) if suffix != region => Err(Diagnostics::error(
            format!(
                "the region passed for import, {suffix:?}, does not match the region {region:?} in the ARN {arn:?}"
            ),
            "An ARN names its region, so nothing needs to follow it.",
        )),
        Some(_) | None => Ok((arn, region)),
    }
}

/// The region of a stored object: state from before there was one belongs to the provider's.
pub(crate) fn of_state(aws: &Aws, stored: &Attr<String>) -> Attr<String> {
    if stored.is_null() { aws.region().clone() } else { stored.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_id_may_end_in_its_region() {
        let aws = Aws::for_tests();
        for (id, expected) in [
            ("demo", ("demo", "us-east-1")),
            ("demo@eu-west-1", ("demo", "eu-west-1")),
            ("a@b@us-gov-east-1", ("a@b", "us-gov-east-1")),
            ("a@b", ("a@b", "us-east-1")),
            ("a@us-east-123", ("a@us-east-123", "us-east-1")),
        ] {
            let (id, region) = of_import_id(&aws, id);
            assert_eq!((id, region.text()), expected);
        }
    }

    #[test]
    fn an_import_arn_names_its_region() {
        let arn = "arn:aws:kinesis:eu-west-1:000000000000:stream/demo";
        let read =
            |id: &str| of_import_arn(id, "a stream", "").map(|(arn, region)| (arn.to_owned(), region.to_owned()));
        let expected = Ok((arn.to_owned(), "eu-west-1".to_owned()));
        assert_eq!(read(arn), expected);
        assert_eq!(read(&format!("{arn}@eu-west-1")), expected);
        for id in ["demo", "demo@us-east-2", "arn:aws:iam::000000000000:role/r", &format!("{arn}@us-east-2")] {
            assert!(read(id).is_err(), "{id}");
        }
    }
}
