"""The bare cost of the cryptography an operation cannot do without, measured in the same run and on the same core."""

import hashlib
from collections.abc import Callable, Mapping
from functools import cache

import gmpy2
import jwt
from argon2.low_level import Type, hash_secret
from cryptography.hazmat.primitives.asymmetric import rsa

from benchmarks import cpu
from identity.userpools import srp

Needs = Mapping[str, int]
"""What one operation does how often, in the names of ``works``."""


@cache
def works() -> dict[str, Callable[[], object]]:
    """Argon2id (19 MiB, t=2, p=1), SRP's powers as the server computes them, RS256."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    token = jwt.encode({"sub": "x" * 36, "iat": 1}, key, algorithm="RS256")
    public = key.public_key()
    modulus = gmpy2.mpz(int(srp.N))
    exponent = gmpy2.mpz(int.from_bytes(hashlib.sha256(b"b").digest(), "big"))
    base = gmpy2.powmod(2, exponent, modulus)
    return {
        "argon2": lambda: hash_secret(b"Corr3ct-horse", b"0" * 16, 2, 19456, 1, 32, Type.ID),
        "power": lambda: gmpy2.powmod(base, exponent, modulus),
        "power_of_g": lambda: gmpy2.powmod(2, exponent, modulus),
        "rs256": lambda: jwt.encode({"sub": "x" * 36, "iat": 1}, key, algorithm="RS256"),
        "rs256_verify": lambda: jwt.decode(token, public, algorithms=["RS256"]),
    }


def cost(needs: Needs, *, core: int) -> float:
    """CPU seconds of one operation's cryptography on ``core``, as it runs at this moment."""
    with cpu.on(core):
        return sum(times * cpu.thread_cost(works()[name], seconds_long=0.4) for name, times in needs.items())
