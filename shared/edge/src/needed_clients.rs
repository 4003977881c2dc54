//! The SDK clients that a function needs, by what its capabilities grant.

use std::collections::BTreeSet;

use slipway_aws::Clients;

use crate::permissions::Grant;

/// Makes the clients that a function with `grants` uses, and no others. During INIT, when Lambda
/// gives full CPU, that costs less time than with the first request.
pub(crate) fn make_needed_clients(clients: &Clients, grants: &BTreeSet<Grant>) {
    for grant in grants {
        match grant {
            Grant::ReceiveUploads
            | Grant::VerifyUploads
            | Grant::SweepUploads
            | Grant::ServeArtifacts
            | Grant::WriteSnapshots
            | Grant::ReadSnapshots
            | Grant::DeleteSnapshots => clients.s3.make(),
            Grant::OpenDecisionKey
            | Grant::SignSnapshots
            | Grant::SealWebhooks
            | Grant::OpenWebhooks => clients.kms.make(),
            Grant::ReadIntegrationSecrets => clients.parameters.make(),
            Grant::InvokeJob(_) | Grant::DispatchRows => clients.lambda.make(),
            // The client for DynamoDB is there.
            Grant::ReadCatalog
            | Grant::ReadCredentials
            | Grant::ReadTrustRules
            | Grant::ReadKeyRing
            | Grant::ReadDecisionFacts
            | Grant::ReadAdoption
            | Grant::ReadReportedReleases
            | Grant::WriteCatalog => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which clients are made for `grants`: of S3, KMS, SSM and Lambda.
    fn made(grants: &[Grant]) -> [bool; 4] {
        let local = slipway_aws::Local {
            dynamodb_url: "http://127.0.0.1:9".to_owned(),
            s3_url: "http://127.0.0.1:9".to_owned(),
            s3_public_url: None,
            lambda_url: "http://127.0.0.1:9".to_owned(),
            access_key_id: "none".to_owned(),
            secret_access_key: "none".to_owned(),
        };
        let clients = Clients::local(&local);
        make_needed_clients(&clients, &grants.iter().copied().collect());
        let Clients { s3, kms, parameters, lambda, .. } = &clients;
        [s3.is_made(), kms.is_made(), parameters.is_made(), lambda.is_made()]
    }

    #[test]
    fn clients_are_made_for_what_is_granted_and_for_nothing_else() {
        assert_eq!(made(&[Grant::ReadCatalog, Grant::WriteCatalog]), [false; 4]);
        let decision = [Grant::ReadDecisionFacts, Grant::ReadKeyRing, Grant::OpenDecisionKey];
        assert_eq!(made(&decision), [false, true, false, false]);
        assert_eq!(made(&[Grant::ServeArtifacts]), [true, false, false, false]);
        assert_eq!(made(&[Grant::ReadIntegrationSecrets]), [false, false, true, false]);
        assert_eq!(made(&[Grant::InvokeJob("sync")]), [false, false, false, true]);
    }
}
