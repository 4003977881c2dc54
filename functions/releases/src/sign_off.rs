//! Changes of releases that may have to wait for sign-off.

use slipway_catalog::{SignOff, SignOffContext};
use slipway_domain::release::Release;
use slipway_edge::capabilities::Writer;
use slipway_edge::{Capabilities, Ctx, Json, MadeOrWaiting, Result};

/// What a request for approval is recorded with, should the change need it.
pub(crate) fn sign_off(ctx: &Ctx<Capabilities<Writer>>) -> Result<SignOffContext> {
    Ok(SignOffContext { audit: ctx.audit_beside()?, approval_id: ctx.generate_id()? })
}

/// The response of a change.
pub(crate) fn made_or_waiting(outcome: SignOff<Release>) -> MadeOrWaiting<Json<Release>> {
    match outcome {
        SignOff::Made(release) => MadeOrWaiting::Made(Json(release)),
        SignOff::Waits(approval) => MadeOrWaiting::Waiting(approval),
    }
}
