"""A small API as a host project would write it: the URLs and views that the tests of the kit call."""

from typing import Any

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from identity.kit.authentication import SigV4Authentication, UserPoolTokenAuthentication
from identity.kit.permissions import HasGroup, HasScope, IsSignedCaller, IsTokenUser, PolicyPermission

ARN = "arn:aws:execute-api:{region}:{account}:notes"


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
            }
        )

    post = get


def guarded(*authentication: Any, by: Any) -> Any:
    return Echo.as_view(authentication_classes=authentication, permission_classes=by)


def of_request(request: Request, view: APIView) -> str:
    return f"arn:aws:execute-api:us-east-1:000000000000:notes/{request.method}/{request.GET['shelf']}"


SIGNED = SigV4Authentication
EITHER = (UserPoolTokenAuthentication, SigV4Authentication)
INVOKE = PolicyPermission("execute-api:Invoke", ARN + "/GET/{shelf}")
NEVER = PolicyPermission("execute-api:Never")
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
    path("notes/<shelf>", guarded(SIGNED, by=[INVOKE])),
    path("twice/<shelf>", guarded(SIGNED, by=[NEVER | INVOKE])),
    path("tokens/<shelf>", guarded(*EITHER, by=[INVOKE])),
    path("shelf", guarded(SIGNED, by=[BY_METHOD])),
]
