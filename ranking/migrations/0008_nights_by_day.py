import datetime

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ranking', '0007_releases_told'),
    ]

    operations = [
        migrations.AddField(
            model_name='run',
            name='thinned_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='night',
            name='day',
            field=models.DateField(default=datetime.date(2026, 1, 1), unique=True),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name='night',
            name='run',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='night', to='ranking.run'),
        ),
    ]
