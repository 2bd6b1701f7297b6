//! One frame: a length, a JSON header that names the lengths of its blobs, and the blobs, raw.
//!
//! ```text
//! u32 LE  length of the header in bytes
//! JSON    {"frame":"call", …, "blobs":[1024,7]}      `blobs` is left out where there are none
//! bytes   the blobs, one behind the other, with nothing between
//! ```
//!
//! Every length has a limit and is checked before anything is reserved for it; no bytes whatever
//! make these functions panic. What it is not: it knows no pipe, no process and no deadline, so a
//! blocking worker and an asynchronous daemon share it.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};

use serde::Deserialize;

use crate::message::Header;

/// Longest header, in bytes.
pub const HEADER_BYTES_MAX: usize = 16 << 20;
/// Longest blob, in bytes.
pub const BLOB_BYTES_MAX: usize = 64 << 20;
/// Most blobs in a frame.
pub const BLOBS_MAX: usize = 4096;
/// Most bytes of blobs in a frame.
pub const FRAME_BLOB_BYTES_MAX: usize = 128 << 20;

/// How much is reserved for a blob before its bytes have come: a lie about a length stays cheap.
const RESERVE_MAX: usize = 256 << 10;
/// A frame up to this size goes out in one write.
const ONE_WRITE_MAX: usize = 64 << 10;

/// A whole frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Who speaks and what.
    pub header: Header,
    /// What travels behind it.
    pub blobs: Vec<Vec<u8>>,
}

/// A header and the lengths of the blobs that follow it.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// Who speaks and what.
    pub header: Header,
    /// Lengths of the blobs in bytes, within the limits.
    pub blob_lengths: Vec<usize>,
}

/// Why a frame could not be read or written.
#[derive(Debug)]
pub struct FrameError {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Truncated,
    Oversized { what: &'static str, length: u64, max: usize },
    Garbage(serde_json::Error),
    Io(io::Error),
}

impl FrameError {
    /// Whether the stream ended inside a frame.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        matches!(self.kind, Kind::Truncated)
    }

    /// Whether a length is over its limit.
    #[must_use]
    pub fn is_oversized(&self) -> bool {
        matches!(self.kind, Kind::Oversized { .. })
    }

    /// Whether the header is not a header.
    #[must_use]
    pub fn is_garbage(&self) -> bool {
        matches!(self.kind, Kind::Garbage(_))
    }

    fn oversized(what: &'static str, length: u64, max: usize) -> Self {
        Self { kind: Kind::Oversized { what, length, max } }
    }
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Truncated => write!(f, "the stream ends inside a frame"),
            Kind::Oversized { what, length, max } => {
                write!(f, "{what} of {length} is over the limit of {max}")
            }
            // Only the place: the parser's own words may quote what the header holds.
            Kind::Garbage(e) => write!(
                f,
                "the header is not one this version can read (line {}, column {})",
                e.line(),
                e.column()
            ),
            Kind::Io(e) => write!(f, "{e}"),
        }
    }
}

impl std::error::Error for FrameError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            Kind::Io(e) => Some(e),
            _ => None,
        }
    }
}

impl From<io::Error> for FrameError {
    fn from(e: io::Error) -> Self {
        if e.kind() == ErrorKind::UnexpectedEof {
            return Self { kind: Kind::Truncated };
        }
        Self { kind: Kind::Io(e) }
    }
}

/// The part of a frame before its blobs: length and header.
///
/// # Errors
/// A header or blob over its limit.
pub fn encode_head(header: &Header, blob_lengths: &[usize]) -> Result<Vec<u8>, FrameError> {
    let mut bytes = vec![0; 4];
    serde_json::to_writer(&mut bytes, header).map_err(|e| FrameError { kind: Kind::Garbage(e) })?;
    finish_head(bytes, blob_lengths)
}

