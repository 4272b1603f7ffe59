//! Log groups, buckets and objects through the life that Terraform gives them.

use acceptance::{Answer, Emulator, Source, request, zip};
use serde_json::{Value, json};

use crate::stage::{Stage, call};
use crate::steps::{REPLACE, UPDATE, change, import};

const PLAN: &[&str] = &["plan", "-no-color", "-input=false"];
const APPLY: &[&str] = &["apply", "-auto-approve", "-no-color", "-input=false"];

const GROUP: &str = "aws_cloudwatch_log_group.g";
const BUCKET: &str = "aws_s3_bucket.b";
const OBJECT: &str = "aws_s3_object.o";

const GROUP_TF: &str = r#"
resource "aws_cloudwatch_log_group" "g" {
  name              = "/mill/race"
  retention_in_days = 7
  tags              = { team = "mill" }
}
"#;

const BUCKET_TF: &str = r#"
resource "aws_s3_bucket" "b" {
  bucket = "mill-race"
  tags   = { team = "mill" }
}
"#;

const OBJECT_TF: &str = r#"
resource "aws_s3_bucket" "b" {
  bucket        = "mill-race"
  force_destroy = true
}

resource "aws_s3_object" "o" {
  bucket  = aws_s3_bucket.b.bucket
  key     = "wheel/spokes"
  content = "hello"
  tags    = { team = "mill" }
}
"#;

const KMS_TF: &str = r#"
resource "aws_kms_key" "k" {
  deletion_window_in_days = 7
}

resource "aws_kms_key" "other" {
  deletion_window_in_days = 7
}

resource "aws_s3_bucket" "b" {
  bucket = "mill-race"

  server_side_encryption_configuration {
    rule {
      bucket_key_enabled = true
      apply_server_side_encryption_by_default {
        kms_master_key_id = aws_kms_key.other.arn
        sse_algorithm     = "aws:kms"
      }
    }
  }
}

resource "aws_s3_object" "o" {
  bucket     = aws_s3_bucket.b.bucket
  key        = "wheel/spokes"
  content    = "hello"
  kms_key_id = aws_kms_key.k.arn
}

resource "aws_s3_object" "by_bucket" {
  bucket  = aws_s3_bucket.b.bucket
  key     = "wheel/hub"
  content = "hello"
}
"#;

const KEPT_TF: &str = r#"
resource "aws_s3_bucket" "logs" {
  bucket = "mill-logs"
}

resource "aws_s3_bucket" "copies" {
  bucket = "mill-copies"

  versioning {
    enabled = true
  }
}

resource "aws_s3_bucket" "b" {
  bucket              = "mill-race"
  acceleration_status = "Enabled"
  request_payer       = "Requester"

  versioning {
    enabled = true
  }

  website {
    index_document = "index.html"
    error_document = "error.html"
    routing_rules  = jsonencode([{ Condition = { KeyPrefixEquals = "a/" }, Redirect = { ReplaceKeyPrefixWith = "b/" } }])
  }

  logging {
    target_bucket = aws_s3_bucket.logs.id
    target_prefix = "log/"
  }

  replication_configuration {
    role = "arn:aws:iam::000000000000:role/copier"

    rules {
      id       = "some"
      status   = "Enabled"
      priority = 7

      filter {
        prefix = "wheel/"
        tags   = { copy = "yes" }
      }

      delete_marker_replication_status = "Enabled"

      source_selection_criteria {
        sse_kms_encrypted_objects {
          enabled = true
        }
      }

      destination {
        bucket             = aws_s3_bucket.copies.arn
        storage_class      = "STANDARD_IA"
        account_id         = "000000000000"
        replica_kms_key_id = "arn:aws:kms:us-east-1:000000000000:key/k"

        access_control_translation {
          owner = "Destination"
        }

        replication_time {
          status  = "Enabled"
          minutes = 15
        }

        metrics {
          status  = "Enabled"
          minutes = 15
        }
      }
    }
  }
}
"#;

const LOCKED_TF: &str = r#"
resource "aws_s3_bucket" "b" {
  bucket = "mill-race"

  object_lock_configuration {
    object_lock_enabled = "Enabled"

    rule {
      default_retention {
        mode = "GOVERNANCE"
        days = 2
      }
    }
  }
}

resource "aws_s3_object" "o" {
  bucket                        = aws_s3_bucket.b.bucket
  key                           = "wheel/spokes"
  content                       = "hello"
  storage_class                 = "DEEP_ARCHIVE"
  website_redirect              = "https://example.org/"
  object_lock_legal_hold_status = "ON"
  object_lock_mode              = "GOVERNANCE"
  object_lock_retain_until_date = "2040-01-31T00:00:00Z"
}
"#;

const FUNCTION_TF: &str = r#"
resource "aws_s3_bucket" "code" {
  bucket_prefix = "code-"
}

resource "aws_s3_object" "code" {
  bucket      = aws_s3_bucket.code.id
  key         = "function.zip"
  source      = "function.zip"
  source_hash = filemd5("function.zip")
}

resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_lambda_function" "f" {
  function_name    = "f"
  role             = aws_iam_role.r.arn
  runtime          = "python3.12"
  handler          = "handler.handle"
  s3_bucket        = aws_s3_object.code.bucket
  s3_key           = aws_s3_object.code.key
  source_code_hash = filebase64sha256("function.zip")
  depends_on       = [aws_cloudwatch_log_group.f]
}

resource "aws_cloudwatch_log_group" "f" {
  name              = "/aws/lambda/f"
  retention_in_days = 1
}
"#;

/// Calls a CloudWatch Logs action with plain HTTP.
#[track_caller]
fn logs(emulator: &Emulator, action: &str, input: &Value) -> Value {
    call(emulator, &format!("Logs_20140328.{action}"), input).unwrap()
}

/// The group of that name, if there is one.
fn group(emulator: &Emulator, name: &str) -> Option<Value> {
    let found = logs(emulator, "DescribeLogGroups", &json!({"logGroupNamePrefix": name}));
    found["logGroups"].as_array().unwrap().iter().find(|group| group["logGroupName"] == name).cloned()
}

