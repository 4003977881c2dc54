//! The object store of a deployment: what it can do, and where it is.

use slipway_aws::{Clients, ObjectStore};
use slipway_domain::{Error, Result};
use slipway_storage::StoreTraits;

/// The object store of a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactStore {
    /// What it can do.
    pub traits: StoreTraits,
    /// Where it is, if that is not Amazon S3 in the deployment's account. A function that touches
    /// no object is not told.
    pub elsewhere: Option<ObjectStore>,
}

impl ArtifactStore {
    /// Amazon S3 in the deployment's account.
    pub const AWS: Self = Self { traits: StoreTraits::AWS, elsewhere: None };

    /// The store that the variables named in [`Settings`](crate::Settings) describe, where
    /// `variable` reads one.
    ///
    /// # Errors
    /// `internal`, naming the variable that is missing or wrong.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let variable = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let traits = match variable("SLIPWAY_STORE").as_deref() {
            None | Some("aws") => return Ok(Self::AWS),
            Some("s3-compatible") => StoreTraits::S3_COMPATIBLE,
            Some("gcs") => StoreTraits::GCS,
            Some(other) => {
                let message =
                    format!("SLIPWAY_STORE is `{other}`, and not `aws`, `s3-compatible` or `gcs`");
                return Err(Error::internal(message));
            }
        };
        let (key, secret) = ("SLIPWAY_STORE_ACCESS_KEY_ID", "SLIPWAY_STORE_SECRET_ACCESS_KEY");
        let credentials = match (variable(key), variable(secret)) {
            (Some(key), Some(secret)) => (key, secret),
            (None, None) => return Ok(Self { traits, elsewhere: None }),
            (None, Some(_)) => return Err(missing(key)),
            (Some(_), None) => return Err(missing(secret)),
        };
        let elsewhere = ObjectStore {
            endpoint_url: variable("SLIPWAY_STORE_ENDPOINT")
                .ok_or_else(|| missing("SLIPWAY_STORE_ENDPOINT"))?,
            region: variable("SLIPWAY_STORE_REGION").unwrap_or_else(|| "us-east-1".to_owned()),
            path_style: is_path_style(variable("SLIPWAY_STORE_ADDRESSING").as_deref())?,
            access_key_id: credentials.0,
            secret_access_key: credentials.1,
        };
        Ok(Self { traits, elsewhere: Some(elsewhere) })
    }

    /// `clients`, of which that for S3 reaches the store.
    #[must_use]
    pub fn reached_by(&self, clients: Clients) -> Clients {
        match &self.elsewhere {
            Some(store) => clients.with_object_store(store),
            None => clients,
        }
    }
}

fn is_path_style(addressing: Option<&str>) -> Result<bool> {
    match addressing {
        None | Some("path") => Ok(true),
        Some("virtual-hosted") => Ok(false),
        Some(other) => Err(Error::internal(format!(
            "SLIPWAY_STORE_ADDRESSING is `{other}`, and not `path` or `virtual-hosted`"
        ))),
    }
}

fn missing(name: &str) -> Error {
    Error::internal(format!("the environment variable {name} is not set"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<ArtifactStore> {
        let find = |name: &str| variables.iter().find(|(one, _)| *one == name);
        ArtifactStore::from_variables(|name| find(name).map(|(_, value)| (*value).to_owned()))
    }

    const MINIO: [(&str, &str); 4] = [
        ("SLIPWAY_STORE", "s3-compatible"),
        ("SLIPWAY_STORE_ENDPOINT", "https://minio.example.com"),
        ("SLIPWAY_STORE_ACCESS_KEY_ID", "access"),
        ("SLIPWAY_STORE_SECRET_ACCESS_KEY", "secret"),
    ];

    #[test]
    fn without_a_variable_it_is_amazon_s3() {
        assert_eq!(read(&[]).unwrap(), ArtifactStore::AWS);
        // As a template sets what its parameter leaves blank.
        assert_eq!(read(&[("SLIPWAY_STORE", " ")]).unwrap(), ArtifactStore::AWS);
    }

    #[test]
    fn another_store_has_a_place_and_credentials() {
        let store = read(&MINIO).unwrap();
        assert_eq!(store.traits, StoreTraits::S3_COMPATIBLE);
        let elsewhere = store.elsewhere.unwrap();
        assert_eq!(elsewhere.endpoint_url, "https://minio.example.com");
        assert!(elsewhere.path_style && elsewhere.region == "us-east-1");
        let hosted =
            read(&[&MINIO[..], &[("SLIPWAY_STORE_ADDRESSING", "virtual-hosted")]].concat());
        assert!(!hosted.unwrap().elsewhere.unwrap().path_style);
    }

    #[test]
    fn a_function_without_credentials_knows_what_the_store_can_do_and_not_where_it_is() {
        let store = read(&[("SLIPWAY_STORE", "gcs")]).unwrap();
        assert_eq!(store, ArtifactStore { traits: StoreTraits::GCS, elsewhere: None });
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        for missing in &MINIO[1..] {
            let others: Vec<_> = MINIO.into_iter().filter(|one| one != missing).collect();
            let refused = format!("{:?}", read(&others).unwrap_err());
            assert!(refused.contains(missing.0), "{refused}");
        }
        for (name, wrong) in [("SLIPWAY_STORE", "azure"), ("SLIPWAY_STORE_ADDRESSING", "dns")] {
            let others = MINIO.into_iter().filter(|(one, _)| *one != name);
            let variables: Vec<_> = others.chain([(name, wrong)]).collect();
            let refused = format!("{:?}", read(&variables).unwrap_err());
            assert!(refused.contains(name) && refused.contains(wrong), "{refused}");
        }
    }
}
