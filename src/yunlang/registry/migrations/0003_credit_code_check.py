"""A credit code in the database is a right one."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_initial")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE registry_organisation ADD CONSTRAINT organisation_credit_code_valid "
            "CHECK (credit_code IS NULL OR credit_code_valid(credit_code));",
            "ALTER TABLE registry_organisation DROP CONSTRAINT organisation_credit_code_valid;",
        )
    ]
