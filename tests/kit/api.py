"""A small API as a host project would write it: the URLs and views that the tests of the kit call."""

from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from identity.kit.authentication import SigV4Authentication, UserPoolTokenAuthentication
from identity.kit.parsers import JSONParser
from identity.kit.permissions import (
    HasGroup,
    HasScope,
    IsSignedCaller,
    IsTokenUser,
    ObjectPolicyPermission,
    PolicyPermission,
)
from identity.kit.views import guarded as guarded_view

ARN = "arn:aws:execute-api:{region}:{account}:notes"


UNIFORM = ("sub", "identity_id", "identity_pool_id", "is_guest", "provider", "principal_tags")


class Live(UserPoolTokenAuthentication):
    check_live = True


class IdTokens(UserPoolTokenAuthentication):
    token_use = "id"
    realm = "notes"


class Anybody(UserPoolTokenAuthentication):
    client_ids = ()
    token_use = ("access", "id")


class Echo(APIView):
    """Says who asks."""

    authentication_classes: Any = [UserPoolTokenAuthentication]
    permission_classes: Any = [IsTokenUser]

    def get(self, request: Request, **kwargs: str) -> Response:
        whole: Any = request
        seen = whole.identity
        return Response(
            {
                "user": str(request.user),
                "pk": request.user.pk,
                "kind": seen.kind,
                "id": seen.id,
                "name": seen.name,
                "groups": seen.groups,
                "scopes": seen.scopes,
                "issuer": seen.issuer,
                "arn": seen.arn,
                **{name: getattr(seen, name) for name in UNIFORM},
            }
        )

    post = get


def guarded(*authentication: Any, by: Any) -> Any:
    return Echo.as_view(authentication_classes=authentication, permission_classes=by)


def of_request(request: Request, view: APIView) -> str:
    return f"arn:aws:execute-api:us-east-1:000000000000:notes/GET/{request.GET['shelf']}"


class Body(APIView):
    """Says what the body was."""

    authentication_classes: Any = []
    permission_classes: Any = []
    parser_classes: Any = [JSONParser]

    def post(self, request: Request) -> Response:
        return Response({"read": request.data})


class Open(APIView):
    """Lets in anybody."""

    authentication_classes: Any = [UserPoolTokenAuthentication, SigV4Authentication]
    permission_classes: Any = []

    def get(self, request: Any) -> Response:
        return Response({"kind": request.identity and request.identity.kind})


class Note(NamedTuple):
    """A row of the host's."""

    shelf: str


class Notes(Echo):
    """Fetches an object, as REST framework's generic views do."""

    def get(self, request: Request, **kwargs: str) -> Response:
        self.check_object_permissions(request, Note(kwargs["shelf"]))
        return super().get(request, **kwargs)


@guarded_view(HasGroup("admins") | IsSignedCaller)
def plain(request: HttpRequest, shelf: str) -> HttpResponse:
    """A view that knows nothing of REST framework."""
    whole: Any = request
    return HttpResponse(f"{request.method} {shelf} by {whole.identity.name} {request.body.decode()}")


@guarded_view()
def somebody(request: HttpRequest) -> HttpResponse:
    whole: Any = request
    return HttpResponse(whole.identity.kind)


SIGNED = SigV4Authentication
EITHER = (UserPoolTokenAuthentication, SigV4Authentication)
INVOKE = PolicyPermission("execute-api:Invoke", ARN + "/GET/{shelf}")
NEVER = PolicyPermission("execute-api:Never")
OF_OBJECT = ObjectPolicyPermission(
    "execute-api:Invoke", lambda note: f"arn:aws:execute-api:us-east-1:000000000000:notes/GET/{note.shelf}"
)
BY_METHOD = PolicyPermission({"GET": "execute-api:Invoke"}, of_request)

urlpatterns = [
    path("me", Echo.as_view()),
    path("live", guarded(Live, by=[IsTokenUser])),
    path("id", guarded(IdTokens, by=[IsTokenUser])),
    path("anybody", guarded(Anybody, by=[IsTokenUser])),
    path("admins", guarded(UserPoolTokenAuthentication, by=[HasGroup("admins", "owners")])),
    path("scoped", guarded(UserPoolTokenAuthentication, by=[HasScope("notes/read")])),
    path("both", guarded(UserPoolTokenAuthentication, by=[HasScope("notes/read") & ~HasGroup("banned")])),
    path("either/<shelf>", guarded(*EITHER, by=[HasScope("notes/read") | INVOKE])),
    path("signed", guarded(SIGNED, by=[IsSignedCaller])),
    path(
        "other", guarded(SigV4Authentication.of(service="notes", regions=["eu-west-1"]), by=[IsSignedCaller])
    ),
    path("several", guarded(SigV4Authentication.of(service=["notes", "books"]), by=[IsSignedCaller])),
    path("notes/<shelf>", guarded(SIGNED, by=[INVOKE])),
    path("twice/<shelf>", guarded(SIGNED, by=[NEVER | INVOKE])),
    path("tokens/<shelf>", guarded(*EITHER, by=[INVOKE])),
    path("objects/<shelf>", Notes.as_view(authentication_classes=EITHER, permission_classes=[OF_OBJECT])),
    path(
        "composed/<shelf>",
        Notes.as_view(authentication_classes=EITHER, permission_classes=[HasGroup("admins") | OF_OBJECT]),
    ),
    path("alternative/<shelf>", guarded(SIGNED, by=[INVOKE | IsSignedCaller])),
    path("plain/<shelf>", plain),
    path("somebody", somebody),
    path("body", Body.as_view()),
    path("open", Open.as_view()),
    path("", include("identity.iam.urls")),
    path("shelf", guarded(SIGNED, by=[BY_METHOD])),
]
