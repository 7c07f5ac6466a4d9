from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("telegram", "0003_proxies_and_probes"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="account",
            options={"verbose_name": "account", "verbose_name_plural": "accounts"},
        ),
        migrations.AlterModelOptions(
            name="budget",
            options={"verbose_name": "budget", "verbose_name_plural": "budgets"},
        ),
        migrations.AlterModelOptions(
            name="keypair",
            options={"verbose_name": "key pair", "verbose_name_plural": "key pairs"},
        ),
        migrations.AlterModelOptions(
            name="signin",
            options={"verbose_name": "sign-in of an account", "verbose_name_plural": "sign-ins of accounts"},
        ),
    ]
