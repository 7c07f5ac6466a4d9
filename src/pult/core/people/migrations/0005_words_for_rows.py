from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_telegram_people"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="application",
            options={"verbose_name": "application", "verbose_name_plural": "applications"},
        ),
        migrations.AlterModelOptions(
            name="browsersession",
            options={"verbose_name": "browser session", "verbose_name_plural": "browser sessions"},
        ),
        migrations.AlterModelOptions(
            name="entrylink",
            options={"verbose_name": "entry link", "verbose_name_plural": "entry links"},
        ),
        migrations.AlterModelOptions(
            name="permissionchoice",
            options={"verbose_name": "right of a role", "verbose_name_plural": "rights of roles"},
        ),
        migrations.AlterModelOptions(
            name="person",
            options={"verbose_name": "person", "verbose_name_plural": "people"},
        ),
        migrations.AlterModelOptions(
            name="secondfactordemand",
            options={
                "verbose_name": "demand of a second factor",
                "verbose_name_plural": "demands of a second factor",
            },
        ),
        migrations.AlterModelOptions(
            name="signincode",
            options={"verbose_name": "sign-in code", "verbose_name_plural": "sign-in codes"},
        ),
        migrations.AlterModelOptions(
            name="telegramidentity",
            options={"verbose_name": "Telegram user", "verbose_name_plural": "Telegram users"},
        ),
    ]
