"""The audit log is only ever added to; the counters of rate limits need no crash safety."""

from django.db import migrations

_APPEND_ONLY = """
CREATE FUNCTION audit_entry_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are never changed or removed';
END
$$;
CREATE TRIGGER audit_entry_is_final BEFORE UPDATE OR DELETE ON kit_auditentry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("kit", "0001_initial")]
    operations = [
        migrations.RunSQL(
            _APPEND_ONLY,
            "DROP TRIGGER audit_entry_is_final ON kit_auditentry; DROP FUNCTION audit_entry_is_final();",
        ),
        migrations.RunSQL("ALTER TABLE kit_ratewindow SET UNLOGGED;", "ALTER TABLE kit_ratewindow SET LOGGED;"),
    ]
