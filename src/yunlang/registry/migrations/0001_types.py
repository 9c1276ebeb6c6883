"""What constraints stand on: ranges of one value, and the check character of GB 32100-2015."""

from django.db import migrations

_RANGES = """
CREATE TYPE uuid_range AS RANGE (subtype = uuid);
CREATE TYPE text_range AS RANGE (subtype = text, collation = "C");
"""

# The same rule as yunlang.registry.core.credit_code; a test holds both to the same codes.
_CREDIT_CODE = """
CREATE FUNCTION credit_code_valid(code text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT code ~ '^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$' AND (
        SELECT sum((position(substr(code, place, 1) IN '0123456789ABCDEFGHJKLMNPQRTUWXY') - 1)
                   * (ARRAY[1,3,9,27,19,26,16,17,20,29,25,13,8,24,10,30,28,1])[place]) % 31 = 0
        FROM generate_series(1, 18) AS place)
$$;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(_RANGES, "DROP TYPE uuid_range; DROP TYPE text_range;"),
        migrations.RunSQL(_CREDIT_CODE, "DROP FUNCTION credit_code_valid(text);"),
    ]
