"""Conversations are forgotten by their age."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bots", "0002_what_follows_a_message")]

    operations = [
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["changed_at"], name="bots_conversation_age"),
        ),
    ]
