//! One artifact: fetched from where it was left, checked while it comes, and named when it was
//! verified.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;

use http::StatusCode;
use http::header::{CONTENT_LENGTH, CONTENT_RANGE};
use slipway_outbound::{Error as NetworkError, Response};
use slipway_snapshot::BundleArtifact;
use tokio::time::Instant;
use url::Url;

use super::missing::HostFaults;
use super::progress::{Bar, Progress};
use crate::error::{CliError, Result};
use crate::origin::{Client, backoff};
use crate::store::{FileHasher, Store};

/// A download to be made.
pub struct Download<'a> {
    /// Makes the requests.
    pub client: &'a Client,
    /// Where it goes.
    pub store: &'a Store,
    /// What it is.
    pub artifact: &'a BundleArtifact,
    /// Where it is told.
    pub progress: &'a Progress,
    /// The hosts that have not delivered before.
    pub hosts: &'a HostFaults,
}

/// A download that was made.
#[derive(Debug, Clone, Copy)]
pub struct Fetched {
    /// The bytes that came over the network.
    pub bytes: u64,
}

/// What there is of an artifact so far.
struct PartialDownload {
    file: File,
    length: u64,
    hashing: FileHasher,
}

impl Download<'_> {
    /// Downloads it. Where an earlier run has left a part of it that turns out to be damaged, as
    /// after a loss of power, it comes anew.
    pub async fn run(self) -> Result<Fetched> {
        self.hosts.check(self.artifact)?;
        let outcome = self.fetch_whole().await;
        self.hosts.count(self.artifact, &outcome);
        outcome
    }

    async fn fetch_whole(&self) -> Result<Fetched> {
        let bar = self.progress.bar(self.artifact);
        let inherited = self
            .store
            .partial(&self.artifact.sha256)
            .metadata()
            .is_ok_and(|metadata| metadata.len() > 0);
        let mut fetched = Fetched { bytes: 0 };
        match self.fetch(&bar, &mut fetched).await {
            Err(CliError::WrongHash { .. }) if inherited => self.fetch(&bar, &mut fetched).await?,
            outcome => outcome?,
        }
        Ok(fetched)
    }

    /// A network that fails is tried again, from where it failed. A server that gets no further than
    /// before is not tried for ever, nor is one that brings less than the least, in as many pieces as
    /// it likes.
    async fn fetch(&self, bar: &Bar, fetched: &mut Fetched) -> Result<()> {
        let (mut backoff, mut furthest, mut since) = (backoff(), 0, Instant::now());
        loop {
            let Err(failure) = self.attempt(bar, fetched).await else { return Ok(()) };
            let least = self.client.patience().least_within(since.elapsed()).max(1);
            if bar.position() >= furthest + least {
                (furthest, since) = (bar.position(), Instant::now());
                backoff.reset();
            }
            backoff.pause(failure).await?;
        }
    }

    async fn attempt(&self, bar: &Bar, fetched: &mut Fetched) -> Result<()> {
        let path = self.store.partial(&self.artifact.sha256);
        let mut partial = PartialDownload::open(path.clone(), self.artifact.size_bytes).await?;
        bar.at(partial.length);
        if partial.length < self.artifact.size_bytes {
            let answer = self.ask(partial.length).await?;
            if answer.status == StatusCode::OK && partial.length > 0 {
                partial = PartialDownload::anew(&path)?;
            }
            self.check_length(&answer, partial.length)?;
            self.receive(answer, &mut partial, bar, fetched).await?;
        }
        self.verify(partial, &path)
    }

    async fn ask(&self, start: u64) -> Result<Response> {
        let url = &self.artifact.download_url;
        let url = Url::parse(url)
            .map_err(|_| CliError::RefusedUrl { url: url.clone(), why: "it is not a URL" })?;
        let answer = self.client.get(&url, (start > 0).then_some(start)).await?;
        let host = url.host_str().unwrap_or_default();
        match answer.status {
            StatusCode::OK | StatusCode::PARTIAL_CONTENT => Ok(answer),
            // The server has fewer bytes than are here already.
            StatusCode::RANGE_NOT_SATISFIABLE => {
                Err(self.wrong_length(total(&answer).unwrap_or_default()))
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(CliError::Unauthorized(
                format!("{host} does not hand out {}", self.artifact.sha256),
            )),
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                Err(CliError::Unreachable(format!(
                    "{host} answers {status} for {}",
                    self.artifact.sha256
                )))
            }
            StatusCode::NOT_FOUND | StatusCode::GONE => Err(CliError::NotThere(format!(
                "{host} answers {} for {}",
                answer.status, self.artifact.sha256
            ))),
            status => Err(CliError::Other(format!(
                "{host} answers {status} for {}",
                self.artifact.sha256
            ))),
        }
    }

    /// What the server announces has to be what the manifest says, before a byte is taken.
    fn check_length(&self, answer: &Response, start: u64) -> Result<()> {
        let announced = match answer.status {
            StatusCode::PARTIAL_CONTENT => {
                total(answer).filter(|_| begins_at(answer) == Some(start))
            }
            _ => answer.header(CONTENT_LENGTH).and_then(|length| length.parse().ok()),
        };
        match announced {
            Some(length) if length != self.artifact.size_bytes => Err(self.wrong_length(length)),
            None if answer.status == StatusCode::PARTIAL_CONTENT => Err(CliError::Unreachable(
                "the server answers another range than was asked for".to_owned(),
            )),
            _ => Ok(()),
        }
    }

    async fn receive(
        &self,
        mut answer: Response,
        partial: &mut PartialDownload,
        bar: &Bar,
        fetched: &mut Fetched,
    ) -> Result<()> {
        let size = self.artifact.size_bytes;
        loop {
            let chunk = match answer.chunk().await {
                Ok(Some(chunk)) => chunk,
                Ok(None) if partial.length == size => return Ok(()),
                Err(slow @ NetworkError::TooSlow { .. }) => return Err(slow.into()),
                Ok(None) | Err(_) => return Err(self.truncated(partial.length)),
            };
            fetched.bytes += chunk.len() as u64;
            if partial.length + chunk.len() as u64 > size {
                self.forget();
                return Err(CliError::Endless { sha256: self.artifact.sha256, expected: size });
            }
            // Written as it comes: what a kill finds here need not come again.
            partial
                .file
                .write_all(&chunk)
                .map_err(CliError::io(&self.store.partial(&self.artifact.sha256)))?;
            partial.hashing.add(&chunk);
            partial.length += chunk.len() as u64;
            bar.at(partial.length);
        }
    }

    fn verify(&self, partial: PartialDownload, path: &Path) -> Result<()> {
        let actual = partial.hashing.finish();
        if actual != self.artifact.sha256 {
            self.forget();
            return Err(CliError::WrongHash { expected: self.artifact.sha256, actual });
        }
        partial.file.sync_all().map_err(CliError::io(path))?;
        self.store.store_blob(&self.artifact.sha256)
    }

    /// Bytes that can't be right are of no use to the next attempt. If they can't be removed, that
    /// one finds out again.
    fn forget(&self) {
        drop(fs::remove_file(self.store.partial(&self.artifact.sha256)));
    }

    fn wrong_length(&self, announced: u64) -> CliError {
        CliError::WrongLength {
            sha256: self.artifact.sha256,
            expected: self.artifact.size_bytes,
            announced,
        }
    }

    fn truncated(&self, received: u64) -> CliError {
        CliError::Truncated {
            sha256: self.artifact.sha256,
            expected: self.artifact.size_bytes,
            received,
        }
    }
}

