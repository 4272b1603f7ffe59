//! Constraints that many actions share, as the service model has them.

use aws_wire::{Pattern, Shape, Structure};

pub(crate) const KEY_ID: Shape = Shape::string().length(1, 2048);
pub(crate) const DESCRIPTION: Shape = Shape::string().length(0, 8192);
pub(crate) const LIMIT: Shape = Shape::integer().range(1, 1000);
pub(crate) const MARKER: Shape = Shape::string().length(1, 1024);
pub(crate) const ALIAS_NAME: Shape = Shape::string().length(1, 256).pattern(Pattern {
    text: "^[a-zA-Z0-9:/_-]+$",
    matches: |text| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'/' | b'_' | b'-');
        !text.is_empty() && text.bytes().all(allowed)
    },
});
pub(crate) const POLICY: Shape = Shape::string().length(1, 131_072);
pub(crate) const POLICY_NAME: Shape = Shape::string().length(1, 128);
pub(crate) const GRANT_TOKENS: Shape = Shape::list(&Shape::string().length(1, 8192)).length(0, 10);
pub(crate) const CONTEXT: Shape = Shape::map(&Shape::string(), &Shape::string());
pub(crate) const CIPHERTEXT: Shape = Shape::blob().length(1, 6144);
pub(crate) const ALGORITHM: Shape =
    Shape::string().one_of(&["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"]);
pub(crate) const DATA_KEY_SPEC: Shape = Shape::string().one_of(&["AES_256", "AES_128"]);
pub(crate) const NUMBER_OF_BYTES: Shape = Shape::integer().range(1, 1024);
pub(crate) const TAG_KEY: Shape = Shape::string().length(1, 128);
pub(crate) const TAGS: Shape = Shape::list(&TAG);
const TAG: Shape = Shape::structure(&Structure::new(
    "Tag",
    &[TAG_KEY.member("TagKey").required(), Shape::string().length(0, 256).member("TagValue").required()],
));
/// Of enclaves, which we do not have: any document, to be refused.
pub(crate) const RECIPIENT: Shape = Shape::document();
