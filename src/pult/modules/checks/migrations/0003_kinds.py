"""A call knows its kind, since that says what it leaves behind; a finding whether it is a person at all."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('checks', '0002_phone_checks_complete'),
    ]

    operations = [
        migrations.AddField(
            model_name='call',
            name='kind',
            field=models.CharField(db_default='phone', default='phone', max_length=20),
        ),
        migrations.AddField(
            model_name='finding',
            name='entity',
            field=models.CharField(choices=[('user', 'person'), ('bot', 'bot'), ('channel', 'channel'), ('group', 'group')], db_default='user', default='user', max_length=10),
        ),
    ]
