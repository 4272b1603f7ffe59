//! What tests of several modules need: zip files made by hand.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// An entry of a zip.
pub(crate) struct Entry {
    name: String,
    content: String,
    options: SimpleFileOptions,
    is_link: bool,
}

impl Entry {
    /// A plain file, stored.
    pub(crate) fn file(name: &str, content: &str) -> Self {
        let options =
            SimpleFileOptions::default().compression_method(CompressionMethod::Stored).unix_permissions(0o644);
        Self { name: name.to_owned(), content: content.to_owned(), options, is_link: false }
    }

    /// A file that can be run.
    pub(crate) fn executable(name: &str, content: &str) -> Self {
        let entry = Self::file(name, content);
        Self { options: entry.options.unix_permissions(0o755), ..entry }
    }

    /// A compressed file.
    pub(crate) fn deflated(name: &str, content: &str) -> Self {
        let entry = Self::file(name, content);
        Self { options: entry.options.compression_method(CompressionMethod::Deflated), ..entry }
    }

    /// A symbolic link.
    pub(crate) fn link(name: &str, target: &str) -> Self {
        Self { is_link: true, ..Self::file(name, target) }
    }
}

/// A zip of `entries`, names as they are.
pub(crate) fn zip(entries: &[Entry]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for entry in entries {
        if entry.is_link {
            writer.add_symlink(entry.name.as_str(), entry.content.as_str(), entry.options).unwrap();
        } else {
            writer.start_file(entry.name.as_str(), entry.options).unwrap();
            writer.write_all(entry.content.as_bytes()).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}
