//! The steps in the life of a resource: a change of its configuration, and the way back into the state by its import id.

use acceptance::Workspace;

/// What a plan does to a resource that changes in place.
pub(crate) const UPDATE: &[&str] = &["update"];
/// What it does to one that is made anew.
pub(crate) const REPLACE: &[&str] = &["delete", "create"];

/// Changes the configuration, checks what is planned, applies, and checks that it settles.
#[track_caller]
pub(crate) fn change(workspace: &Workspace, from: &str, to: &str, planned: &[(&str, &[&str])]) {
    let text = std::fs::read_to_string(workspace.path().join("main.tf")).unwrap();
    assert!(text.contains(from), "{from} is not in the configuration");
    workspace.write("main.tf", text.replacen(from, to, 1)).unwrap();
    let owned = |actions: &[&str]| actions.iter().map(|&action| action.to_owned()).collect::<Vec<_>>();
    let expected: Vec<_> = planned.iter().map(|&(address, actions)| (address.to_owned(), owned(actions))).collect();
    assert_eq!(workspace.plan().unwrap(), expected, "{from} -> {to}");
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
}

/// Forgets a resource and takes it back by its import id, after which there is nothing to do.
#[track_caller]
pub(crate) fn import(workspace: &Workspace, address: &str, id: &str) {
    workspace.must(&["state", "rm", address]).unwrap();
    workspace.must(&["import", "-no-color", "-input=false", address, id]).unwrap();
    assert_eq!(workspace.plan().unwrap(), [], "{address} imported by {id}");
}
