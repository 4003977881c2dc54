//! Where a secret is kept: the only thing that is stored of it.

use slipway_domain::text::string_newtype;

string_newtype! {
    /// Where a secret is kept, of which nothing else is stored: the name or ARN of a parameter in
    /// SSM's Parameter Store, the ARN of a secret in Secrets Manager, or `file:` and a name for the
    /// local stack. At most 512 characters.
    SecretReference, what = "a reference to a secret",
    rule = "the name or ARN of an SSM parameter, as in `/slipway/prod/integrations/docker-hub`, the ARN of a secret in Secrets Manager, or, for the local stack, `file:` and a name",
    pattern = r"^(?=.{1,512}$)(file:[A-Za-z0-9][A-Za-z0-9._-]{0,127}|(arn:aws[a-z-]*:ssm:[a-z0-9-]+:[0-9]{12}:parameter)?(/[A-Za-z0-9._-]+)+|arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*-[A-Za-z0-9]{6})$",
    check = |text| text.len() <= 512 && SecretLocation::of(text).is_some()
}

/// What a [`SecretReference`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretLocation<'a> {
    /// A parameter in SSM's Parameter Store.
    Parameter {
        /// What SSM is asked for: the name or the ARN.
        id: &'a str,
        /// The name, from its first slash on.
        name: &'a str,
        /// Where an ARN says that it is; none for a name, which is where it is asked for.
        place: Option<AwsPlace<'a>>,
    },
    /// A secret in Secrets Manager.
    Secret {
        /// Where it is.
        place: AwsPlace<'a>,
        /// The name, without the six characters that an ARN adds.
        name: &'a str,
    },
    /// A file of a local stack.
    File {
        /// Its name, without a path.
        name: &'a str,
    },
}

/// Where in AWS something is, as an ARN says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AwsPlace<'a> {
    /// The partition, as `aws` or `aws-us-gov`.
    pub partition: &'a str,
    /// The region.
    pub region: &'a str,
    /// The account.
    pub account: &'a str,
}

impl<'a> AwsPlace<'a> {
    /// Where the resource of an account is that `arn` names; none, where it is no such ARN.
    #[must_use]
    pub fn of_arn(arn: &'a str) -> Option<Self> {
        Some(Arn::of(arn)?.place)
    }
}

impl SecretReference {
    /// What it says; none, if it was stored by rules that are no more.
    #[must_use]
    pub fn location(&self) -> Option<SecretLocation<'_>> {
        SecretLocation::of(self.as_str())
    }
}

impl<'a> SecretLocation<'a> {
    fn of(text: &'a str) -> Option<Self> {
        if let Some(name) = text.strip_prefix("file:") {
            return is_file_name(name).then_some(Self::File { name });
        }
        if text.starts_with('/') {
            return is_path(text).then_some(Self::Parameter { id: text, name: text, place: None });
        }
        let arn = Arn::of(text)?;
        match arn.service {
            "ssm" => {
                let name = arn.resource.strip_prefix("parameter")?;
                let place = Some(arn.place);
                is_path(name).then_some(Self::Parameter { id: text, name, place })
            }
            "secretsmanager" => {
                let (name, suffix) = arn.resource.strip_prefix("secret:")?.rsplit_once('-')?;
                let is_suffix =
                    suffix.len() == 6 && suffix.bytes().all(|b| b.is_ascii_alphanumeric());
                let is_name = name.split('/').all(is_segment);
                (is_suffix && is_name).then_some(Self::Secret { place: arn.place, name })
            }
            _ => None,
        }
    }
}

/// An ARN of an account's resource.
struct Arn<'a> {
    service: &'a str,
    place: AwsPlace<'a>,
    resource: &'a str,
}

impl<'a> Arn<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next();
        let (scheme, partition, service) = (next()?, next()?, next()?);
        let (region, account, resource) = (next()?, next()?, next()?);
        let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_partition = partition
            .strip_prefix("aws")
            .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'));
        let is_region = !region.is_empty() && region.bytes().all(is_word);
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        (scheme == "arn" && is_partition && is_region && is_account).then_some(Self {
            service,
            place: AwsPlace { partition, region, account },
            resource,
        })
    }
}

/// A name from its first slash on, of segments that are not empty.
fn is_path(text: &str) -> bool {
    text.strip_prefix('/').is_some_and(|rest| rest.split('/').all(is_segment))
}

fn is_segment(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    !text.is_empty() && text.bytes().all(is_allowed)
}

/// A name that leads nowhere but to a file of a directory: it has no separator, and is neither `.`
/// nor `..`.
fn is_file_name(text: &str) -> bool {
    let first = text.bytes().next();
    text.len() <= 128 && is_segment(text) && first.is_some_and(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(text: &str) -> Option<SecretLocation<'_>> {
        text.parse::<SecretReference>().is_ok().then(|| SecretLocation::of(text)).flatten()
    }

    #[test]
    fn a_parameter_is_named_by_its_path_or_its_arn() {
        let name = "/slipway/prod/integrations/hub";
        let place = None;
        assert_eq!(location(name), Some(SecretLocation::Parameter { id: name, name, place }));
        let id = format!("arn:aws:ssm:eu-central-1:123456789012:parameter{name}");
        let place = AwsPlace::of_arn("arn:aws:s3:eu-central-1:123456789012:a").unwrap();
        let parts = (place.partition, place.region, place.account);
        assert_eq!(parts, ("aws", "eu-central-1", "123456789012"));
        let place = Some(place);
        assert_eq!(location(&id), Some(SecretLocation::Parameter { id: &id, name, place }));
    }

    #[test]
    fn a_secret_is_named_by_its_arn_without_what_that_adds() {
        let arn = "arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:slipway/prod/integrations/hub-a1B2c3";
        let name = "slipway/prod/integrations/hub";
        let (partition, region, account) = ("aws-us-gov", "us-gov-west-1", "123456789012");
        let place = AwsPlace { partition, region, account };
        assert_eq!(location(arn), Some(SecretLocation::Secret { place, name }));
    }

    #[test]
    fn a_file_is_a_name_and_no_path() {
        assert_eq!(location("file:hub.txt"), Some(SecretLocation::File { name: "hub.txt" }));
        for text in [
            "file:",
            "file:..",
            "file:.",
            "file:a/b",
            "file:../a",
            "file:/etc/passwd",
            "file:a\\b",
            "file:a\0",
        ] {
            assert_eq!(location(text), None, "{text}");
        }
    }

    #[test]
    fn all_else_is_no_reference() {
        for text in [
            "",
            "hub",
            "user:password",
            "/",
            "//a",
            "/a/",
            "/a b",
            "arn:aws:ssm",
            "/ä",
            "arn:aws:ssm:eu-central-1:123456789012:parameter",
            "arn:aws:ssm:eu-central-1:12345678901:parameter/a",
            "arn:aws:s3:eu-central-1:123456789012:parameter/a",
            "arn:evil:ssm:eu-central-1:123456789012:parameter/a",
            "arn:aws:secretsmanager:eu-central-1:123456789012:secret:hub",
            "arn:aws:secretsmanager:eu-central-1:123456789012:secret:a//b-a1B2c3",
        ] {
            assert_eq!(location(text), None, "{text}");
        }
        assert_eq!(location(&format!("/{}", "a".repeat(512))), None);
    }
}
