//! The Lambda function `tenant-list`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_tenants::TenantList>()
}
