//! The Lambda function `tenant-update`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_tenants::TenantUpdate>()
}
