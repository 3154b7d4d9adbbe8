"""What is not built: every operation of the four models that no function answers, with its reason.

This list shrinks; a test holds it against the registry, so an operation is either registered or listed.
"""

from collections.abc import Iterator, Mapping

_MFA = "second factors are not built: OPTIONAL asks for none, ON is refused at creation"
_PASSKEYS = "passkeys are not built"
_DEVICES = "device tracking is not built: sign-ins remember no device"
_FEDERATION = "identity providers and linked users are not built"
_BRANDING = "branding of the hosted pages is not built"
_TERMS = "terms documents of the hosted pages are not built"
_IMPORTS = "user imports from CSV are not built"
_RISK = "threat protection and its event history are not built"
_LOGS = "log delivery is not built"
_LIMITS = "provisioned limits mean nothing on a server of one's own yet"
_REPLICAS = "replicas of pools in other regions are not built"
_SESSIONS = "listing and revoking single sessions is not built"
_SECRETS = "several secrets for one client are not built: a client has the one it was made with"
_MACHINES = "tokens for machine clients through the API are not built; the token endpoint gives them"
_TAGS = "tags are not built"
_SCHEMA = "changing a pool's attributes after its creation is not built"
_DEVELOPERS = "developer-authenticated identities are not built"
_IDENTITIES = "looking at, listing, deleting and unlinking identities is not built"
_PRINCIPAL_TAGS = "attributes as principal tags are not built"
_SYNC = "Cognito Sync is not built"
_STS = "only the operations of the web-identity way are built"
_OUTBOUND = "AWS keeps it off until an account enables it; it is not built"

_BY_REASON: Mapping[str, Mapping[str, str]] = {
    "cognito-idp": {
        _MFA: "AdminDeleteSoftwareToken AdminGetUserAuthFactors AdminSetUserMFAPreference AdminSetUserSettings"
        " AssociateSoftwareToken GetUserAuthFactors GetUserPoolMfaConfig SetUserMFAPreference SetUserPoolMfaConfig"
        " SetUserSettings VerifySoftwareToken",
        _PASSKEYS: "CompleteWebAuthnRegistration DeleteWebAuthnCredential ListWebAuthnCredentials"
        " StartWebAuthnRegistration",
        _DEVICES: "AdminForgetDevice AdminGetDevice AdminListDevices AdminUpdateDeviceStatus ConfirmDevice"
        " ForgetDevice GetDevice ListDevices UpdateDeviceStatus",
        _FEDERATION: "AdminDisableProviderForUser AdminLinkProviderForUser CreateIdentityProvider"
        " DeleteIdentityProvider DescribeIdentityProvider GetIdentityProviderByIdentifier GetSigningCertificate"
        " ListIdentityProviders UpdateIdentityProvider",
        _BRANDING: "CreateManagedLoginBranding DeleteManagedLoginBranding DescribeManagedLoginBranding"
        " DescribeManagedLoginBrandingByClient GetUICustomization SetUICustomization UpdateManagedLoginBranding",
        _TERMS: "CreateTerms DeleteTerms DescribeTerms DescribeTermsByClient ListTerms UpdateTerms",
        _IMPORTS: "CreateUserImportJob DescribeUserImportJob GetCSVHeader ListUserImportJobs StartUserImportJob"
        " StopUserImportJob",
        _RISK: "AdminListUserAuthEvents AdminUpdateAuthEventFeedback DescribeRiskConfiguration"
        " SetRiskConfiguration UpdateAuthEventFeedback",
        _LOGS: "GetLogDeliveryConfiguration SetLogDeliveryConfiguration",
        _LIMITS: "GetProvisionedLimit UpdateProvisionedLimit",
        _REPLICAS: "CreateUserPoolReplica DeleteUserPoolReplica ListUserPoolReplicas UpdateUserPoolReplica",
        _SESSIONS: "AdminListUserSessions AdminRevokeUserSession GetUserPoolClientSessionConfiguration"
        " GetUserPoolSessionConfiguration ListUserSessions RevokeUserSession SetUserPoolClientSessionConfiguration"
        " SetUserPoolSessionConfiguration",
        _SECRETS: "AddUserPoolClientSecret DeleteUserPoolClientSecret ListUserPoolClientSecrets",
        _MACHINES: "GetClientToken GetDerivedToken",
        _TAGS: "ListTagsForResource TagResource UntagResource",
        _SCHEMA: "AddCustomAttributes",
    },
    "cognito-identity": {
        _DEVELOPERS: "GetOpenIdTokenForDeveloperIdentity LookupDeveloperIdentity MergeDeveloperIdentities"
        " UnlinkDeveloperIdentity",
        _IDENTITIES: "DeleteIdentities DescribeIdentity ListIdentities UnlinkIdentity",
        _PRINCIPAL_TAGS: "GetPrincipalTagAttributeMap SetPrincipalTagAttributeMap",
        _TAGS: "ListTagsForResource TagResource UntagResource",
    },
    "cognito-sync": {
        _SYNC: "BulkPublish DeleteDataset DescribeDataset DescribeIdentityPoolUsage DescribeIdentityUsage"
        " GetBulkPublishDetails GetCognitoEvents GetIdentityPoolConfiguration ListDatasets ListIdentityPoolUsage"
        " ListRecords RegisterDevice SetCognitoEvents SetIdentityPoolConfiguration SubscribeToDataset"
        " UnsubscribeFromDataset UpdateRecords",
    },
    "sts": {
        _STS: "DecodeAuthorizationMessage GetAccessKeyInfo GetFederationToken GetSessionToken",
        _OUTBOUND: "AssumeRoot GetDelegatedAccessToken GetWebIdentityToken",
    },
}


def _one_by_one() -> Iterator[tuple[tuple[str, str], str]]:
    for service, reasons in _BY_REASON.items():
        for reason, names in reasons.items():
            for name in names.split():
                yield (service, name), reason


ABSENT: Mapping[tuple[str, str], str] = dict(_one_by_one())
"""(service, operation) to the reason why it is not built."""


def reason(service: str, operation: str) -> str:
    """Why an operation is not built. Raises KeyError for one that is not listed."""
    return ABSENT[service, operation]
