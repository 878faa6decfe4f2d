"""What changed on each page, kept apart from a comparison's figures, which are read far oftener."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ranking", "0008_nights_by_day")]

    operations = [
        migrations.AddField(
            model_name="comparison",
            name="by_page",
            field=models.JSONField(blank=True, default=list),
        ),
    ]
