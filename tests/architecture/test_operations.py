"""The registry against the models: nothing is forgotten, nothing is invented."""

from collections.abc import Iterator

import pytest

from identity.core.errors import ServiceError
from identity.wire import absent, service
from identity.wire.errors import WireError

COUNTS = {"cognito-idp": 141, "cognito-identity": 23, "cognito-sync": 17, "sts": 11, "iam": 180}
PACKAGES = {
    "identity.userpools": ("cognito-idp",),
    "identity.identitypools": ("cognito-identity",),
    "identity.sync": ("cognito-sync",),
    "identity.iam": ("sts", "iam"),
}
COMMON = {
    # What query services answer beside their models. Source: STS API reference, "Common errors".
    "sts": {"AccessDenied", "ValidationError", "InvalidParameterValue"},
}


def known() -> set[tuple[str, str]]:
    return {
        (name, operation) for name, found in service.services().items() for operation in found.operation_names
    }


def registered() -> set[tuple[str, str]]:
    return {(found.name, operation.name) for found in service.services().values() for operation in found}


def difference() -> list[str]:
    """What has to change in ``absent.py``, a line each: to be added, to be taken out, unknown to the models."""
    listed = set(absent.ABSENT)
    lines = [f"add      {name}:{operation}" for name, operation in known() - registered() - listed]
    lines += [f"take out {name}:{operation}" for name, operation in registered() & listed]
    lines += [f"unknown  {name}:{operation}" for name, operation in listed - known()]
    return sorted(lines)


def errors_of(package: str) -> Iterator[type[ServiceError]]:
    waiting: list[type[ServiceError]] = [ServiceError]
    while waiting:
        error = waiting.pop()
        waiting += error.__subclasses__()
        if error.__module__.startswith(f"{package}."):
            yield error


def test_all_operations_of_the_five_services_are_known():
    assert {name: len(found.operation_names) for name, found in service.services().items()} == COUNTS
    assert len(known()) == 372


def test_every_operation_is_registered_or_listed_as_absent_and_never_both():
    assert difference() == []
    assert len(registered()) + len(absent.ABSENT) == 372


def test_every_absent_operation_has_a_reason():
    assert all(len(reason) > 10 for reason in absent.ABSENT.values())


@pytest.mark.parametrize(("package", "names"), PACKAGES.items())
def test_every_error_is_one_of_the_services_models(package, names):
    allowed: set[str] = set()
    for name in names:
        codes = service.services()[name].error_codes
        allowed |= set(codes) | {code for code, _ in codes.values()} | COMMON.get(name, set())

    invented = {
        f"{error.__module__}.{error.__qualname__}: {error.code}"
        for error in errors_of(package)
        if not issubclass(error, WireError) and error.code not in allowed
    }
    assert invented == set()


def test_an_error_has_a_text_and_a_status():
    for package in PACKAGES:
        for error in errors_of(package):
            assert isinstance(error.code, str)
            assert 400 <= error.status < 600


def test_operations_are_functions_named_as_the_operation_and_have_a_docstring():
    undocumented = {
        operation.action
        for found in service.services().values()
        for operation in found
        if not (operation.function.__doc__ or "").strip()
    }
    assert undocumented == set()
