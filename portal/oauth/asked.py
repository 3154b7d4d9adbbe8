"""The checks of an authorization request, in order, and what a request is that passed them.

Until client and redirect address are known to belong together a fault is shown on our own error page; after that
it is the app that learns of it, by redirect. Source: RFC 6749 §4.1.1 and §4.1.2.1, RFC 7636 §4.3, OpenID Connect
Core §3.1.2.1; Cognito developer guide, "Authorize endpoint".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.http import HttpRequest, QueryDict

from identity.userpools import clients, oauth_codes
from identity.userpools.errors import ResourceNotFound
from identity.userpools.models import UserPool, UserPoolClient, pool_settings
from portal.oauth import audiences, parameters, scopes
from portal.oauth.errors import (
    INVALID_REQUEST,
    INVALID_TARGET,
    REDIRECT_MISMATCH,
    UNAUTHORIZED_CLIENT,
    UNSUPPORTED_RESPONSE_TYPE,
)
from portal.oauth.paths import hosted_path
from portal.oauth.responses import Redirect, log, with_fragment, with_query

CODE, TOKEN = "code", "token"
_FLOWS = {CODE: "code", TOKEN: "implicit"}
_PROMPTS = frozenset({"none", "login", "select_account", "consent"})
_LONGEST_NONCE = 2048
_OWN_USERS = "COGNITO"


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorization request as far as the checks have come. ``client`` is set by the first of them."""

    pool: UserPool
    given: Mapping[str, str]
    repeated: frozenset[str] = frozenset()
    client: UserPoolClient | None = None
    scopes: tuple[str, ...] = ()
    resource: str = ""
    prompts: frozenset[str] = frozenset()
    max_age: timedelta | None = None

    @property
    def redirect_uri(self) -> str:
        return self.given.get("redirect_uri", "")

    @property
    def state(self) -> str | None:
        return self.given.get("state")

    @property
    def is_implicit(self) -> bool:
        return self.given.get("response_type") == TOKEN


@dataclass(frozen=True, slots=True)
class Authorization:
    """A request that passed every check: what the app gets once somebody is signed in."""

    client: UserPoolClient
    redirect_uri: str
    scopes: tuple[str, ...]
    is_implicit: bool
    state: str | None
    nonce: str
    code_challenge: str
    resource: str = ""
    prompts: frozenset[str] = field(default=frozenset())
    max_age: timedelta | None = None

    def is_recent(self, auth_time: datetime, now: datetime) -> bool:
        """Whether a sign-in of then will do. Source: OpenID Connect Core §3.1.2.1, ``max_age``."""
        return self.max_age is None or now - auth_time <= self.max_age

    def wants_page(self) -> bool:
        """Whether the person is to be asked although the browser is known."""
        return bool(self.prompts & {"login", "select_account"})


class Refused(Exception):
    """A request that goes no further. ``redirect`` leads to our error page or back to the app."""

    def __init__(
        self, error: str, *, asked: Asked, to_app: bool = True, description: str = "", why: str = ""
    ) -> None:
        # Names of parameters may be in it, and the log has one line a refusal.
        super().__init__(f"{error}: {description or why!r}")
        self.error = error
        self.asked = asked
        self.to_app = to_app
        self.description = description

    def redirect(self, request: HttpRequest, prefix: str) -> Redirect:
        """Where the browser goes. Cognito's order of members: description, state, error."""
        log.info("authorization refused: %s", self)
        if not self.to_app:
            client_id = self.asked.given.get("client_id")
            path = hosted_path(request, prefix, "/error")
            return Redirect(with_query(path, {"error": self.error, "client_id": client_id}))
        return to_app(
            self.asked.redirect_uri,
            {
                "error_description": self.description or None,
                "state": self.asked.state,
                "error": self.error,
            },
            in_fragment=self.asked.is_implicit,
        )


def to_app(redirect_uri: str, members: Mapping[str, str | None], *, in_fragment: bool) -> Redirect:
    """Back to the app, by query or, for the implicit grant, by fragment."""
    return Redirect((with_fragment if in_fragment else with_query)(redirect_uri, members))


def examine(pool: UserPool, query: QueryDict) -> Authorization:
    """Check a request. One query for the client, one more for custom scopes and for a resource. Raises ``Refused``."""
    asked = Asked(pool, parameters.first(query), frozenset(parameters.repeated_names(query)))
    for check in CHECKS:
        asked = check(asked)
    assert asked.client is not None
    return Authorization(
        client=asked.client,
        redirect_uri=asked.redirect_uri,
        scopes=asked.scopes,
        is_implicit=asked.is_implicit,
        state=asked.state,
        nonce=asked.given.get("nonce", ""),
        code_challenge=asked.given.get("code_challenge", ""),
        resource=asked.resource,
        prompts=asked.prompts,
        max_age=asked.max_age,
    )


# The checks, each of which gives the request on, perhaps knowing more of it


