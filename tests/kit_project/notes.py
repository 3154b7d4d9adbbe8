"""The notes API of the how-to, with its URLs."""

from typing import Any

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from identity.kit.authentication import SigV4Authentication, UserPoolTokenAuthentication
from identity.kit.permissions import HasGroup, HasScope, IsTokenUser, PolicyPermission

ARN = "arn:aws:execute-api:{region}:{account}:notes"


class MyNotes(APIView):
    authentication_classes = [UserPoolTokenAuthentication]
    permission_classes = [IsTokenUser]

    def get(self, request: Request) -> Response:
        return Response({"notes_of": request.user.username, "groups": request.user.groups})


class AllNotes(APIView):
    authentication_classes = [UserPoolTokenAuthentication]
    permission_classes = [HasGroup("admins") | HasScope("notes/read")]

    def get(self, request: Request) -> Response:
        return Response({"notes": "all of them"})


class SharedNotes(APIView):
    authentication_classes = [SigV4Authentication]
    permission_classes = [PolicyPermission("execute-api:Invoke", ARN + "/GET/{shelf}")]

    def get(self, request: Any, shelf: str) -> Response:
        return Response({"shelf": shelf, "read_by": request.identity.id})


urlpatterns = [
    path("notes/", MyNotes.as_view()),
    path("notes/all/", AllNotes.as_view()),
    path("notes/<shelf>", SharedNotes.as_view()),
]
