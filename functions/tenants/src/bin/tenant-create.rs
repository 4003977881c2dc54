//! The Lambda function `tenant-create`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_tenants::TenantCreate>()
}
