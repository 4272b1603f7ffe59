//! An apply that is cut off by SIGKILL, of the emulator or of the provider: the next one ends in the wanted state, with
//! nothing left over and nothing twice.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use acceptance::crash::Chance;
use acceptance::{Emulator, Interposer, Source, Workspace, request, zip};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::stage::{Stage, call, kinesis};

const CONFIGURATION: &str = r#"
resource "aws_kms_key" "k" {
  description             = "mine"
  deletion_window_in_days = 7
  enable_key_rotation     = true
}

resource "aws_kms_alias" "a" {
  name          = "alias/mine"
  target_key_id = aws_kms_key.k.key_id
}

resource "aws_kinesis_stream" "s" {
  name             = "s"
  shard_count      = 2
  retention_period = 48
  encryption_type  = "KMS"
  kms_key_id       = aws_kms_key.k.key_id
  tags             = { team = "mill" }
}

resource "aws_kinesis_stream_consumer" "c" {
  name       = "c"
  stream_arn = aws_kinesis_stream.s.arn
}

resource "aws_iam_role" "r" {
  name_prefix = "r-"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_policy" "p" {
  name = "p"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "kinesis:*", Resource = aws_kinesis_stream.s.arn }]
  })
}

resource "aws_iam_role_policy_attachment" "p" {
  role       = aws_iam_role.r.name
  policy_arn = aws_iam_policy.p.arn
}

resource "aws_lambda_function" "f" {
  function_name = "f"
  role          = aws_iam_role.r.arn
  handler       = "app.handler"
  runtime       = "python3.12"
  filename      = "f.zip"
  publish       = true
}

resource "aws_lambda_event_source_mapping" "m" {
  event_source_arn  = aws_kinesis_stream.s.arn
  function_name     = aws_lambda_function.f.arn
  starting_position = "LATEST"
}

resource "aws_sqs_queue" "q" {
  name_prefix   = "q-"
  delay_seconds = 5
}

resource "aws_sns_topic" "t" {
  name_prefix  = "t-"
  display_name = "mine"
}

resource "aws_sns_topic_subscription" "s" {
  topic_arn            = aws_sns_topic.t.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.q.arn
  raw_message_delivery = true
}
"#;

/// The requests that create something, as only they look like.
const CREATES: [&str; 11] = [
    "TrentService.CreateKey",
    "TrentService.CreateAlias",
    "Kinesis_20131202.CreateStream",
    "Kinesis_20131202.RegisterStreamConsumer",
    "Action=CreateRole&",
    "Action=CreatePolicy&",
    "POST /2015-03-31/functions ",
    "POST /2015-03-31/event-source-mappings ",
    "AmazonSQS.CreateQueue",
    "Action=CreateTopic&",
    "Action=Subscribe&",
];

/// How often it is killed at a random instant, and how late.
const ROUNDS: u32 = 4;
const LONGEST_APPLY: Duration = Duration::from_secs(2);

const APPLY: &[&str] = &["apply", "-auto-approve", "-no-color", "-input=false"];

/// Who is killed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Victim {
    Emulator,
    Provider,
}

struct Scene {
    emulator: Option<Emulator>,
    interposer: Interposer,
    workspace: Workspace,
}

impl Scene {
    fn new(stage: &Stage) -> Self {
        let emulator = stage.emulator();
        let interposer = Interposer::start(emulator.address()).unwrap();
        let workspace = stage.workspace("cut", Source::Override, &interposer.endpoint());
        workspace.write("main.tf", CONFIGURATION).unwrap();
        zip(&workspace.path().join("f.zip"), &[("app.py", "def handler(event, context): pass\n")]).unwrap();
        Self { emulator: Some(emulator), interposer, workspace }
    }

    fn emulator(&self) -> &Emulator {
        self.emulator.as_ref().unwrap()
    }

