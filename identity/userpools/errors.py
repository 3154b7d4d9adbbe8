"""The modelled errors of ``cognito-idp``: one class a code, each with Cognito's default text.

The class is named as its code without ``Exception``. ``message`` goes to the caller; what only the log should
know goes into ``why``. Punctuation is Cognito's: some texts end with a full stop, some do not.

Source: cognito/auth-flows §11 (texts), cognito/user-pools §3 to §13.
"""

from identity.core.errors import ServiceError


class ResourceNotFound(ServiceError):
    code = "ResourceNotFoundException"
    message = "The resource does not exist."


class NotAuthorized(ServiceError):
    code = "NotAuthorizedException"
    message = "Incorrect username or password."


class InvalidParameter(ServiceError):
    """``reasonCode`` may be given as a member."""

    code = "InvalidParameterException"
    message = "Invalid parameter."


# Users and their names


class UserNotFound(ServiceError):
    code = "UserNotFoundException"
    message = "User does not exist."


class UsernameExists(ServiceError):
    code = "UsernameExistsException"
    message = "User already exists"


class AliasExists(ServiceError):
    code = "AliasExistsException"
    message = "An account with the email already exists."


class UserNotConfirmed(ServiceError):
    code = "UserNotConfirmedException"
    message = "User is not confirmed."


class UnsupportedUserState(ServiceError):
    code = "UnsupportedUserStateException"
    message = "The user is in a state that does not allow this operation."


# Codes and limits


class CodeMismatch(ServiceError):
    code = "CodeMismatchException"
    message = "Invalid verification code provided, please try again."


class ExpiredCode(ServiceError):
    code = "ExpiredCodeException"
    message = "Invalid code provided, please request a code again."


class LimitExceeded(ServiceError):
    code = "LimitExceededException"
    message = "Attempt limit exceeded, please try after some time."


class TooManyRequests(ServiceError):
    code = "TooManyRequestsException"
    message = "Rate exceeded"


class TooManyFailedAttempts(ServiceError):
    code = "TooManyFailedAttemptsException"
    message = "Attempt limit exceeded, please try after some time."


class CodeDeliveryFailure(ServiceError):
    code = "CodeDeliveryFailureException"
    message = "The verification code could not be delivered."


# Passwords


class InvalidPassword(ServiceError):
    """The text is ``Password did not conform with policy: `` and the first rule that failed."""

    code = "InvalidPasswordException"
    message = "Password did not conform with policy"


class PasswordHistoryPolicyViolation(ServiceError):
    code = "PasswordHistoryPolicyViolationException"
    message = "Password has previously been used"


class PasswordResetRequired(ServiceError):
    code = "PasswordResetRequiredException"
    message = "Password reset required for the user"


# Triggers


class TriggerError(ServiceError):
    """What any trigger may cause: it refused, could not be called, or answered nonsense."""


class UserLambdaValidation(TriggerError):
    """The text is ``<Trigger> failed with error <message>.``"""

    code = "UserLambdaValidationException"
    message = "The trigger refused the request."


class UnexpectedLambda(TriggerError):
    """The text is ``<Trigger> invocation failed due to error <code>.``"""

    code = "UnexpectedLambdaException"
    message = "The trigger could not be invoked."


class InvalidLambdaResponse(TriggerError):
    code = "InvalidLambdaResponseException"
    message = "Unrecognizable lambda output"


# Multi-factor authentication and devices


class SoftwareTokenMFANotFound(ServiceError):
    code = "SoftwareTokenMFANotFoundException"
    message = "Software Token MFA has not been enabled by the userPool"


class EnableSoftwareTokenMFA(ServiceError):
    code = "EnableSoftwareTokenMFAException"
    message = "Code mismatch and fail enable Software Token MFA"


class MFAMethodNotFound(ServiceError):
    code = "MFAMethodNotFoundException"
    message = "MFA method not found."


class DeviceKeyExists(ServiceError):
    code = "DeviceKeyExistsException"
    message = "Device key already exists."


# Passkeys


class WebAuthnChallengeNotFound(ServiceError):
    code = "WebAuthnChallengeNotFoundException"
    message = "The passkey challenge was not found or has expired."


class WebAuthnClientMismatch(ServiceError):
    code = "WebAuthnClientMismatchException"
    message = "The passkey challenge was requested by another app client."


class WebAuthnConfigurationMissing(ServiceError):
    code = "WebAuthnConfigurationMissingException"
    message = "The user pool has no passkey configuration."


