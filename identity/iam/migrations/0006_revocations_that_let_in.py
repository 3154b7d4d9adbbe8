"""What lets a web identity in again is told from what ends its credentials until a moment."""

from django.db import migrations, models


def mark(apps, schema_editor):
    """Until now every row with a moment undid what stood before it."""
    rows = apps.get_model("identity_iam", "RevokedCredentials").objects
    rows.exclude(claim="").exclude(revoked_before=None).update(lets_in=True)


class Migration(migrations.Migration):

    dependencies = [
        ('identity_iam', '0005_oidc_provider_name'),
    ]

    operations = [
        migrations.AddField(
            model_name='revokedcredentials',
            name='lets_in',
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
