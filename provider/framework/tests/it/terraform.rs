//! The life of resources under the real terraform.

use std::process::Command;

use serde_json::json;

use crate::workspace::{Outcome, Workspace};

#[test]
fn a_note_is_made_changed_replaced_and_destroyed() {
    let Some(workspace) = Workspace::new() else { return };
    workspace.configure(
        r#"
        resource "memo_note" "a" {
          title    = "first"
          body     = "Hello"
          weight   = 0.1
          keywords = ["b", "a"]
          style { paper = "yellow" }
          timeouts { create = "1h30m" }
        }
        resource "memo_note" "b" {
          title = "second"
          body  = "see ${memo_note.a.bytes}"
          dynamic "reference" {
            for_each = [memo_note.a.id]
            content { title = reference.value }
          }
        }
        data "memo_note_count" "all" { depends_on = [memo_note.b] }
        output "notes" { value = data.memo_note_count.all.notes }
        "#,
    );
    workspace.terraform(&["validate"]).succeeded();
    workspace.terraform(&["apply", "-auto-approve"]).succeeded();
    assert_eq!(workspace.terraform(&["output", "-json", "notes"]).succeeded().trim(), "2");
    assert_eq!(
        workspace.state("a")["attributes"],
        json!({
            "id": "first", "title": "first", "body": "Hello", "bytes": 5, "weight": 0.1, "keywords": ["a", "b"],
            "labels": null, "reference": [], "style": [{"paper": "yellow", "pen": null}],
            "timeouts": {"create": "1h30m", "delete": null},
        })
    );
    let file = workspace.notes().join("first.txt").display().to_string();
    assert_eq!(workspace.state("b")["attributes"]["reference"], json!([{"title": "first", "file": file}]));
    assert_eq!(workspace.state("b")["attributes"]["style"], json!([{"paper": "white", "pen": "pencil"}]));
    // 2 would be: there are changes.
    assert_eq!(workspace.terraform(&["plan", "-detailed-exitcode"]).code, Some(0));

    // Another spelling is no change; the stored one stays.
    workspace.configure("resource \"memo_note\" \"a\" {\n  title = \"first\"\n  body = \"HELLO\"\n  weight = 0.1\n  keywords = [\"b\", \"a\"]\n}\n");
    let plan = workspace.terraform(&["plan", "-target=memo_note.a"]).succeeded();
    assert!(!plan.contains("HELLO"), "{plan}");

    // In place, then by replacement.
    workspace.configure("resource \"memo_note\" \"a\" {\n  title = \"first\"\n  body = \"Goodbye\"\n}\n");
    let changes = workspace.terraform(&["apply", "-auto-approve"]).succeeded();
    assert!(changes.contains("0 added, 1 changed, 1 destroyed"), "{changes}");
    assert_eq!(workspace.state("a")["attributes"]["bytes"], 7);
    workspace.configure("resource \"memo_note\" \"a\" {\n  title = \"other\"\n  body = \"Goodbye\"\n}\n");
    let changes = workspace.terraform(&["apply", "-auto-approve"]).succeeded();
    assert!(changes.contains("1 added, 0 changed, 1 destroyed"), "{changes}");

    // Gone behind terraform's back: planned anew.
    std::fs::remove_file(workspace.notes().join("other.txt")).unwrap();
    assert_eq!(workspace.terraform(&["plan", "-detailed-exitcode"]).code, Some(2));
    workspace.terraform(&["apply", "-auto-approve"]).succeeded();

    workspace.terraform(&["destroy", "-auto-approve"]).succeeded();
    assert_eq!(std::fs::read_dir(workspace.notes()).unwrap().count(), 0);
    assert_eq!(workspace.leftovers(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_note_is_imported() {
    let Some(workspace) = Workspace::new() else { return };
    std::fs::write(workspace.notes().join("old.txt"), "Once").unwrap();
    workspace.configure("resource \"memo_note\" \"a\" {\n  title = \"old\"\n  body = \"Once\"\n}\n");
    workspace.terraform(&["import", "memo_note.a", "old"]).succeeded();
    assert_eq!(workspace.terraform(&["plan", "-detailed-exitcode"]).code, Some(0));
    workspace.configure("resource \"memo_note\" \"b\" {\n  title = \"none\"\n}\n");
    workspace.terraform(&["import", "memo_note.b", "none"]).failed_with("Cannot import non-existent remote object");
}

#[test]
fn mistakes_are_told_where_they_are() {
    let Some(workspace) = Workspace::new() else { return };
    workspace.configure("resource \"memo_note\" \"a\" {\n  title = \"No Title\"\n  weight = 11\n}\n");
    let outcome = workspace.terraform(&["validate"]);
    assert!(outcome.output.contains("on main.tf line 10"), "{}", outcome.output);
    outcome.failed_with("expected weight to be in the range (0 - 10), got 11");

    workspace.configure("resource \"memo_note\" \"a\" {\n  title = \"a\"\n  style {}\n}\n");
    workspace.terraform(&["validate"]).failed_with("The argument \"paper\" is required");

    workspace.configure("resource \"memo_note\" \"a\" {\n  title = \"a\"\n  timeouts { create = \"soon\" }\n}\n");
    workspace.terraform(&["validate"]).failed_with("cannot be parsed as a duration");
}

#[test]
fn a_function_is_called_in_a_provider_without_configuration() {
    let Some(workspace) = Workspace::new() else { return };
    workspace.configure(
        r#"
        resource "memo_note" "a" {
          title = "a"
          body  = provider::memo::shorten("patience", 3, "…")
        }
        output "known" { value = provider::memo::shorten("Hello", 9, null) }
        output "later" { value = provider::memo::shorten(tostring(memo_note.a.bytes), 1, "") }
        "#,
    );
    let plan = workspace.terraform(&["plan"]).succeeded();
    assert!(plan.contains("later = (known after apply)"), "{plan}");
    workspace.terraform(&["apply", "-auto-approve"]).succeeded();
    assert_eq!(workspace.state("a")["attributes"]["body"], "pat…");
    assert_eq!(workspace.terraform(&["output", "-raw", "known"]).succeeded(), "Hello");
    assert_eq!(workspace.terraform(&["output", "-raw", "later"]).succeeded(), "6");

    for (arguments, words) in [
        ("\"a\", -1, null", "Invalid value for \"length\" parameter: must not be negative."),
        ("null, 1, null", "Invalid value for \"text\" parameter: argument must not be null."),
        ("\"a\", 1", "Function \"provider::memo::shorten\" expects 3 argument(s)."),
    ] {
        workspace.configure(&format!("output \"x\" {{ value = provider::memo::shorten({arguments}) }}\n"));
        workspace.terraform(&["plan"]).failed_with(words);
    }
}

#[test]
fn a_failed_update_keeps_the_state_of_before() {
    let Some(workspace) = Workspace::new() else { return };
    workspace.configure("resource \"memo_note\" \"a\" {\n  title = \"a\"\n  body = \"fine\"\n}\n");
    workspace.terraform(&["apply", "-auto-approve"]).succeeded();
    workspace.configure("resource \"memo_note\" \"a\" {\n  title = \"a\"\n  body = \"unwritable\"\n}\n");
    workspace.terraform(&["apply", "-auto-approve"]).failed_with("Note cannot be written");
    assert_eq!(workspace.state("a")["attributes"]["body"], "fine");
    assert_eq!(workspace.state("a").get("status"), None);

    workspace.configure("resource \"memo_note\" \"b\" {\n  title = \"b\"\n  body = \"unwritable\"\n}\n");
    workspace.terraform(&["apply", "-auto-approve"]).failed_with("Note cannot be written");
    assert_eq!(workspace.state("b"), json!(null));
}

#[test]
fn an_interrupted_create_is_not_forgotten() {
    let Some(workspace) = Workspace::new() else { return };
    workspace.configure("resource \"memo_note\" \"a\" {\n  title = \"a\"\n  body = \"patience\"\n}\n");
    // A pipe in place of the note: whoever reads it knows that the create is under way.
    let note = workspace.notes().join("a.txt");
    assert!(Command::new("mkfifo").arg(&note).status().unwrap().success());
    let terraform = workspace.spawn_terraform(&["apply", "-auto-approve"]);
    let written = Command::new("timeout").args(["60", "cat"]).arg(&note).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&written.stdout), "patience");
    // As Ctrl-C does: the signal reaches terraform and the provider alike.
    let group = format!("-{}", terraform.id());
    assert!(Command::new("kill").args(["-INT", "--", &group]).status().unwrap().success());
    Outcome::from(terraform.wait_with_output().unwrap()).failed_with("Stopped while the ink dried");
    assert_eq!(workspace.state("a")["attributes"]["body"], "patience");
    assert_eq!(workspace.state("a")["status"], "tainted");
}
