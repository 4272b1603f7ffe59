//! Links the program to run where it is built for, as Go links Terraform and its providers on Linux.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |part: &str| std::env::var(format!("CARGO_CFG_TARGET_{part}")).unwrap_or_default();
    // A program that can run anywhere in memory has eighty thousand addresses of its own put right at every start. That was half
    // of the time until the handshake, and a plan starts it three times. Other C libraries start such a program otherwise.
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