/// The part of a frame before its blobs, from `fields` (the header's own fields, `"frame":…`) and
/// the text of a JSON object whose fields follow them. The object is copied as it is, not read.
///
/// This is how a worker passes on what a library emits without knowing what it means.
///
/// # Errors
/// A header or blob over its limit.
pub fn splice_head(
    fields: &str,
    object: &[u8],
    blob_lengths: &[usize],
) -> Result<Vec<u8>, FrameError> {
    let inner = object.trim_ascii();
    let inner = inner.strip_prefix(b"{").unwrap_or(inner).trim_ascii_start();
    let mut bytes = Vec::with_capacity(fields.len() + inner.len() + 16);
    bytes.extend_from_slice(&[0; 4]);
    bytes.push(b'{');
    bytes.extend_from_slice(fields.as_bytes());
    if inner != b"}" {
        bytes.push(b',');
    }
    bytes.extend_from_slice(inner);
    finish_head(bytes, blob_lengths)
}

fn finish_head(mut bytes: Vec<u8>, blob_lengths: &[usize]) -> Result<Vec<u8>, FrameError> {
    check_lengths(blob_lengths.iter().map(|&length| length as u64))?;
    if !blob_lengths.is_empty() && bytes.last() == Some(&b'}') {
        bytes.pop();
        bytes.extend_from_slice(b",\"blobs\":[");
        for (i, length) in blob_lengths.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            write!(bytes, "{comma}{length}")?;
        }
        bytes.extend_from_slice(b"]}");
    }
    let length = bytes.len() - 4;
    let short = u32::try_from(length).ok().filter(|_| length <= HEADER_BYTES_MAX);
    let Some(short) = short else {
        return Err(FrameError::oversized("a header", length as u64, HEADER_BYTES_MAX));
    };
    bytes[..4].copy_from_slice(&short.to_le_bytes());
    Ok(bytes)
}

/// A whole frame as bytes.
///
/// # Errors
/// A header or blob over its limit.
pub fn encode(header: &Header, blobs: &[impl AsRef<[u8]>]) -> Result<Vec<u8>, FrameError> {
    let mut bytes = encode_head(header, &lengths(blobs))?;
    for blob in blobs {
        bytes.extend_from_slice(blob.as_ref());
    }
    Ok(bytes)
}

/// The header's length from the first four bytes of a frame.
///
/// # Errors
/// A length over the limit.
pub fn decode_header_length(bytes: [u8; 4]) -> Result<usize, FrameError> {
    let length = u32::from_le_bytes(bytes) as usize;
    if length > HEADER_BYTES_MAX {
        return Err(FrameError::oversized("a header", length as u64, HEADER_BYTES_MAX));
    }
    Ok(length)
}

/// The header from its JSON, and the lengths of the blobs that follow.
///
/// # Errors
/// Not a header, or a blob over its limit.
pub fn decode_head(json: &[u8]) -> Result<Head, FrameError> {
    let blob_lengths = decode_blob_lengths(json)?;
    let header = serde_json::from_slice(json).map_err(|e| FrameError { kind: Kind::Garbage(e) })?;
    Ok(Head { header, blob_lengths })
}

/// Only the lengths of the blobs a header names; the rest of it is skipped, not understood.
///
/// # Errors
/// Not JSON, or a blob over its limit.
pub fn decode_blob_lengths(json: &[u8]) -> Result<Vec<usize>, FrameError> {
    #[derive(Deserialize)]
    struct Lengths {
        #[serde(default)]
        blobs: Vec<u64>,
    }
    let Lengths { blobs } =
        serde_json::from_slice(json).map_err(|e| FrameError { kind: Kind::Garbage(e) })?;
    check_lengths(blobs.iter().copied())?;
    // Within the limits, so within usize.
    Ok(blobs.into_iter().map(|length| length as usize).collect())
}

/// A whole frame from the start of `bytes`, and how many of them it took.
///
/// # Errors
/// Truncated, oversized, or not a frame.
pub fn decode(bytes: &[u8]) -> Result<(Frame, usize), FrameError> {
    let mut rest = bytes;
    let frame = read(&mut rest)?.ok_or(FrameError { kind: Kind::Truncated })?;
    Ok((frame, bytes.len() - rest.len()))
}

