//! Reading bytes: as a stream for a client, or to hash them.

use std::{io, io::Read, ops::Range};

use bytes::Bytes;
use futures::Stream;

use super::{
    ConditionOutcome, ReadConditions, StoreInner,
    blobs::Blobs,
    content::{self, Segment, cut},
    digest::{Algorithm, Digests, Hasher},
    objects::{self, Object},
    pins::Pin,
};
use crate::error::Outcome;

/// How much is read at once: enough to make the hop to a blocking thread cheap.
const CHUNK: u64 = 256 * 1024;

/// An object that was found, and its bytes, which stay readable whatever becomes of the object.
pub(crate) struct ObjectRead {
    pub(crate) object: Object,
    pub(crate) verdict: ConditionOutcome,
    pub(crate) reading: BlobReader,
    known: Option<Digests>,
}

impl ObjectRead {
    /// The digests of all its bytes; they are read only if the wanted checksum was not computed
    /// when they were written.
    pub(crate) fn digests(&self, algorithm: Algorithm) -> Outcome<Digests> {
        match &self.known {
            Some(known) if known.checksum(algorithm).is_some() => Ok(known.clone()),
            _ => self.reading.digests(algorithm),
        }
    }
}

/// A run of bytes that cannot vanish.
pub(crate) struct BlobReader {
    pub(crate) segments: Vec<Segment>,
    blobs: Blobs,
    _pin: Pin,
}

impl StoreInner {
    /// Finds an object and secures its bytes. Refuses if there is none.
    pub(crate) fn find(
        &self,
        bucket: &str,
        key: &str,
        conditions: &ReadConditions,
    ) -> Outcome<ObjectRead> {
        self.read(|connection| {
            let object = objects::require(connection, bucket, key)?;
            let segments = content::load(connection, object.content)?;
            let known = content::known_digests(connection, &segments)?;
            let pin = self.pins.pin(segments.iter().map(|segment| segment.blob));
            let reading = BlobReader { segments, blobs: self.blobs.clone(), _pin: pin };
            Ok(ObjectRead { verdict: conditions.judge(&object), object, reading, known })
        })
    }
}

impl BlobReader {
    /// Restricts it to a range of its bytes.
    pub(crate) fn only(self, range: &Range<u64>) -> Self {
        Self { segments: cut(self.segments, range), ..self }
    }

    /// Reads and hashes.
    pub(crate) fn digests(&self, algorithm: Algorithm) -> Outcome<Digests> {
        let mut hasher = Hasher::new(&[algorithm]);
        for segment in &self.segments {
            let mut rest = SegmentRest::open(&self.blobs, segment)?;
            while let Some(chunk) = rest.next()? {
                hasher.update(&chunk);
            }
        }
        Ok(hasher.finish())
    }

    /// The bytes, read as they are asked for.
    pub(crate) fn into_stream(
        mut self,
    ) -> impl Stream<Item = io::Result<Bytes>> + Send + Sync + 'static {
        self.segments.reverse();
        futures::stream::try_unfold(Cursor { reading: self, current: None }, |cursor| async {
            tokio::task::spawn_blocking(|| cursor.step()).await.map_err(io::Error::other)?
        })
    }
}

/// A place in a reading, whose remaining segments are kept last first.
struct Cursor {
    reading: BlobReader,
    current: Option<SegmentRest>,
}

impl Cursor {
    fn step(mut self) -> io::Result<Option<(Bytes, Self)>> {
        loop {
            if let Some(rest) = &mut self.current
                && let Some(chunk) = rest.next()?
            {
                return Ok(Some((chunk, self)));
            }
            let Some(segment) = self.reading.segments.pop() else { return Ok(None) };
            self.current = Some(SegmentRest::open(&self.reading.blobs, &segment)?);
        }
    }
}

/// What of a segment is still to be read.
struct SegmentRest {
    file: Box<dyn Read + Send + Sync>,
    left: u64,
}

impl SegmentRest {
    fn open(blobs: &Blobs, segment: &Segment) -> io::Result<Self> {
        let file = Box::new(blobs.read_from(&segment.file, segment.start)?);
        Ok(Self { file, left: segment.length })
    }

    fn next(&mut self) -> io::Result<Option<Bytes>> {
        let length = self.left.min(CHUNK);
        if length == 0 {
            return Ok(None);
        }
        let mut chunk = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
        let read = self.file.by_ref().take(length).read_to_end(&mut chunk)? as u64;
        if read < length {
            // Blobs never change, so this is a damaged disk or somebody else's hand.
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= read;
        Ok(Some(chunk.into()))
    }
}
