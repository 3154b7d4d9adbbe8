"""A session's row: written, and read with its user, pool and client. By prepared statements: every sign-in ends
with the one, every call that carries a token begins with the other."""

from typing import Any

from identity.core.prepared import PreparedInsert, PreparedQuery
from identity.userpools.models import User, UserPool, UserPoolClient, UserSession


def _by(field: Any) -> PreparedQuery:  # Any: Django types fields by their values
    sessions = UserSession.objects.select_related("user__pool", "client")
    return PreparedQuery(UserSession, lambda value: sessions.filter(**{field.name: value}), field)


_BY = {name: _by(UserSession._meta.get_field(name)) for name in ("origin_jti", "refresh_token_hash")}

_NEW = PreparedInsert(UserSession)


def insert(session: UserSession) -> None:
    """Write the row of a new session."""
    _NEW.insert(session)


def find(field: str, value: Any) -> UserSession | None:
    """The session whose unique ``field`` has that value, with ``user.pool``, ``client`` and ``client.pool`` set."""
    found = _BY[field].first(value)
    if found is None:
        return None
    session: UserSession = found[UserSession]
    session.user, session.client = found[User], found[UserPoolClient]
    session.user.pool = session.client.pool = found[UserPool]
    return session
