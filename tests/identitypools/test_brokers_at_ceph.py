"""The whole way to S3 at a Ceph object store, which checks all that AWS checks and was written by nobody here: sign in,
brokered credentials by a token that Ceph verifies at our issuer, objects under the identity's own prefix and no other.
"""

import base64
import hashlib
import itertools
import json
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest

from identity.core import clock, signing
from identity.identitypools import broker_tokens, brokers, keys, pools
from identity.identitypools.models import Broker, SigningKey
from tests import servers
from tests.ceph import Ceph
from tests.identitypools import world
from tests.identitypools.world import given

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(bool(servers.ceph()), reason=servers.ceph()),
    pytest.mark.xdist_group("ceph"),
]

BUCKET = "notes"


class Names:
    """A proxy by which ``http://id<n>.example`` means the test's live server: Ceph takes no issuer with a port."""

    def __init__(self) -> None:
        names = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with urllib.request.urlopen(names.target + urlsplit(self.path).path, timeout=15) as answer:
                    body = answer.read()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.target = ""
        self.numbers = itertools.count(1)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def names() -> Iterator[Names]:
    made = Names()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, names: Names) -> Iterator[Ceph]:
    made = Ceph(tmp_path_factory.mktemp("ceph"), names.url).start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def administrator(store: Ceph) -> dict[str, Any]:
    boss = store.administrator()
    store.client("s3", boss).create_bucket(Bucket=BUCKET)
    return boss


@pytest.fixture(autouse=True)
def base(live_server: Any, settings: Any, names: Names) -> None:
    """Each test has an issuer of its own: the store remembers those that it was told of."""
    names.target = live_server.url
    url = f"http://id{next(names.numbers)}.example"
    settings.IDENTITY = {**settings.IDENTITY, "BASE_URL": url, "FETCH_PRIVATE": ("127.0.0.1",)}


def text(*statements: Any) -> str:
    """Without white space: Ceph reads the + that stands for a space in a form as a plus."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))


@pytest.fixture
def broker(store: Ceph, administrator: dict[str, Any], make_pool: Any) -> Broker:
    """A role that may do all in the bucket and trusts this pool's tokens; the broker bounds it to one's own prefix."""
    pool_id = make_pool()
    made = Broker(pool=pools.get(pool_id), endpoint=store.url)
    brokers.save(made)
    iam, issuer = store.client("iam", administrator), broker_tokens.issuer()
    certificate = base64.b64decode(keys.brokers_jwks()["keys"][0]["x5c"][0])
    iam.create_open_id_connect_provider(
        Url=issuer,
        ClientIDList=[pool_id],
        ThumbprintList=[hashlib.sha1(certificate, usedforsecurity=False).hexdigest()],
    )
    name = issuer.partition("://")[2]
    trust = {
        "Effect": "Allow",
        "Principal": {"Federated": [f"arn:aws:iam:::oidc-provider/{name}"]},
        "Action": ["sts:AssumeRoleWithWebIdentity"],
        "Condition": {"StringEquals": {f"{name}:aud": pool_id}},
    }
    everything = {"Effect": "Allow", "Action": "s3:*", "Resource": [f"arn:aws:s3:::{BUCKET}/*"]}
    role = iam.create_role(RoleName=f"r{pool_id[-12:]}", AssumeRolePolicyDocument=text(trust))["Role"]
    iam.put_role_policy(RoleName=role["RoleName"], PolicyName="rights", PolicyDocument=text(everything))
    own = {
        "Action": ["s3:GetObject", "s3:PutObject"],
        "Resource": f"arn:aws:s3:::{BUCKET}/${{identity-portal:uuid}}/*",
    }
    public = {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/public/*"}
    made.authenticated_role = made.guest_role = role["Arn"]
    made.session_policy = text({"Effect": "Allow", **own})
    made.guest_session_policy = text({"Effect": "Allow", **public})
    brokers.save(made)
    return made


def uuid(answered: dict[str, Any]) -> str:
    identity_id: str = answered["IdentityId"]
    return identity_id.partition(":")[2]


def test_each_reaches_their_own_prefix_and_no_other(
    store: Ceph, administrator: dict[str, Any], anyone: Any, user_pool: world.UserPool, broker: Broker
) -> None:
    ana, bob = (given(anyone, broker.pool_id, user_pool.logins(name)) for name in ("ana", "bob"))
    guest = given(anyone, broker.pool_id)
    for prefix in (uuid(ana), uuid(bob), "public"):
        store.client("s3", administrator).put_object(
            Bucket=BUCKET, Key=f"{prefix}/hello", Body=prefix.encode()
        )

    for one, other in ((ana, bob), (bob, ana)):
        who = store.client("s3", one["Credentials"])
        assert world.read(who, BUCKET, uuid(one)) == uuid(one)
        assert world.read(who, BUCKET, uuid(other)) == "AccessDenied"
        assert world.read(who, BUCKET, "public") == "AccessDenied"
        assert who.put_object(Bucket=BUCKET, Key=f"{uuid(one)}/mine", Body=b"")
        with pytest.raises(who.exceptions.ClientError, match="AccessDenied"):
            who.put_object(Bucket=BUCKET, Key=f"{uuid(other)}/mine", Body=b"")
    visitor = store.client("s3", guest["Credentials"])
    assert world.read(visitor, BUCKET, "public") == "public"
    assert world.read(visitor, BUCKET, uuid(ana)) == "AccessDenied"
    assert world.read(visitor, BUCKET, uuid(guest)) == "AccessDenied"


def test_the_store_looks_at_the_tokens_signature(
    anyone: Any, user_pool: world.UserPool, broker: Broker, key_material: list[signing.NewKey]
) -> None:
    """Another key under our key's name signs tokens that it refuses."""
    published = keys.brokers_jwks()["keys"][0]
    stranger = next(key for key in key_material if key.public_jwk["n"] != published["n"])
    private = signing.private_key(f"stranger:{stranger.kid}", lambda: stranger.private_pem)
    good = SigningKey.objects.get(region=keys.BROKERS)

    assert given(anyone, broker.pool_id, user_pool.logins())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            keys,
            "sign",
            lambda claims, **_: signing.sign(claims, private, kid=good.kid, alg="RS256", typ="JWT"),
        )
        with pytest.raises(anyone.exceptions.InvalidIdentityPoolConfigurationException):
            given(anyone, broker.pool_id, user_pool.logins())


def test_another_pools_audience_opens_nothing(
    anyone: Any, user_pool: world.UserPool, make_pool: Any, broker: Broker
) -> None:
    other = Broker(
        pool=pools.get(make_pool()), endpoint=broker.endpoint, authenticated_role=broker.authenticated_role
    )
    brokers.save(other)

    with pytest.raises(anyone.exceptions.InvalidIdentityPoolConfigurationException):
        given(anyone, other.pool_id, user_pool.logins())


def test_keys_are_replaced_without_a_break(anyone: Any, user_pool: world.UserPool, broker: Broker) -> None:
    old = keys.current(keys.BROKERS)
    keys.make(keys.BROKERS)
    keys.retire(old)

    token = broker_tokens.issue({"sub": "x", "amr": []}, audience="x", now=clock.now())
    assert jwt.get_unverified_header(token)["kid"] == "brokers:2"
    assert given(anyone, broker.pool_id, user_pool.logins())
