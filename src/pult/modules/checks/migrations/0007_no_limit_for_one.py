from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("checks", "0006_suspended_canaries")]

    operations = [
        migrations.AlterField(
            model_name="allowance", name="numbers_per_day", field=models.PositiveIntegerField(null=True)
        ),
        migrations.AddConstraint(
            model_name="allowance",
            constraint=models.CheckConstraint(
                condition=models.Q(scope="person") | models.Q(numbers_per_day__isnull=False),
                name="checks_allowance_says_how_many",
            ),
        ),
    ]
