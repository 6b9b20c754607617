//! Bodies in a content coding → the bytes that were meant (RFC 9110, section 8.4).

use std::{borrow::Cow, io::Read};

use brotli_decompressor::Decompressor;
use bytes::Buf;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::{HeaderMap, header};

/// The most bytes that a body may unpack to.
const MOST: u64 = 64 * 1024 * 1024;

/// Why the bytes that were meant are not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coded {
    /// The coding is none that is read, or unpacks to more than is looked at.
    Unread(String),
    /// The bytes are not what the coding says.
    Broken(String),
}

/// The bytes of a body without its content codings, of which `gzip`, `deflate` and `br` are read.
///
/// # Errors
/// [`Coded`] where they cannot be told.
pub fn uncoded<'b>(headers: &HeaderMap, bytes: &'b [u8]) -> Result<Cow<'b, [u8]>, Coded> {
    let fields = headers.get_all(header::CONTENT_ENCODING).iter().filter_map(|field| field.to_str().ok());
    let codings = fields.flat_map(|field| field.split(',')).map(|coding| coding.trim().to_ascii_lowercase());
    let codings: Vec<String> = codings.filter(|coding| !coding.is_empty() && coding != "identity").collect();
    // They are listed in the order in which they were applied.
    codings.iter().rev().try_fold(Cow::Borrowed(bytes), |bytes, coding| {
        if bytes.is_empty() { Ok(bytes) } else { unpacked(coding, &bytes).map(Cow::Owned) }
    })
}

fn unpacked(coding: &str, bytes: &[u8]) -> Result<Vec<u8>, Coded> {
    match coding {
        "gzip" | "x-gzip" => read(MultiGzDecoder::new(bytes), coding),
        "br" => read(Decompressor::new(bytes.reader(), 4096), coding),
        // Some senders leave out the wrapper that the name stands for (RFC 9110, section 8.4.1.2).
        "deflate" => {
            read(ZlibDecoder::new(bytes), coding).or_else(|_| read(DeflateDecoder::new(bytes), coding))
        }
        _ => Err(Coded::Unread(format!("the coding `{coding}` is not read"))),
    }
}

fn read(reader: impl Read, coding: &str) -> Result<Vec<u8>, Coded> {
    let mut unpacked = Vec::new();
    let read = reader.take(MOST + 1).read_to_end(&mut unpacked);
    read.map_err(|error| Coded::Broken(format!("the body is not `{coding}`: {error}")))?;
    if unpacked.len() as u64 > MOST {
        return Err(Coded::Unread(format!("it unpacks to more than {MOST} bytes")));
    }
    Ok(unpacked)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{
        Compression,
        write::{DeflateEncoder, GzEncoder, ZlibEncoder},
    };

    use super::*;

    fn coded(coding: &str, bytes: &[u8]) -> Result<Vec<u8>, Coded> {
        let headers = [(header::CONTENT_ENCODING, coding.parse().unwrap())].into_iter().collect();
        uncoded(&headers, bytes).map(Cow::into_owned)
    }

    #[test]
    fn what_was_packed_comes_out_again() {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(b"{}").unwrap();
        let gzip = gzip.finish().unwrap();
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(b"{}").unwrap();
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::fast());
        raw.write_all(&gzip).unwrap();
        // One block of two bytes as they are, and the empty last block.
        let brotli = [0x8b, 0x00, 0x80, b'{', b'}', 0x03];
        assert_eq!(coded("GZIP", &gzip).unwrap(), b"{}");
        assert_eq!(coded("deflate", &zlib.finish().unwrap()).unwrap(), b"{}");
        assert_eq!(coded("gzip, deflate", &raw.finish().unwrap()).unwrap(), b"{}");
        assert_eq!(coded("br", &brotli).unwrap(), b"{}");
        assert_eq!(coded("identity", b"{}").unwrap(), b"{}");
    }

    #[test]
    fn what_is_not_of_its_coding_is_told_from_what_is_not_read() {
        assert!(matches!(coded("gzip", b"{}"), Err(Coded::Broken(_))));
        assert!(matches!(coded("br", b"\xff\xff\xff"), Err(Coded::Broken(_))));
        assert!(matches!(coded("zstd", b"{}"), Err(Coded::Unread(_))));
    }

    #[test]
    fn a_little_that_unpacks_to_a_lot_is_not_unpacked() {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        let zeros = vec![0; 1 << 20];
        for _ in 0..=64 {
            gzip.write_all(&zeros).unwrap();
        }
        assert!(matches!(coded("gzip", &gzip.finish().unwrap()), Err(Coded::Unread(_))));
    }
}
