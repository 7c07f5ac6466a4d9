from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("bots", "0003_conversations_by_age"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="bot",
            options={"verbose_name": "bot", "verbose_name_plural": "bots"},
        ),
        migrations.AlterModelOptions(
            name="chat",
            options={"verbose_name": "chat", "verbose_name_plural": "chats"},
        ),
        migrations.AlterModelOptions(
            name="conversation",
            options={"verbose_name": "conversation", "verbose_name_plural": "conversations"},
        ),
        migrations.AlterModelOptions(
            name="livescreen",
            options={"verbose_name": "live screen", "verbose_name_plural": "live screens"},
        ),
        migrations.AlterModelOptions(
            name="outgoing",
            options={"verbose_name": "outgoing message", "verbose_name_plural": "outgoing messages"},
        ),
        migrations.AlterModelOptions(
            name="update",
            options={"verbose_name": "update", "verbose_name_plural": "updates"},
        ),
    ]