/// Reads one frame; none where the stream ends before it begins.
///
/// # Errors
/// The stream fails or ends inside the frame, or what it holds is oversized or not a frame.
pub fn read(reader: &mut impl Read) -> Result<Option<Frame>, FrameError> {
    let Some(json) = read_header_json(reader)? else {
        return Ok(None);
    };
    let Head { header, blob_lengths } = decode_head(&json)?;
    let blobs = read_blobs(reader, &blob_lengths)?;
    Ok(Some(Frame { header, blobs }))
}

/// Reads a frame's header as JSON text; none where the stream ends before it begins.
///
/// # Errors
/// The stream fails or ends inside the header, or the header is oversized.
pub fn read_header_json(reader: &mut impl Read) -> Result<Option<Vec<u8>>, FrameError> {
    let mut first = [0; 1];
    loop {
        match reader.read(&mut first) {
            Ok(0) => return Ok(None),
            Ok(_) => break,
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e.into()),
        }
    }
    let mut length = [first[0], 0, 0, 0];
    reader.read_exact(&mut length[1..])?;
    read_bytes(reader, decode_header_length(length)?).map(Some)
}

/// Reads the blobs behind a header.
///
/// # Errors
/// The stream fails or ends inside them.
pub fn read_blobs(reader: &mut impl Read, lengths: &[usize]) -> Result<Vec<Vec<u8>>, FrameError> {
    lengths.iter().map(|&length| read_bytes(reader, length)).collect()
}

/// Writes one frame and flushes.
///
/// # Errors
/// The stream fails, or a header or blob is over its limit.
pub fn write(
    writer: &mut impl Write,
    header: &Header,
    blobs: &[impl AsRef<[u8]>],
) -> Result<(), FrameError> {
    let head = encode_head(header, &lengths(blobs))?;
    write_encoded(writer, head, blobs)
}

/// Writes an encoded head and its blobs and flushes; a small frame in one write.
///
/// # Errors
/// The stream fails.
pub fn write_encoded(
    writer: &mut impl Write,
    mut head: Vec<u8>,
    blobs: &[impl AsRef<[u8]>],
) -> Result<(), FrameError> {
    let total: usize = blobs.iter().map(|blob| blob.as_ref().len()).sum();
    if head.len() + total <= ONE_WRITE_MAX {
        for blob in blobs {
            head.extend_from_slice(blob.as_ref());
        }
        writer.write_all(&head)?;
    } else {
        writer.write_all(&head)?;
        for blob in blobs {
            writer.write_all(blob.as_ref())?;
        }
    }
    Ok(writer.flush()?)
}

fn lengths(blobs: &[impl AsRef<[u8]>]) -> Vec<usize> {
    blobs.iter().map(|blob| blob.as_ref().len()).collect()
}

fn check_lengths(lengths: impl ExactSizeIterator<Item = u64>) -> Result<(), FrameError> {
    if lengths.len() > BLOBS_MAX {
        return Err(FrameError::oversized("a number of blobs", lengths.len() as u64, BLOBS_MAX));
    }
    let mut total: u64 = 0;
    for length in lengths {
        if length > BLOB_BYTES_MAX as u64 {
            return Err(FrameError::oversized("a blob", length, BLOB_BYTES_MAX));
        }
        total += length;
    }
    if total > FRAME_BLOB_BYTES_MAX as u64 {
        return Err(FrameError::oversized("a frame's blobs", total, FRAME_BLOB_BYTES_MAX));
    }
    Ok(())
}

