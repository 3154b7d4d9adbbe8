"""The client's half of SRP, with gmpy2 so that the client is not what limits."""

import base64
import datetime
import hashlib
import hmac
import os

import gmpy2

from benchmarks.client import Wire
from identity.userpools import srp

N = gmpy2.mpz(int(srp.N))
K = int("538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6", 16)


def pad(number: int) -> bytes:
    """The bytes of a non-negative integer as Java's BigInteger writes them: a leading zero before a high bit."""
    return int(number).to_bytes(int(number).bit_length() // 8 + 1, "big")


def digest(data: bytes) -> int:
    return int.from_bytes(hashlib.sha256(data).digest(), "big")


def sign_in(wire: Wire, pool_id: str, client_id: str, username: str, password: str) -> dict[str, str]:
    """Sign in by USER_SRP_AUTH; the AuthenticationResult."""
    secret = int.from_bytes(os.urandom(32), "big")
    public = gmpy2.powmod(2, secret, N)
    asked = wire.idp(
        "InitiateAuth",
        ClientId=client_id,
        AuthFlow="USER_SRP_AUTH",
        AuthParameters={"USERNAME": username, "SRP_A": f"{int(public):x}"},
    )["ChallengeParameters"]
    user, pool_name = asked["USER_ID_FOR_SRP"], pool_id.split("_", 1)[1]
    server = int(asked["SRP_B"], 16)
    scramble = digest(pad(int(public)) + pad(server))
    inner = hashlib.sha256(f"{pool_name}{user}:{password}".encode()).digest()
    private = digest(pad(int(asked["SALT"], 16)) + inner)
    shared = gmpy2.powmod(server - K * gmpy2.powmod(2, private, N), secret + scramble * private, N)
    extracted = hmac.digest(pad(scramble), pad(int(shared)), "sha256")
    key = hmac.digest(extracted, b"Caldera Derived Key\x01", "sha256")[:16]
    now = datetime.datetime.now(datetime.UTC)
    stamp = f"{now:%a %b} {now.day} {now:%H:%M:%S} UTC {now:%Y}"
    block = asked["SECRET_BLOCK"]
    message = pool_name.encode() + user.encode() + base64.b64decode(block) + stamp.encode()
    answer = wire.idp(
        "RespondToAuthChallenge",
        ClientId=client_id,
        ChallengeName="PASSWORD_VERIFIER",
        ChallengeResponses={
            "USERNAME": user,
            "PASSWORD_CLAIM_SECRET_BLOCK": block,
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(hmac.digest(key, message, "sha256")).decode(),
            "TIMESTAMP": stamp,
        },
    )
    result: dict[str, str] = answer["AuthenticationResult"]
    return result