def _client_is_known(asked: Asked) -> Asked:
    client_id = asked.given.get("client_id", "")
    if not client_id or "client_id" in asked.repeated or not parameters.is_storable([client_id]):
        raise Refused(INVALID_REQUEST, asked=asked, to_app=False, why="client_id missing or repeated")
    try:
        client = clients.get(client_id, pool=asked.pool)
    except ResourceNotFound as unknown:
        raise Refused(INVALID_REQUEST, asked=asked, to_app=False, why="unknown client") from unknown
    return replace(asked, client=client)


def _redirect_is_registered(asked: Asked) -> Asked:
    """Exact comparison of text: anything looser has sent codes to strangers."""
    if not asked.redirect_uri or "redirect_uri" in asked.repeated:
        raise Refused(INVALID_REQUEST, asked=asked, to_app=False, why="redirect_uri missing or repeated")
    if asked.redirect_uri not in pool_settings.callback_urls(_client(asked)):
        raise Refused(REDIRECT_MISMATCH, asked=asked, to_app=False)
    return asked


def _nothing_is_repeated(asked: Asked) -> Asked:
    if asked.repeated:
        raise Refused(INVALID_REQUEST, asked=asked, why=f"repeated: {', '.join(sorted(asked.repeated))}")
    return asked


def _response_type_is_known(asked: Asked) -> Asked:
    response_type = asked.given.get("response_type")
    if response_type is None:
        raise Refused(INVALID_REQUEST, asked=asked, why="response_type missing")
    if response_type not in _FLOWS:
        raise Refused(UNSUPPORTED_RESPONSE_TYPE, asked=asked)
    return asked


def _flow_is_allowed(asked: Asked) -> Asked:
    client = _client(asked)
    flow = _FLOWS[asked.given["response_type"]]
    if not pool_settings.is_oauth_enabled(client) or flow not in pool_settings.oauth_flows(client):
        raise Refused(UNAUTHORIZED_CLIENT, asked=asked)
    return asked


def _challenge_is_s256(asked: Asked) -> Asked:
    challenge, method = asked.given.get("code_challenge"), asked.given.get("code_challenge_method")
    if challenge is None and method is None:
        return asked
    if method != "S256" or challenge is None or not oauth_codes.is_challenge(challenge):
        raise Refused(INVALID_REQUEST, asked=asked, why="PKCE challenge without S256, or malformed")
    return asked


def _scopes_are_granted(asked: Asked) -> Asked:
    try:
        return replace(asked, scopes=scopes.granted(_client(asked), asked.given.get("scope", "")))
    except scopes.BadScope as bad:
        raise Refused(INVALID_REQUEST, asked=asked, description="invalid_scope") from bad


def _own_users_are_offered(asked: Asked) -> Asked:
    """Only the pool's own users sign in here yet, and only through a client that lists them."""
    if _OWN_USERS not in pool_settings.identity_providers(_client(asked)):
        why = "no sign-in here: the app client's SupportedIdentityProviders has to list COGNITO"
        raise Refused(UNAUTHORIZED_CLIENT, asked=asked, to_app=False, why=why)
    return asked


def _provider_is_offered(asked: Asked) -> Asked:
    provider = asked.given.get("identity_provider")
    if "idp_identifier" in asked.given and provider is None:
        raise Refused(INVALID_REQUEST, asked=asked, to_app=False, why="unknown idp_identifier")
    if provider not in (None, _OWN_USERS):
        raise Refused(INVALID_REQUEST, asked=asked, to_app=False, why="provider not for this client")
    return asked


def _resource_is_known(asked: Asked) -> Asked:
    resource = asked.given.get("resource")
    if resource is None:
        return asked
    try:
        return replace(asked, resource=audiences.of_resource(asked.pool, resource))
    except audiences.BadTarget as bad:
        raise Refused(INVALID_TARGET, asked=asked) from bad


def _prompt_is_understood(asked: Asked) -> Asked:
    prompts = frozenset(asked.given.get("prompt", "").split())
    if not prompts <= _PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise Refused(INVALID_REQUEST, asked=asked, why="prompt not understood")
    return replace(asked, prompts=prompts)


def _max_age_is_a_number(asked: Asked) -> Asked:
    max_age = asked.given.get("max_age")
    if max_age is None:
        return asked
    if not (max_age.isascii() and max_age.isdecimal() and len(max_age) <= 9):
        raise Refused(INVALID_REQUEST, asked=asked, why="max_age is no number of seconds")
    return replace(asked, max_age=timedelta(seconds=int(max_age)))


def _nonce_fits(asked: Asked) -> Asked:
    nonce = asked.given.get("nonce", "")
    if len(nonce) > _LONGEST_NONCE or not parameters.is_storable([nonce]):
        raise Refused(INVALID_REQUEST, asked=asked, why="nonce too long or not storable")
    return asked


def _client(asked: Asked) -> UserPoolClient:
    assert asked.client is not None
    return asked.client


CHECKS: tuple[Callable[[Asked], Asked], ...] = (
    _client_is_known,
    _redirect_is_registered,
    _nothing_is_repeated,
    _response_type_is_known,
    _flow_is_allowed,
    _challenge_is_s256,
    _scopes_are_granted,
    _resource_is_known,
    _own_users_are_offered,
    _provider_is_offered,
    _prompt_is_understood,
    _max_age_is_a_number,
    _nonce_fits,
)
