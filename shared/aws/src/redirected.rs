//! An HTTP client that dials a server somewhere else than at the URL that it is known by: the local
//! S3 signs and is asked under the URL that clients use, which may lead through a proxy.

use aws_sdk_s3::config::{HttpClient, RuntimeComponents, SharedHttpClient};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;

/// `client`, for which the server known as `public` is at `dialled`, both base URLs.
pub(crate) fn redirected(
    client: SharedHttpClient,
    public: &str,
    dialled: &str,
) -> SharedHttpClient {
    let (public, dialled) = (public.to_owned(), dialled.to_owned());
    SharedHttpClient::new(Redirected { client, public, dialled })
}

#[derive(Debug)]
struct Redirected {
    client: SharedHttpClient,
    public: String,
    dialled: String,
}

impl HttpClient for Redirected {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(RedirectedConnector {
            connector: self.client.http_connector(settings, components),
            public: self.public.clone(),
            dialled: self.dialled.clone(),
        })
    }
}

#[derive(Debug)]
struct RedirectedConnector {
    connector: SharedHttpConnector,
    public: String,
    dialled: String,
}

impl RedirectedConnector {
    /// The request to where the server is. Its `Host` stays the one that was signed.
    fn redirect(&self, mut request: HttpRequest) -> Result<HttpRequest, ConnectorError> {
        let Some(path) = request.uri().strip_prefix(&self.public).map(str::to_owned) else {
            return Ok(request);
        };
        let host = self.public.split_once("://").map_or(&*self.public, |(_, host)| host);
        request.headers_mut().insert("host", host.to_owned());
        let uri = format!("{}{path}", self.dialled);
        request.set_uri(uri).map_err(|error| ConnectorError::user(error.into()))?;
        Ok(request)
    }
}

impl HttpConnector for RedirectedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match self.redirect(request) {
            Ok(request) => self.connector.call(request),
            Err(error) => HttpConnectorFuture::ready(Err(error)),
        }
    }
}
