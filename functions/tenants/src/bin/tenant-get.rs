//! The Lambda function `tenant-get`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_tenants::TenantGet>()
}
