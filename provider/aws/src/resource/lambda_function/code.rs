//! Where a function's code comes from, and when it counts as changed.

use aws_sdk_lambda::operation::update_function_code::builders::UpdateFunctionCodeInputBuilder;
use aws_sdk_lambda::types::{Architecture, FunctionCode};
use aws_smithy_types::Blob;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use sha2::{Digest as _, Sha256};
use tf_framework::{Attr, Diagnostic, Diagnostics};
use tokio::sync::{Mutex, MutexGuard};

use super::LambdaFunction;

/// Zip files are large and functions many: one is in memory at a time.
static TURN: Mutex<()> = Mutex::const_new(());

/// Code ready to send. While it lives, no other zip file is read.
pub(super) struct Code {
    code: FunctionCode,
    _turn: Option<MutexGuard<'static, ()>>,
}

impl Code {
    /// Reads the zip file, or names where the service finds the code.
    pub(super) async fn load(function: &LambdaFunction) -> Result<Self, Diagnostics> {
        let builder = FunctionCode::builder().set_source_kms_key_arn(set(&function.source_kms_key_arn));
        let Some(file) = set(&function.filename) else {
            let code = builder
                .set_image_uri(set(&function.image_uri))
                .set_s3_bucket(set(&function.s3_bucket))
                .set_s3_key(set(&function.s3_key))
                .set_s3_object_version(set(&function.s3_object_version))
                .build();
            return Ok(Self { code, _turn: None });
        };
        let turn = TURN.lock().await;
        let zip = read(&file).await.map_err(|error| {
            Diagnostic::error(
                format!("reading ZIP file ({file}): {error}"),
                "Build the zip file before Terraform runs, or correct the path; it is relative to where Terraform runs.",
            )
            .at("filename")
        })?;
        Ok(Self { code: builder.zip_file(Blob::new(zip)).build(), _turn: Some(turn) })
    }

    /// As part of CreateFunction.
    pub(super) fn for_create(&self) -> FunctionCode {
        self.code.clone()
    }

    /// As UpdateFunctionCode.
    pub(super) fn for_update(&self, function: &LambdaFunction) -> UpdateFunctionCodeInputBuilder {
        let code = self.code.clone();
        UpdateFunctionCodeInputBuilder::default()
            .set_zip_file(code.zip_file)
            .set_s3_bucket(code.s3_bucket)
            .set_s3_key(code.s3_key)
            .set_s3_object_version(code.s3_object_version)
            .set_image_uri(code.image_uri)
            .set_source_kms_key_arn(code.source_kms_key_arn)
            .set_architectures(architectures(function))
    }
}

/// The instruction set, in the service's shape.
pub(super) fn architectures(function: &LambdaFunction) -> Option<Vec<Architecture>> {
    let names = function.architectures.known().filter(|names| !names.is_empty())?;
    Some(names.iter().map(|name| Architecture::from(name.as_str())).collect())
}

/// Whether code must be uploaded to get from one state to the other.
pub(super) fn is_changed(prior: &LambdaFunction, planned: &LambdaFunction) -> bool {
    let texts = |function: &LambdaFunction| {
        [
            set(&function.filename),
            set(&function.source_code_hash),
            set(&function.s3_bucket),
            set(&function.s3_key),
            set(&function.s3_object_version),
            set(&function.image_uri),
            set(&function.source_kms_key_arn),
        ]
    };
    // A hash that is to be found out is a result of the change, not its reason.
    let hash_differs = planned.code_sha256.is_known() && prior.code_sha256 != planned.code_sha256;
    let unknown =
        [&planned.filename, &planned.source_code_hash, &planned.s3_bucket, &planned.s3_key, &planned.image_uri];
    texts(prior) != texts(planned)
        || hash_differs
        || prior.architectures != planned.architectures
        || unknown.iter().any(|value| value.is_unknown())
}

/// The hash of a zip file as the service gives it for code in use; `None` when it cannot be read.
pub(super) async fn sha256_of(file: &str) -> Option<String> {
    let _turn = TURN.lock().await;
    read(file).await.ok().map(|zip| BASE64_STANDARD.encode(Sha256::digest(zip)))
}

async fn read(file: &str) -> std::io::Result<Vec<u8>> {
    let in_home = file.strip_prefix("~/").and_then(|rest| Some(std::env::home_dir()?.join(rest)));
    tokio::fs::read(in_home.unwrap_or_else(|| file.into())).await
}

pub(super) fn set(text: &Attr<String>) -> Option<String> {
    text.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored() -> LambdaFunction {
        LambdaFunction { filename: "a.zip".into(), code_sha256: "h".into(), ..LambdaFunction::default() }
    }

    #[test]
    fn any_word_about_the_code_is_a_change() {
        assert!(!is_changed(&stored(), &stored()));
        assert!(is_changed(&stored(), &LambdaFunction { filename: "b.zip".into(), ..stored() }));
        assert!(is_changed(&stored(), &LambdaFunction { source_code_hash: "x".into(), ..stored() }));
        assert!(is_changed(&stored(), &LambdaFunction { code_sha256: "other".into(), ..stored() }));
        assert!(is_changed(&stored(), &LambdaFunction { source_code_hash: Attr::Unknown, ..stored() }));
    }

    #[test]
    fn what_says_nothing_is_no_change() {
        assert!(!is_changed(&stored(), &LambdaFunction { s3_bucket: "".into(), ..stored() }));
        assert!(!is_changed(&stored(), &LambdaFunction { code_sha256: Attr::Unknown, ..stored() }));
        assert!(!is_changed(&stored(), &LambdaFunction { memory_size: 256.into(), ..stored() }));
    }

    #[tokio::test]
    async fn a_missing_file_names_its_argument() {
        let function = LambdaFunction { filename: "no/such.zip".into(), ..LambdaFunction::default() };
        let error = Code::load(&function).await.err().unwrap();
        assert!(error.iter().all(|d| d.path == "filename".into() && d.summary.contains("no/such.zip")));
    }
}
