//! What registries tell of pushes: the bodies of their webhooks.
//!
//! - distribution: <https://distribution.github.io/distribution/about/notifications/>
//! - Docker Hub: <https://docs.docker.com/docker-hub/repos/manage/webhooks/>
//! - Harbor: <https://goharbor.io/docs/main/working-with-projects/project-configuration/configure-webhooks/>

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_domain::{Code, Error, Result};

use crate::image::{ImageDigest, ImageRepository, ImageTag};

/// Events of a container registry, as the registry itself writes them. Members that are not listed
/// are ignored.
///
/// distribution (media type `application/vnd.docker.distribution.events.v2+json`, and v1) sends
/// `events`; Docker Hub `push_data` and `repository`; Harbor `type` with `event_data`, or with
/// `data` where its payload format is `CloudEvents`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(extend("examples" = [{
    "events": [{ "action": "push", "target": { "repository": "myorg/api", "tag": "v2.3.1" } }],
}]))]
pub struct RegistryEvents {
    /// Events of distribution.
    events: Option<Vec<DistributionEvent>>,
    /// What was pushed to Docker Hub.
    push_data: Option<DockerHubPush>,
    /// The repository at Docker Hub.
    repository: Option<DockerHubRepository>,
    /// Type of an event of Harbor: `PUSH_ARTIFACT` or `harbor.artifact.pushed`, or of one that is
    /// none of a push.
    r#type: Option<String>,
    /// What an event of Harbor is about.
    event_data: Option<HarborArtifacts>,
    /// What an event of Harbor is about, as a `CloudEvent`.
    data: Option<HarborArtifacts>,
}

/// An event of distribution.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct DistributionEvent {
    /// What has happened: `push`, or something else, which is ignored.
    action: Option<String>,
    /// What it has happened to.
    target: Option<DistributionTarget>,
}

/// What an event of distribution is about.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct DistributionTarget {
    /// The repository.
    repository: Option<String>,
    /// The tag. Blobs, and manifests that are pushed by digest, have none.
    tag: Option<String>,
    /// The digest.
    digest: Option<String>,
}

/// A push to Docker Hub.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct DockerHubPush {
    /// The tag.
    tag: Option<String>,
}

/// A repository at Docker Hub.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct DockerHubRepository {
    /// The repository, with its namespace.
    repo_name: Option<String>,
}

/// What an event of Harbor is about.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct HarborArtifacts {
    /// The repository.
    repository: Option<HarborRepository>,
    /// The artifacts.
    resources: Option<Vec<HarborResource>>,
}

/// A repository of Harbor.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct HarborRepository {
    /// The repository, with its project.
    repo_full_name: Option<String>,
}

/// An artifact of Harbor.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct HarborResource {
    /// The tag. Harbor writes the digest here for what is pushed without one.
    tag: Option<String>,
    /// The digest.
    digest: Option<String>,
}

/// A tag that was pushed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PushedTag {
    /// The repository.
    pub repository: ImageRepository,
    /// The tag.
    pub tag: ImageTag,
}

/// Tags that were pushed, each once, with the digest that the last event says it stands for; none,
/// where the registry's events have no digests.
pub type PushedTags = BTreeMap<PushedTag, Option<ImageDigest>>;

/// How Harbor names a push, in its own format and as a `CloudEvent`.
const HARBOR_PUSHES: [&str; 2] = ["PUSH_ARTIFACT", "harbor.artifact.pushed"];

impl RegistryEvents {
    /// The tags that the events say were pushed. That a tag stands for the digest of an event is no
    /// more than what to expect. What is no push of a tag, or names a repository or tag that there
    /// can't be, is none.
    ///
    /// # Errors
    /// `invalid_field` for what is of none of the known forms.
    pub fn pushed_tags(&self) -> Result<PushedTags> {
        if let Some(events) = &self.events {
            return Ok(events.iter().filter_map(DistributionEvent::pushed_tag).collect());
        }
        if let Some(push) = &self.push_data {
            let missing = || Error::invalid("repository", "Docker Hub names the repository here");
            let repository = self.repository.as_ref().ok_or_else(missing)?;
            return Ok(repository.pushed_tag(push).into_iter().collect());
        }
        match &self.r#type {
            Some(kind) if HARBOR_PUSHES.contains(&kind.as_str()) => {
                let missing = || {
                    let message = "Harbor says here, or in `data`, what was pushed";
                    Error::invalid("event_data", message)
                };
                let artifacts = self.event_data.as_ref().or(self.data.as_ref());
                Ok(artifacts.ok_or_else(missing)?.pushed_tags())
            }
            Some(_) => Ok(PushedTags::new()),
            None => Err(unknown_form()),
        }
    }
}

impl PushedTag {
    /// The tag of these texts, with the digest.
    fn of(
        repository: Option<&str>,
        tag: Option<&str>,
        digest: Option<&str>,
    ) -> Option<(Self, Option<ImageDigest>)> {
        let pushed = Self { repository: repository?.parse().ok()?, tag: tag?.parse().ok()? };
        Some((pushed, digest.and_then(|digest| digest.parse().ok())))
    }
}

impl DistributionEvent {
    fn pushed_tag(&self) -> Option<(PushedTag, Option<ImageDigest>)> {
        let target = self.target.as_ref().filter(|_| self.action.as_deref() == Some("push"))?;
        let DistributionTarget { repository, tag, digest } = target;
        PushedTag::of(repository.as_deref(), tag.as_deref(), digest.as_deref())
    }
}

impl DockerHubRepository {
    /// Official images have the namespace `library`, which people leave out.
    fn pushed_tag(&self, push: &DockerHubPush) -> Option<(PushedTag, Option<ImageDigest>)> {
        let name = self.repo_name.as_deref()?;
        let with_namespace =
            if name.contains('/') { name.to_owned() } else { format!("library/{name}") };
        PushedTag::of(Some(&with_namespace), push.tag.as_deref(), None)
    }
}

