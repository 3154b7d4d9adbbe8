"""The account as a whole. Source: IAM API reference."""

from collections.abc import Mapping
from typing import Any

from identity.iam import holders, keys, managed_policies
from identity.iam.models import ManagedPolicy, OidcProvider, PolicyVersion, Role, SamlProvider, User
from identity.iam.models.managed_policies import DOCUMENT_LIMIT
from identity.iam.models.roles import ROLE_INLINE_LIMIT
from identity.iam.models.users import USER_INLINE_LIMIT
from identity.iam.policy.document import LIMITS
from identity.iam.service import iam
from identity.wire.service import Call

Json = Mapping[str, Any]  # Any: shapes of the model


@iam.operation
def get_account_summary(call: Call, request: Json) -> dict[str, Any]:
    """How much there is of each kind, and the quotas that hold here."""
    own = ManagedPolicy.objects.filter(is_aws_managed=False).count()
    counts = {
        "AccountAccessKeysPresent": 0,
        "AccountMFAEnabled": 0,
        "Groups": 0,
        "MFADevices": 0,
        "Policies": own,
        "PolicyVersionsInUse": ManagedPolicy.objects.count() + PolicyVersion.objects.count(),
        "Providers": OidcProvider.objects.count() + SamlProvider.objects.count(),
        "Roles": Role.objects.count(),
        "Users": User.objects.count(),
    }
    quotas = {
        "AccessKeysPerUserQuota": keys.MOST_KEYS,
        "AssumeRolePolicySizeQuota": LIMITS["trust"],
        "AttachedPoliciesPerRoleQuota": holders.MOST_ATTACHED,
        "AttachedPoliciesPerUserQuota": holders.MOST_ATTACHED,
        "PolicySizeQuota": DOCUMENT_LIMIT,
        "RolePolicySizeQuota": ROLE_INLINE_LIMIT,
        "UserPolicySizeQuota": USER_INLINE_LIMIT,
        "VersionsPerPolicyQuota": managed_policies.MOST_VERSIONS,
    }
    return {"SummaryMap": counts | quotas}


@iam.operation
def list_account_aliases(call: Call, request: Json) -> dict[str, Any]:
    """None: the account has no sign-in page that an alias would name."""
    return {"AccountAliases": [], "IsTruncated": False}
