"""A provider's name becomes a column, so that the database keeps one provider of one ARN."""

import logging

from django.db import migrations, models

log = logging.getLogger("identity.iam")


def fill_names(apps, schema_editor):
    """Of several providers with one ARN the one stays that answered until now: https before http, then the one
    without a last slash. The others were never asked, and would start to count when that one is deleted."""
    providers = apps.get_model("identity_iam", "OidcProvider").objects
    taken = set()
    for row in sorted(providers.all(), key=lambda row: (not row.url.startswith("https://"), row.url)):
        row.name = row.url.partition("://")[2].removesuffix("/")
        if row.name in taken:
            log.warning("OpenID Connect provider %s is deleted: another one has the same ARN", row.url)
            row.delete()
        else:
            taken.add(row.name)
            row.save(update_fields=["name"])


class Migration(migrations.Migration):

    dependencies = [
        ('identity_iam', '0004_policy_versions'),
    ]

    operations = [
        migrations.AddField(
            model_name='oidcprovider',
            name='name',
            field=models.CharField(max_length=255, null=True, editable=False),
        ),
        migrations.RunPython(fill_names, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='oidcprovider',
            name='name',
            field=models.CharField(blank=True, editable=False, help_text='As condition keys and ARNs name it: follows from the URL.', max_length=255, unique=True),
        ),
    ]