/// Asks S3 with plain HTTP.
fn s3(emulator: &Emulator, method: &str, path: &str, body: &str) -> Answer {
    request(emulator.address(), method, path, &[], body).unwrap()
}

#[test]
fn a_log_group_lives_in_place() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("group", Source::Override, emulator.endpoint());
    workspace.write("main.tf", GROUP_TF).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    let state = workspace.attributes(GROUP).unwrap();
    assert_eq!(state["arn"], "arn:aws:logs:us-east-1:000000000000:log-group:/mill/race");
    assert_eq!((&state["id"], &state["log_group_class"]), (&json!("/mill/race"), &json!("STANDARD")));
    assert_eq!((&state["region"], &state["skip_destroy"]), (&json!("us-east-1"), &json!(false)));

    change(&workspace, "retention_in_days = 7", "retention_in_days = 14", &[(GROUP, UPDATE)]);
    assert_eq!(group(&emulator, "/mill/race").unwrap()["retentionInDays"], 14);
    change(&workspace, "retention_in_days = 14", "", &[(GROUP, UPDATE)]);
    assert!(group(&emulator, "/mill/race").unwrap().get("retentionInDays").is_none());
    change(&workspace, "{ team = \"mill\" }", "{ team = \"race\", more = \"yes\" }", &[(GROUP, UPDATE)]);
    let tags = logs(&emulator, "ListTagsForResource", &json!({"resourceArn": state["arn"]}));
    assert_eq!(tags["tags"], json!({"team": "race", "more": "yes"}));
    change(&workspace, "tags ", "deletion_protection_enabled = true\n  tags ", &[(GROUP, UPDATE)]);
    let said = workspace.must_fail(&["destroy", "-auto-approve", "-no-color", "-input=false"]).unwrap();
    assert!(said.contains("deleting CloudWatch Logs Log Group (/mill/race)"), "{said}");
    change(&workspace, "enabled = true", "enabled = false", &[(GROUP, UPDATE)]);
    import(&workspace, GROUP, "/mill/race");
    import(&workspace, GROUP, "/mill/race@us-east-1");
    change(&workspace, "tags ", "log_group_class = \"INFREQUENT_ACCESS\"\n  tags ", &[(GROUP, REPLACE)]);
    change(&workspace, "\"/mill/race\"", "\"/mill/wheel\"", &[(GROUP, REPLACE)]);
    assert_eq!(group(&emulator, "/mill/race"), None);

    // What somebody else did shows, and is undone.
    logs(&emulator, "PutRetentionPolicy", &json!({"logGroupName": "/mill/wheel", "retentionInDays": 3}));
    assert_eq!(workspace.plan().unwrap(), [(GROUP.to_owned(), vec!["update".to_owned()])]);
    logs(&emulator, "DeleteLogGroup", &json!({"logGroupName": "/mill/wheel"}));
    assert_eq!(workspace.plan().unwrap(), [(GROUP.to_owned(), vec!["create".to_owned()])]);
    workspace.apply().unwrap();
    change(&workspace, "tags ", "region = \"eu-west-1\"\n  tags ", &[(GROUP, REPLACE)]);
    assert_eq!(group(&emulator, "/mill/wheel"), None);

    workspace
        .write("main.tf", GROUP_TF.replace("name              = \"/mill/race\"", "name_prefix = \"made-\""))
        .unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    let name = workspace.attributes(GROUP).unwrap()["name"].as_str().unwrap().to_owned();
    assert!(name.starts_with("made-2"), "{name}");
    change(&workspace, "tags ", "skip_destroy = true\n  tags ", &[(GROUP, UPDATE)]);
    workspace.destroy().unwrap();
    assert!(group(&emulator, &name).is_some(), "the group was to stay");
}

