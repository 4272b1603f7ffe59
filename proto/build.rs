//! Turns the two protocol files into Rust without needing `protoc` on the machine.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto");
    let files = protox::compile(["proto/tfplugin6.proto", "proto/plugin.proto"], ["proto"])?;
    tonic_prost_build::configure()
        // RPCs that a server does not write answer Unimplemented, as the protocol expects of optional ones.
        .generate_default_stubs(true)
        // In order, so that equal messages are equal bytes.
        .btree_map(".")
        .compile_fds(files)?;
    Ok(())
}
