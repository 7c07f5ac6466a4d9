from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0003_hand_over"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="auditentry",
            options={"verbose_name": "audit entry", "verbose_name_plural": "audit trail"},
        ),
    ]
