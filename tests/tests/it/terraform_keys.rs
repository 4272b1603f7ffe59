//! Keys, aliases, resource policies and account settings through the life that Terraform gives them.

use acceptance::{Emulator, Source, Workspace};
use serde_json::{Value, json};

use crate::stage::{Stage, call, kinesis};
use crate::steps::{REPLACE, UPDATE, change, import};

const KEY: &str = "aws_kms_key.k";
const ALIAS: &str = "aws_kms_alias.a";

const KEYS_TF: &str = r#"
resource "aws_kms_key" "k" {
  description             = "mine"
  deletion_window_in_days = 7
  tags                    = { team = "mill" }
}

resource "aws_kms_key" "other" {}

resource "aws_kms_alias" "a" {
  name          = "alias/mine"
  target_key_id = aws_kms_key.k.key_id
}

data "aws_kms_key" "k" {
  key_id = aws_kms_alias.a.name
}

data "aws_kms_alias" "a" {
  name = aws_kms_alias.a.name
}

data "aws_kms_alias" "aws" {
  name = "alias/aws/kinesis"
}
"#;

const KINDS_TF: &str = r#"
resource "aws_kms_key" "signs" {
  customer_master_key_spec = "ECC_NIST_P256"
  key_usage                = "SIGN_VERIFY"
}

resource "aws_kms_key" "agrees" {
  customer_master_key_spec = "ECC_NIST_P384"
  key_usage                = "KEY_AGREEMENT"
}

resource "aws_kms_key" "encrypts" {
  customer_master_key_spec = "RSA_2048"
}

resource "aws_kms_key" "authenticates" {
  customer_master_key_spec = "HMAC_256"
  key_usage                = "GENERATE_VERIFY_MAC"
}

resource "aws_kms_key" "everywhere" {
  multi_region = true
}

data "aws_kms_key" "everywhere" {
  key_id = aws_kms_key.everywhere.key_id
}
"#;

const POLICY_TF: &str = r#"
resource "aws_kinesis_stream" "s" {
  name        = "s"
  shard_count = 1
}

resource "aws_kinesis_resource_policy" "p" {
  resource_arn = aws_kinesis_stream.s.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      Action    = ["kinesis:GetRecords"]
      Resource  = [aws_kinesis_stream.s.arn]
    }]
  })
}

resource "aws_kinesis_account_settings" "here" {
  minimum_throughput_billing_commitment {
    status = "ENABLED"
  }
}
"#;

/// Calls a KMS action with plain HTTP.
fn kms(emulator: &Emulator, action: &str, input: &Value) -> Value {
    call(emulator, &format!("TrentService.{action}"), input).unwrap()
}

