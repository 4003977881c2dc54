//! What differs between two release bundles.

use std::collections::BTreeMap;

use crate::bundle::BundleComponent;
use crate::id::ComponentId;

/// What becomes of the components on the way from one release bundle to another. Each list is
/// sorted by the component's name, and by its id where two have the same.
#[derive(Debug, PartialEq, Eq)]
pub struct Comparison<'a> {
    /// Those that the other bundle has alone.
    pub added: Vec<&'a BundleComponent>,
    /// Those that the first bundle has alone.
    pub removed: Vec<&'a BundleComponent>,
    /// Those that both have, with different digests: before and after.
    pub changed: Vec<(&'a BundleComponent, &'a BundleComponent)>,
}

impl<'a> Comparison<'a> {
    /// What differs between `from` and `to`. The digest alone decides: another tag on the same
    /// digest is no change.
    #[must_use]
    pub fn between(from: &'a [BundleComponent], to: &'a [BundleComponent]) -> Self {
        let (old, new) = (by_id(from), by_id(to));
        let only = |these: &BTreeMap<&'a ComponentId, &'a BundleComponent>,
                    those: &BTreeMap<&'a ComponentId, &'a BundleComponent>| {
            let alone = these.iter().filter(|(id, _)| !those.contains_key(*id));
            sorted(alone.map(|(_, component)| *component).collect(), |component| component)
        };
        let both = old.iter().filter_map(|(id, before)| Some((*before, *new.get(id)?)));
        let changed = both.filter(|(before, after)| before.digest != after.digest).collect();
        Self {
            added: only(&new, &old),
            removed: only(&old, &new),
            changed: sorted(changed, |(_, after)| after),
        }
    }
}

fn by_id(components: &[BundleComponent]) -> BTreeMap<&ComponentId, &BundleComponent> {
    components.iter().map(|component| (&component.component_id, component)).collect()
}

fn sorted<'a, T>(mut list: Vec<T>, component: impl Fn(&T) -> &'a BundleComponent) -> Vec<T> {
    list.sort_by(|a, b| {
        let key = |item| {
            let BundleComponent { component_name, component_id, .. } = component(item);
            (component_name, component_id)
        };
        key(a).cmp(&key(b))
    });
    list
}
