"""What is not built: every operation of the five models that no function answers, with its reason.

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
_SYNC = "Cognito Sync is not built"
_GROUPS = "IAM groups are not built: policies are given to users and roles"
_INSTANCES = "instance profiles are for machines of EC2, which do not exist here"
_CONSOLE = "the AWS console does not exist here: the account has no alias, users no console password"
_DEVICES_OF_USERS = "second factors of IAM users are not built: their keys are for programs"
_CERTIFICATES = "keys of other kinds (SSH, X.509, service-specific) open AWS services that do not exist here"
_SERVICE_ROLES = "service-linked roles belong to AWS services that do not exist here"
_REPORTS = "reports of what was used when are not built"
_ORGANIZATIONS = "an account here stands alone: organizations, delegation and their features are not built"
_TEMPLATES = "roles made from templates are not built"
_WHOLE = "the whole account in one answer is not built: list roles, users and policies"
_OUTBOUND_SWITCH = "tokens of the account for the outside are not built, so there is nothing to switch on"

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
    "cognito-sync": {
        _SYNC: "BulkPublish DeleteDataset DescribeDataset DescribeIdentityPoolUsage DescribeIdentityUsage"
        " GetBulkPublishDetails GetCognitoEvents GetIdentityPoolConfiguration ListDatasets ListIdentityPoolUsage"
        " ListRecords RegisterDevice SetCognitoEvents SetIdentityPoolConfiguration SubscribeToDataset"
        " UnsubscribeFromDataset UpdateRecords",
    },
    "iam": {
        _GROUPS: "AddUserToGroup AttachGroupPolicy CreateGroup DeleteGroup DeleteGroupPolicy DetachGroupPolicy"
        " GetGroup GetGroupPolicy ListAttachedGroupPolicies ListGroupPolicies ListGroups PutGroupPolicy"
        " RemoveUserFromGroup UpdateGroup",
        _INSTANCES: "AddRoleToInstanceProfile CreateInstanceProfile DeleteInstanceProfile GetInstanceProfile"
        " ListInstanceProfileTags ListInstanceProfiles RemoveRoleFromInstanceProfile TagInstanceProfile"
        " UntagInstanceProfile",
        _CONSOLE: "ChangePassword CreateAccountAlias CreateLoginProfile DeleteAccountAlias DeleteAccountPasswordPolicy"
        " GetAccountPasswordPolicy UpdateAccountPasswordPolicy UpdateLoginProfile",
        _DEVICES_OF_USERS: "CreateVirtualMFADevice DeactivateMFADevice DeleteVirtualMFADevice EnableMFADevice GetMFADevice"
        " ListMFADeviceTags ResyncMFADevice TagMFADevice UntagMFADevice",
        _CERTIFICATES: "CreateServiceSpecificCredential DeleteSSHPublicKey DeleteServerCertificate"
        " DeleteServiceSpecificCredential DeleteSigningCertificate GetSSHPublicKey GetServerCertificate"
        " ListServerCertificateTags ListServerCertificates ResetServiceSpecificCredential TagServerCertificate"
        " UntagServerCertificate UpdateSSHPublicKey UpdateServerCertificate UpdateServiceSpecificCredential"
        " UpdateSigningCertificate UploadSSHPublicKey UploadServerCertificate UploadSigningCertificate",
        _SERVICE_ROLES: "CreateServiceLinkedRole DeleteServiceLinkedRole GetServiceLinkedRoleDeletionStatus",
        _REPORTS: "GenerateCredentialReport GenerateOrganizationsAccessReport GenerateServiceLastAccessedDetails"
        " GetCredentialReport GetOrganizationsAccessReport GetServiceLastAccessedDetails"
        " GetServiceLastAccessedDetailsWithEntities ListPoliciesGrantingServiceAccess",
        _ORGANIZATIONS: "AcceptDelegationRequest AssociateDelegationRequest CreateDelegationRequest GetAccountProperties"
        " DisableOrganizationsRootCredentialsManagement DisableOrganizationsRootSessions"
        " EnableOrganizationsRootCredentialsManagement EnableOrganizationsRootSessions GetDelegationRequest"
        " GetHumanReadableSummary ListDelegationRequests ListOrganizationsFeatures PutAccountProperties RejectDelegationRequest"
        " SendDelegationToken SetSecurityTokenServicePreferences UpdateDelegationRequest",
        _TEMPLATES: "AcquireRole GetRoleTemplateVersion",
        _WHOLE: "GetAccountAuthorizationDetails",
        _OUTBOUND_SWITCH: "DisableOutboundWebIdentityFederation EnableOutboundWebIdentityFederation"
        " GetOutboundWebIdentityFederationInfo",
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
