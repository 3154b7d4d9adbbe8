"""Users over the wire: one's own account, and the list. Source: cognito/user-pools §7 and §10."""

from collections.abc import Mapping
from typing import Any

from identity.userpools import accounts, pools, sessions, user_search, user_shapes
from identity.userpools.service import cognito_idp
from identity.wire.service import Call

Json = Mapping[str, Any]

_DEFAULT_PAGE = 60


@cognito_idp.operation
def get_user(call: Call, request: Json) -> dict[str, Any]:
    """One's own account, as far as the app client may read it."""
    session = sessions.by_access_token(request["AccessToken"])
    return user_shapes.own_user(session.user, session.client)


@cognito_idp.operation
def delete_user(call: Call, request: Json) -> None:
    """Delete one's own account."""
    accounts.delete(sessions.by_access_token(request["AccessToken"]).user, by_administrator=False)


@cognito_idp.operation
def list_users(call: Call, request: Json) -> dict[str, Any]:
    """Users of the pool, all or those that a filter finds, at most 60 a page."""
    pool = pools.get(request["UserPoolId"])
    only = request.get("AttributesToGet") or ()
    user_search.check_names(pool, only)
    page = user_search.find(
        pool,
        request.get("Filter", ""),
        limit=request.get("Limit") or _DEFAULT_PAGE,  # 0 is the wire's word for the default
        token=request.get("PaginationToken"),
    )
    answer: dict[str, Any] = {"Users": [user_shapes.user_type(user, only) for user in page.rows]}
    if page.next_token:
        answer["PaginationToken"] = page.next_token
    return answer
