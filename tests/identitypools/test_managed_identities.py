"""Identities as their owner sees them (looked at, listed, deleted), and logins taken away by their user."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from identity.core.models import Event
from identity.identitypools import identities
from identity.identitypools.models import Identity, Login
from tests import aws
from tests.identitypools import world
from tests.identitypools.test_identities import FORBIDDEN, MISMATCH, get_id, use
from tests.identitypools.world import NOBODY, limited, set_roles

pytestmark = pytest.mark.core_suite


@pytest.fixture
def pool(cognito_identity: Any, user_pool: world.UserPool, second: world.UserPool, make_pool: Any) -> str:
    """An identity pool of two user pools and a developer."""
    pool_id: str = make_pool(
        CognitoIdentityProviders=[user_pool.entry(), second.entry()], DeveloperProviderName="login.notes"
    )
    roles = {
        "authenticated": world.role("known", pool_id).arn,
        "unauthenticated": world.role("guest", pool_id, amr="unauthenticated").arn,
    }
    set_roles(cognito_identity, pool_id, **roles)
    return pool_id


def listed(client: Any, pool_id: str, **given: Any) -> list[str]:
    found, token = [], {}
    while True:
        page = client.list_identities(IdentityPoolId=pool_id, MaxResults=2, **given, **token)
        assert page["IdentityPoolId"] == pool_id
        assert len(page["Identities"]) <= 2
        found += [identity["IdentityId"] for identity in page["Identities"]]
        if "NextToken" not in page:
            return found
        token = {"NextToken": page["NextToken"]}


def test_an_identity_is_described_by_its_providers_names_only(
    anyone: Any, cognito_identity: Any, user_pool: world.UserPool, second: world.UserPool, pool: str
) -> None:
    both = user_pool.logins("ana-is-secret") | second.logins("ana too")
    known, guest = get_id(anyone, pool, **both), get_id(anyone, pool)

    described = cognito_identity.describe_identity(IdentityId=known)

    row = Identity.objects.get(pk=known)
    assert described["IdentityId"] == known
    assert set(described["Logins"]) == {user_pool.provider, second.provider}
    assert (described["CreationDate"], described["LastModifiedDate"]) == (row.created_at, row.modified_at)
    assert "ana-is-secret" not in str(described)
    assert cognito_identity.describe_identity(IdentityId=guest)["Logins"] == []


def test_several_users_of_a_developer_are_one_name(cognito_identity: Any, pool: str) -> None:
    for user in ("ana", "ana too"):
        cognito_identity.get_open_id_token_for_developer_identity(
            IdentityPoolId=pool, Logins={"login.notes": user}
        )
    merged = cognito_identity.merge_developer_identities(
        IdentityPoolId=pool,
        DeveloperProviderName="login.notes",
        SourceUserIdentifier="ana",
        DestinationUserIdentifier="ana too",
    )["IdentityId"]

    assert cognito_identity.describe_identity(IdentityId=merged)["Logins"] == ["login.notes"]


def test_an_unknown_identity_and_one_of_another_region_are_not_found(
    cognito_identity: Any, admin_key: tuple[str, str], anyone: Any, pool: str
) -> None:
    known = get_id(anyone, pool)
    elsewhere = aws.client(
        "cognito-identity", access_key=admin_key[0], secret=admin_key[1], region="eu-west-1"
    )

    for client, identity_id in ((cognito_identity, NOBODY), (elsewhere, known)):
        assert aws.refusal(client.describe_identity, IdentityId=identity_id) == (
            "ResourceNotFoundException",
            f"Identity '{identity_id}' not found.",
        )


def test_identities_are_listed_page_by_page(
    anyone: Any, cognito_identity: Any, pool: str, make_pool: Any
) -> None:
    made = sorted(get_id(anyone, pool) for _ in range(5))
    get_id(anyone, make_pool())

    assert listed(cognito_identity, pool) == made


def test_disabled_identities_are_hidden_on_wish(anyone: Any, cognito_identity: Any, pool: str) -> None:
    gone, kept = get_id(anyone, pool), get_id(anyone, pool)
    identities.disable(Identity.objects.get(pk=gone))

    assert set(listed(cognito_identity, pool)) == {gone, kept}
    assert set(listed(cognito_identity, pool, HideDisabled=False)) == {gone, kept}
    assert listed(cognito_identity, pool, HideDisabled=True) == [kept]


def test_a_page_token_counts_for_its_own_list_only(anyone: Any, cognito_identity: Any, pool: str) -> None:
    for _ in range(3):
        get_id(anyone, pool)
    token = cognito_identity.list_identities(IdentityPoolId=pool, MaxResults=1)["NextToken"]
    members = {"IdentityPoolId": pool, "MaxResults": 1, "NextToken": token}

    assert cognito_identity.list_identities(**members)
    code, _ = aws.refusal(cognito_identity.list_identities, **members, HideDisabled=True)
    assert code == "InvalidParameterException"


def test_a_page_costs_the_same_however_many_logins(
    anyone: Any,
    cognito_identity: Any,
    user_pool: world.UserPool,
    pool: str,
    django_assert_max_num_queries: Any,
) -> None:
    for number in range(6):
        get_id(anyone, pool, **user_pool.logins(f"user {number}"))
    cognito_identity.list_identities(IdentityPoolId=pool, MaxResults=1)

    with django_assert_max_num_queries(6):
        cognito_identity.list_identities(IdentityPoolId=pool, MaxResults=60)


def test_an_unknown_pool_has_no_list(cognito_identity: Any) -> None:
    found = aws.refusal(cognito_identity.list_identities, IdentityPoolId=NOBODY, MaxResults=1)

    assert found == ("ResourceNotFoundException", f"IdentityPool '{NOBODY}' not found.")


def test_identities_are_deleted_and_what_is_none_of_ours_is_told_by_id(
    anyone: Any, cognito_identity: Any, user_pool: world.UserPool, pool: str
) -> None:
    guest, known = get_id(anyone, pool), get_id(anyone, pool, **user_pool.logins())
    foreign = "eu-west-1:00000000-0000-4000-8000-000000000000"

    answered = cognito_identity.delete_identities(IdentityIdsToDelete=[guest, NOBODY, known, foreign, guest])

    assert answered["UnprocessedIdentityIds"] == [
        {"IdentityId": NOBODY, "ErrorCode": "AccessDenied"},
        {"IdentityId": foreign, "ErrorCode": "AccessDenied"},
    ]
    assert not Identity.objects.exists()
    assert (
        aws.refusal(anyone.get_credentials_for_identity, IdentityId=guest)[1]
        == f"Identity '{guest}' not found."
    )
    assert get_id(anyone, pool, **user_pool.logins()) != known
    assert Event.objects.filter(tag="identitypools:identity:deleted").count() == 2


def test_ids_merged_into_a_deleted_identity_go_with_it(
    anyone: Any, cognito_identity: Any, user_pool: world.UserPool, pool: str
) -> None:
    guest = get_id(anyone, pool)
    known = get_id(anyone, pool, **user_pool.logins())
    use(anyone, guest, **user_pool.logins())

    cognito_identity.delete_identities(IdentityIdsToDelete=[known])

    assert not Identity.objects.exists()
    assert not Login.objects.exists()


def test_rights_on_a_pools_arn_are_none_on_single_identities(anyone: Any, pool: str) -> None:
    arn = f"arn:aws:cognito-identity:us-east-1:000000000000:identitypool/{pool}"
    client = limited({"Action": "cognito-identity:*", "Resource": arn})
    guest = get_id(anyone, pool)

    assert client.list_identities(IdentityPoolId=pool, MaxResults=1)["Identities"]
    for identity_id in (guest, NOBODY):  # who may not ask doesn't learn which ids there are
        assert aws.refusal(client.describe_identity, IdentityId=identity_id)[0] == "AccessDeniedException"
    assert aws.refusal(client.delete_identities, IdentityIdsToDelete=[guest])[0] == "AccessDeniedException"
    assert Identity.objects.get().pk == guest


def test_a_condition_key_narrows_rights_to_the_identities_of_a_pool(
    anyone: Any, pool: str, make_pool: Any
) -> None:
    client = limited(
        {
            "Action": ["cognito-identity:DescribeIdentity", "cognito-identity:DeleteIdentities"],
            "Resource": "*",
            "Condition": {
                "StringEquals": {
                    "cognito-identity:IdentityPoolArn": "arn:aws:cognito-identity:us-east-1:"
                    f"000000000000:identitypool/{pool}"
                }
            },
        }
    )
    mine, foreign = get_id(anyone, pool), get_id(anyone, make_pool())

    assert client.describe_identity(IdentityId=mine)["IdentityId"] == mine
    assert aws.refusal(client.describe_identity, IdentityId=foreign)[0] == "AccessDeniedException"
    answered = client.delete_identities(IdentityIdsToDelete=[mine, foreign])
    assert answered["UnprocessedIdentityIds"] == [{"IdentityId": foreign, "ErrorCode": "AccessDenied"}]
    assert Identity.objects.get().pk == foreign


def test_an_unlinked_login_is_a_new_identity_the_next_time(
    anyone: Any, user_pool: world.UserPool, second: world.UserPool, pool: str
) -> None:
    mine = user_pool.logins("ana")
    both = mine | second.logins("ana too")
    known = get_id(anyone, pool, **both)

    anyone.unlink_identity(IdentityId=known, Logins=mine, LoginsToRemove=[user_pool.provider])

    assert get_id(anyone, pool, **mine) != known
    assert get_id(anyone, pool, **second.logins("ana too")) == known


def test_the_login_may_be_named_by_our_own_issuer(
    anyone: Any, user_pool: world.UserPool, second: world.UserPool, pool: str
) -> None:
    known = get_id(anyone, pool, **user_pool.logins("ana"), **second.logins("ana too"))

    anyone.unlink_identity(
        IdentityId=known, Logins=user_pool.logins("ana"), LoginsToRemove=[user_pool.own_name]
    )

    assert Login.objects.get().provider == second.provider


def test_without_its_last_login_an_identity_is_nobodys(
    anyone: Any, user_pool: world.UserPool, pool: str
) -> None:
    known = get_id(anyone, pool, **user_pool.logins())
    everything = {"IdentityId": known, "Logins": user_pool.logins(), "LoginsToRemove": [user_pool.provider]}

    anyone.unlink_identity(**everything)

    assert Identity.objects.get().state == "disabled"
    forbidden = ("NotAuthorizedException", FORBIDDEN.format(known))
    assert aws.refusal(anyone.unlink_identity, **everything) == forbidden
    assert aws.refusal(use, anyone=anyone, identity_id=known) == forbidden
    identities.enable(Identity.objects.get())  # would make a guest of it, open to who knows the id
    assert Identity.objects.get().state == "disabled"


def test_what_is_removed_must_be_proven(
    anyone: Any, user_pool: world.UserPool, second: world.UserPool, pool: str
) -> None:
    known = get_id(anyone, pool, **user_pool.logins("ana"), **second.logins("ana too"))
    get_id(anyone, pool, **second.logins("ben"))

    def answer(logins: dict[str, str], *removed: str, identity_id: str = known) -> tuple[str, str]:
        return aws.refusal(
            anyone.unlink_identity, IdentityId=identity_id, Logins=logins, LoginsToRemove=list(removed)
        )

    mismatch = ("NotAuthorizedException", MISMATCH)
    assert answer({}, user_pool.provider) == ("NotAuthorizedException", FORBIDDEN.format(known))
    assert answer(user_pool.logins("ana"), second.provider) == mismatch
    assert answer(second.logins("ben"), second.provider) == mismatch
    assert answer(user_pool.logins("nobody"), user_pool.provider) == mismatch
    assert answer(user_pool.logins("ana"))[0] == "InvalidParameterException"
    assert answer(user_pool.logins("ana"), "login.notes") == (
        "InvalidParameterException",
        "Please provide a valid public provider.",
    )
    bad = {user_pool.provider: "a.b.c"}
    assert answer(bad, user_pool.provider)[0] == "NotAuthorizedException"
    assert answer(user_pool.logins("ana"), user_pool.provider, identity_id=NOBODY) == (
        "ResourceNotFoundException",
        f"Identity '{NOBODY}' not found.",
    )
    assert Login.objects.count() == 3


def test_one_of_two_that_is_not_linked_takes_nothing_away(
    anyone: Any, user_pool: world.UserPool, second: world.UserPool, pool: str
) -> None:
    known = get_id(anyone, pool, **user_pool.logins("ana"), **second.logins("ana too"))
    logins = user_pool.logins("ana") | second.logins("stranger")

    found = aws.refusal(
        anyone.unlink_identity,
        IdentityId=known,
        Logins=logins,
        LoginsToRemove=[user_pool.provider, second.provider],
    )

    assert found == ("NotAuthorizedException", MISMATCH)
    assert Login.objects.count() == 2


def test_an_old_guest_id_unlinks_from_where_it_was_merged_to(
    anyone: Any, user_pool: world.UserPool, second: world.UserPool, pool: str
) -> None:
    guest = get_id(anyone, pool)
    known = get_id(anyone, pool, **user_pool.logins("ana"), **second.logins("ana too"))
    use(anyone, guest, **user_pool.logins("ana"))

    anyone.unlink_identity(
        IdentityId=guest, Logins=user_pool.logins("ana"), LoginsToRemove=[user_pool.provider]
    )

    assert Login.objects.get().identity_id == known


def test_a_known_login_still_costs_two_queries(
    anyone: Any, user_pool: world.UserPool, pool: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    get_id(anyone, pool, **user_pool.logins())

    with django_assert_num_queries(2):
        get_id(anyone, pool, **user_pool.logins())
