"""The only user of randomness: ids, codes, tokens, passwords. All of it is fit for secrets."""

import secrets
import string
import uuid as uuids

LOWER_ALNUM = string.ascii_lowercase + string.digits
ALNUM = string.ascii_letters + string.digits

# Without the letters that people mix up when they copy a password from a mail.
_UPPER = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_LOWER = "abcdefghijkmnopqrstuvwxyz"
_DIGITS = "23456789"
# Symbols that every pool policy counts as such, and that mean nothing in HTML or a shell's double quotes.
_SYMBOLS = "#%*+-=?@_"
_PASSWORD_LENGTH = 16


def uuid() -> str:
    """A random UUID (version 4) in its usual form."""
    return str(uuids.UUID(bytes=secrets.token_bytes(16), version=4))


def user_sub() -> str:
    """The permanent id of a user."""
    return uuid()


def pool_id(region: str) -> str:
    """A user pool's id: region, underscore, nine letters or digits."""
    return f"{region}_{letters(9, ALNUM)}"


def identity_pool_id(region: str) -> str:
    """The id of an identity pool, or of an identity in one."""
    return f"{region}:{uuid()}"


def client_id() -> str:
    """An app client's id: 26 of ``[a-z0-9]``."""
    return letters(26, LOWER_ALNUM)


def client_secret() -> str:
    """An app client's secret: 52 of ``[a-z0-9]``."""
    return letters(52, LOWER_ALNUM)


def code(digits: int = 6) -> str:
    """A one-time code of decimal digits, leading zeros kept."""
    return letters(digits, string.digits)


def token(n_bytes: int = 32) -> str:
    """``n_bytes`` of randomness as unpadded base64url."""
    return secrets.token_urlsafe(n_bytes)


def letters(n: int, alphabet: str) -> str:
    """``n`` characters of ``alphabet``, each as likely."""
    return "".join(secrets.choice(alphabet) for _ in range(n))


def random_bytes(n: int) -> bytes:
    return secrets.token_bytes(n)


def password(minimum_length: int = 8) -> str:
    """A password that fits every policy of that minimum: each class of character, 16 or more in all."""
    length = max(minimum_length, _PASSWORD_LENGTH)
    classes = (_UPPER, _LOWER, _DIGITS, _SYMBOLS)
    chosen = [secrets.choice(each) for each in classes]
    chosen += letters(length - len(chosen), _UPPER + _LOWER + _DIGITS)
    secrets.SystemRandom().shuffle(chosen)
    return "".join(chosen)
