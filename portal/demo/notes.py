"""The notes API: what a host's own API looks like behind the resource kit.

Requests are signed with an identity pool's credentials; the role's policy decides. The resource that it is asked
about names the notes' owner, so that ``${cognito-identity.amazonaws.com:sub}`` in a policy means "your own".
"""

from typing import Any, NoReturn
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from identity.core import clock, conf, ids
from identity.kit.authentication import SigV4Authentication, UserPoolTokenAuthentication
from identity.kit.people import SignedCaller, TokenUser
from identity.kit.permissions import IsTokenUser, PolicyPermission
from portal.demo import fixed
from portal.demo.models import Note

# The name that Amazon's own gateway asks policies about. A name of our own would do for everybody but guests,
# whom the identity pool's enhanced flow bounds to a list of services that this one is on.
ACTION = "execute-api:Invoke"
PUBLIC, MINE = "public", "mine"
_MOST = 100


def resource(method: str, owner: str, note: str = "") -> str:
    """The ARN that policies are asked about: ``…:notes/demo/GET/<owner>[/<note>]``."""
    settings = conf.settings()
    tail = f"/{note}" if note else ""
    return f"arn:aws:execute-api:{settings.region}:{settings.account_id}:notes/demo/{method}/{owner}{tail}"


def _resource_of(request: Request, view: APIView) -> str:
    owner = owner_of(request, view.kwargs["owner"])
    return resource(request.method or "", owner, str(view.kwargs.get("note", "")))


def owner_of(request: Request, named: str) -> str:
    """Whose notes an address means: an identity's, the public ones, or for ``mine`` the caller's own."""
    if named != MINE:
        return named
    identity_id = request.user.identity_id if isinstance(request.user, SignedCaller) else None
    if identity_id is None:
        raise NotFound("These credentials are no identity's.")
    return identity_id


class NotesSignatures(SigV4Authentication):
    """Signed for ``notes`` in this site's region, or for ``execute-api`` as Amplify's API client does by itself."""

    service = ("notes", "execute-api")
    regions = (conf.settings().region,)


class NoteForm(serializers.Serializer[Note]):
    title = serializers.CharField(max_length=120)
    text = serializers.CharField(max_length=2000, allow_blank=True, default="")


def newest(owner: str) -> QuerySet[Note]:
    """The notes of an identity, or the public ones, which have none."""
    return Note.objects.filter(owner=owner).order_by("-created_at")[:_MOST]


def create(owner: str, form: NoteForm) -> Note:
    """A note out of a valid form."""
    return Note.objects.create(
        id=UUID(ids.uuid()), owner=owner, created_at=clock.now(), **form.validated_data
    )


class NotesView(APIView):
    """Signed requests only; a refusal says what AWS would say."""

    authentication_classes = (NotesSignatures,)
    permission_classes = (PolicyPermission(ACTION, _resource_of),)

    def permission_denied(self, request: Request, message: Any = None, code: str | None = None) -> NoReturn:
        """Refuse, naming the error as AWS's services do."""
        text = message["message"] if isinstance(message, dict) else message
        raise PermissionDenied({"__type": "AccessDeniedException", "message": text})


class Notes(NotesView):
    """The notes of one owner: an identity's id, ``mine``, or ``public``."""

    def get(self, request: Request, owner: str) -> Response:
        return Response({"notes": [_shape(note) for note in newest(_column(request, owner))]})

    def post(self, request: Request, owner: str) -> Response:
        form = NoteForm(data=request.data)
        form.is_valid(raise_exception=True)
        return Response(_shape(create(_column(request, owner), form)), status=status.HTTP_201_CREATED)


class OneNote(NotesView):
    """One note of an owner."""

    def get(self, request: Request, owner: str, note: UUID) -> Response:
        return Response(_shape(get_object_or_404(Note, pk=note, owner=_column(request, owner))))


class DemoTokens(UserPoolTokenAuthentication):
    issuers = (fixed.USER_POOL,)
    token_use = "access"
    check_live = True  # this site can ask at each call whether the sign-in still stands


class Profile(APIView):
    """Who the access token says is calling: the other way to guard an API."""

    authentication_classes = (DemoTokens,)
    permission_classes = (IsTokenUser,)

    def get(self, request: Request) -> Response:
        user = request.user
        assert isinstance(user, TokenUser)  # what the permission let through
        return Response(
            {"sub": user.sub, "username": user.username, "groups": user.groups, "scopes": user.scopes}
        )


def _column(request: Request, named: str) -> str:
    owner = owner_of(request, named)
    return "" if owner == PUBLIC else owner


def _shape(note: Note) -> dict[str, str]:
    return {
        "id": str(note.pk),
        "title": note.title,
        "text": note.text,
        "created_at": note.created_at.isoformat(),
    }