#[test]
fn a_bucket_lives_in_place() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("bucket", Source::Override, emulator.endpoint());
    workspace.write("main.tf", BUCKET_TF).unwrap();
    let planned = workspace.must(PLAN).unwrap();
    assert!(planned.contains("\"arn:aws:s3:::mill-race\""), "known before there is a bucket: {planned}");
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    let state = workspace.attributes(BUCKET).unwrap();
    for (name, expected) in [
        ("id", json!("mill-race")),
        ("arn", json!("arn:aws:s3:::mill-race")),
        ("bucket_domain_name", json!("mill-race.s3.amazonaws.com")),
        ("bucket_regional_domain_name", json!("mill-race.s3.us-east-1.amazonaws.com")),
        ("bucket_region", json!("us-east-1")),
        ("bucket_namespace", json!("global")),
        ("hosted_zone_id", json!("Z3AQBSTGFYJSTF")),
        ("force_destroy", json!(false)),
        ("object_lock_enabled", json!(false)),
        ("policy", json!("")),
        ("request_payer", json!("BucketOwner")),
        ("cors_rule", json!([])),
        ("versioning", json!([{"enabled": false, "mfa_delete": false}])),
    ] {
        assert_eq!(state[name], expected, "{name}");
    }
    assert_eq!(state["grant"][0]["permissions"], json!(["FULL_CONTROL"]));
    let default = &state["server_side_encryption_configuration"][0]["rule"][0];
    assert_eq!(default["apply_server_side_encryption_by_default"][0]["sse_algorithm"], "AES256");

    change(&workspace, "{ team = \"mill\" }", "{ team = \"race\", more = \"yes\" }", &[(BUCKET, UPDATE)]);
    assert!(s3(&emulator, "GET", "/mill-race?tagging", "").body.contains("<Key>more</Key><Value>yes</Value>"));
    // Tags that nobody here has set stay.
    let tags = "<Tagging><TagSet><Tag><Key>team</Key><Value>race</Value></Tag><Tag><Key>more</Key><Value>yes</Value></Tag>\
                <Tag><Key>others</Key><Value>1</Value></Tag></TagSet></Tagging>";
    assert_eq!(s3(&emulator, "PUT", "/mill-race?tagging", tags).status, 204);
    change(
        &workspace,
        "resource",
        "provider \"aws\" {\n  ignore_tags {\n    keys = [\"others\"]\n  }\n}\n\nresource",
        &[],
    );
    change(&workspace, ", more = \"yes\"", "", &[(BUCKET, UPDATE)]);
    let tags = s3(&emulator, "GET", "/mill-race?tagging", "").body;
    assert!(tags.contains("<Key>others</Key>") && !tags.contains("<Key>more</Key>"), "{tags}");

    change(&workspace, "tags   =", "versioning {\n    enabled = true\n  }\n  tags   =", &[(BUCKET, UPDATE)]);
    assert!(s3(&emulator, "GET", "/mill-race?versioning", "").body.contains("<Status>Enabled</Status>"));
    change(&workspace, "enabled = true", "enabled = false", &[(BUCKET, UPDATE)]);
    assert!(s3(&emulator, "GET", "/mill-race?versioning", "").body.contains("<Status>Suspended</Status>"));
    // A block that is left out says nothing.
    change(&workspace, "versioning {\n    enabled = false\n  }", "", &[]);
    let policy = r#"jsonencode({ Statement = [{ Effect = "Deny", Principal = "*", Action = ["s3:GetObject"], Resource = "arn:aws:s3:::mill-race/*" }] })"#;
    change(&workspace, "tags   =", &format!("policy = {policy}\n  tags   ="), &[(BUCKET, UPDATE)]);
    change(&workspace, "[\"s3:GetObject\"]", "\"s3:GetObject\"", &[]);
    change(&workspace, "\"s3:GetObject\"", "\"s3:PutObject\"", &[(BUCKET, UPDATE)]);
    assert!(s3(&emulator, "GET", "/mill-race?policy", "").body.contains("s3:PutObject"));
    let cors = "cors_rule {\n    allowed_methods = [\"GET\"]\n    allowed_origins = [\"*\"]\n  }";
    change(&workspace, "tags   =", &format!("{cors}\n  tags   ="), &[(BUCKET, UPDATE)]);
    change(&workspace, "[\"GET\"]", "[\"GET\", \"PUT\"]\n    max_age_seconds = 60", &[(BUCKET, UPDATE)]);
    let written = s3(&emulator, "GET", "/mill-race?cors", "").body;
    assert!(written.contains("<AllowedMethod>PUT</AllowedMethod>") && written.contains("60"), "{written}");
    let cors = cors.replace("[\"GET\"]", "[\"GET\", \"PUT\"]\n    max_age_seconds = 60");
    change(&workspace, &cors, "", &[]);
    assert_eq!(s3(&emulator, "GET", "/mill-race?cors", "").body, written);
    let lifecycle = "lifecycle_rule {\n    enabled = true\n    prefix = \"old/\"\n    expiration {\n      days = 30\n    }\n    \
                     transition {\n      days = 10\n      storage_class = \"GLACIER\"\n    }\n  }";
    change(&workspace, "tags   =", &format!("{lifecycle}\n  tags   ="), &[(BUCKET, UPDATE)]);
    change(&workspace, "days = 30", "days = 31", &[(BUCKET, UPDATE)]);
    assert!(s3(&emulator, "GET", "/mill-race?lifecycle", "").body.contains("<Days>31</Days>"));
    change(&workspace, &lifecycle.replace("days = 30", "days = 31"), "", &[]);
    let encryption = "server_side_encryption_configuration {\n    rule {\n      bucket_key_enabled = true\n      \
                      apply_server_side_encryption_by_default {\n        sse_algorithm = \"AES256\"\n      }\n    }\n  }";
    change(&workspace, "tags   =", &format!("{encryption}\n  tags   ="), &[(BUCKET, UPDATE)]);
    change(
        &workspace,
        "tags   =",
        "request_payer = \"BucketOwner\"\n  acl = \"private\"\n  tags   =",
        &[(BUCKET, UPDATE)],
    );
    change(&workspace, "acl = \"private\"", "", &[]);
    change(&workspace, "tags   =", "force_destroy = true\n  tags   =", &[(BUCKET, UPDATE)]);

    change(&workspace, "force_destroy = true", "", &[(BUCKET, UPDATE)]);
    import(&workspace, BUCKET, "mill-race");
    import(&workspace, BUCKET, "mill-race@us-east-1");
    change(&workspace, "bucket = \"mill-race\"", "bucket = \"mill-wheel\"", &[(BUCKET, REPLACE)]);
    assert_eq!(s3(&emulator, "HEAD", "/mill-race", "").status, 404);
    assert_eq!(s3(&emulator, "DELETE", "/mill-wheel", "").status, 204);
    assert_eq!(workspace.plan().unwrap(), [(BUCKET.to_owned(), vec!["create".to_owned()])]);
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    workspace.destroy().unwrap();
    assert_eq!(s3(&emulator, "HEAD", "/mill-wheel", "").status, 404);
}

