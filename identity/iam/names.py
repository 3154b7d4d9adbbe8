"""Names, paths and unique ids of IAM: their patterns and limits. Source: IAM API reference and IAM quotas."""

import base64
import string
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from identity.core import ids
from identity.core.conf import settings

UNIQUE_ID_ALPHABET: Final = string.ascii_uppercase + string.digits
MAX_TAGS: Final = 50

valid_name = RegexValidator(r"\A[\w+=,.@-]+\Z", "Use letters, digits and any of _+=,.@- only.")
valid_provider_name = RegexValidator(r"\A[A-Za-z0-9_.-]+\Z", "Use letters, digits and any of _.- only.")
valid_path = RegexValidator(r"\A/(?:[\u0021-\u007e]+/)?\Z", "A path begins and ends with a slash.")


def valid_tags(tags: object) -> None:
    """A Django validator: at most 50 tags, keys unlike ignoring case, texts within IAM's lengths."""
    if not isinstance(tags, dict) or not all(isinstance(value, str) for value in tags.values()):
        raise ValidationError("Tags are an object of texts.")
    if len(tags) > MAX_TAGS or len({key.lower() for key in tags}) != len(tags):
        raise ValidationError(f"At most {MAX_TAGS} tags, whose keys differ in more than case.")
    if any(not 1 <= len(key) <= 128 or len(value) > 256 for key, value in tags.items()):
        raise ValidationError("A tag's key has 1 to 128 characters, its value at most 256.")


def _unique_id(prefix: str) -> str:
    return prefix + ids.letters(17, UNIQUE_ID_ALPHABET)


def new_role_id() -> str:
    return _unique_id("AROA")


def new_user_id() -> str:
    return _unique_id("AIDA")


def new_policy_id() -> str:
    return _unique_id("ANPA")


def new_saml_provider_id() -> str:
    """What IAM calls the provider's UUID: at least 22 letters and digits."""
    return "ASAML" + ids.letters(19, UNIQUE_ID_ALPHABET)


def new_access_key_id(prefix: str) -> str:
    """A key id (``AKIA`` or ``ASIA``) whose letters carry the account, as clients and ``GetAccessKeyInfo`` decode it.

    The first six bytes of the base32 part hold the account shifted left by seven bits.
    """
    shifted = int(settings().account_id) << 7
    noise = int.from_bytes(ids.random_bytes(6), "big") & ~0x7FFFFFFFFF80
    return prefix + base64.b32encode((shifted | noise).to_bytes(6, "big") + ids.random_bytes(4)).decode()


def account_of(access_key_id: str) -> str:
    """The account that a key id made since 2019 carries. Raises ``ValueError`` for what is no key id.

    Sixteen letters follow the prefix; ids may be longer.
    """
    letters = access_key_id[4:20]
    number = int.from_bytes(base64.b32decode(letters + "A" * (-len(letters) % 8))[:6], "big")
    return f"{(number & 0x7FFFFFFFFF80) >> 7:012d}"


def new_secret() -> str:
    """A secret access key: 40 characters of base64's alphabet."""
    return base64.b64encode(ids.random_bytes(30)).decode()
