# mypy: disable-error-code="untyped-decorator"
"""The notes' fields, and by which modes each opens. (Strawberry's decorators have no types of their own.)"""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

import strawberry

from identity.kit import graphql
from identity.kit.graphql.directives import (
    AwsApiKey,
    AwsCognitoUserPools,
    AwsIam,
    AwsLambda,
    AwsOidc,
    AwsSubscribe,
)
from portal.demo import models, notes
from portal.demo.graphql import owners

Info = strawberry.Info[graphql.Context, Any]

PERSONS = [AwsCognitoUserPools(), AwsIam(), AwsOidc()]
EVERYBODY = [*PERSONS, AwsApiKey(), AwsLambda()]
EDITORS = [AwsCognitoUserPools(cognito_groups=["editors"])]


@strawberry.type(directives=EVERYBODY)
class Note:
    """A note; a public one has no owner."""

    id: strawberry.ID
    title: str
    text: str
    owner: str | None
    created_at: datetime

    @classmethod
    def of(cls, row: models.Note) -> Self:
        return cls(
            id=strawberry.ID(str(row.pk)),
            title=row.title,
            text=row.text,
            owner=row.owner or None,
            created_at=row.created_at,
        )


@strawberry.type
class Query:
    @strawberry.field(directives=EVERYBODY)
    def public_notes(self) -> list[Note]:
        """What everybody may read."""
        return _newest("")

    @strawberry.field(directives=PERSONS)
    def my_notes(self, info: Info) -> list[Note]:
        """The caller's own."""
        return _newest(owners.of(info.context))

    @strawberry.field(directives=EVERYBODY)
    def note(self, info: Info, id: strawberry.ID) -> Note | None:
        """A public note or one of the caller's own; anybody else's is as one that isn't there."""
        readable = {"", owners.find(info.context) or ""}
        row = _rows(id).filter(owner__in=readable).first()
        return Note.of(row) if row else None


@strawberry.type
class Mutation:
    @strawberry.mutation(directives=PERSONS)
    def create_note(self, info: Info, title: str, text: str = "") -> Note | None:
        """A note of the caller's own."""
        return _create(owners.of(info.context), title, text)

    @strawberry.mutation(directives=PERSONS)
    def delete_note(self, info: Info, id: strawberry.ID) -> Note | None:
        """One of the caller's own; the answer is what it was."""
        row = _rows(id).filter(owner=owners.of(info.context)).first()
        if row is None:
            return None
        deleted = Note.of(row)
        row.delete()
        return deleted

    @strawberry.mutation(directives=EDITORS)
    def create_public_note(self, title: str, text: str = "") -> Note | None:
        """For members of the group ``editors``."""
        return _create("", title, text)


@strawberry.type
class Subscription:
    @strawberry.field(directives=[AwsSubscribe(mutations=["createNote"]), *PERSONS])
    def on_create_note(self, info: Info, owner: strawberry.ID) -> Note | None:
        """The caller's own, as ``owner`` must say; the mutation has to select ``owner``."""
        if owner != owners.of(info.context):
            graphql.unauthorized()
        return None

    @strawberry.field(directives=[AwsSubscribe(mutations=["createPublicNote"]), *EVERYBODY])
    def on_create_public_note(self) -> Note | None:
        """Public ones, for everybody."""
        return None


schema = strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription)


def _newest(owner: str) -> list[Note]:
    return [Note.of(row) for row in notes.newest(owner)]


def _rows(text: str) -> Any:
    try:
        return models.Note.objects.filter(pk=UUID(text))
    except ValueError:  # no id of ours
        return models.Note.objects.none()


def _create(owner: str, title: str, text: str) -> Note:
    form = notes.NoteForm(data={"title": title, "text": text})
    if not form.is_valid():
        name, faults = next(iter(form.errors.items()))
        raise graphql.FieldFault(f"{name}: {faults[0]}", "ValidationError")
    return Note.of(notes.create(owner, form))