#[test]
fn a_bucket_is_elsewhere_or_gets_its_name_from_us() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("elsewhere", Source::Override, emulator.endpoint());
    let bucket = |arguments: &str| format!("resource \"aws_s3_bucket\" \"b\" {{\n{arguments}\n}}\n");
    workspace.write("main.tf", bucket("bucket_prefix = \"made-\"\nregion = \"eu-central-1\"")).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    let state = workspace.attributes(BUCKET).unwrap();
    let name = state["bucket"].as_str().unwrap();
    assert!(name.starts_with("made-2"), "{name}");
    assert_eq!((&state["bucket_region"], &state["bucket_prefix"]), (&json!("eu-central-1"), &json!("made-")));
    assert_eq!(state["bucket_regional_domain_name"], format!("{name}.s3.eu-central-1.amazonaws.com"));
    assert!(s3(&emulator, "GET", &format!("/{name}?location"), "").body.contains("eu-central-1"));
    workspace.must(&["state", "rm", BUCKET]).unwrap();
    workspace.must(&["import", "-no-color", "-input=false", BUCKET, &format!("{name}@eu-central-1")]).unwrap();
    workspace.must_be_settled().unwrap();

    // With everything at once, the very first time.
    let all = "bucket = \"all-at-once\"\nforce_destroy = true\nversioning {\n  enabled = true\n}\n\
               cors_rule {\n  allowed_methods = [\"GET\"]\n  allowed_origins = [\"*\"]\n}\n\
               lifecycle_rule {\n  id = \"r\"\n  enabled = true\n  tags = { old = \"yes\" }\n  \
               noncurrent_version_expiration {\n    days = 9\n  }\n}\n\
               policy = jsonencode({ Statement = [] })\ntags = { a = \"1\" }";
    workspace.write("main.tf", bucket(all)).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    for key in ["one", "two%2Fthree"] {
        s3(&emulator, "PUT", &format!("/all-at-once/{key}"), "first");
        s3(&emulator, "PUT", &format!("/all-at-once/{key}"), "second");
        assert_eq!(s3(&emulator, "DELETE", &format!("/all-at-once/{key}"), "").status, 204);
    }
    workspace.destroy().unwrap();
    assert_eq!(s3(&emulator, "HEAD", "/all-at-once", "").status, 404);
}

#[test]
fn an_object_lives_in_place() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("object", Source::Override, emulator.endpoint());
    workspace.write("main.tf", OBJECT_TF).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    let state = workspace.attributes(OBJECT).unwrap();
    for (name, expected) in [
        ("id", "mill-race/wheel/spokes"),
        ("arn", "arn:aws:s3:::mill-race/wheel/spokes"),
        ("etag", "5d41402abc4b2a76b9719d911017c592"),
        ("content_type", "application/octet-stream"),
        ("server_side_encryption", "AES256"),
        ("storage_class", "STANDARD"),
        ("version_id", ""),
        ("checksum_sha256", ""),
    ] {
        assert_eq!(state[name], expected, "{name}");
    }
    let get = || s3(&emulator, "GET", "/mill-race/wheel/spokes", "");
    assert_eq!(get().body, "hello");

    let other_body = &[(OBJECT, UPDATE)];
    change(&workspace, "\"hello\"", "\"hello again\"", other_body);
    assert_eq!(get().body, "hello again");
    change(&workspace, "content = \"hello again\"", "content_base64 = \"aGVsbG8=\"", other_body);
    assert_eq!(get().body, "hello");
    workspace.write("body.txt", "from a file").unwrap();
    let file = "source = \"body.txt\"\n  etag = filemd5(\"body.txt\")";
    change(&workspace, "content_base64 = \"aGVsbG8=\"", file, other_body);
    workspace.write("body.txt", "from a new file").unwrap();
    change(&workspace, "etag", "etag", other_body);
    assert_eq!(get().body, "from a new file");
    change(&workspace, "etag = filemd5(\"body.txt\")", "source_hash = filemd5(\"body.txt\")", other_body);
    workspace.write("body.txt", "from another").unwrap();
    change(&workspace, "source_hash", "source_hash", other_body);
    assert_eq!(get().body, "from another");
    for (argument, header) in [
        ("cache_control = \"no-cache\"", "cache-control: no-cache"),
        ("content_disposition = \"inline\"", "content-disposition: inline"),
        ("content_encoding = \"gzip\"", "content-encoding: gzip"),
        ("content_language = \"en-GB\"", "content-language: en-gb"),
        ("content_type = \"text/plain\"", "content-type: text/plain"),
        ("metadata = { colour = \"blue\" }", "x-amz-meta-colour: blue"),
        ("storage_class = \"STANDARD_IA\"", "x-amz-storage-class: standard_ia"),
        ("website_redirect = \"/elsewhere\"", "x-amz-website-redirect-location: /elsewhere"),
        ("server_side_encryption = \"AES256\"\n  acl = \"private\"", "x-amz-server-side-encryption: aes256"),
    ] {
        change(&workspace, "tags ", &format!("{argument}\n  tags "), other_body);
        assert!(get().head.contains(header), "{argument}: {}", get().head);
    }
    change(&workspace, "tags ", "checksum_algorithm = \"SHA256\"\n  tags ", other_body);
    let checksum = workspace.attributes(OBJECT).unwrap()["checksum_sha256"].clone();
    assert_eq!(checksum, "sVPjo3KurmFUMdpK7+2sk0yzY5TYZWOBIbL8kxzNtmY=");
    change(&workspace, "{ team = \"mill\" }", "{ team = \"race & rye\", more = \"\" }", other_body);
    let tags = s3(&emulator, "GET", "/mill-race/wheel/spokes?tagging", "").body;
    assert!(tags.contains("<Value>race &amp; rye</Value>") && tags.contains("<Key>more</Key>"), "{tags}");
    change(&workspace, "  tags    = { team = \"race & rye\", more = \"\" }\n", "", other_body);
    assert!(!s3(&emulator, "GET", "/mill-race/wheel/spokes?tagging", "").body.contains("<Tag>"));

    change(&workspace, "\"wheel/spokes\"", "\"wheel/hub\"", &[(OBJECT, REPLACE)]);
    assert_eq!(s3(&emulator, "HEAD", "/mill-race/wheel/spokes", "").status, 404);
    s3(&emulator, "PUT", "/mill-race/wheel/hub", "by somebody else");
    assert_eq!(workspace.plan().unwrap(), [(OBJECT.to_owned(), vec!["update".to_owned()])], "headers are gone");
    assert_eq!(s3(&emulator, "DELETE", "/mill-race/wheel/hub", "").status, 204);
    assert_eq!(workspace.plan().unwrap(), [(OBJECT.to_owned(), vec!["create".to_owned()])]);
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    workspace.destroy().unwrap();
    assert_eq!(s3(&emulator, "HEAD", "/mill-race", "").status, 404);
}

