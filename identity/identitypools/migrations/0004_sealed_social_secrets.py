import json

from django.db import migrations, models
from django.db.models import F

from identity.core import sealing

WITH_SECRET = ("api.twitter.com", "www.digits.com")


def seal(apps, schema_editor):
    """Take the secrets that settings hold in clear out of them."""
    pools = apps.get_model("identity_identitypools", "IdentityPool").objects
    for pool in pools.iterator():
        given = pool.settings.get("SupportedLoginProviders", {})
        secrets = {name: given[name].partition(";")[2] for name in WITH_SECRET if ";" in given.get(name, "")}
        if secrets:
            plain = {name: app.partition(";")[0] if name in secrets else app for name, app in given.items()}
            pools.filter(pk=pool.pk).update(
                settings={**pool.settings, "SupportedLoginProviders": plain},
                sealed_social_secrets=sealing.seal_text(json.dumps(secrets), bound_to=_bound_to(pool.pk)),
                revision=F("revision") + 1,
            )


def unseal(apps, schema_editor):
    pools = apps.get_model("identity_identitypools", "IdentityPool").objects
    for pool in pools.exclude(sealed_social_secrets="").iterator():
        secrets = json.loads(sealing.open_text(pool.sealed_social_secrets, bound_to=_bound_to(pool.pk)))
        given = pool.settings.get("SupportedLoginProviders", {})
        whole = {name: f"{app};{secrets[name]}" if name in secrets else app for name, app in given.items()}
        pools.filter(pk=pool.pk).update(
            settings={**pool.settings, "SupportedLoginProviders": whole}, revision=F("revision") + 1
        )


def _bound_to(pool_id):
    return f"identity pool's social secrets\0{pool_id}"


class Migration(migrations.Migration):
    dependencies = [
        ("identity_identitypools", "0003_broker"),
    ]

    operations = [
        migrations.AddField(
            model_name="identitypool",
            name="sealed_social_secrets",
            field=models.TextField(blank=True, default="", editable=False),
        ),
        migrations.RunPython(seal, unseal),
    ]
