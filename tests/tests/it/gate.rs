//! A web page must not be able to create a function, which is running code.

use acceptance::request;

use crate::stage::Stage;

const CREATE: (&str, &str) = ("POST", "/2015-03-31/functions");

#[test]
fn what_a_web_page_could_forge_is_refused() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let refused = |headers: &[(&str, &str)], word: &str| {
        for (method, path) in [CREATE, ("POST", "/"), ("GET", "/_millrace/health"), ("OPTIONS", "/")] {
            let answer = request(emulator.address(), method, path, headers, "{}").unwrap();
            assert_eq!(answer.status, 403, "{method} {path} {headers:?}");
            assert!(answer.body.contains(word), "{}", answer.body);
            assert!(!answer.head.contains("access-control-allow-origin"), "{}", answer.head);
        }
    };
    refused(&[("origin", "https://evil.example")], "--allow-origin");
    refused(&[("origin", "null")], "--allow-origin");
    refused(&[("origin", "http://localhost:3000")], "--allow-origin");
    refused(&[("host", "evil.example")], "--allow-host");
    refused(&[("host", "evil.example:4566"), ("origin", "http://evil.example:4566")], "--allow-host");
    refused(&[("host", "")], "--allow-host");

    let functions = request(emulator.address(), "GET", "/2015-03-31/functions", &[], "").unwrap();
    assert_eq!(functions.json().unwrap()["Functions"], serde_json::json!([]));
}

#[test]
fn it_listens_on_loopback_only() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    assert!(emulator.address().starts_with("127.0.0.1:"), "{}", emulator.address());
    assert!(!emulator.log().contains("can be reached from other machines"));
}

#[test]
fn the_user_is_told_when_it_is_opened_wider() {
    let stage = Stage::new();
    let mut options = stage.options();
    options.listen = "0.0.0.0:0".to_owned();
    let emulator = acceptance::Emulator::start(options).unwrap();
    assert!(emulator.log().contains("can be reached from other machines"), "{}", emulator.log());
}
