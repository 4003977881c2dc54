//! Which registries are asked no more in a run, and why.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use serde_json::json;
use slipway_composition::{ImageRepository, IntegrationId};
use slipway_domain::Timestamp;
use slipway_oci::Error as RegistryError;

use crate::digest_check::RegistryPlace;

/// After how many failures in a row a registry is asked no more. One may be an image that the
/// registry has lost or can't read; of a registry that is down these are three attempts each, and
/// the eight that are asked for at once are over this already.
const MOST_IN_A_ROW: u32 = 5;

/// What has failed in a run.
#[derive(Debug, Default)]
pub(crate) struct RegistryFailures {
    /// Of each registry the failures since it last told something.
    in_a_row: BTreeMap<RegistryPlace, u32>,
    given_up: BTreeSet<RegistryPlace>,
    /// Repositories that refuse access, of which the first of each registry is told.
    refused: BTreeSet<(RegistryPlace, ImageRepository)>,
}

/// That a registry is asked no more in a run, or no more for a repository: a line of the log.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct GivenUp {
    integration: IntegrationId,
    repository: Option<ImageRepository>,
    reason: String,
}

impl RegistryFailures {
    /// Whether a repository is asked no more.
    pub(crate) fn has_given_up(&self, registry: &RegistryPlace, of: &ImageRepository) -> bool {
        self.given_up.contains(registry) || self.refused.contains(&(registry.clone(), of.clone()))
    }

    /// Notes that a registry has told what it was asked.
    pub(crate) fn note_answer(&mut self, registry: &RegistryPlace) {
        self.in_a_row.remove(registry);
    }

    /// Notes that a registry has not told about an image of a repository, and tells if it is asked
    /// no more from now on.
    pub(crate) fn note_failure(
        &mut self,
        registry: &RegistryPlace,
        repository: &ImageRepository,
        error: &RegistryError,
    ) -> Option<GivenUp> {
        match error {
            // It has been waited for already.
            RegistryError::TooManyRequests { .. } => self.give_up(registry, error),
            // The run has no time left: that is no failure of this registry.
            RegistryError::OutOfTime { .. } => {
                self.given_up.insert(registry.clone());
                None
            }
            RegistryError::Transport(_) | RegistryError::Credentials(_) => {
                self.count(registry, error)
            }
            RegistryError::Status { status, .. } if status.is_server_error() => {
                self.count(registry, error)
            }
            RegistryError::Unauthorized { .. } => self.refuse(registry, repository, error),
            RegistryError::Status { status, .. } if status.as_u16() == 403 => {
                self.refuse(registry, repository, error)
            }
            // It has answered, if nothing that tells.
            _ => {
                self.note_answer(registry);
                None
            }
        }
    }

    /// Notes that a registry is asked nothing, and tells so, unless it was told before.
    pub(crate) fn give_up(
        &mut self,
        registry: &RegistryPlace,
        error: &dyn Display,
    ) -> Option<GivenUp> {
        let is_new = self.given_up.insert(registry.clone());
        is_new.then(|| GivenUp::of(registry, None, error))
    }

    /// Gives a registry up if that was one failure too many.
    fn count(&mut self, registry: &RegistryPlace, error: &RegistryError) -> Option<GivenUp> {
        let in_a_row = self.in_a_row.entry(registry.clone()).or_default();
        *in_a_row += 1;
        if *in_a_row < MOST_IN_A_ROW { None } else { self.give_up(registry, error) }
    }

    /// Notes that a repository refuses access: others of its registry may not. The first one is
    /// told of, since credentials that have expired are refused everywhere.
    fn refuse(
        &mut self,
        registry: &RegistryPlace,
        repository: &ImageRepository,
        error: &RegistryError,
    ) -> Option<GivenUp> {
        self.note_answer(registry);
        let is_first = self.refused.iter().all(|(refusing, _)| refusing != registry);
        self.refused.insert((registry.clone(), repository.clone()));
        is_first.then(|| GivenUp::of(registry, Some(repository), error))
    }
}

impl GivenUp {
    fn of(registry: &RegistryPlace, of: Option<&ImageRepository>, error: &dyn Display) -> Self {
        let (integration, reason) = (registry.0.clone(), error.to_string());
        Self { integration, repository: of.cloned(), reason }
    }

    /// One line of JSON. What a registry's failure tells has no credential in it.
    pub(crate) fn line(&self, time: Timestamp, request_id: &str) -> String {
        let Self { integration, repository, reason } = self;
        json!({
            "time": time, "request_id": request_id, "op": "check-digests",
            "event": "registry_given_up", "integration_id": integration,
            "repository": repository, "reason": reason,
        })
        .to_string()
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use slipway_domain::GenerateId;

    use super::*;

    fn registry(number: u8) -> RegistryPlace {
        let id = IntegrationId::generate(Timestamp::UNIX_EPOCH, [number; 10]);
        (id, "https://registry.example.com".parse().unwrap())
    }

    fn repository(name: &str) -> ImageRepository {
        name.parse().unwrap()
    }

    fn status(code: u16) -> RegistryError {
        let status = StatusCode::from_u16(code).unwrap();
        RegistryError::Status { host: "registry.example.com".to_owned(), status }
    }

    #[test]
    fn a_registry_is_given_up_after_failures_in_a_row_and_told_of_once() {
        let (mut failures, one, other) = (RegistryFailures::default(), registry(1), registry(2));
        let api = repository("myorg/api");
        for _ in 1..MOST_IN_A_ROW {
            assert_eq!(failures.note_failure(&one, &api, &status(500)), None);
        }
        // Any answer begins the count anew, also one that tells nothing.
        assert_eq!(failures.note_failure(&one, &api, &status(410)), None);
        for _ in 1..MOST_IN_A_ROW {
            assert_eq!(failures.note_failure(&one, &api, &status(503)), None);
            assert!(!failures.has_given_up(&one, &api));
        }
        let given_up = failures.note_failure(&one, &api, &status(502)).unwrap();
        assert!(failures.has_given_up(&one, &api) && !failures.has_given_up(&other, &api));
        assert_eq!(failures.note_failure(&one, &api, &status(502)), None);
        let line = given_up.line(Timestamp::UNIX_EPOCH, "request");
        let told: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(told["integration_id"], one.0.as_str());
        assert_eq!(told["reason"], "registry.example.com answers 502 Bad Gateway");
        assert_eq!(line.lines().count(), 1);
    }

    #[test]
    fn a_registry_that_limits_is_given_up_at_once_and_one_that_refuses_for_the_repository() {
        let (mut failures, one) = (RegistryFailures::default(), registry(1));
        let (api, web) = (repository("myorg/api"), repository("myorg/web"));
        let told = failures.note_failure(&one, &api, &status(403)).unwrap();
        assert_eq!(told.repository.as_ref(), Some(&api));
        assert!(failures.has_given_up(&one, &api) && !failures.has_given_up(&one, &web));
        // Of the first one alone: the others are refused for the same reason, as a rule.
        let other = repository("myorg/other");
        assert_eq!(failures.note_failure(&one, &other, &status(403)), None);
        assert_eq!(failures.note_failure(&one, &web, &status(410)), None);
        let host = "registry.example.com".to_owned();
        let limits = RegistryError::TooManyRequests { host, retry_after: None };
        assert!(failures.note_failure(&one, &web, &limits).is_some());
        assert!(failures.has_given_up(&one, &web));
    }
}
