//! The Lambda function `tenant-policies`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_policies::TenantPolicies>()
}
