//! Manifests of release bundles as YAML, for the tools that deploy.
//!
//! Every text is written in double quotes, so that no parser takes `on`, `1e3` or `null` for
//! anything else than a text. YAML's escapes are those of JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use slipway_domain::{Code, Error, Result};

use crate::bundle_manifest::{BundleManifest, PinnedImage};
use crate::image::ImageDigest;

/// The prefix of Docker Hub's own images, which people leave out.
const OFFICIAL: &str = "docker.io/library/";

/// An entry of `images` of a kustomization.
#[derive(Debug, PartialEq, Eq)]
struct ImageOverride {
    /// The image's name as the manifests of Kubernetes write it, without tag and digest.
    name: String,
    /// What it is replaced by; none, where the name is whole.
    new_name: Option<String>,
    digest: ImageDigest,
}

impl BundleManifest {
    /// A fragment of a Compose file: a service for each component, with its image.
    ///
    /// # Errors
    /// `stale_state` where two components have the same name, for services have their names once,
    /// and where a registry is named by an IPv6 address, which older parsers of references refuse.
    pub fn to_compose(&self) -> Result<String> {
        self.require_named_registries()?;
        let mut names = BTreeSet::new();
        let mut text = self.heading() + "services:\n";
        for PinnedImage { name, image, .. } in &self.images {
            if !names.insert(name) {
                return Err(ambiguous(&format!("two components have the name `{name}`")));
            }
            let (name, image) = (quoted(name.as_str()), quoted(image));
            let _ = write!(text, "  {name}:\n    image: {image}\n");
        }
        Ok(text)
    }

    /// The block `images` of a kustomization. Each image is there by its whole name, and by its
    /// repository alone where only one component has that; what the manifests of Kubernetes write
    /// of the two is replaced.
    ///
    /// kustomize takes the name for a regular expression, in which a dot is any character, and
    /// brackets are one of those in them.
    ///
    /// # Errors
    /// `stale_state` where the same repository is there with two digests, or under two names that
    /// kustomize can't tell apart: an image is told by its name, and would get one of them. And
    /// where a registry is named by an IPv6 address: the image would stay as it is.
    pub fn to_kustomize(&self) -> Result<String> {
        self.require_named_registries()?;
        let mut text = self.heading() + "images:\n";
        for ImageOverride { name, new_name, digest } in self.overrides()? {
            let _ = writeln!(text, "  - name: {}", quoted(&name));
            if let Some(new_name) = new_name {
                let _ = writeln!(text, "    newName: {}", quoted(&new_name));
            }
            let _ = writeln!(text, "    digest: {}", quoted(digest.as_str()));
        }
        Ok(text)
    }

    /// # Errors
    /// `stale_state` where a registry is named by an IPv6 address.
    fn require_named_registries(&self) -> Result<()> {
        let mut registries = self.images.iter().map(|image| image.registry.as_str());
        let Some(address) = registries.find(|registry| registry.starts_with('[')) else {
            return Ok(());
        };
        Err(refused(&format!(
            "the registry `{address}` is named by an IPv6 address, which tools do not find in this \
             format: give it a host name"
        )))
    }

    /// A comment that says where the file is from.
    fn heading(&self) -> String {
        format!("# Release {} ({})\n", self.release_name, self.release_id)
    }

    /// The entries, so that none replaces what another one has: short names come first.
    fn overrides(&self) -> Result<Vec<ImageOverride>> {
        let mut full: BTreeMap<String, &ImageDigest> = BTreeMap::new();
        let mut short: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for image in &self.images {
            let name = image.full_name();
            if full.insert(name.clone(), &image.digest).is_some_and(|seen| *seen != image.digest) {
                return Err(ambiguous(&format!("`{name}` is there with two digests")));
            }
            for other in short_names(&name, image) {
                short.entry(other).or_default().insert(name.clone());
            }
        }
        let digest = |name: &String| full.get(name).copied().cloned();
        let short = short.into_iter().filter_map(|(name, of)| {
            let mut of = of.into_iter();
            let (Some(new_name), None) = (of.next(), of.next()) else { return None };
            let digest = digest(&new_name)?;
            // A name that another image has as a whole means that one.
            let is_free = !full.contains_key(&name);
            is_free.then_some(ImageOverride { name, new_name: Some(new_name), digest })
        });
        let whole = full.iter().map(|(name, digest)| ImageOverride {
            name: name.clone(),
            new_name: None,
            digest: (*digest).clone(),
        });
        told_apart(short.chain(whole).collect())
    }
}

