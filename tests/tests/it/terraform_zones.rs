//! What is told of Availability Zones: to Terraform's data source, and to AWS's own clients.

use acceptance::Source;
use serde_json::{Value, json};

use crate::stage::{Stage, client, run};

const ZONES: &str = "data.aws_availability_zones";

const ZONES_TF: &str = r#"
data "aws_availability_zones" "all" {}

data "aws_availability_zones" "available" {
  state = "available"
  filter {
    name   = "zone-type"
    values = ["availability-zone", "local-zone"]
  }
  filter {
    name   = "zone-id"
    values = ["use1-az?"]
  }
  exclude_names    = [data.aws_availability_zones.all.names[0]]
  exclude_zone_ids = [data.aws_availability_zones.all.zone_ids[1]]
}

data "aws_availability_zones" "away" {
  region                 = "ap-northeast-1"
  all_availability_zones = true
  timeouts {
    read = "1m"
  }
}

data "aws_availability_zones" "none" {
  state = "impaired"
}
"#;

#[test]
fn zones_are_told_by_name() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("zones", Source::Override, emulator.endpoint());
    workspace.write("main.tf", ZONES_TF).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    let zones = |name: &str| workspace.attributes(&format!("{ZONES}.{name}")).unwrap();
    let all = zones("all");
    let names = ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d", "us-east-1e", "us-east-1f"];
    assert_eq!((&all["names"], &all["id"], &all["region"]), (&json!(names), &json!("us-east-1"), &json!("us-east-1")));
    assert_eq!(all["group_names"], json!(["us-east-1-zg-1"]));
    let ids = all["zone_ids"].as_array().unwrap();
    assert_eq!(ids.len(), 6);
    let some = zones("available");
    assert_eq!((&some["names"], &some["state"]), (&json!(names[2..]), &json!("available")));
    assert_eq!(some["zone_ids"].as_array().unwrap()[..], ids[2..]);
    let away = zones("away");
    assert_eq!(away["names"], json!(["ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d"]));
    assert_eq!(away["zone_ids"], json!(["apne1-az4", "apne1-az1", "apne1-az2"]));
    assert_eq!((&away["id"], &away["group_names"]), (&json!("ap-northeast-1"), &json!(["ap-northeast-1-zg-1"])));
    let none = zones("none");
    assert_eq!((&none["names"], &none["group_names"]), (&json!([]), &json!([])));

    let plan: &[&str] = &["plan", "-no-color", "-input=false"];
    let check = |arguments: &str, expected: &[&str]| {
        let text = format!("data \"aws_availability_zones\" \"z\" {{\n{arguments}\n}}\n");
        workspace.write("main.tf", text).unwrap();
        let said = workspace.must_fail(plan).unwrap();
        assert!(expected.iter().all(|text| said.contains(text)), "{said}");
    };
    check("state = \"open\"", &["expected state to be one of", "\"available\"", "got open"]);
    check(
        "filter {\nname = \"zone\"\nvalues = [\"a\"]\n}",
        &[
            "fetching Availability Zones: operation error EC2: DescribeAvailabilityZones",
            "StatusCode: 400",
            "InvalidParameterValue: The filter 'zone' is invalid",
        ],
    );
    check("filter {\nname = \"zone-id\"\n}", &["values", "required"]);
}

#[test]
fn zones_are_told_to_the_command_line() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let mut command = client("aws", &emulator, stage.path());
    command.args(["ec2", "describe-availability-zones", "--region", "eu-central-1", "--output", "json"]);
    command.args(["--filters", "Name=zone-id,Values=euc1-az2,euc1-az3", "Name=state,Values=available"]);
    let told: Value = serde_json::from_str(&run(&mut command)).unwrap();
    let zone = |name: &str, id: &str| {
        json!({
            "OptInStatus": "opt-in-not-required", "Messages": [], "RegionName": "eu-central-1", "ZoneName": name,
            "ZoneId": id, "GroupName": "eu-central-1-zg-1", "NetworkBorderGroup": "eu-central-1",
            "ZoneType": "availability-zone", "GroupLongName": "Europe (Frankfurt) 1",
            "Geography": [{"Name": "Germany"}], "SubGeography": [], "State": "available",
        })
    };
    let expected = [zone("eu-central-1a", "euc1-az2"), zone("eu-central-1b", "euc1-az3")];
    assert_eq!(told, json!({ "AvailabilityZones": expected }));

    let refused = client("aws", &emulator, stage.path()).args(["ec2", "describe-instances"]).output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("(InvalidAction)") && said.contains("Millrace does not emulate it"), "{said}");
}
