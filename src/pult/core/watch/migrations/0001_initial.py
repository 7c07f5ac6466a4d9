from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Backup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("made_at", models.DateTimeField()),
                ("size", models.BigIntegerField()),
            ],
            options={"db_table": "watch_backup"},
        ),
        migrations.CreateModel(
            name="JobFailure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("job_id", models.BigIntegerField(unique=True)),
                ("name", models.CharField(max_length=128)),
                ("error", models.CharField(max_length=100)),
                ("said", models.CharField(blank=True, max_length=300)),
                ("at", models.DateTimeField(db_index=True)),
            ],
            options={"db_table": "watch_job_failure"},
        ),
        migrations.CreateModel(
            name="RunningProcess",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("web", "Web"), ("worker", "Worker")], max_length=10)),
                ("host", models.CharField(max_length=255)),
                ("pid", models.IntegerField()),
                ("version", models.CharField(max_length=40)),
                ("started_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("memory", models.BigIntegerField(default=0)),
                ("live_pages", models.IntegerField(null=True)),
            ],
            options={"db_table": "watch_running_process"},
        ),
    ]