impl ImageOverride {
    /// The name of the image as a whole.
    fn whole(&self) -> &str {
        self.new_name.as_deref().unwrap_or(&self.name)
    }

    /// Whether kustomize takes the name of `other`, which is another image, for this one's.
    fn is_taken_for(&self, other: &Self) -> bool {
        let (pattern, name) = (self.name.as_bytes(), other.name.as_bytes());
        let is_same = |(pattern, byte): (&u8, &u8)| *pattern == b'.' || pattern == byte;
        self.whole() != other.whole()
            && pattern.len() == name.len()
            && pattern.iter().zip(name).all(is_same)
    }
}

/// `all` but for the short names that kustomize would take for other images' too.
///
/// # Errors
/// `stale_state` where it would take the whole name of an image for that of another one.
fn told_apart(all: Vec<ImageOverride>) -> Result<Vec<ImageOverride>> {
    let taken = |one: &ImageOverride| all.iter().find(|other| one.is_taken_for(other));
    let mut whole = all.iter().filter(|one| one.new_name.is_none());
    if let Some((one, other)) = whole.find_map(|one| Some((one, taken(one)?))) {
        let names = format!("`{}` is `{}` too, by its dots", one.name, other.name);
        return Err(ambiguous(&names));
    }
    let is_clear: Vec<_> = all.iter().map(|one| taken(one).is_none()).collect();
    Ok(all
        .into_iter()
        .zip(is_clear)
        .filter_map(|(one, is_clear)| is_clear.then_some(one))
        .collect())
}

/// How else the image `name` may be written.
fn short_names(name: &str, image: &PinnedImage) -> Vec<String> {
    let official = name.strip_prefix(OFFICIAL).map(str::to_owned);
    [image.repository.to_string()].into_iter().chain(official).collect()
}

fn ambiguous(what: &str) -> Error {
    refused(&format!("{what}, which this format can't tell apart"))
}

fn refused(why: &str) -> Error {
    Error::new(Code::StaleState, format!("{why}, or take `format=json`"))
}

