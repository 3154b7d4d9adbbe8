"""The bare cost of the cryptography an operation cannot do without, measured in the same run."""

import hashlib

import gmpy2
import jwt
from argon2.low_level import Type, hash_secret
from cryptography.hazmat.primitives.asymmetric import rsa

from benchmarks import cpu
from identity.userpools import srp


def costs() -> dict[str, float]:
    """CPU seconds a call: Argon2id (19 MiB, t=2, p=1), SRP as the server computes it, RS256 sign and verify."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    token = jwt.encode({"sub": "x" * 36, "iat": 1}, key, algorithm="RS256")
    public = key.public_key()
    modulus = gmpy2.mpz(int(srp.N))
    exponent = gmpy2.mpz(int.from_bytes(hashlib.sha256(b"b").digest(), "big"))
    base = gmpy2.powmod(2, exponent, modulus)
    power = cpu.thread_cost(lambda: gmpy2.powmod(base, exponent, modulus))
    power_of_g = cpu.thread_cost(lambda: gmpy2.powmod(2, exponent, modulus))
    return {
        "argon2": cpu.thread_cost(lambda: hash_secret(b"Corr3ct-horse", b"0" * 16, 2, 19456, 1, 32, Type.ID)),
        "srp_verifier": power_of_g,
        "srp_server": power_of_g + 2 * power,
        "rs256": cpu.thread_cost(lambda: jwt.encode({"sub": "x" * 36, "iat": 1}, key, algorithm="RS256")),
        "rs256_verify": cpu.thread_cost(lambda: jwt.decode(token, public, algorithms=["RS256"])),
    }
