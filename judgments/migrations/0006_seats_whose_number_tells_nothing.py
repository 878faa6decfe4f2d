from django.db import migrations, models

import judgments.models.campaigns


class Migration(migrations.Migration):
    dependencies = [("judgments", "0005_what_key_presses_told")]

    operations = [
        migrations.AlterField(
            model_name="seat",
            name="id",
            field=models.BigAutoField(
                default=judgments.models.campaigns.seat_number, primary_key=True, serialize=False
            ),
        ),
    ]
