"""An import knows whether it makes drafts, and when its first row was taken."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0003_credit_code_check")]
    operations = [
        migrations.AddField("importbatch", "draft", models.BooleanField(default=False)),
        migrations.AddField("importbatch", "started_at", models.DateTimeField(null=True)),
    ]