#[test]
fn an_object_is_imported_and_has_versions() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("versions", Source::Override, emulator.endpoint());
    let versioned = OBJECT_TF.replacen("force_destroy = true", "versioning {\n    enabled = true\n  }", 1);
    workspace.write("main.tf", &versioned).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    let version = || workspace.attributes(OBJECT).unwrap()["version_id"].as_str().unwrap().to_owned();
    let first = version();
    assert!(!first.is_empty());
    change(&workspace, "\"hello\"", "\"hello again\"", &[(OBJECT, UPDATE)]);
    assert_ne!(version(), first);
    change(&workspace, "{ team = \"mill\" }", "{ team = \"race\" }", &[(OBJECT, UPDATE)]);
    workspace.must(&["state", "rm", OBJECT]).unwrap();
    let said = workspace.must_fail(&["import", "-no-color", "-input=false", OBJECT, "nothing"]).unwrap();
    assert!(said.contains("should be in the format <bucket>/<key> or s3://<bucket>/<key>"), "{said}");
    workspace.must(&["import", "-no-color", "-input=false", OBJECT, "mill-race/wheel/spokes"]).unwrap();
    workspace.must_be_settled().unwrap();
    for id in ["s3://mill-race/wheel/spokes", "mill-race/wheel/spokes@us-east-1"] {
        import(&workspace, OBJECT, id);
    }

    // As large as goes in parts only, in more than one of them.
    let large = "0123456789abcdef".repeat(400 * 1024);
    workspace.write("large.txt", &large).unwrap();
    change(&workspace, "content = \"hello again\"", "source = \"large.txt\"", &[(OBJECT, UPDATE)]);
    assert!(workspace.attributes(OBJECT).unwrap()["etag"].as_str().unwrap().ends_with("-2"));
    assert!(s3(&emulator, "GET", "/mill-race/wheel/spokes", "").body == large, "the object is not the file");
    // Without all its versions gone, the bucket could not go.
    workspace.destroy().unwrap();
    assert_eq!(s3(&emulator, "HEAD", "/mill-race", "").status, 404);
}

#[test]
fn a_bucket_keeps_what_nothing_comes_of() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("kept", Source::Override, emulator.endpoint());
    workspace.write("main.tf", KEPT_TF).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    let state = workspace.attributes(BUCKET).unwrap();
    assert_eq!(state["website_endpoint"], "mill-race.s3-website-us-east-1.amazonaws.com");
    assert_eq!((&state["acceleration_status"], &state["request_payer"]), (&json!("Enabled"), &json!("Requester")));
    let get = |resource: &str| s3(&emulator, "GET", &format!("/mill-race?{resource}"), "").body;
    assert!(get("website").contains("<ReplaceKeyPrefixWith>b/</ReplaceKeyPrefixWith>"));
    assert!(get("replication").contains("<Minutes>15</Minutes>"));
    import(&workspace, BUCKET, "mill-race");

    let other = &[(BUCKET, UPDATE)];
    change(&workspace, "\"Enabled\"", "\"Suspended\"", other);
    assert!(get("accelerate").contains("<Status>Suspended</Status>"));
    change(&workspace, "\"Requester\"", "\"BucketOwner\"", other);
    assert!(get("requestPayment").contains("<Payer>BucketOwner</Payer>"));
    change(&workspace, "\"log/\"", "\"other/\"", other);
    assert!(get("logging").contains("<TargetPrefix>other/</TargetPrefix>"));
    change(&workspace, "\"error.html\"", "\"wrong.html\"", other);
    change(&workspace, "\"b/\"", "\"c/\"", other);
    assert!(get("website").contains("<Key>wrong.html</Key>") && get("website").contains("c/"));
    let text = std::fs::read_to_string(workspace.path().join("main.tf")).unwrap();
    let (from, to) = (text.find("index_document").unwrap(), text.find("\n  }\n\n  logging").unwrap());
    change(&workspace, &text[from..to], "redirect_all_requests_to = \"https://example.org\"", other);
    assert!(get("website").contains("<RedirectAllRequestsTo><HostName>example.org</HostName><Protocol>https"));
    import(&workspace, BUCKET, "mill-race");
    change(&workspace, "priority = 7", "priority = 8", other);
    change(&workspace, "tags   = { copy = \"yes\" }", "", other);
    assert!(get("replication").contains("<Priority>8</Priority>") && !get("replication").contains("<Tag>"));
    // A rule of the older kind, which has no filter.
    let text = std::fs::read_to_string(workspace.path().join("main.tf")).unwrap();
    let (from, to) = (text.find("    rules {").unwrap(), text.rfind("\n  }\n}\n").unwrap());
    let rule = "    rules {\n      id     = \"all\"\n      prefix = \"\"\n      status = \"Enabled\"\n      \
                destination {\n        bucket = aws_s3_bucket.copies.arn\n      }\n    }";
    change(&workspace, &text[from..to], rule, other);
    assert!(get("replication").contains("<ID>all</ID>") && !get("replication").contains("<Filter>"));
    import(&workspace, BUCKET, "mill-race");

    // What is left out stays, and what somebody else did shows.
    let (from, to) = (text.find("  logging {").unwrap(), text.find("  replication_configuration {").unwrap());
    change(&workspace, &text[from..to], "", &[]);
    assert!(get("logging").contains("mill-logs"));
    assert_eq!(s3(&emulator, "DELETE", "/mill-race?website", "").status, 204);
    assert_eq!(workspace.plan().unwrap(), [(BUCKET.to_owned(), vec!["update".to_owned()])]);
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    workspace.destroy().unwrap();
    assert_eq!(s3(&emulator, "HEAD", "/mill-race", "").status, 404);
}