class WebAuthnCredentialNotSupported(ServiceError):
    code = "WebAuthnCredentialNotSupportedException"
    message = "The passkey credential is not supported."


class WebAuthnNotEnabled(ServiceError):
    code = "WebAuthnNotEnabledException"
    message = "Passkeys are not enabled for the user pool."


class WebAuthnOriginNotAllowed(ServiceError):
    code = "WebAuthnOriginNotAllowedException"
    message = "The origin of the passkey response is not allowed."


class WebAuthnRelyingPartyMismatch(ServiceError):
    code = "WebAuthnRelyingPartyMismatchException"
    message = "The passkey credential does not match the relying party."


# Tokens and OAuth


class RefreshTokenReuse(ServiceError):
    code = "RefreshTokenReuseException"
    message = "Refresh token reuse detected"


class UnsupportedTokenType(ServiceError):
    code = "UnsupportedTokenTypeException"
    message = "Unsupported token type"


class UnsupportedOperation(ServiceError):
    code = "UnsupportedOperationException"
    message = "Token revocation isn't enabled for the user pool client"


class Unauthorized(ServiceError):
    code = "UnauthorizedException"
    message = "Unauthorized"


class InvalidOAuthFlow(ServiceError):
    code = "InvalidOAuthFlowException"
    message = "The OAuth flow is not valid for the user pool client."


class ScopeDoesNotExist(ServiceError):
    code = "ScopeDoesNotExistException"
    message = "The scope does not exist."


# Groups, pools, providers


class GroupExists(ServiceError):
    code = "GroupExistsException"
    message = "A group with the name already exists"


class DuplicateProvider(ServiceError):
    code = "DuplicateProviderException"
    message = "A provider with the name already exists."


class UnsupportedIdentityProvider(ServiceError):
    code = "UnsupportedIdentityProviderException"
    message = "The identity provider is not supported."


class FeatureUnavailableInTier(ServiceError):
    code = "FeatureUnavailableInTierException"
    message = "The feature is not available in the user pool's tier."


class TierChangeNotAllowed(ServiceError):
    code = "TierChangeNotAllowedException"
    message = "The tier cannot be changed while a feature that it lacks is on."


class InvalidUserPoolConfiguration(ServiceError):
    code = "InvalidUserPoolConfigurationException"
    message = "The user pool configuration is not valid."


class UserPoolTagging(ServiceError):
    code = "UserPoolTaggingException"
    message = "The user pool tags are not valid."


class UserPoolAddOnNotEnabled(ServiceError):
    code = "UserPoolAddOnNotEnabledException"
    message = "The user pool add-on is not enabled."


class UserImportInProgress(ServiceError):
    code = "UserImportInProgressException"
    message = "A user import is in progress for the user pool."


class PreconditionNotMet(ServiceError):
    code = "PreconditionNotMetException"
    message = "A precondition is not met."


class ConcurrentModification(ServiceError):
    code = "ConcurrentModificationException"
    message = "The resource was modified at the same time by another request."


class OperationNotEnabled(ServiceError):
    code = "OperationNotEnabledException"
    message = "The operation is not enabled."


class ManagedLoginBrandingExists(ServiceError):
    code = "ManagedLoginBrandingExistsException"
    message = "The app client already has a managed login branding style."


class TermsExists(ServiceError):
    code = "TermsExistsException"
    message = "Terms with the name already exist for the app client."


class ServiceQuotaExceeded(ServiceError):
    code = "ServiceQuotaExceededException"
    message = "The service quota is exceeded."


# Delivery roles and the service itself


class InvalidEmailRoleAccessPolicy(ServiceError):
    code = "InvalidEmailRoleAccessPolicyException"
    message = "The role may not send e-mail."


class InvalidSmsRoleAccessPolicy(ServiceError):
    code = "InvalidSmsRoleAccessPolicyException"
    message = "The role may not send SMS."


class InvalidSmsRoleTrustRelationship(ServiceError):
    code = "InvalidSmsRoleTrustRelationshipException"
    message = "The role does not trust the service."


class Forbidden(ServiceError):
    code = "ForbiddenException"
    message = "Forbidden"
    status = 403


class AccessDenied(ServiceError):
    code = "AccessDeniedException"
    message = "Access denied"


class InternalError(ServiceError):
    code = "InternalErrorException"
    message = "Internal error"
    status = 500
