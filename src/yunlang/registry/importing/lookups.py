"""A lookup for thousands of values at once."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, ForeignKey, Lookup, Q
from django.db.models.sql.compiler import SQLCompiler


@ForeignKey.register_lookup
@Field.register_lookup
class AnyOf(Lookup):
    """``column = ANY(array)``: one parameter where ``in`` has one a value, so that neither side parses thousands."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        """Return the condition."""
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", (*parameters, list(self.rhs))


def any_of(**values: Any) -> Q:
    """Return the condition that each named column holds one of its values."""
    return Q(**{f"{name}__any_of": wanted for name, wanted in values.items()})