#[test]
fn a_bucket_and_its_object_have_lists_of_grants() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("grants", Source::Override, emulator.endpoint());
    workspace.write("main.tf", OBJECT_TF).unwrap();
    workspace.apply().unwrap();
    // Who has grants of a new bucket has said so before; that is another resource.
    for resource in ["ownershipControls", "publicAccessBlock"] {
        assert_eq!(s3(&emulator, "DELETE", &format!("/mill-race?{resource}"), "").status, 204);
    }
    let get = |path: &str| s3(&emulator, "GET", &format!("/mill-race{path}?acl"), "").body;
    change(&workspace, "force_destroy = true", "force_destroy = true\n  acl = \"public-read\"", &[(BUCKET, UPDATE)]);
    assert!(get("").contains("global/AllUsers</URI></Grantee><Permission>READ</Permission>"), "{}", get(""));
    change(&workspace, "\"public-read\"", "\"log-delivery-write\"", &[(BUCKET, UPDATE)]);
    assert_eq!(workspace.attributes(BUCKET).unwrap()["grant"].as_array().unwrap().len(), 2);
    change(&workspace, "content = ", "acl = \"authenticated-read\"\n  content = ", &[(OBJECT, UPDATE)]);
    assert!(get("/wheel/spokes").contains("global/AuthenticatedUsers"));
    change(&workspace, "\"hello\"", "\"hello again\"", &[(OBJECT, UPDATE)]);
    assert!(get("/wheel/spokes").contains("global/AuthenticatedUsers"), "another body has the same list");
    change(&workspace, "\"authenticated-read\"", "\"private\"", &[(OBJECT, UPDATE)]);
    assert!(!get("/wheel/spokes").contains("<URI>"));

    let owner = get("").split("<ID>").nth(1).unwrap()[..64].to_owned();
    let grants = format!(
        "grant {{\n    id = \"{owner}\"\n    type = \"CanonicalUser\"\n    permissions = [\"FULL_CONTROL\"]\n  }}\n  grant {{\n    \
         type = \"Group\"\n    permissions = [\"READ_ACP\", \"WRITE\"]\n    uri = \
         \"http://acs.amazonaws.com/groups/s3/LogDelivery\"\n  }}"
    );
    change(&workspace, "acl = \"log-delivery-write\"", &grants, &[]);
    change(&workspace, "\"READ_ACP\", \"WRITE\"", "\"READ_ACP\"", &[(BUCKET, UPDATE)]);
    assert!(!get("").contains("<Permission>WRITE</Permission>"));
    change(&workspace, "s3/LogDelivery", "global/AuthenticatedUsers", &[(BUCKET, UPDATE)]);
    assert!(get("").contains("global/AuthenticatedUsers") && !get("").contains("LogDelivery"));
    change(&workspace, "force_destroy = true", "", &[(BUCKET, UPDATE)]);
    import(&workspace, BUCKET, "mill-race");
    change(
        &workspace,
        "bucket        = \"mill-race\"",
        "bucket = \"mill-race\"\n  force_destroy = true",
        &[(BUCKET, UPDATE)],
    );
    workspace.destroy().unwrap();

    // A new bucket's owner owns everything, in AWS too.
    let said = |text: &str| {
        workspace.write("main.tf", text).unwrap();
        workspace.must_fail(APPLY).unwrap()
    };
    let bucket = said("resource \"aws_s3_bucket\" \"b\" {\n  bucket = \"mill-race\"\n  acl = \"public-read\"\n}\n");
    assert!(bucket.contains("InvalidBucketAclWithObjectOwnership") && bucket.contains("acl"), "{bucket}");
    let object = said(&OBJECT_TF.replace("content = ", "acl = \"public-read\"\n  content = "));
    assert!(object.contains("AccessControlListNotSupported"), "{object}");
    workspace.destroy().unwrap();
}

#[test]
fn what_is_locked_stays() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("locked", Source::Override, emulator.endpoint());
    workspace.write("main.tf", LOCKED_TF).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    let state = workspace.attributes(BUCKET).unwrap();
    assert_eq!((&state["object_lock_enabled"], &state["versioning"][0]["enabled"]), (&json!(true), &json!(true)));
    let head = || s3(&emulator, "HEAD", "/mill-race/wheel/spokes", "").head;
    assert!(head().contains("x-amz-storage-class: deep_archive"), "{}", head());
    assert!(head().contains("x-amz-website-redirect-location: https://example.org/"), "{}", head());
    assert_eq!(s3(&emulator, "GET", "/mill-race/wheel/spokes", "").status, 403, "it is in an archive");
    import(&workspace, BUCKET, "mill-race");
    workspace.must(&["state", "rm", OBJECT]).unwrap();
    workspace.must(&["import", "-no-color", "-input=false", OBJECT, "mill-race/wheel/spokes"]).unwrap();
    workspace.must_be_settled().unwrap();

    change(&workspace, "days = 2", "days = 3", &[(BUCKET, UPDATE)]);
    assert!(s3(&emulator, "GET", "/mill-race?object-lock", "").body.contains("<Days>3</Days>"));
    change(&workspace, "days = 3", "years = 1", &[(BUCKET, UPDATE)]);
    let other = &[(OBJECT, UPDATE)];
    let version = || workspace.attributes(OBJECT).unwrap()["version_id"].clone();
    let first = version();
    change(&workspace, "\"ON\"", "\"OFF\"", other);
    assert!(head().contains("x-amz-object-lock-legal-hold: off"), "{}", head());
    change(&workspace, "2040-01-31T00:00:00Z", "2041-01-31T00:00:00Z", other);
    change(&workspace, "2041-01-31T00:00:00Z", "2039-01-31T01:00:00+01:00", other);
    assert!(head().contains("x-amz-object-lock-retain-until-date: 2039-01-31t00:00:00.000z"), "{}", head());
    let retention = "  object_lock_mode              = \"GOVERNANCE\"\n  object_lock_retain_until_date = \
                     \"2039-01-31T01:00:00+01:00\"\n";
    change(&workspace, retention, "", other);
    assert!(!head().contains("x-amz-object-lock-mode"), "{}", head());
    change(&workspace, "  content   ", &format!("{retention}  content   "), other);
    assert!(head().contains("x-amz-object-lock-mode: governance"), "{}", head());
    assert_eq!(version(), first, "nothing was uploaded");
    change(&workspace, "\"DEEP_ARCHIVE\"", "\"GLACIER\"", other);
    assert!(head().contains("x-amz-storage-class: glacier"), "{}", head());
    change(&workspace, "\"GLACIER\"", "\"GLACIER_IR\"", other);
    assert_eq!(s3(&emulator, "GET", "/mill-race/wheel/spokes", "").body, "hello");
    change(&workspace, "\"https://example.org/\"", "\"/elsewhere\"", other);
    change(&workspace, "\"OFF\"", "\"ON\"", other);

    let destroy = &["destroy", "-auto-approve", "-no-color", "-input=false"];
    let said = workspace.must_fail(destroy).unwrap();
    assert!(said.contains("Access Denied because object protected by object lock."), "{said}");
    change(&workspace, "content   ", "force_destroy = true\n  content   ", other);
    workspace.destroy().unwrap();
    assert_eq!(s3(&emulator, "HEAD", "/mill-race", "").status, 404);

    let bucket = |lock: bool| {
        format!("resource \"aws_s3_bucket\" \"b\" {{\n  bucket = \"mill-race\"\n  object_lock_enabled = {lock}\n}}\n")
    };
    workspace.write("main.tf", bucket(true)).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    import(&workspace, BUCKET, "mill-race");
    change(&workspace, "true", "false", &[(BUCKET, REPLACE)]);
    workspace.destroy().unwrap();
}