    /// Starts an apply whose output is of no interest: whether it fails depends on the moment.
    fn apply_in_background(&self) -> Child {
        let mut command = self.workspace.command(APPLY);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Kills while an apply runs, when `moment` has come, and waits for the end of the apply.
    fn cut_off_by(&mut self, victim: Victim, moment: impl FnOnce()) {
        let mut apply = self.apply_in_background();
        moment();
        kill(victim, self.emulator().pid(), apply.id());
        apply.wait().unwrap();
        self.go_on(victim);
    }

    /// Kills when the emulator has carried out `create` and before anybody has heard of it.
    #[track_caller]
    fn cut_off_at(&mut self, victim: Victim, create: &str) {
        let (emulator, terraform) = (self.emulator().pid(), Arc::new(AtomicU32::new(0)));
        let known = Arc::clone(&terraform);
        self.interposer.lose_answer(create, move || kill(victim, emulator, known.load(Ordering::SeqCst)));
        let mut apply = self.apply_in_background();
        terraform.store(apply.id(), Ordering::SeqCst);
        let status = apply.wait().unwrap();
        assert!(self.interposer.has_sprung() && !status.success(), "{victim:?} at {create}: {status}");
        self.go_on(victim);
    }

    fn go_on(&mut self, victim: Victim) {
        if victim == Victim::Emulator {
            let emulator = self.emulator.take().unwrap().kill_and_restart().unwrap();
            self.interposer = Interposer::start(emulator.address()).unwrap();
            self.workspace.set("AWS_ENDPOINT_URL", &self.interposer.endpoint());
            self.emulator = Some(emulator);
        }
    }

    /// Applies again, after which there is what the configuration says, once, and nothing else.
    #[track_caller]
    fn must_recover(&self, after: &str) {
        self.workspace.apply().unwrap_or_else(|error| panic!("after {after}: {error:#}"));
        self.workspace.must_be_settled().unwrap_or_else(|error| panic!("after {after}: {error:#}"));
        assert_eq!(self.inventory(), EVERYTHING, "after {after}");
        let emulator = self.emulator();
        let held = self.workspace.attributes("aws_lambda_event_source_mapping.m").unwrap();
        let there = lambda(emulator, "event-source-mappings/");
        assert_eq!(held["uuid"], there["EventSourceMappings"][0]["UUID"], "after {after}");
        let key = self.workspace.attributes("aws_kms_key.k").unwrap();
        assert_eq!(keys(emulator), [key["key_id"].as_str().unwrap()], "after {after}");
    }

    /// How many there are of everything.
    fn inventory(&self) -> [usize; 11] {
        let emulator = self.emulator();
        let count = |answer: &Value, of: &str| answer[of].as_array().unwrap().len();
        let streams = kinesis(emulator, "ListStreams", &json!({})).unwrap();
        let arn = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
        let consumers = kinesis(emulator, "ListStreamConsumers", &json!({"StreamARN": arn}));
        let aliases = kms(emulator, "ListAliases", &json!({}));
        let aliases = aliases["Aliases"].as_array().unwrap().iter();
        let form = |body: &str, element: &str| {
            let form = [("content-type", "application/x-www-form-urlencoded")];
            request(emulator.address(), "POST", "/", &form, body).unwrap().body.matches(element).count()
        };
        let iam = |action: &str| form(&format!("Action={action}&Version=2010-05-08&Scope=Local"), "<Arn>");
        let sns = |action: &str, element: &str| form(&format!("Action={action}&Version=2010-03-31"), element);
        [
            count(&streams, "StreamNames"),
            // Without the stream there is nobody to ask.
            consumers.map_or(0, |consumers| count(&consumers, "Consumers")),
            count(&lambda(emulator, "functions/"), "Functions"),
            count(&lambda(emulator, "event-source-mappings/"), "EventSourceMappings"),
            keys(emulator).len(),
            aliases.filter(|alias| !alias["AliasName"].as_str().unwrap().starts_with("alias/aws/")).count(),
            iam("ListRoles"),
            iam("ListPolicies"),
            form("Action=ListQueues&Version=2012-11-05", "<QueueUrl>"),
            sns("ListTopics", "<TopicArn>"),
            sns("ListSubscriptions", "<SubscriptionArn>"),
        ]
    }
}

const EVERYTHING: [usize; 11] = [1; 11];
const NOTHING: [usize; 11] = [0; 11];

/// The ids of the keys that are nobody's but ours and are not on their way out.
fn keys(emulator: &Emulator) -> Vec<String> {
    let listed = kms(emulator, "ListKeys", &json!({}));
    let ids = listed["Keys"].as_array().unwrap().iter().map(|key| key["KeyId"].as_str().unwrap().to_owned());
    ids.filter(|id| {
        let key = kms(emulator, "DescribeKey", &json!({"KeyId": id}));
        key["KeyMetadata"]["KeyManager"] == "CUSTOMER" && key["KeyMetadata"]["KeyState"] != "PendingDeletion"
    })
    .collect()
}

fn kms(emulator: &Emulator, action: &str, input: &Value) -> Value {
    call(emulator, &format!("TrentService.{action}"), input).unwrap()
}

fn lambda(emulator: &Emulator, what: &str) -> Value {
    request(emulator.address(), "GET", &format!("/2015-03-31/{what}"), &[], "").unwrap().json().unwrap()
}

fn kill(victim: Victim, emulator: u32, terraform: u32) {
    let victims = match victim {
        Victim::Emulator => vec![emulator],
        Victim::Provider => children_of(terraform),
    };
    for pid in victims {
        let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
        // It may have ended by itself.
        let _ = kill_process(pid, Signal::KILL);
    }
}

fn children_of(parent: u32) -> Vec<u32> {
    let output = Command::new("ps").args(["-A", "-o", "pid=,ppid="]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let pairs = text.lines().filter_map(|line| {
        let (pid, of) = line.trim().split_once(char::is_whitespace)?;
        Some((pid.parse::<u32>().ok()?, of.trim().parse::<u32>().ok()?))
    });
    pairs.filter(|&(_, of)| of == parent).map(|(pid, _)| pid).collect()
}

fn every_create(victim: Victim) {
    let stage = Stage::new();
    let mut scene = Scene::new(&stage);
    for create in CREATES {
        scene.cut_off_at(victim, create);
        scene.must_recover(&format!("{victim:?} at {create}"));
        scene.workspace.destroy().unwrap();
        assert_eq!(scene.inventory(), NOTHING, "{victim:?} at {create}");
    }
}

fn random_instants(victim: Victim, seed: u64) {
    println!("seed {seed}");
    let stage = Stage::new();
    let (mut scene, mut chance) = (Scene::new(&stage), Chance::new(seed));
    for round in 0..ROUNDS {
        // Cut off again while it mends what the first cut left.
        for _ in 0..1 + chance.below(2) {
            let instant = chance.duration(LONGEST_APPLY);
            scene.cut_off_by(victim, || std::thread::sleep(instant));
        }
        scene.must_recover(&format!("{victim:?}, seed {seed}, round {round}"));
        scene.workspace.destroy().unwrap();
        assert_eq!(scene.inventory(), NOTHING, "{victim:?}, seed {seed}, round {round}");
    }
}

#[test]
fn the_emulator_dies_before_it_answers() {
    every_create(Victim::Emulator);
}

#[test]
fn the_provider_dies_before_it_hears() {
    every_create(Victim::Provider);
}

#[test]
fn the_emulator_dies_at_any_instant() {
    random_instants(Victim::Emulator, 1);
}

#[test]
fn the_provider_dies_at_any_instant() {
    random_instants(Victim::Provider, 2);
}
