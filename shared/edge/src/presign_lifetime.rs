//! How long a URL of release-artifact-presign works.

use jiff::SignedDuration;
use slipway_domain::{Error, Result};

/// The default, in seconds.
pub const PRESIGN_EXPIRES_SECONDS: u32 = 900;

/// The longest in a function, in seconds. A function signs with its role's credentials, which end
/// by themselves, and the URL ends with them, whatever it says. Lambda does not tell a function
/// when that is, so a longer life can't be promised.
pub const MAX_PRESIGN_EXPIRES_SECONDS: u32 = 3_600;

/// The lifetime that the setting `name` has as `text`, in seconds; the default where it is not set.
///
/// # Errors
/// `internal` for what is no number from 1 to [`MAX_PRESIGN_EXPIRES_SECONDS`].
pub(crate) fn presign_lifetime(name: &str, text: Option<&str>) -> Result<SignedDuration> {
    let seconds = match text {
        None => Some(PRESIGN_EXPIRES_SECONDS),
        Some(text) => text.parse().ok(),
    };
    let legal = seconds.filter(|seconds| (1..=MAX_PRESIGN_EXPIRES_SECONDS).contains(seconds));
    let seconds = legal.ok_or_else(|| {
        let text = text.unwrap_or_default();
        Error::internal(format!(
            "{name} is `{text}`, not a number of seconds from 1 to {MAX_PRESIGN_EXPIRES_SECONDS}: a URL ends with the credentials of the role that signs it"
        ))
    })?;
    Ok(SignedDuration::from_secs(seconds.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_url_is_promised_to_outlive_the_credentials_of_a_role() {
        let lifetime = |text| presign_lifetime("SLIPWAY_PRESIGN_EXPIRES_SECONDS", text);
        for (text, seconds) in [(None, 900), (Some("1"), 1), (Some("3600"), 3_600)] {
            assert_eq!(lifetime(text).unwrap(), SignedDuration::from_secs(seconds));
        }
        for wrong in ["0", "3601", "86400", "-1", "15m", ""] {
            let refused = format!("{:?}", lifetime(Some(wrong)).unwrap_err());
            assert!(refused.contains("SLIPWAY_PRESIGN_EXPIRES_SECONDS"), "{refused}");
            assert!(refused.contains("from 1 to 3600"), "{wrong}: {refused}");
        }
    }

    #[test]
    fn the_template_takes_no_longer_one() {
        let template = include_str!("../../../template.yaml");
        let (_, parameter) = template.split_once("\n  PresignExpiresSeconds:\n").unwrap();
        let (parameter, _) = parameter.split_once("Description:").unwrap();
        assert!(parameter.contains(&format!("MaxValue: {MAX_PRESIGN_EXPIRES_SECONDS}\n")));
        assert!(parameter.contains(&format!("Default: {PRESIGN_EXPIRES_SECONDS}\n")));
    }
}
