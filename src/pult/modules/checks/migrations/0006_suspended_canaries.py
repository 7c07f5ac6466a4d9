from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("checks", "0005_start_at_once")]

    operations = [
        migrations.AddField(
            model_name="canary", name="suspended_at", field=models.DateTimeField(null=True)
        ),
    ]