#[test]
fn a_key_and_its_alias_live_in_place() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("keys", Source::Override, emulator.endpoint());
    workspace.write("main.tf", KEYS_TF).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();

    let key = workspace.attributes(KEY).unwrap();
    let id = key["key_id"].as_str().unwrap().to_owned();
    assert_eq!(key["arn"], format!("arn:aws:kms:us-east-1:000000000000:key/{id}"));
    assert!(key["policy"].as_str().unwrap().contains("arn:aws:iam::000000000000:root"), "{key}");
    assert_eq!((&key["is_enabled"], &key["enable_key_rotation"]), (&json!(true), &json!(false)));
    assert_eq!(workspace.attributes(ALIAS).unwrap()["target_key_arn"], key["arn"]);
    let seen = workspace.attributes("data.aws_kms_key.k").unwrap();
    assert_eq!(
        (&seen["arn"], &seen["description"], &seen["key_state"]),
        (&key["arn"], &json!("mine"), &json!("Enabled"))
    );
    assert_eq!((&seen["key_manager"], &seen["enabled"]), (&json!("CUSTOMER"), &json!(true)));
    let seen = workspace.attributes("data.aws_kms_alias.a").unwrap();
    assert_eq!((&seen["target_key_arn"], &seen["target_key_id"]), (&key["arn"], &json!(id)));
    assert_eq!(seen["arn"], "arn:aws:kms:us-east-1:000000000000:alias/mine");
    assert!(workspace.attributes("data.aws_kms_alias.aws").unwrap()["target_key_arn"].is_string());

    change(&workspace, "\"mine\"", "\"yours\"\n  enable_key_rotation = true", &[(KEY, UPDATE)]);
    assert_eq!(workspace.attributes(KEY).unwrap()["rotation_period_in_days"], 365);
    change(&workspace, "rotation = true", "rotation = true\n  rotation_period_in_days = 90", &[(KEY, UPDATE)]);
    assert_eq!(kms(&emulator, "GetKeyRotationStatus", &json!({"KeyId": id}))["RotationPeriodInDays"], 90);
    change(&workspace, "team = \"mill\"", "team = \"race\", more = \"yes\"", &[(KEY, UPDATE)]);
    change(&workspace, "rotation = true", "rotation = true\n  is_enabled = false", &[(KEY, UPDATE)]);
    assert_eq!(kms(&emulator, "DescribeKey", &json!({"KeyId": id}))["KeyMetadata"]["KeyState"], "Disabled");
    // Enabled again and changed in one go.
    change(
        &workspace,
        "enable_key_rotation = true\n  is_enabled = false\n  rotation_period_in_days = 90",
        "policy = jsonencode({ Statement = [{ Effect = \"Allow\", Principal = \"*\", Action = [\"kms:*\"], Resource = \"*\" }] })",
        &[(KEY, UPDATE)],
    );
    let policy = kms(&emulator, "GetKeyPolicy", &json!({"KeyId": id, "PolicyName": "default"}));
    assert!(policy["Policy"].as_str().unwrap().contains("kms:*"), "{policy}");
    let spelled = policy["Policy"].as_str().unwrap().replace("[\"kms:*\"]", "\"kms:*\"");
    kms(&emulator, "PutKeyPolicy", &json!({"KeyId": id, "PolicyName": "default", "Policy": spelled}));
    workspace.must_be_settled().unwrap();
    change(&workspace, "deletion_window_in_days = 7", "", &[(KEY, UPDATE)]);

    // The same key by another name is no change, another key is one in place.
    change(&workspace, "aws_kms_key.k.key_id", "aws_kms_key.k.arn", &[]);
    change(&workspace, "aws_kms_key.k.arn", "aws_kms_key.other.key_id", &[(ALIAS, UPDATE)]);
    change(&workspace, "aws_kms_key.other.key_id", "aws_kms_key.k.arn", &[(ALIAS, UPDATE)]);
    import(&workspace, KEY, &id);
    import(&workspace, KEY, &format!("{id}@us-east-1"));
    import(&workspace, ALIAS, "alias/mine");
    change(&workspace, "\"alias/mine\"", "\"alias/ours\"", &[(ALIAS, REPLACE)]);

    kms(&emulator, "DeleteAlias", &json!({"AliasName": "alias/ours"}));
    assert!(workspace.plan().unwrap().contains(&(ALIAS.to_owned(), vec!["create".to_owned()])));
    workspace.apply().unwrap();
    kms(&emulator, "ScheduleKeyDeletion", &json!({"KeyId": id}));
    assert!(workspace.plan().unwrap().contains(&(KEY.to_owned(), vec!["create".to_owned()])));
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();

    workspace
        .write("main.tf", KEYS_TF.replace("name          = \"alias/mine\"", "name_prefix = \"alias/made-\""))
        .unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    assert!(workspace.attributes(ALIAS).unwrap()["name"].as_str().unwrap().starts_with("alias/made-2"));
    let id = workspace.attributes(KEY).unwrap()["key_id"].clone();
    workspace.destroy().unwrap();
    let left = kms(&emulator, "DescribeKey", &json!({"KeyId": id}));
    assert_eq!(left["KeyMetadata"]["KeyState"], "PendingDeletion");
    let aliases = kms(&emulator, "ListAliases", &json!({}));
    let is_ours = |alias: &Value| !alias["AliasName"].as_str().unwrap().starts_with("alias/aws/");
    assert!(!aliases["Aliases"].as_array().unwrap().iter().any(is_ours), "{aliases}");
}