#[test]
fn an_object_is_encrypted_with_a_key() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("encrypted", Source::Override, emulator.endpoint());
    workspace.write("main.tf", KMS_TF).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    let attribute = |address: &str, name: &str| workspace.attributes(address).unwrap()[name].clone();
    let (key, other) = (attribute("aws_kms_key.k", "arn"), attribute("aws_kms_key.other", "arn"));
    let by_bucket = "aws_s3_object.by_bucket";
    assert_eq!((attribute(OBJECT, "kms_key_id"), attribute(OBJECT, "server_side_encryption")), (key, json!("aws:kms")));
    assert_eq!((attribute(by_bucket, "kms_key_id"), attribute(by_bucket, "bucket_key_enabled")), (other, json!(true)));
    let get = || s3(&emulator, "GET", "/mill-race/wheel/spokes", "");
    assert_eq!(get().body, "hello");
    assert_ne!(attribute(OBJECT, "etag"), "5d41402abc4b2a76b9719d911017c592", "that of what lies open");
    change(&workspace, "aws_kms_key.k.arn", "aws_kms_key.other.arn", &[(OBJECT, UPDATE)]);
    change(
        &workspace,
        "kms_key_id = aws_kms_key.other.arn",
        "server_side_encryption = \"AES256\"",
        &[(OBJECT, UPDATE)],
    );
    assert_eq!(attribute(OBJECT, "etag"), "5d41402abc4b2a76b9719d911017c592");
    change(&workspace, "server_side_encryption = \"AES256\"", "kms_key_id = aws_kms_key.k.arn", &[(OBJECT, UPDATE)]);
    change(
        &workspace,
        "deletion_window_in_days = 7",
        "deletion_window_in_days = 7\n  is_enabled = false",
        &[("aws_kms_key.k", UPDATE)],
    );
    let refused = get();
    assert!(refused.status == 400 && refused.body.contains("KMS.DisabledException"), "{}", refused.body);
    let text = std::fs::read_to_string(workspace.path().join("main.tf")).unwrap();
    workspace.write("main.tf", text.replacen("\"hello\"", "\"hello again\"", 1)).unwrap();
    let said = workspace.must_fail(APPLY).unwrap();
    assert!(said.contains("uploading S3 Object (wheel/spokes)") && said.contains("KMS.DisabledException"), "{said}");
    assert!(said.contains("kms_key_id"), "{said}");
    workspace.destroy().unwrap();
}

#[test]
fn default_tags_are_not_for_every_object() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("tags", Source::Override, emulator.endpoint());
    let provider = "provider \"aws\" {\n  default_tags {\n    tags = { everywhere = \"yes\" }\n  }\n}\n";
    workspace.write("main.tf", format!("{provider}{OBJECT_TF}")).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    let tags = || workspace.attributes(OBJECT).unwrap()["tags_all"].clone();
    assert_eq!(tags(), json!({"everywhere": "yes", "team": "mill"}));
    let none = "override_provider {\n    default_tags {\n      tags = {}\n    }\n  }\n  tags ";
    change(&workspace, "tags    ", none, &[(OBJECT, UPDATE)]);
    assert_eq!(tags(), json!({"team": "mill"}));
    assert!(!s3(&emulator, "GET", "/mill-race/wheel/spokes?tagging", "").body.contains("everywhere"));
    workspace.destroy().unwrap();
}

#[test]
fn a_function_finds_its_code_in_a_bucket() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("function", Source::Override, emulator.endpoint());
    let code = |answer: &str| {
        let handler = format!("def handle(event, context):\n    return '{answer}'\n");
        zip(&workspace.path().join("function.zip"), &[("handler.py", &handler)]).unwrap();
    };
    let invoke = || {
        let path = "/2015-03-31/functions/f/invocations";
        request(emulator.address(), "POST", path, &[("content-type", "application/json")], "{}").unwrap().body
    };
    code("one");
    workspace.write("main.tf", FUNCTION_TF).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    assert_eq!(invoke(), "\"one\"");
    std::fs::remove_file(workspace.path().join("function.zip")).unwrap();
    code("two");
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    assert_eq!(invoke(), "\"two\"");
    let bucket = workspace.attributes("aws_s3_bucket.code").unwrap()["id"].as_str().unwrap().to_owned();
    workspace.destroy().unwrap();
    assert_eq!(s3(&emulator, "HEAD", &format!("/{bucket}"), "").status, 404);
}

