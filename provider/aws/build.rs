//! Links the program to run where it is built for, as Go links Terraform and its providers on Linux.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // A program that can run anywhere in memory has eighty thousand addresses of its own put right at every start, a third of
    // the time until the handshake, and a plan starts it three times.
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