#[test]
fn what_a_key_cannot_be_is_named() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("wrong", Source::Override, emulator.endpoint());
    let check = |command: &[&str], text: &str, expected: &[&str]| {
        workspace.write("main.tf", text).unwrap();
        let said = workspace.must_fail(command).unwrap();
        assert!(expected.iter().all(|text| said.contains(text)), "{said}");
    };
    let plan: &[&str] = &["plan", "-no-color", "-input=false"];
    let key = |arguments: &str| format!("resource \"aws_kms_key\" \"k\" {{\n{arguments}\n}}\n");
    check(plan, &key("deletion_window_in_days = 6"), &["deletion_window_in_days", "7"]);
    check(plan, &key("rotation_period_in_days = 90"), &["rotation_period_in_days", "enable_key_rotation"]);
    check(plan, &key("policy = \"no\""), &["policy", "JSON"]);
    check(plan, &key("key_usage = \"SING\""), &["key_usage", "SIGN_VERIFY"]);
    let alias = "resource \"aws_kms_alias\" \"a\" {\nname = \"mine\"\ntarget_key_id = \"k\"\n}\n";
    check(plan, alias, &["name", "alias/"]);
    let settings = "resource \"aws_kinesis_account_settings\" \"s\" {\nminimum_throughput_billing_commitment {\nstatus = \"ON\"\n}\n}\n";
    check(plan, settings, &["status", "ENABLED"]);
    let apply: &[&str] = &["apply", "-auto-approve", "-no-color", "-input=false"];
    for (arguments, words) in [
        (
            "customer_master_key_spec = \"RSA_2048\"\nkey_usage = \"KEY_AGREEMENT\"",
            "ValidationException: KeyUsage KEY_AGREEMENT is not compatible with KeySpec RSA_2048",
        ),
        ("customer_master_key_spec = \"HMAC_256\"", "KeyUsage ENCRYPT_DECRYPT is not compatible with KeySpec HMAC_256"),
        ("custom_key_store_id = \"cks-1\"", "CustomKeyStoreNotFoundException"),
        ("custom_key_store_id = \"cks-1\"\nxks_key_id = \"x\"", "CustomKeyStoreNotFoundException"),
    ] {
        check(apply, &key(arguments), &["creating KMS Key", words, "operation error KMS: CreateKey"]);
    }
    let alias = "resource \"aws_kms_alias\" \"a\" {\nname = \"alias/a\"\ntarget_key_id = \"00000000-0000-0000-0000-000000000000\"\n}\n";
    check(apply, alias, &["creating KMS Alias (alias/a)", "NotFoundException", "target_key_id"]);
    let missing = "data \"aws_kms_key\" \"k\" {\nkey_id = \"alias/nobody\"\n}\n";
    check(plan, missing, &["reading KMS Key (alias/nobody): couldn't find resource", "key_id"]);
}

#[test]
fn a_key_of_any_kind_lives_in_place() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("kinds", Source::Override, emulator.endpoint());
    workspace.write("main.tf", KINDS_TF).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    let described = |address: &str| {
        let id = workspace.attributes(address).unwrap()["key_id"].clone();
        kms(&emulator, "DescribeKey", &json!({"KeyId": id}))["KeyMetadata"].clone()
    };
    for (name, spec, usage) in [
        ("signs", "ECC_NIST_P256", "SIGN_VERIFY"),
        ("agrees", "ECC_NIST_P384", "KEY_AGREEMENT"),
        ("encrypts", "RSA_2048", "ENCRYPT_DECRYPT"),
        ("authenticates", "HMAC_256", "GENERATE_VERIFY_MAC"),
        ("everywhere", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
    ] {
        let address = format!("aws_kms_key.{name}");
        let (key, held) = (workspace.attributes(&address).unwrap(), described(&address));
        assert_eq!((&key["customer_master_key_spec"], &key["key_usage"]), (&json!(spec), &json!(usage)));
        assert_eq!((&held["KeySpec"], &held["KeyUsage"]), (&json!(spec), &json!(usage)));
        assert_eq!((&key["multi_region"], &key["enable_key_rotation"]), (&json!(name == "everywhere"), &json!(false)));
        let before = format!("\"{name}\" {{");
        let after = format!("\"{name}\" {{\n  tags = {{ team = \"mill\" }}\n  description = \"mine\"");
        change(&workspace, &before, &after, &[(&address, UPDATE)]);
        let off = after.replacen("\n", "\n  is_enabled = false\n", 1);
        change(&workspace, &after, &off, &[(&address, UPDATE)]);
        assert_eq!(described(&address)["KeyState"], "Disabled");
        change(&workspace, &off, &after, &[(&address, UPDATE)]);
        import(&workspace, &address, key["key_id"].as_str().unwrap());
    }
    let everywhere = workspace.attributes("aws_kms_key.everywhere").unwrap()["key_id"].clone();
    assert!(everywhere.as_str().unwrap().starts_with("mrk-"), "{everywhere}");
    let seen = workspace.attributes("data.aws_kms_key.everywhere").unwrap();
    assert_eq!(seen["multi_region_configuration"][0]["multi_region_key_type"], "PRIMARY", "{seen}");
    let id = workspace.attributes("aws_kms_key.authenticates").unwrap()["key_id"].clone();
    let message = json!({"KeyId": id, "Message": "AAAA", "MacAlgorithm": "HMAC_SHA_256"});
    let mac = kms(&emulator, "GenerateMac", &message)["Mac"].clone();
    let check = json!({"KeyId": id, "Message": "AAAA", "MacAlgorithm": "HMAC_SHA_256", "Mac": mac});
    assert_eq!(kms(&emulator, "VerifyMac", &check)["MacValid"], true);

    // What kind of key it is, is decided once.
    change(&workspace, "\"ECC_NIST_P256\"", "\"ECC_SECG_P256K1\"", &[("aws_kms_key.signs", REPLACE)]);
    change(&workspace, "\"KEY_AGREEMENT\"", "\"SIGN_VERIFY\"", &[("aws_kms_key.agrees", REPLACE)]);
    change(&workspace, "multi_region = true", "multi_region = false", &[("aws_kms_key.everywhere", REPLACE)]);
    // A key that takes a pair gets no new material.
    let text = std::fs::read_to_string(workspace.path().join("main.tf")).unwrap();
    workspace.write("main.tf", text.replacen("\"signs\" {", "\"signs\" {\n  enable_key_rotation = true", 1)).unwrap();
    let said = workspace.must_fail(&["apply", "-auto-approve", "-no-color", "-input=false"]).unwrap();
    assert!(said.contains("UnsupportedOperationException") && said.contains("enable_key_rotation"), "{said}");
    workspace.write("main.tf", text).unwrap();
    workspace.must_be_settled().unwrap();
    let id = workspace.attributes("aws_kms_key.signs").unwrap()["key_id"].clone();
    workspace.destroy().unwrap();
    let left = kms(&emulator, "DescribeKey", &json!({"KeyId": id}));
    assert_eq!(left["KeyMetadata"]["KeyState"], "PendingDeletion");
}

