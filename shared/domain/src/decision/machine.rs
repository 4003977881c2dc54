//! What runs on the client's machine: what is built for it and, where the product allows it, what
//! its operating system emulates.

use std::collections::BTreeSet;

use super::UpdateCheck;
use crate::channel_head::Target;
use crate::product::Product;
use crate::release::ReleaseArtifact;

impl UpdateCheck {
    /// Whether something that is built for one of `targets` runs on the client's machine.
    #[must_use]
    pub fn runs_any(&self, targets: &BTreeSet<Target>, product: Option<&Product>) -> bool {
        targets.iter().any(|target| self.runs(*target, product))
    }

    /// Whether what runs on `target` runs on the client's machine, be it emulated.
    pub(super) fn runs(&self, target: Target, product: Option<&Product>) -> bool {
        self.fits(target) || self.emulates(target, product)
    }

    /// Whether what runs on `target` runs on the client's platform and architecture, as far as the
    /// client named them.
    fn fits(&self, target: Target) -> bool {
        self.is_on_platform_of(target)
            && self.arch.is_ok_and(|named| named.is_none_or(|it| target.arch.runs_on(it)))
    }

    /// Whether the client's operating system emulates what runs on `target`, and the product lets
    /// it.
    fn emulates(&self, target: Target, product: Option<&Product>) -> bool {
        product.is_some_and(|product| product.allow_emulation)
            && self.is_on_platform_of(target)
            && matches!(self.arch, Ok(Some(it)) if target.arch.is_emulated_on(target.platform, it))
    }

    fn is_on_platform_of(&self, target: Target) -> bool {
        self.platform.is_ok_and(|named| named.is_none_or(|it| it == target.platform))
    }

    /// Those of a release's artifacts that the client is offered: those that are built for its
    /// machine; where there are none, those that it emulates, of one architecture.
    pub(super) fn offered<'a>(
        &self,
        artifacts: &'a [ReleaseArtifact],
        product: Option<&Product>,
    ) -> Vec<&'a ReleaseArtifact> {
        let all = artifacts.iter();
        let native: Vec<_> = all.filter(|artifact| self.fits((*artifact).into())).collect();
        if !native.is_empty() {
            return native;
        }
        let emulated = artifacts.iter().filter(|one| self.emulates((*one).into(), product));
        // 64-bit x86 comes before 32-bit x86.
        let arch = emulated.clone().map(|artifact| artifact.arch).min();
        emulated.filter(|artifact| Some(artifact.arch) == arch).collect()
    }
}