impl PartialDownload {
    /// What has come so far, hashed; nothing, where it is more than there should be.
    async fn open(path: std::path::PathBuf, size: u64) -> Result<Self> {
        let work = move || {
            let length = path.metadata().map(|metadata| metadata.len()).unwrap_or_default();
            if length == 0 || length > size {
                return Self::anew(&path);
            }
            let hashing = FileHasher::of_file(&path)?;
            let file = OpenOptions::new().append(true).open(&path).map_err(CliError::io(&path))?;
            Ok(Self { file, length, hashing })
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| CliError::Other(error.to_string()))?
    }

    fn anew(path: &Path) -> Result<Self> {
        Ok(Self {
            file: File::create(path).map_err(CliError::io(path))?,
            length: 0,
            hashing: FileHasher::default(),
        })
    }
}

/// The whole length that a `Content-Range` tells (RFC 9110, section 14.4).
fn total(answer: &Response) -> Option<u64> {
    answer.header(CONTENT_RANGE)?.rsplit_once('/')?.1.parse().ok()
}

/// Where the range of a `Content-Range` begins.
fn begins_at(answer: &Response) -> Option<u64> {
    answer.header(CONTENT_RANGE)?.strip_prefix("bytes ")?.split_once('-')?.0.parse().ok()
}