fn read_bytes(reader: &mut impl Read, length: usize) -> Result<Vec<u8>, FrameError> {
    let mut bytes = Vec::with_capacity(length.min(RESERVE_MAX));
    reader.take(length as u64).read_to_end(&mut bytes)?;
    if bytes.len() < length {
        return Err(FrameError { kind: Kind::Truncated });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::message::{Answer, Ask, Call, Item, Level, Outcome, Request, Status};

    #[track_caller]
    fn check_round_trip(header: Header, blobs: Vec<Vec<u8>>) {
        let bytes = encode(&header, &blobs).unwrap();
        let (frame, used) = decode(&bytes).unwrap();
        assert_eq!(frame, Frame { header: header.clone(), blobs: blobs.clone() });
        assert_eq!(used, bytes.len());
        let mut written = Vec::new();
        write(&mut written, &header, &blobs).unwrap();
        assert_eq!(written, bytes);
        // Every proper beginning of a frame is a truncated frame, nothing else.
        for end in [0, 1, 3, 4, bytes.len() / 2, bytes.len() - 1] {
            let error = decode(&bytes[..end]).unwrap_err();
            assert!(error.is_truncated(), "cut at {end}: {error}");
        }
    }

    #[test]
    fn frames_come_back_as_they_went() {
        let call = |request| Header::Call(Call { id: 7, deadline_ms: 5, now_unix_ms: -1, request });
        check_round_trip(Header::Goodbye, vec![]);
        check_round_trip(call(Request::Echo), vec![vec![0xff; 1024], vec![], b"x".to_vec()]);
        check_round_trip(
            call(Request::Configure { settings: serde_json::json!({"a": 1}) }),
            vec![],
        );
        let ask = Ask::StatePut { name: "次数".into() };
        check_round_trip(Header::HostAsk { call: 3, id: 1, ask }, vec![b"7".to_vec()]);
        let answer = Answer::Refused { detail: "over".into() };
        check_round_trip(Header::HostAnswer { call: 3, id: 1, answer }, vec![]);
        let answer = Answer::Given;
        check_round_trip(Header::HostAnswer { call: 3, id: 1, answer }, vec![vec![0, 255]]);
        check_round_trip(Header::Cancel { call: 3 }, vec![]);
        check_round_trip(Header::Log { level: Level::Warning, text: "西部".into() }, vec![]);
        check_round_trip(Header::Emit { call: 1, item: Item::Cells }, vec![vec![1; 100_000]]);
        let outcome = Outcome::Accepted { reference: "q1".into() };
        let item = Item::Delivered { index: 3, outcome };
        check_round_trip(Header::Emit { call: u64::MAX, item }, vec![]);
        check_round_trip(Header::Reply { call: 2, status: Status::Unsupported }, vec![]);
        let item = Item::Delivered { index: 0, outcome: Outcome::Unknown };
        check_round_trip(Header::Emit { call: 1, item }, vec![]);
    }

    #[track_caller]
    fn check_spliced(object: &str, blobs: &[Vec<u8>], expected: Header) {
        let lengths = lengths(blobs);
        let mut bytes =
            splice_head(r#""frame":"emit","call":9"#, object.as_bytes(), &lengths).unwrap();
        bytes.extend(blobs.concat());
        let (frame, _) = decode(&bytes).unwrap();
        assert_eq!(frame, Frame { header: expected, blobs: blobs.to_vec() });
    }

    #[test]
    fn an_item_is_passed_on_unread() {
        let expected = Header::Emit { call: 9, item: Item::Cells };
        check_spliced(r#"{"item":"cells"}"#, &[vec![1, 2]], expected.clone());
        check_spliced(" {\n\"item\":\"cells\"} ", &[], expected);
        let unknown = Header::Emit { call: 9, item: Item::Unknown };
        check_spliced(r#"{"item":"of_a_later_version","x":[1]}"#, &[], unknown);
        for object in ["", "{}", "{", "nonsense", "[1]", "\u{0}"] {
            let head = splice_head(r#""frame":"emit","call":9"#, object.as_bytes(), &[]).unwrap();
            assert!(decode(&head).unwrap_err().is_garbage(), "{object:?}");
        }
    }

    #[test]
    fn questions_are_written_as_the_documents_say() {
        let read = |json: &str| decode(&raw(json)).unwrap().0.header;
        let ask = |ask| Header::HostAsk { call: 3, id: 1, ask };
        assert_eq!(
            read(r#"{"frame":"host_ask","call":3,"id":1,"ask":"state_get","name":"sent"}"#),
            ask(Ask::StateGet { name: "sent".into() })
        );
        assert_eq!(
            read(r#"{"frame":"host_ask","call":3,"id":1,"ask":"secret_get","name":"a.0.b"}"#),
            ask(Ask::SecretGet { name: "a.0.b".into() })
        );
        let later = r#"{"frame":"host_ask","call":3,"id":1,"ask":"of_later","name":5}"#;
        assert_eq!(read(later), ask(Ask::Unknown));
        assert_eq!(
            read(r#"{"frame":"host_answer","call":3,"id":1,"answer":"absent"}"#),
            Header::HostAnswer { call: 3, id: 1, answer: Answer::Absent }
        );
    }

    fn raw(json: &str) -> Vec<u8> {
        let mut bytes = u32::try_from(json.len()).unwrap().to_le_bytes().to_vec();
        bytes.extend_from_slice(json.as_bytes());
        bytes
    }

    #[test]
    fn unfit_frames_are_refused_with_a_word() {
        type Predicate = fn(&FrameError) -> bool;
        let table: [(Vec<u8>, Predicate, &str); 8] = [
            (vec![0xff; 4], FrameError::is_oversized, "a header of 4294967295 is over the limit"),
            (raw("{"), FrameError::is_garbage, "not one this version can read"),
            (raw(""), FrameError::is_garbage, "not one this version can read"),
            (raw(r#"{"frame":"shout"}"#), FrameError::is_garbage, "not one this version"),
            (raw(r#"{"frame":"goodbye","blobs":[-1]}"#), FrameError::is_garbage, "not one"),
            (
                raw(r#"{"frame":"goodbye","blobs":[67108865]}"#),
                FrameError::is_oversized,
                "a blob of 67108865 is over the limit of 67108864",
            ),
            (
                raw(r#"{"frame":"goodbye","blobs":[67108864,67108864,1]}"#),
                FrameError::is_oversized,
                "a frame's blobs of 134217729",
            ),
            (
                raw(r#"{"frame":"goodbye","blobs":[67108864]}"#),
                FrameError::is_truncated,
                "the stream ends inside a frame",
            ),
        ];
        for (bytes, is_expected, words) in table {
            let error = decode(&bytes).unwrap_err();
            assert!(is_expected(&error), "{error}");
            assert!(error.to_string().contains(words), "{error}");
        }
        let many = format!(r#"{{"frame":"goodbye","blobs":[{}0]}}"#, "0,".repeat(BLOBS_MAX));
        assert!(decode(&raw(&many)).unwrap_err().is_oversized());
    }

    #[test]
    fn a_broken_header_is_not_quoted() {
        let error = decode(&raw(r#"{"frame":"张三 13800000000"}"#)).unwrap_err();
        assert!(!error.to_string().contains("138"), "{error}");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
            let _ = decode(&bytes);
            let _ = splice_head("", &bytes, &[1]);
        }

        #[test]
        fn no_header_makes_it_panic(json in r#"\{"frame":"[a-z]{4}","blobs":\[[0-9,]{0,20}\]"#) {
            let _ = decode(&raw(&json));
        }

        #[test]
        fn a_flipped_byte_never_panics(at in 0usize..200, to in any::<u8>()) {
            let settings = serde_json::json!({"host": "a", "list": [1, 2.5, null]});
            let request = Request::Configure { settings };
            let header = Header::Call(Call { id: 1, deadline_ms: 1, now_unix_ms: 1, request });
            let mut bytes = encode(&header, &[vec![1; 40], vec![2; 40]]).unwrap();
            let at = at % bytes.len();
            bytes[at] = to;
            let _ = decode(&bytes);
        }
    }
}
