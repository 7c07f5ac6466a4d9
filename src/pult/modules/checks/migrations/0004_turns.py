from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("checks", "0003_kinds"),
    ]

    operations = [
        migrations.AddField(
            model_name="check",
            name="reuse_pending",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="usage",
            name="last_turn_at",
            field=models.DateTimeField(null=True),
        ),
    ]
