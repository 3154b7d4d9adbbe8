"""DRF authentication classes for a host's own API."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.core.exceptions import RequestDataTooBig
from django.http import UnreadablePostError
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException, AuthenticationFailed, ParseError
from rest_framework.request import Request

from identity.kit import conf, issuer_keys, live, people, tokens
from identity.wire import callers
from identity.wire.errors import AuthenticationError, CallersUnavailable, RequestTooLarge
from identity.wire.rendering import ERROR_HEADER

_REFUSAL = "_identity_kit_refusal"


class IssuerUnavailable(APIException):
    """The issuer can't be asked now, for keys that were never had or for who is signed in: nobody's fault who calls."""

    status_code = 503
    default_detail = "The token's issuer is not reachable."
    default_code = "issuer_unavailable"


class PortalUnavailable(APIException):
    """The portal that knows access keys can't be asked now: nobody's fault who calls."""

    status_code = 503
    default_detail = CallersUnavailable.message
    default_code = "portal_unavailable"


class UserPoolTokenAuthentication(BaseAuthentication):
    """Accepts ``Authorization: Bearer <token of a user pool>``.

    ``request.user`` is a ``TokenUser``, ``request.auth`` the token's claims, ``request.identity`` a ``RequestIdentity``.
    Whose tokens count is said by the class attributes, and by ``IDENTITY_KIT`` where they are None::

        class NotesTokens(UserPoolTokenAuthentication):
            issuers = ["us-east-1_Example01"]
            client_ids = ["1example23456789"]
            token_use = "access"

    A refused token is answered 401 with a ``WWW-Authenticate`` that says why. Source: RFC 6750 §3.
    """

    issuers: ClassVar[Sequence[str] | None] = None
    client_ids: ClassVar[Sequence[str] | None] = None
    token_use: ClassVar[str | Sequence[str] | None] = None
    check_live: ClassVar[bool | None] = None
    realm: ClassVar[str] = "api"

    def authenticate(self, request: Request) -> tuple[people.TokenUser, dict[str, Any]] | None:
        """None where there is no bearer token: another class, or a permission, decides then."""
        _expect_nobody(request)
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        claims = self._claims(request, token.strip())
        user = tokens.user_of(claims)
        _attach(request, "identity", people.of_token(user))
        return user, claims

    def authenticate_header(self, request: Request) -> str:
        refusal = getattr(request._request, _REFUSAL, None)
        challenge = f'Bearer realm="{self.realm}"'
        return (
            challenge
            if refusal is None
            else f'{challenge}, error="invalid_token", error_description="{refusal}"'
        )

    def rules(self) -> tokens.Rules:
        """Whose tokens count, from the class and the settings."""
        default = conf.settings()
        return tokens.Rules(
            issuers=_chosen(self.issuers, default.issuers),
            client_ids=_chosen(self.client_ids, default.client_ids),
            token_use=_chosen(self.token_use, default.token_use),
            check_live=default.check_live if self.check_live is None else self.check_live,
        )

    def _claims(self, request: Request, token: str) -> dict[str, Any]:
        try:
            return tokens.verify(token, self.rules())
        except tokens.TokenRefused as error:
            _attach(request, _REFUSAL, str(error))
            raise AuthenticationFailed(f"The token is refused: {error}.") from error
        except (issuer_keys.KeysUnavailable, live.NotAnswered) as error:
            raise IssuerUnavailable from error


class SignatureRefused(APIException):
    """403 with ``{"message": …}``, as AWS's REST services answer."""

    status_code = 403

    def __init__(self, error: AuthenticationError) -> None:
        super().__init__({"message": error.message}, error.code)
        self.status_code = error.rest_status


class BodyTooLarge(APIException):
    """A signature covers the whole body, and this one is longer than ``DATA_UPLOAD_MAX_MEMORY_SIZE``."""

    status_code = 413
    default_code = RequestTooLarge.code

    def __init__(self) -> None:
        super().__init__({"message": RequestTooLarge.message})


class SigV4Authentication(BaseAuthentication):
    """Accepts requests signed by AWS Signature Version 4 with an access key or temporary credentials.

    ``service`` is the name that clients sign for, ``execute-api`` by default, or several names::

        class NotesSignatures(SigV4Authentication):
            service = "execute-api"

    or, in place, ``SigV4Authentication.of(service="notes")``. ``request.user`` is a ``SignedCaller``, ``request.auth`` the
    wire layer's ``Caller``, ``request.identity`` a ``RequestIdentity``. A wrong signature is answered 403 with
    ``{"message"}`` and the error's name in ``x-amzn-ErrorType``, which AWS clients read.
    """

    service: ClassVar[str | Sequence[str]] = "execute-api"
    regions: ClassVar[Sequence[str] | None] = None

    @classmethod
    def of(
        cls, *, service: str | Sequence[str], regions: Sequence[str] | None = None
    ) -> type["SigV4Authentication"]:
        """A class of these settings, for ``authentication_classes``."""
        return type(cls.__name__, (cls,), {"service": service, "regions": regions})

    def authenticate(self, request: Request) -> tuple[people.SignedCaller, callers.Caller] | None:
        """None where nothing is signed: another class, or a permission, decides then."""
        _expect_nobody(request)
        if not _is_signed(request):
            return None
        try:
            signed = callers.authenticate_signature(
                request._request, service=self.service, regions=self.regions
            )
        except AuthenticationError as error:
            _name_error(request, error.code)
            raise SignatureRefused(error) from error
        except CallersUnavailable as error:
            raise PortalUnavailable from error
        except RequestDataTooBig as error:
            _name_error(request, RequestTooLarge.code)
            raise BodyTooLarge from error
        except UnreadablePostError as error:
            raise ParseError("The request's body broke off.") from error
        user = people.SignedCaller(signed.caller, signed.region)
        _attach(request, "identity", people.of_signature(user))
        return user, signed.caller

    def authenticate_header(self, request: Request) -> str:
        """The challenge of unauthenticated requests; clients that sign don't read it."""
        return "AWS4-HMAC-SHA256"


def _is_signed(request: Request) -> bool:
    return request.META.get("HTTP_AUTHORIZATION", "").startswith("AWS4-") or "X-Amz-Algorithm" in request.GET


def _chosen(own: str | Sequence[str] | None, default: tuple[str, ...]) -> tuple[str, ...]:
    return default if own is None else conf.texts(own if isinstance(own, str) else tuple(own))


def _expect_nobody(request: Request) -> None:
    """``request.identity`` is None for who proved nothing, so that views which let in anybody can ask."""
    if not hasattr(request._request, "identity"):
        _attach(request, "identity", None)


def _attach(request: Request, name: str, value: object) -> None:
    """Onto Django's request: DRF's shows the attributes of the one beneath, and so do middlewares and signals."""
    setattr(request._request, name, value)


def _name_error(request: Request, code: str) -> None:
    """Onto the headers that DRF's view adds to every answer, for an exception can't carry any of its own."""
    view = (request.parser_context or {}).get("view")
    if view is not None:
        view.headers[ERROR_HEADER] = code
