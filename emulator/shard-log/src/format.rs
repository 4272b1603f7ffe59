//! The numbers of the disk format, all of them, and the little-endian reading and writing they need.
//!
//! They are persisted: `docs/disk-format.md` explains each, and changing one means a new [`VERSION`]. What the fields
//! mean is the business of [`frame`](crate::frame) and [`header`](crate::header).

/// The version of everything in the directory.
pub(crate) const VERSION: u16 = 1;

/// First line of the file `format`, up to the version.
pub(crate) const DIRECTORY_MAGIC: &str = "millrace shard-log ";

/// First bytes of a segment.
pub(crate) const SEGMENT_MAGIC: [u8; 8] = *b"MILLRACE";
/// One copy of the segment header.
pub(crate) const HEADER_COPY: usize = 64;
/// Both copies: where the first frame begins.
pub(crate) const HEADER: u64 = 2 * HEADER_COPY as u64;

/// Marks a frame; searched for after damage. The first byte is no ASCII and no UTF-8 lead, so text rarely stops a search.
pub(crate) const FRAME_MAGIC: [u8; 4] = [0xFB, b'M', b'R', 0x01];
/// Where in a frame the magic stands.
pub(crate) const FRAME_MAGIC_AT: usize = 4;
/// The fixed part of a frame.
pub(crate) const FRAME_HEAD: usize = 48;
/// The longest frame. A length beyond it is damage, not a reason to allocate.
pub(crate) const FRAME_MAX: u64 = 256 << 20;

/// Ends a state frame, so that it can be found from the end of the file.
pub(crate) const TRAILER_MAGIC: [u8; 4] = [0xFB, b'M', b'R', 0x02];
/// Length of the frame and [`TRAILER_MAGIC`].
pub(crate) const TRAILER: usize = 8;

/// CRC-32C of `salt` followed by `bytes`. The salt keeps a frame that was copied from elsewhere, say as the payload of
/// a record, from being taken for one of this log.
pub(crate) fn checksum(salt: u64, bytes: &[u8]) -> u32 {
    let mut digest = crc_fast::Digest::new(crc_fast::CrcAlgorithm::Crc32Iscsi);
    digest.update(&salt.to_le_bytes());
    digest.update(bytes);
    u32::try_from(digest.finalize()).expect("a 32-bit checksum fits in 32 bits")
}

/// Takes little-endian numbers off the front of a slice; `None` when it is too short.
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl Fields<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }
}