#[test]
fn a_policy_and_account_settings_live_in_place() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("policy", Source::Override, emulator.endpoint());
    workspace.write("main.tf", POLICY_TF).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    let (policy, settings) = ("aws_kinesis_resource_policy.p", "aws_kinesis_account_settings.here");
    let arn = workspace.attributes(policy).unwrap()["id"].as_str().unwrap().to_owned();
    let block = |workspace: &Workspace| {
        workspace.attributes(settings).unwrap()["minimum_throughput_billing_commitment"][0].clone()
    };
    assert_eq!(workspace.attributes(settings).unwrap()["id"], "us-east-1");
    let commitment = block(&workspace);
    assert_eq!((&commitment["status"], &commitment["status_actual"]), (&json!("ENABLED"), &json!("ENABLED")));
    assert!(commitment["started_at"].as_str().unwrap().ends_with('Z'), "{commitment}");

    // Said otherwise, it is the same policy.
    change(&workspace, "[\"kinesis:GetRecords\"]", "\"kinesis:GetRecords\"", &[]);
    change(&workspace, "\"kinesis:GetRecords\"", "\"kinesis:GetShardIterator\"", &[(policy, UPDATE)]);
    let held = kinesis(&emulator, "GetResourcePolicy", &json!({"ResourceARN": arn})).unwrap();
    assert!(held["Policy"].as_str().unwrap().contains("GetShardIterator"), "{held}");
    change(&workspace, "\"ENABLED\"", "\"DISABLED\"", &[(settings, UPDATE)]);
    let commitment = block(&workspace);
    assert_eq!(commitment["status"], "DISABLED");
    assert_eq!(commitment["status_actual"], "ENABLED_UNTIL_EARLIEST_ALLOWED_END");

    import(&workspace, policy, &arn);
    import(&workspace, settings, "us-east-1");
    change(
        &workspace,
        "\"aws_kinesis_account_settings\" \"here\" {",
        "\"aws_kinesis_account_settings\" \"here\" {\n  region = \"eu-west-1\"",
        &[(settings, REPLACE)],
    );

    kinesis(&emulator, "DeleteResourcePolicy", &json!({"ResourceARN": arn})).unwrap();
    assert_eq!(workspace.plan().unwrap(), [(policy.to_owned(), vec!["create".to_owned()])]);
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    change(
        &workspace,
        "name        = \"s\"",
        "name        = \"t\"",
        &[(policy, REPLACE), ("aws_kinesis_stream.s", REPLACE)],
    );
    workspace.destroy().unwrap();
}
