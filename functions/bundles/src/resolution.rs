//! What becomes of the components that a request names: images, pinned by digest.

use slipway_catalog::{ResolvedComponents, Writer};
use slipway_composition::{
    BundleComponent, Component, ComponentSelection, MAX_COMPONENTS_OF_A_BUNDLE,
    NewBundleFromLatest, selections_of,
};
use slipway_domain::{Code, Error, Result};

/// What `components` mean now.
///
/// # Errors
/// `invalid_field`, `not_found` or `unresolvable_component`, at the place of the component.
pub(crate) async fn resolve(
    catalog: &Writer,
    components: Vec<ComponentSelection>,
) -> Result<ResolvedComponents> {
    let selections = selections_of(components)?;
    let seen = catalog.component_uses().await?;
    let field = |place| format!("components[{place}]");
    let components = catalog.resolve_components(&selections, field).await?;
    Ok(ResolvedComponents { seen, components })
}

/// The latest versions of components, and others as they are deployed.
///
/// # Errors
/// `invalid_field`, `not_found`, `stale_state` or `unresolvable_component`.
pub(crate) async fn resolve_latest(
    catalog: &Writer,
    new: &NewBundleFromLatest,
) -> Result<ResolvedComponents> {
    new.require_component_ids()?;
    let seen = catalog.component_uses().await?;
    let latest = latest_of(catalog, new).await?;
    let field = |place| match &new.component_ids {
        Some(_) => format!("componentIds[{place}]"),
        None => "componentIds".to_owned(),
    };
    let mut components = catalog.resolve_components(&new.selections(&latest), field).await?;
    components.extend(pinned_beside(catalog, new).await?);
    require_room(components.len())?;
    components.sort_by(|a, b| a.component_name.cmp(&b.component_name));
    Ok(ResolvedComponents { seen, components })
}

/// The components that are taken at their latest version.
async fn latest_of(catalog: &Writer, new: &NewBundleFromLatest) -> Result<Vec<Component>> {
    if let Some(ids) = &new.component_ids {
        return catalog.get_components(ids, |place| format!("componentIds[{place}]")).await;
    }
    let all = catalog.list_components().await?;
    require_room(all.len())?;
    Ok(all)
}

/// The components that are taken as they are deployed: those that `componentIds` does not name.
async fn pinned_beside(
    catalog: &Writer,
    new: &NewBundleFromLatest,
) -> Result<Vec<BundleComponent>> {
    let Some(from) = &new.pin_from else { return Ok(Vec::new()) };
    let deployed = catalog.deployed_components(&from.environment_id).await;
    let mut pinned = deployed.map_err(|error| error.at("pinFrom.environmentId"))?;
    pinned.retain(|component| match &new.component_ids {
        Some(named) => !named.contains(&component.component_id),
        None => false,
    });
    // Where each is pulled from is fixed anew, when this release becomes ready.
    for component in &mut pinned {
        component.registry = None;
    }
    Ok(pinned)
}

fn require_room(components: usize) -> Result<()> {
    const MAX: usize = MAX_COMPONENTS_OF_A_BUNDLE;
    match components {
        0 => Err(Error::new(Code::StaleState, "there is no component; create one first")),
        1..=MAX => Ok(()),
        _ => {
            let message = format!("{components} components; a release has at most {MAX}");
            Err(Error::invalid("componentIds", message))
        }
    }
}
