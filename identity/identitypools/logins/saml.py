"""SAML responses of providers that the account trusts.

Source: Cognito developer guide, "Setting up SAML as an identity pool IdP".
"""

from datetime import datetime

from identity.iam import saml_identities, saml_providers
from identity.iam.saml import response
from identity.identitypools.errors import InvalidLoginToken, UnsupportedProvider
from identity.identitypools.logins import user_ids
from identity.identitypools.logins.proof import Proof

NAME_ID_CLAIM = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier"


def verify(provider_arn: str, text: str, now: datetime) -> Proof:
    """The person whom a response (base64) proves; their attributes are claims, each a list.

    Raises UnsupportedProvider where the account doesn't know the provider, InvalidLoginToken.
    """
    provider = saml_providers.find(provider_arn)
    if provider is None:
        raise UnsupportedProvider(why="no such SAML provider in the account")
    try:
        assertion = saml_identities.prove(provider, text, now=now)
    except response.Invalid as error:
        raise InvalidLoginToken(f"{error.message.rstrip('.')}.", why=error.why) from error
    if not user_ids.is_usable(assertion.name_id):
        raise InvalidLoginToken("Invalid SAML response.", why="a NameID that can't be stored")
    claims = {name: list(values) for name, values in assertion.attributes.items()}
    return Proof(
        provider=provider_arn,
        user_id=assertion.name_id,
        amr=(provider_arn, f"{provider_arn}:SAML:{assertion.name_id}"),
        mapping_key=provider_arn,
        claims={**claims, NAME_ID_CLAIM: [assertion.name_id]},
        audience=assertion.recipient,
        once=saml_identities.once(provider_arn, assertion),
    )
