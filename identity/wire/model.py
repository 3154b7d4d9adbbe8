"""Reads botocore's service models from its data folder, without importing botocore (200 ms and 37 MB)."""

import gzip
import importlib.util
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

SERVICES = ("cognito-idp", "cognito-identity", "cognito-sync", "sts", "iam")

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class UnknownService(LookupError):
    """botocore has no model of that name."""


@cache
def load(name: str) -> dict[str, Any]:
    """The newest model of a service as plain JSON. Shared and therefore not to be changed."""
    versions = sorted(path for path in (_data_folder() / name).glob("*") if path.is_dir())
    if not versions:
        raise UnknownService(name)
    with gzip.open(versions[-1] / "service-2.json.gz", "rt", encoding="utf-8") as file:
        model: dict[str, Any] = json.load(file)
    return model


def snake(wire_name: str) -> str:
    """``SetUserMFAPreference`` becomes ``set_user_mfa_preference``."""
    return _WORD_START.sub("_", wire_name).lower()


def _data_folder() -> Path:
    spec = importlib.util.find_spec("botocore")
    if spec is None or not spec.submodule_search_locations:
        raise UnknownService("botocore is not installed")
    return Path(spec.submodule_search_locations[0]) / "data"
