"""The API of ``world``, its issuers, and whoever may come in."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from identity.core import issuers
from identity.kit import issuer_keys
from identity.kit.graphql import authorizer
from tests.identitypools import world as pools
from tests.kit.graphql import authorizers, world


@pytest.fixture(autouse=True)
def api(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.kit.graphql.world"
    issuer_keys.forget()
    authorizer.forget()
    authorizers.calls.clear()
    authorizers.answer.clear()


@pytest.fixture
def provider() -> Iterator[world.Provider]:
    made = world.Provider()
    issuers.register(made)
    yield made
    issuers.unregister(made)


@pytest.fixture
def pool(user_pool: pools.UserPool) -> pools.UserPool:
    return user_pool


@pytest.fixture
def headers(user_pool: pools.UserPool, provider: world.Provider) -> dict[str, dict[str, str]]:
    """For each mode but signatures the headers of somebody who may come in by it."""
    return {
        "pools": {"Authorization": user_pool.token("ada")},
        "editor": {"Authorization": user_pool.token("eve", **{"cognito:groups": ["editors"]})},
        "oidc": {"Authorization": provider.token()},
        "keyed": {"x-api-key": world.KEY},
        "lambdas": {"Authorization": world.LAMBDA_TOKEN},
    }


@pytest.fixture
def serve() -> Iterator[Callable[..., Any]]:
    """Serves an API of the given modes."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def start(*modes: Any, **members: Any) -> Any:
            made = world.api(*modes, **members)
            stack.enter_context(world.served(made))
            return made

        yield start


@pytest.fixture
def everything(serve: Callable[..., Any]) -> Any:
    """An API with all modes; user pools are the default one."""
    return serve()