#[test]
fn services_are_found_where_the_configuration_says() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let nowhere = "http://127.0.0.1:9";
    let mut workspace = stage.workspace("endpoints", Source::Override, nowhere);
    let both = format!("{OBJECT_TF}{GROUP_TF}");
    let endpoint = emulator.endpoint();
    let provider = format!(
        "provider \"aws\" {{\n  endpoints {{\n    s3   = \"{endpoint}\"\n    logs = \"{endpoint}\"\n  }}\n}}\n"
    );
    workspace.write("main.tf", format!("{provider}{both}")).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    // By their other names, and with buckets in the host.
    let host = endpoint.replace("127.0.0.1", "localhost");
    let provider = format!(
        "provider \"aws\" {{\n  s3_use_path_style = false\n  endpoints {{\n    s3api          = \"{host}\"\n    cloudwatchlogs = \
         \"{endpoint}\"\n  }}\n}}\n"
    );
    let found_by_name = std::net::ToSocketAddrs::to_socket_addrs(&("mill-race.localhost", 80)).is_ok();
    if found_by_name {
        workspace.write("main.tf", format!("{provider}{both}")).unwrap();
        workspace.must_be_settled().unwrap();
    }
    workspace.write("main.tf", both).unwrap();
    workspace.set("AWS_ENDPOINT_URL_S3", endpoint);
    workspace.set("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", endpoint);
    workspace.must_be_settled().unwrap();
    workspace.destroy().unwrap();
}

#[test]
fn what_storage_cannot_be_is_named() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("wrong", Source::Override, emulator.endpoint());
    let check = |command: &[&str], kind: &str, arguments: &str, expected: &[&str]| {
        let text = format!("resource \"{kind}\" \"x\" {{\n{arguments}\n}}\n");
        workspace.write("main.tf", text).unwrap();
        let said = workspace.must_fail(command).unwrap();
        assert!(expected.iter().all(|text| said.contains(text)), "{arguments}: {said}");
    };
    let group = "aws_cloudwatch_log_group";
    check(PLAN, group, "retention_in_days = 2", &["retention_in_days", "3653"]);
    check(PLAN, group, "name = \"a b\"", &["name", "hash signs"]);
    check(PLAN, group, "name = \"a\"\nname_prefix = \"b\"", &["name_prefix", "Conflicting configuration arguments"]);
    check(PLAN, group, "log_group_class = \"FAST\"", &["log_group_class", "INFREQUENT_ACCESS"]);
    check(PLAN, group, "kms_key_id = \"alias/x\"", &["kms_key_id", "ARN"]);
    check(PLAN, group, "id = \"x\"", &["Invalid or unknown key", "id"]);
    let bucket = "aws_s3_bucket";
    let name = ["validating S3 Bucket (my bucket) name", "only alphanumeric characters", "bucket"];
    check(PLAN, bucket, "bucket = \"my bucket\"", &name);
    let eu = ["\"Upper\"", "only lowercase alphanumeric characters and hyphens allowed"];
    check(PLAN, bucket, "bucket = \"Upper\"\nregion = \"eu-west-1\"", &eu);
    check(PLAN, bucket, "acl = \"everybody\"", &["acl", "public-read"]);
    check(PLAN, bucket, "policy = \"no\"", &["policy", "JSON"]);
    check(PLAN, bucket, "cors_rule {\nallowed_methods = [\"GET\"]\n}", &["allowed_origins"]);
    check(PLAN, bucket, "lifecycle_rule {\nenabled = true\nexpiration {\ndays = -1\n}\n}", &["days", "at least (0)"]);
    check(PLAN, bucket, "versioning {\n}\nversioning {\n}", &["versioning"]);
    let object = "aws_s3_object";
    check(PLAN, object, "key = \"k\"", &["bucket"]);
    let two = "bucket = \"b\"\nkey = \"k\"\ncontent = \"x\"\nsource = \"y\"";
    check(PLAN, object, two, &["Conflicting configuration arguments", "content"]);
    let with = |argument: &str| format!("bucket = \"b\"\nkey = \"k\"\n{argument}");
    check(PLAN, object, &with("metadata = { Upper = \"x\" }"), &["Metadata must be lowercase only", "metadata"]);
    check(PLAN, object, &with("storage_class = \"SLOW\""), &["storage_class", "STANDARD_IA"]);
    check(PLAN, object, &with("kms_key_id = \"mine\""), &["kms_key_id", "ARN"]);
    check(
        PLAN,
        object,
        &with("object_lock_retain_until_date = \"soon\""),
        &["object_lock_retain_until_date", "RFC3339"],
    );

    let missing = ["uploading S3 Object (k) to Bucket (b)", "operation error S3: PutObject", "NoSuchBucket"];
    check(APPLY, object, &with("content = \"x\""), &missing);
    check(APPLY, object, &with("source = \"no/such/file\""), &["opening S3 object source (no/such/file)"]);
    let logging = "bucket = \"site\"\nlogging {\ntarget_bucket = \"none\"\n}";
    check(APPLY, bucket, logging, &["putting S3 Bucket (site) logging", "InvalidTargetBucketForLogging"]);
    // Made, it is not forgotten.
    let state: Value = serde_json::from_str(&workspace.must(&["show", "-json"]).unwrap()).unwrap();
    assert_eq!(state["values"]["root_module"]["resources"][0]["tainted"], true, "{state}");
    assert_eq!(s3(&emulator, "PUT", "/taken", "").status, 200);
    check(APPLY, bucket, "bucket = \"taken\"", &["creating S3 Bucket (taken): BucketAlreadyExists"]);
    assert_eq!(s3(&emulator, "PUT", "/taken/k", "x").status, 200);
    workspace.must(&["import", "-no-color", "-input=false", "aws_s3_bucket.x", "taken"]).unwrap();
    let said = workspace.must_fail(&["destroy", "-auto-approve", "-no-color", "-input=false"]).unwrap();
    assert!(said.contains("deleting S3 Bucket (taken)") && said.contains("BucketNotEmpty"), "{said}");
}
