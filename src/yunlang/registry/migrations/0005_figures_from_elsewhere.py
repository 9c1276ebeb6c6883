from django.db import migrations, models

AREAS = [("city", "城市"), ("corridor", "九城市"), ("yangtze_delta", "长三角"), ("elsewhere", "走廊以外")]


class Migration(migrations.Migration):
    dependencies = [("registry", "0004_import_progress")]

    operations = [
        migrations.RemoveConstraint(model_name="figure", name="figure_area_known"),
        migrations.AlterField(
            model_name="figure",
            name="area",
            field=models.CharField(choices=AREAS, default="corridor", max_length=20),
        ),
        migrations.AddConstraint(
            model_name="figure",
            constraint=models.CheckConstraint(
                condition=models.Q(("area__in", [key for key, _ in AREAS])), name="figure_area_known"
            ),
        ),
    ]