impl HarborArtifacts {
    fn pushed_tags(&self) -> PushedTags {
        let name = self.repository.as_ref().and_then(|it| it.repo_full_name.as_deref());
        let resources = self.resources.iter().flatten();
        let pushed =
            |one: &HarborResource| PushedTag::of(name, one.tag.as_deref(), one.digest.as_deref());
        resources.filter_map(pushed).collect()
    }
}

fn unknown_form() -> Error {
    let message = "the body is of no form that is known: distribution's has `events`, Docker Hub's `push_data` and `repository`, Harbor's `type` and `event_data` (or `data`, as a CloudEvent)";
    Error::new(Code::InvalidField, message)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(body: Value) -> Result<PushedTags> {
        serde_json::from_value::<RegistryEvents>(body).unwrap().pushed_tags()
    }

    fn pushed(body: Value) -> Vec<String> {
        let told = |it: PushedTag| format!("{}:{}", it.repository, it.tag);
        read(body).unwrap().into_keys().map(told).collect()
    }

    fn distribution(action: &str, target: &Value) -> Value {
        json!({ "events": [{ "id": "1", "action": action, "target": target }] })
    }

    #[test]
    fn distribution_tells_of_pushed_tags_among_other_events() {
        let target = json!({
            "mediaType": "application/vnd.oci.image.manifest.v1+json", "size": 7,
            "digest": "sha256:00", "repository": "myorg/api", "tag": "v1.0.0",
        });
        assert_eq!(pushed(distribution("push", &target)), ["myorg/api:v1.0.0"]);
        for other in ["pull", "delete", "mount", "PUSH", ""] {
            assert!(pushed(distribution(other, &target)).is_empty(), "{other}");
        }
        let blob = json!({ "mediaType": "application/octet-stream", "repository": "myorg/api" });
        assert!(pushed(distribution("push", &blob)).is_empty());
        assert!(pushed(json!({ "events": [] })).is_empty());
        assert!(pushed(json!({ "events": [{}] })).is_empty());
    }

    #[test]
    fn a_tag_that_is_told_of_twice_is_one_with_the_last_digest() {
        let event = |tag: &str, digest: &str| {
            let target = json!({ "repository": "api", "tag": tag, "digest": digest });
            json!({ "action": "push", "target": target })
        };
        let [one, two] = ["1", "2"].map(|digit| format!("sha256:{}", digit.repeat(64)));
        let body = json!({ "events": [event("b", &one), event("a", "none"), event("b", &two)] });
        let found = read(body).unwrap();
        let told: Vec<_> = found.iter().map(|(it, digest)| (it.tag.as_str(), digest)).collect();
        assert_eq!(told, [("a", &None), ("b", &Some(two.parse().unwrap()))]);
    }

    #[test]
    fn what_there_cannot_be_is_nothing() {
        for (repository, tag) in [
            ("MyOrg/api", "v1"),
            ("../api", "v1"),
            ("api", "a b"),
            ("api", ""),
            ("", "v1"),
            ("api", "sha256:00"),
        ] {
            let body = distribution("push", &json!({ "repository": repository, "tag": tag }));
            assert!(pushed(body).is_empty(), "{repository}:{tag}");
        }
    }

    #[test]
    fn docker_hub_leaves_the_namespace_of_official_images_out() {
        let body = |name: &str| {
            json!({
                "callback_url": "https://registry.hub.docker.com/u/x/y/hook/z/",
                "push_data": { "pushed_at": 1_417_566_161.5, "pusher": "ci", "tag": "latest" },
                "repository": { "name": "y", "namespace": "x", "repo_name": name },
            })
        };
        assert_eq!(pushed(body("svendowideit/testhook")), ["svendowideit/testhook:latest"]);
        assert_eq!(pushed(body("nginx")), ["library/nginx:latest"]);
        let error = read(json!({ "push_data": { "tag": "latest" } })).unwrap_err();
        assert_eq!(error.field(), Some("repository"));
    }

    #[test]
    fn harbor_writes_two_formats_and_other_events_than_pushes() {
        let data = json!({
            "resources": [
                { "digest": "sha256:00", "tag": "latest", "resource_url": "h/p/r:latest" },
                { "digest": "sha256:01", "tag": "sha256:01", "resource_url": "h/p/r@sha256:01" },
            ],
            "repository": { "name": "debian", "repo_full_name": "test-webhook/debian" },
        });
        let event = |kind: &str| json!({ "type": kind, "occur_at": 1, "event_data": data });
        assert_eq!(pushed(event("PUSH_ARTIFACT")), ["test-webhook/debian:latest"]);
        for other in ["PULL_ARTIFACT", "DELETE_ARTIFACT", "UPLOAD_CHART", "SCANNING_COMPLETED"] {
            assert!(pushed(event(other)).is_empty(), "{other}");
        }
        let cloud = json!({ "specversion": "1.0", "type": "harbor.artifact.pushed", "data": data });
        assert_eq!(pushed(cloud), ["test-webhook/debian:latest"]);
        let quota = json!({ "type": "QUOTA_EXCEED", "event_data": { "custom_attributes": {} } });
        assert!(pushed(quota).is_empty());
        let error = read(json!({ "type": "PUSH_ARTIFACT" })).unwrap_err();
        assert_eq!(error.field(), Some("event_data"));
    }

    #[test]
    fn another_form_is_refused_with_those_that_are_known() {
        for body in [json!({}), json!({ "ref": "refs/heads/main", "repository": {} })] {
            let error = read(body).unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::InvalidField, None));
            assert!(error.message().contains("`push_data`"), "{error}");
        }
    }
}
