//! Endpoints of tenants: one file each.

mod create;
mod get;
mod list;
mod update;

pub use create::TenantCreate;
pub use get::TenantGet;
pub use list::TenantList;
pub use update::TenantUpdate;
