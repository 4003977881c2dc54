//! The rules of decisions, written down a second time: slow, and on plain texts.

use serde_json::{Value, json};
use slipway_domain::decision::InstalledProduct;
use slipway_domain::policy::Policy;
use slipway_domain::product::Product;
use slipway_domain::release::Release;
use slipway_domain::{Sha256, Version};

use crate::catalog::Channels;

/// The fields of a policy, as its JSON has them.
pub struct Rules {
    blocked: Vec<String>,
    pinned: Option<String>,
    pub downgrade: bool,
}

impl From<&Policy> for Rules {
    fn from(policy: &Policy) -> Self {
        let policy = json!(policy);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            blocked: policy["blocked_versions"].as_array().unwrap().iter().map(text).collect(),
            pinned: policy["pinned_range"].as_str().map(str::to_owned),
            downgrade: policy["allow_downgrade"] == true,
        }
    }
}

fn in_range(range: &str, version: &Version) -> bool {
    semver::VersionReq::parse(range).unwrap().matches(&version.to_string().parse().unwrap())
}

impl Rules {
    pub fn block(&self, version: &Version) -> bool {
        self.blocked.iter().any(|blocked| match blocked.parse::<Version>() {
            Ok(blocked) => blocked == *version,
            Err(_) => in_range(blocked, version),
        })
    }

    pub fn allow(&self, version: &Version) -> bool {
        !self.block(version) && self.pinned.as_ref().is_none_or(|range| in_range(range, version))
    }
}

/// The client's place in the rollout of a release, as the documentation has it.
pub fn bucket(release: &Release, client: &str) -> u64 {
    let digest = Sha256::of(format!("{}\0{client}", release.release_id).as_bytes());
    u64::from_be_bytes(*digest.as_bytes().first_chunk().unwrap()) % 10_000
}

pub fn admits(release: &Release, client: Option<&str>) -> bool {
    let share = u64::from(release.rollout.current.basis_points);
    let reached = match client {
        Some(client) => bucket(release, client) < share,
        None => share == 10_000,
    };
    reached && !release.rollout.current.paused
}

/// A name that is none of these fits nothing, not even a universal artifact.
const ARCHES: [&str; 5] = ["x86_64", "x86", "arm64", "armv7", "riscv64"];

/// The name in the API for those of other tools that are asked for here.
fn meaning(name: &str) -> &str {
    match name {
        "darwin" => "macos",
        "aarch64" => "arm64",
        other => other,
    }
}

/// Platform, what the client has, and what runs there all the same.
const EMULATED: [(&str, &str, &str); 5] = [
    ("windows", "arm64", "x86_64"),
    ("windows", "arm64", "x86"),
    ("windows", "x86_64", "x86"),
    ("linux", "x86_64", "x86"),
    ("macos", "arm64", "x86_64"),
];

pub fn fits(release: &Release, asked: &InstalledProduct, product: &Product) -> bool {
    let platform_asked = asked.platform.as_deref().map(meaning);
    let arch_asked = asked.arch.as_deref().map(meaning);
    arch_asked.is_none_or(|asked| ARCHES.contains(&asked))
        && release.artifacts.iter().any(|artifact| {
            let (platform, arch) = (json!(artifact.platform), json!(artifact.arch));
            platform_asked.is_none_or(|asked| platform == asked)
                && arch_asked.is_none_or(|asked| {
                    let is_emulated = product.allow_emulation
                        && EMULATED.iter().any(|case| {
                            let (on, has, runs) = *case;
                            platform == on && asked == has && arch == runs
                        });
                    arch == asked || arch == "universal" || is_emulated
                })
        })
}

/// Whether the client's operating system is new enough, as far as both say. Both are written as one
/// number here, that of the client with more behind it.
pub fn runs(release: &Release, asked: &InstalledProduct) -> bool {
    let metadata = release.metadata.as_ref().map(|metadata| json!(metadata));
    let minimum = metadata.and_then(|metadata| metadata["min_os_version"].as_str()?.parse().ok());
    let installed = asked.os_version.as_ref();
    let installed =
        installed.map(|version| version.split('.').next().unwrap().parse::<u8>().unwrap());
    minimum.zip(installed).is_none_or(|(minimum, installed): (u8, u8)| installed >= minimum)
}

/// Whether the client has what it must have before it is offered the release.
pub fn follows(release: &Release, asked: &InstalledProduct) -> bool {
    let path = json!(release.upgrade_path);
    let minimum = path["min_current_version"].as_str().map(|text| text.parse::<Version>().unwrap());
    minimum.is_none_or(|minimum| minimum <= asked.current_version.parse().unwrap())
}

/// Whether a live release may be offered to the client at all.
pub fn candidate(
    release: &Release,
    rules: &Rules,
    asked: &InstalledProduct,
    product: &Product,
) -> bool {
    rules.allow(&release.version)
        && fits(release, asked, product)
        && runs(release, asked)
        && follows(release, asked)
        && admits(release, asked.client_id.as_deref())
}

/// The release that the client may not skip.
pub fn stepping_stone<'a>(
    channel: &'a Channels,
    asked: &InstalledProduct,
    product: &Product,
) -> Option<&'a Release> {
    let current: Version = asked.current_version.parse().unwrap();
    let required = channel.live.iter().filter(|release| release.upgrade_path.required);
    let above = required.filter(|release| release.version > current);
    above.filter(|release| fits(release, asked, product)).min_by_key(|release| &release.version)
}

/// The version that the client is to be offered.
pub fn offered(
    channel: &Channels,
    policy: &Policy,
    asked: &InstalledProduct,
    product: &Product,
) -> Option<Version> {
    let rules = Rules::from(policy);
    let current: Version = asked.current_version.parse().unwrap();
    let candidates: Vec<_> = channel
        .live
        .iter()
        .filter(|release| candidate(release, &rules, asked, product))
        .map(|release| release.version.clone())
        .collect();
    let stone = stepping_stone(channel, asked, product).map(|stone| &stone.version);
    let is_update =
        |version: &&Version| **version > current && stone.is_none_or(|stone| *version <= stone);
    let above = candidates.iter().filter(is_update).max().cloned();
    let withdrawn = is_withdrawn(channel, policy, &current);
    let below = || candidates.iter().filter(|version| **version < current).max().cloned();
    above.or_else(|| if withdrawn && rules.downgrade { below() } else { None })
}

/// Whether the installed version is revoked or blocked.
pub fn is_withdrawn(channel: &Channels, policy: &Policy, current: &Version) -> bool {
    channel.revoked.iter().any(|release| release.version == *current)
        || Rules::from(policy).block(current)
}
