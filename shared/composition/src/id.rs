//! Ids of release bundles and what belongs to them: UUIDs with hyphens (RFC 9562), version 7, as
//! the rest of `/api/v1` has them.

use slipway_domain::text::string_newtype;
use slipway_domain::{GenerateId, Timestamp};

/// Whether `text` is a UUID with hyphens, in lower case.
fn is_uuid(text: &str) -> bool {
    uuid::Uuid::try_parse(text).is_ok_and(|uuid| uuid.hyphenated().to_string() == text)
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident, $example:literal, $what:literal) => {
        string_newtype! {
            $(#[$doc])*
            #[schemars(extend("examples" = [$example], "format" = "uuid"))]
            $name, what = $what,
            rule = "a UUID with hyphens in lower case, as in `0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e0f`",
            pattern = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", check = is_uuid
        }

        impl GenerateId for $name {
            fn generate(now: Timestamp, entropy: [u8; 10]) -> Self {
                let millis = u64::try_from(now.as_millisecond()).unwrap_or_default();
                let uuid = uuid::Builder::from_unix_timestamp_millis(millis, &entropy).into_uuid();
                Self(uuid.hyphenated().to_string())
            }
        }
    };
}

uuid_id! {
    /// Id of a component.
    ComponentId, "0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e20", "a component's id"
}
uuid_id! {
    /// Id of a version map.
    VersionMapId, "0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e21", "a version map's id"
}
uuid_id! {
    /// Id of a release bundle, which `/api/v1` calls a release.
    ReleaseBundleId, "0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e22", "a release's id"
}
uuid_id! {
    /// Id of an environment.
    EnvironmentId, "0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e23", "an environment's id"
}
uuid_id! {
    /// Id of a promotion.
    PromotionId, "0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e24", "a promotion's id"
}
uuid_id! {
    /// Id of an integration.
    IntegrationId, "0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e25", "an integration's id"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_uuid_of_version_7_with_hyphens() {
        let now: Timestamp = "2026-01-10T14:23:45Z".parse().unwrap();
        let id = ComponentId::generate(now, [0xab; 10]);
        assert_eq!(id.as_str(), "019ba84a-ad68-7bab-abab-abababababab");
        assert_eq!(id.as_str().parse::<ComponentId>().unwrap(), id);
    }

    #[test]
    fn other_forms_of_a_uuid_are_none() {
        for text in [
            "",
            "uuid",
            "019ba84aad687bababababababababab",
            "019BA84A-AD68-7BAB-ABAB-ABABABABABAB",
            "{019ba84a-ad68-7bab-abab-abababababab}",
            "urn:uuid:019ba84a-ad68-7bab-abab-abababababab",
        ] {
            assert!(text.parse::<ComponentId>().is_err(), "{text}");
        }
    }
}
