import pytest
from django.test import override_settings

from identity.core import checks, conf
from tests.core.keys import KEY_A, KEY_B

pytestmark = pytest.mark.core_suite


def ids_of(messages):
    return {message.id for message in messages}


def test_every_setting_has_a_default_and_a_sentence_about_it():
    with override_settings(IDENTITY={}):
        values = conf.settings()

    assert values.base_url == "http://localhost:8000"
    assert values.email_from == "no-reply@localhost"
    for each in conf.fields(conf.Settings):
        assert each.metadata["help"].endswith("."), each.name


def test_the_sender_of_mails_follows_the_base_address(identity):
    identity(BASE_URL="https://id.example.com/")

    assert conf.settings().base_url == "https://id.example.com"
    assert conf.settings().email_from == "no-reply@id.example.com"


def test_settings_follow_override_settings(identity):
    before = conf.settings().region
    identity(REGION="eu-central-1")

    assert conf.settings().region == "eu-central-1" != before


def test_secrets_are_not_in_the_repr(identity):
    identity(ADMIN_SECRET_ACCESS_KEY="hidden-secret", MASTER_KEYS=(KEY_A,))

    assert "hidden-secret" not in repr(conf.settings())
    assert KEY_A not in repr(conf.settings())


def test_the_tests_own_settings_pass_every_check():
    assert checks.check_settings() == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"REGOIN": "eu-west-1"}, "identity_core.E003"),
        ({"BASE_URL": "id.example.com"}, "identity_core.E004"),
        ({"BASE_URL": "http://[x", "EMAIL_FROM": "a@example.com"}, "identity_core.E004"),
        ({"ACCOUNT_ID": "42"}, "identity_core.E005"),
        ({"REGION": "eu west"}, "identity_core.E006"),
        ({"TRIGGER_THREADS": 0}, "identity_core.E007"),
        ({"REGIONS": ["eu-west-1"]}, "identity_core.E008"),
        ({"REGIONS": "us-east-1"}, "identity_core.E008"),  # a text instead of a list
        ({"MASTER_KEYS": ()}, "identity_core.E010"),
        ({"MASTER_KEYS": ("c2hvcnQ=",)}, "identity_core.E011"),
        ({"MASTER_KEYS": ("not base64",)}, "identity_core.E011"),
        ({"MASTER_KEYS": (KEY_A, KEY_A)}, "identity_core.E012"),
        ({"SMS_SENDER": "nowhere.send"}, "identity_core.E013"),
        ({"TRIGGERS": {"my-function": "http://x"}}, "identity_core.E014"),
        ({"TRIGGERS": {"arn:aws:lambda:r:0:function:f": "nowhere.f"}}, "identity_core.E015"),
        ({"TRIGGERS": {"arn:aws:lambda:r:0:function:f": "http://[x"}}, "identity_core.E015"),
        ({"PROVIDER_URLS": {"graph.facebook.com": "facebook.internal"}}, "identity_core.E019"),
        ({"PROVIDER_URLS": {"graph.facebook.com": "http://[x"}}, "identity_core.E019"),
        ({"PROVIDER_URLS": {"graph.facebook.com": "https://facebook.internal?x"}}, "identity_core.E019"),
        ({"TRUSTED_PROXIES": ("10.0.0.0/99",)}, "identity_core.E016"),
        ({"FETCH_PRIVATE": ("10.0.0.0/8",)}, "identity_core.E017"),
        ({"ADMIN_ACCESS_KEY_ID": "AKIA"}, "identity_core.E018"),
    ],
)
def test_a_bad_setting_is_an_error(identity, values, expected):
    identity(**values)

    assert expected in ids_of(checks.check_settings())


def test_no_check_repeats_a_key(identity):
    identity(MASTER_KEYS=(KEY_A + "x", KEY_B[:-4]))

    text = " ".join(f"{message.msg} {message.hint}" for message in checks.check_settings())

    assert "Key 1 of MASTER_KEYS" in text
    assert "Key 2 of MASTER_KEYS" in text
    assert KEY_A not in text
    assert KEY_B[:-4] not in text


def test_a_public_address_must_be_safe(identity, settings):
    identity(BASE_URL="http://id.example.com")
    settings.DEBUG, settings.ALLOWED_HOSTS = True, ["*"]

    assert ids_of(checks.check_deployment()) == {
        "identity_core.E021",
        "identity_core.E022",
        "identity_core.W023",
    }


def test_a_public_address_by_https_passes(identity, settings):
    identity(BASE_URL="https://id.example.com")
    settings.DEBUG, settings.ALLOWED_HOSTS = False, ["id.example.com", ".auth.id.example.com"]

    assert checks.check_deployment() == []


@pytest.mark.parametrize(
    "address", ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:80", "http://a.localhost"]
)
def test_the_own_machine_may_be_reached_by_http_and_debugged(identity, settings, address):
    identity(BASE_URL=address)
    settings.DEBUG = True

    assert checks.check_deployment() == []


def test_an_empty_secret_key_is_refused(identity, settings):
    settings.SECRET_KEY = ""

    assert "identity_core.E020" in ids_of(checks.check_deployment())
