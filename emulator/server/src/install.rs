//! `millrace install`: puts the provider where `terraform init` and `tofu init` find it without a network.
//!
//! Both look into an implied mirror in the user's home, each under its own default registry; so it goes under both.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::cli::InstallOptions;

const PROVIDER: &str = "terraform-provider-aws";
const REGISTRIES: [&str; 2] = ["registry.terraform.io", "registry.opentofu.org"];

pub(crate) fn run(options: &InstallOptions) -> Result<()> {
    let provider = provider(options.provider.as_deref())?;
    let plugins = match &options.directory {
        Some(directory) => directory.clone(),
        None => {
            PathBuf::from(std::env::var_os("HOME").context("there is no home directory: name one with --directory")?)
                .join(".terraform.d/plugins")
        }
    };
    for registry in REGISTRIES {
        let installed = install(&provider, &plugins.join(registry))?;
        println!("installed {}", installed.display());
    }
    println!(
        "\nIn a configuration:\n\n  terraform {{\n    required_providers {{\n      aws = {{ source = \"millrace/aws\" }}\n    \
         }}\n  }}\n\nA folder that was initialised with an earlier build of the same version needs a new lock: remove its \
         .terraform.lock.hcl and run init again."
    );
    Ok(())
}

/// The provider's program: the one that is named, or else the one beside ours.
pub(crate) fn provider(named: Option<&Path>) -> Result<PathBuf> {
    if let Some(named) = named {
        return Ok(named.to_owned());
    }
    let own = std::env::current_exe().context("cannot find our own program")?;
    let provider = own.with_file_name(PROVIDER);
    if !provider.is_file() {
        bail!("{} is not there: name it with --provider", provider.display());
    }
    Ok(provider)
}

/// Copies the program to its place below a registry's folder. A provider that runs from there is not disturbed: the new
/// one takes its name, not its file.
fn install(provider: &Path, registry: &Path) -> Result<PathBuf> {
    let version = env!("CARGO_PKG_VERSION");
    let folder = registry.join("millrace/aws").join(version).join(platform());
    let (target, new) = (folder.join(format!("{PROVIDER}_v{version}")), folder.join("new"));
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::copy(provider, &new))
        .and_then(|_| std::fs::rename(&new, &target))
        .with_context(|| format!("cannot copy {} to {}", provider.display(), target.display()))?;
    Ok(target)
}

/// The platform in Terraform's words, which are Go's.
fn platform() -> String {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    };
    format!("{system}_{architecture}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_lands_where_terraform_looks() {
        let directory = tempfile::tempdir().unwrap();
        let provider = directory.path().join(PROVIDER);
        std::fs::write(&provider, "one").unwrap();
        let first = install(&provider, &directory.path().join("registry")).unwrap();
        std::fs::write(&provider, "two").unwrap();
        let second = install(&provider, &directory.path().join("registry")).unwrap();
        assert_eq!(first, second);
        assert_eq!(std::fs::read_to_string(&second).unwrap(), "two");
        let expected = format!("millrace/aws/{0}/{1}/{PROVIDER}_v{0}", env!("CARGO_PKG_VERSION"), platform());
        assert!(second.ends_with(expected), "{}", second.display());
    }
}
