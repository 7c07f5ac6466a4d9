from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("checks", "0004_turns"),
    ]

    operations = [
        migrations.AddField(
            model_name="check",
            name="start_at_once",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
