//! One layer as a stream of tar: decompressed by what it begins with, counted, and hashed on both sides.

use std::cell::RefCell;
use std::io::{self, BufReader, Cursor, Read};
use std::rc::Rc;

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;
use sha2::{Digest, Sha256};

use crate::report::hex;

/// Window of a zstd stream: what its reader must hold in memory.
const MAX_WINDOW: u64 = 64 * 1024 * 1024;
/// Up to here a layer may grow as it likes.
const FREE: u64 = 256 * 1024 * 1024;
/// From there on by this factor: text grows tenfold, a bomb a thousandfold.
const MAX_RATIO: u64 = 200;

/// What went through a reader.
#[derive(Debug, Default)]
struct Seen {
    bytes: u64,
    hash: Option<Sha256>,
}

/// A layer that is being read.
pub(super) struct Stream {
    inner: Box<dyn Read>,
    packed: Rc<RefCell<Seen>>,
    plain: Rc<RefCell<Seen>>,
    /// Bytes that may still be unpacked.
    left: u64,
    too_large: bool,
}

impl Stream {
    /// `left` bounds the unpacked bytes.
    pub(super) fn new(file: Box<dyn Read>, left: u64) -> io::Result<Self> {
        let packed = Rc::new(RefCell::new(Seen {
            bytes: 0,
            hash: Some(Sha256::new()),
        }));
        let mut file = Watched {
            inner: file,
            seen: Rc::clone(&packed),
        };
        let mut magic = Vec::new();
        file.by_ref().take(4).read_to_end(&mut magic)?;
        let gzip = magic.starts_with(&[0x1f, 0x8b]);
        let zstd = magic == [0x28, 0xb5, 0x2f, 0xfd];
        let whole = Cursor::new(magic).chain(file);
        let inner: Box<dyn Read> =
            if gzip {
                Box::new(MultiGzDecoder::new(BufReader::with_capacity(
                    64 * 1024,
                    whole,
                )))
            } else if zstd {
                let decoder = StreamingDecoder::new_with_max_window_size(
                    BufReader::with_capacity(64 * 1024, whole),
                    MAX_WINDOW,
                );
                Box::new(decoder.map_err(|error| {
                    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
                })?)
            } else {
                Box::new(BufReader::with_capacity(64 * 1024, whole))
            };
        Ok(Self {
            inner,
            packed,
            plain: Rc::new(RefCell::new(Seen {
                bytes: 0,
                hash: Some(Sha256::new()),
            })),
            left,
            too_large: false,
        })
    }

    /// True where reading ended because the layer goes beyond the limits.
    pub(super) const fn too_large(&self) -> bool {
        self.too_large
    }

    /// Unpacked bytes so far.
    pub(super) fn unpacked(&self) -> u64 {
        self.plain.borrow().bytes
    }

    /// Reads what is left, and says what the layer was: SHA-256 of the file and of the tar file in it.
    pub(super) fn finish(&mut self) -> io::Result<(String, String)> {
        io::copy(self, &mut io::sink())?;
        let digest = |seen: &Rc<RefCell<Seen>>| {
            let hash = seen.borrow_mut().hash.take();
            format!(
                "sha256:{}",
                hash.map(|hash| hex(&hash.finalize())).unwrap_or_default()
            )
        };
        Ok((digest(&self.packed), digest(&self.plain)))
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let mut seen = self.plain.borrow_mut();
        let bytes = u64::try_from(read).unwrap_or(u64::MAX);
        seen.bytes = seen.bytes.saturating_add(bytes);
        if let Some(hash) = &mut seen.hash {
            hash.update(buffer.get(..read).unwrap_or_default());
        }
        let packed = self.packed.borrow().bytes.max(1);
        if seen.bytes > self.left || (seen.bytes > FREE && seen.bytes / packed > MAX_RATIO) {
            self.too_large = true;
            return Err(io::Error::other(
                "the layer goes beyond the limits of a scan",
            ));
        }
        Ok(read)
    }
}

struct Watched<R> {
    inner: R,
    seen: Rc<RefCell<Seen>>,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let mut seen = self.seen.borrow_mut();
        seen.bytes = seen
            .bytes
            .saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        if let Some(hash) = &mut seen.hash {
            hash.update(buffer.get(..read).unwrap_or_default());
        }
        Ok(read)
    }
}
