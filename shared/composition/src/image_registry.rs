//! The names of registries, as references to images write them.

use slipway_domain::Result;
use slipway_domain::text::string_newtype;

use crate::integration::Endpoint;

/// The hosts of Docker Hub's API, whose images all tools write with `docker.io`.
const DOCKER_HUB: [&str; 3] = ["registry-1.docker.io", "index.docker.io", "docker.io"];

string_newtype! {
    /// A registry, as a reference to an image begins with it: host, with its port where one is
    /// needed, as in `ghcr.io`, `docker.io` or `registry.example.com:5000`.
    ImageRegistry, what = "a registry",
    rule = "a host, with its port where that is not 443, as in `ghcr.io`",
    pattern = r"^[a-z0-9._:\[\]-]{1,262}$",
    check = |text| (1..=262).contains(&text.len()) && text.bytes().all(is_of_a_host)
}

fn is_of_a_host(byte: u8) -> bool {
    byte.is_ascii_lowercase()
        || byte.is_ascii_digit()
        || matches!(byte, b'.' | b'_' | b'-' | b':' | b'[' | b']')
}

impl Endpoint {
    /// How references to images name the registry that is here.
    ///
    /// Tools take the first part of a reference for a registry only if it has a `.` or a `:`, or is
    /// `localhost`; any other one they look for at Docker Hub. So a host without either is named
    /// with its port.
    ///
    /// # Errors
    /// `internal` for an endpoint that was stored by rules that are no more.
    pub fn image_registry(&self) -> Result<ImageRegistry> {
        let url = self.to_url()?;
        let host = url.host_str().unwrap_or_default();
        let name = match url.port() {
            None if DOCKER_HUB.contains(&host) => "docker.io".to_owned(),
            None if host.contains(['.', ':']) || host == "localhost" => host.to_owned(),
            port => {
                let port = port.or_else(|| url.port_or_known_default());
                format!("{host}:{}", port.unwrap_or_default())
            }
        };
        name.parse().map_err(slipway_domain::Error::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_is_named_as_tools_that_pull_images_read_it() {
        for (endpoint, name) in [
            ("https://ghcr.io", "ghcr.io"),
            ("https://registry-1.docker.io", "docker.io"),
            ("https://index.docker.io", "docker.io"),
            ("https://registry-1.docker.io.example.com", "registry-1.docker.io.example.com"),
            ("https://registry.example.com:5000", "registry.example.com:5000"),
            ("http://127.0.0.1:5000", "127.0.0.1:5000"),
            ("http://127.0.0.1", "127.0.0.1"),
            ("https://[2001:db8::1]", "[2001:db8::1]"),
            ("http://localhost", "localhost"),
            // `registry/api` would be the image `registry/api` of Docker Hub.
            ("https://registry", "registry:443"),
            ("http://registry", "registry:80"),
            ("http://registry:5000", "registry:5000"),
        ] {
            let endpoint: Endpoint = endpoint.parse().unwrap();
            assert_eq!(endpoint.image_registry().unwrap().as_str(), name);
        }
    }

    #[test]
    fn a_registry_has_no_character_that_a_reference_or_a_text_around_it_reads_otherwise() {
        for text in ["", "ghcr.io/", "ghcr.io@x", "Ghcr.io", "a b", "a\nb", "a\"b", "a#b", "é.io"]
        {
            assert!(text.parse::<ImageRegistry>().is_err(), "{text}");
        }
    }
}
