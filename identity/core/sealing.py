"""Secrets at rest: AES-256-GCM under a ring of master keys, each value bound to where it belongs.

A sealed value is ``version (1) | key id (4) | nonce (12) | ciphertext and tag``. Each master key makes its own
subkeys by HKDF, so that sealing and fingerprints never share one. The first key of the ring seals, all open.
The *last* one makes fingerprints: a new key put in front leaves them as they are; taking the last one away
ends everything that is found by a fingerprint (refresh tokens, sessions, codes).
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.db import models
from django.utils.module_loading import import_string

from identity.core import ids
from identity.core.conf import settings

KEY_BYTES = 32
_VERSION = b"\x01"
_ID_BYTES = 4
_NONCE_BYTES = 12
_HEAD_BYTES = len(_VERSION) + _ID_BYTES + _NONCE_BYTES


class SealBroken(Exception):
    """Not sealed by a key of the ring, not for this place, or damaged."""


class KeyProvider(Protocol):
    """Where the master keys come from; a KMS unwraps them here. Asked once a process."""

    def master_keys(self) -> Sequence[bytes]:
        """32-byte keys, the sealing one first."""


class SettingsKeys:
    """The keys of ``IDENTITY["MASTER_KEYS"]``."""

    def master_keys(self) -> Sequence[bytes]:
        given = settings().master_keys
        if not given:
            raise ImproperlyConfigured(
                'IDENTITY["MASTER_KEYS"] is empty: secrets can be neither sealed nor opened. '
                "Give at least one key: 32 random bytes in base64."
            )
        return [decode_key(text) for text in given]


def decode_key(text: str) -> bytes:
    """A master key from its base64. Raises ``ImproperlyConfigured``, without the key in its words."""
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ImproperlyConfigured('A key in IDENTITY["MASTER_KEYS"] is not base64.') from None
    if len(key) != KEY_BYTES:
        raise ImproperlyConfigured(
            f'A key in IDENTITY["MASTER_KEYS"] has {len(key)} bytes; each must have {KEY_BYTES}.'
        )
    return key


@dataclass(frozen=True, slots=True, repr=False)
class _Key:
    id: bytes
    cipher: AESGCM
    fingerprint_key: bytes


@cache
def _ring() -> tuple[_Key, ...]:
    provider: KeyProvider = import_string(settings().key_provider)()
    ring = tuple(_key(master) for master in provider.master_keys())
    if not ring:
        raise ImproperlyConfigured("The key provider gave no master key.")
    return ring


def _key(master: bytes) -> _Key:
    if len(master) != KEY_BYTES:
        raise ImproperlyConfigured(f"A master key has {len(master)} bytes; each must have {KEY_BYTES}.")
    return _Key(
        id=_derive(master, b"identity key id")[:_ID_BYTES],
        cipher=AESGCM(_derive(master, b"identity sealing")),
        fingerprint_key=_derive(master, b"identity fingerprint"),
    )


def _derive(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose).derive(master)


def seal(plain: bytes, *, bound_to: str) -> bytes:
    """Seal under the first key. ``bound_to`` names the place: a value moved elsewhere does not open there."""
    key = _ring()[0]
    nonce = ids.random_bytes(_NONCE_BYTES)
    head = _VERSION + key.id
    return head + nonce + key.cipher.encrypt(nonce, plain, head + _utf8(bound_to))


def open(sealed: bytes | memoryview, *, bound_to: str) -> bytes:
    """Open what any key of the ring sealed for ``bound_to``. Raises ``SealBroken``."""
    sealed = bytes(sealed)  # PostgreSQL hands binary columns out as memoryview
    head, nonce = sealed[: 1 + _ID_BYTES], sealed[1 + _ID_BYTES : _HEAD_BYTES]
    if len(nonce) != _NONCE_BYTES or head[:1] != _VERSION:
        raise SealBroken("not a sealed value")
    for key in _ring():
        if key.id == head[1:]:
            try:
                return key.cipher.decrypt(nonce, sealed[_HEAD_BYTES:], head + _utf8(bound_to))
            except InvalidTag:
                continue
    raise SealBroken("no key of the ring opens this value here")


def seal_text(plain: str, *, bound_to: str) -> str:
    """``seal`` from text to text (base64), for character and JSON columns."""
    return base64.b64encode(seal(_utf8(plain), bound_to=bound_to)).decode()


def open_text(sealed: str, *, bound_to: str) -> str:
    """``open`` what ``seal_text`` sealed. Raises ``SealBroken``."""
    return open(_from_base64(sealed), bound_to=bound_to).decode("utf-8", "surrogatepass")


def _utf8(text: str) -> bytes:
    """JSON can carry half a surrogate pair: it is sealed as it is."""
    return text.encode("utf-8", "surrogatepass")


def _from_base64(sealed: str) -> bytes:
    try:
        return base64.b64decode(sealed, validate=True)
    except (binascii.Error, ValueError):
        raise SealBroken("not a sealed value") from None


def fingerprint(text: str) -> str:
    """Keyed SHA-256 in hex: finds a secret that is not kept, and says nothing without the key."""
    key = _ring()[-1].fingerprint_key
    return hmac.new(key, _utf8(text), hashlib.sha256).hexdigest()


def is_current(sealed: bytes | memoryview) -> bool:
    """Whether the first key of the ring sealed this."""
    return bytes(sealed[: 1 + _ID_BYTES]) == _VERSION + _ring()[0].id


@dataclass(frozen=True, slots=True)
class Column:
    """A sealed column. ``bound_to`` gives the binding from a row; ``member`` is set where the column is a JSON
    list of objects, each with its sealed text under that name."""

    model: type[models.Model]
    field: str
    bound_to: Callable[[Any], str]  # Any: each column has its own model
    member: str | None = None


_columns: dict[tuple[str, str], Column] = {}


def register_column(
    model: type[models.Model], field: str, *, bound_to: Callable[[Any], str], member: str | None = None
) -> None:
    """Make ``manage.py reseal`` know a sealed column. Called in ``AppConfig.ready()``."""
    _columns[model._meta.label_lower, field] = Column(model, field, bound_to, member)


def columns() -> tuple[Column, ...]:
    """The registered columns, in the order they came."""
    return tuple(_columns.values())


def resealed(column: Column, row: models.Model) -> Any:
    """The column's value sealed under the first key, or None where nothing is to be done. Raises ``SealBroken``."""
    value, bound_to = getattr(row, column.field), column.bound_to(row)
    if column.member is None:
        return _resealed(value, bound_to)
    entries = [dict(entry) for entry in value or ()]
    for entry in entries:
        entry[column.member] = _resealed(entry[column.member], bound_to) or entry[column.member]
    return entries if entries != value else None


def opens_nothing() -> bool:
    """Whether values are stored and the ring opens none: its keys are another database's.

    Asked of one row a column, so that a single damaged value proves nothing.
    """
    rows = [(column, column.model._default_manager.order_by("pk").last()) for column in _columns.values()]
    answers = [_opens(column, row) for column, row in rows if row is not None]
    return False in answers and True not in answers


def _opens(column: Column, row: models.Model) -> bool | None:
    """None where there is nothing to open."""
    if not getattr(row, column.field):
        return None
    try:
        resealed(column, row)
    except SealBroken:
        return False
    return True


def _resealed(value: Any, bound_to: str) -> Any:
    """Text stays text and bytes stay bytes. None for what is empty or sealed by the first key already."""
    raw = _from_base64(value) if isinstance(value, str) else bytes(value or b"")
    if not raw or is_current(raw):
        return None
    again = seal(open(raw, bound_to=bound_to), bound_to=bound_to)
    return base64.b64encode(again).decode() if isinstance(value, str) else again


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "IDENTITY":
        _ring.cache_clear()


# Django announces changed settings only by this signal (see conf.py).
setting_changed.connect(_forget, dispatch_uid="identity.core.sealing")