/// `text` in double quotes. Names, digests and registries have no character that needs more.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            ' '..='~' => quoted.push(character),
            _ => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(character));
            }
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use slipway_domain::{GenerateId, Timestamp};

    use super::*;
    use crate::id::{ComponentId, ReleaseBundleId};

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn image(name: &str, at: &str, digit: char) -> PinnedImage {
        let (registry, repository) = at.split_once('/').unwrap();
        let digest: ImageDigest =
            format!("sha256:{}", digit.to_string().repeat(64)).parse().unwrap();
        PinnedImage {
            name: name.parse().unwrap(),
            component_id: ComponentId::generate(NOW, [1; 10]),
            image: format!("{at}@{digest}"),
            registry: registry.parse().unwrap(),
            repository: repository.parse().unwrap(),
            digest,
            tag: "v1".parse().unwrap(),
            version: None,
            channel: None,
        }
    }

    fn manifest(images: Vec<PinnedImage>) -> BundleManifest {
        BundleManifest {
            release_id: ReleaseBundleId::generate(NOW, [2; 10]),
            release_name: "myapp-v2".parse().unwrap(),
            images,
        }
    }

    /// The names that a kustomization replaces, and by what.
    fn replaced(images: Vec<PinnedImage>) -> Vec<(String, Option<String>)> {
        let overrides = manifest(images).overrides().unwrap();
        overrides.into_iter().map(|it| (it.name, it.new_name)).collect()
    }

    fn pair(name: &str, new_name: Option<&str>) -> (String, Option<String>) {
        (name.to_owned(), new_name.map(str::to_owned))
    }

    #[test]
    fn an_image_is_replaced_by_its_whole_name_and_by_its_repository() {
        let images = vec![image("api", "ghcr.io/myorg/api", 'a')];
        let expected =
            [pair("myorg/api", Some("ghcr.io/myorg/api")), pair("ghcr.io/myorg/api", None)];
        assert_eq!(replaced(images), expected);
        let names = replaced(vec![image("web", "docker.io/library/nginx", 'a')]);
        let whole = Some("docker.io/library/nginx");
        let expected = [
            pair("library/nginx", whole),
            pair("nginx", whole),
            pair("docker.io/library/nginx", None),
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn a_short_name_that_two_images_have_means_neither() {
        let images = vec![image("a", "ghcr.io/org/api", 'a'), image("b", "quay.io/org/api", 'b')];
        assert_eq!(
            replaced(images),
            [pair("ghcr.io/org/api", None), pair("quay.io/org/api", None)]
        );
    }

    #[test]
    fn one_repository_with_one_digest_is_there_once_and_with_two_it_is_refused() {
        let twice = vec![image("a", "ghcr.io/api", 'a'), image("b", "ghcr.io/api", 'a')];
        assert_eq!(replaced(twice).len(), 2);
        let two = manifest(vec![image("a", "ghcr.io/api", 'a'), image("b", "ghcr.io/api", 'b')]);
        let refused = two.to_kustomize().unwrap_err();
        assert_eq!(refused.code(), Code::StaleState);
        assert!(refused.message().contains("ghcr.io/api"), "{}", refused.message());
        assert!(two.to_compose().is_ok());
    }

    #[test]
    fn two_components_of_one_name_are_no_services() {
        let two = manifest(vec![image("a", "ghcr.io/a", 'a'), image("a", "ghcr.io/b", 'b')]);
        assert_eq!(two.to_compose().unwrap_err().code(), Code::StaleState);
        assert!(two.to_kustomize().is_ok());
    }

    #[test]
    fn a_registry_that_is_an_ipv6_address_is_refused_by_both_formats() {
        for registry in ["[2001:db8::1]", "[2001:db8::1]:5000"] {
            let there = manifest(vec![
                image("a", "ghcr.io/a", 'a'),
                image("b", &format!("{registry}/b"), 'b'),
            ]);
            for refused in [there.to_compose(), there.to_kustomize()] {
                let refused = refused.unwrap_err();
                assert_eq!(refused.code(), Code::StaleState);
                assert!(refused.message().contains(registry), "{}", refused.message());
            }
        }
        assert!(manifest(vec![image("a", "192.0.2.1:5000/a", 'a')]).to_kustomize().is_ok());
    }

    #[test]
    fn a_dot_that_kustomize_takes_for_another_images_character_leads_to_no_wrong_digest() {
        let two = |left, right| vec![image("a", left, 'a'), image("b", right, 'b')];
        let clash = manifest(two("ghcr.io/a.b/api", "ghcr.io/a-b/api")).to_kustomize();
        assert_eq!(clash.unwrap_err().code(), Code::StaleState);
        // The short name would replace the other's; that one's own is clear.
        assert_eq!(
            replaced(two("ghcr.io/a.b/api", "quay.io/a-b/api")),
            [
                pair("a-b/api", Some("quay.io/a-b/api")),
                pair("ghcr.io/a.b/api", None),
                pair("quay.io/a-b/api", None)
            ]
        );
    }

    #[test]
    fn a_text_is_quoted_whatever_it_has() {
        for (text, written) in [
            ("on", r#""on""#),
            ("a\"b\\c", r#""a\"b\\c""#),
            ("a\nb: é", r#""a\U0000000Ab: \U000000E9""#),
        ] {
            assert_eq!(quoted(text), written);
        }
    }

    #[test]
    fn the_files_say_where_they_are_from() {
        let manifest = manifest(vec![image("on", "ghcr.io/on", 'a')]);
        let digest = "a".repeat(64);
        let id = &manifest.release_id;
        let compose = format!(
            "# Release myapp-v2 ({id})\nservices:\n  \"on\":\n    image: \"ghcr.io/on@sha256:{digest}\"\n"
        );
        assert_eq!(manifest.to_compose().unwrap(), compose);
        let kustomize = format!(
            "# Release myapp-v2 ({id})\nimages:\n  - name: \"on\"\n    newName: \"ghcr.io/on\"\n    digest: \"sha256:{digest}\"\n  - name: \"ghcr.io/on\"\n    digest: \"sha256:{digest}\"\n"
        );
        assert_eq!(manifest.to_kustomize().unwrap(), kustomize);
    }
}
