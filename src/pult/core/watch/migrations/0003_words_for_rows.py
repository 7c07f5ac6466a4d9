from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("watch", "0002_bots_process"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="jobfailure",
            options={"verbose_name": "failed job", "verbose_name_plural": "failed jobs"},
        ),
        migrations.AlterModelOptions(
            name="runningprocess",
            options={"verbose_name": "running process", "verbose_name_plural": "running processes"},
        ),
    ]
