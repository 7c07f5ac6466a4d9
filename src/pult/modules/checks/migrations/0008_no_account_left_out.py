from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('checks', '0007_no_limit_for_one'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='number',
            name='not_by',
        ),
    ]
