"""Tables in and out: Excel, CSV and JSON Lines, with hostile files refused before anything of them is used.

Read a file with `read_table`, find its columns with `map_columns`, parse each row with `kit.fields.parse_record`, sum
up in an `ImportReport`; write with `write_table`, offer a `template`.
"""

from yunlang.kit.tables.columns import ColumnMapping, MappedRow, map_columns
from yunlang.kit.tables.errors import TableError
from yunlang.kit.tables.grid import EXAMPLE_MARK
from yunlang.kit.tables.model import Cell, Row, RowProblem, TableLimits
from yunlang.kit.tables.reading import Table, TableFormat, read_table
from yunlang.kit.tables.report import ImportReport
from yunlang.kit.tables.template import template
from yunlang.kit.tables.writing import MEDIA_TYPES, Value, WriteFormat, cell_text, write_table

__all__ = [
    "EXAMPLE_MARK",
    "MEDIA_TYPES",
    "Cell",
    "ColumnMapping",
    "ImportReport",
    "MappedRow",
    "Row",
    "RowProblem",
    "Table",
    "TableError",
    "TableFormat",
    "TableLimits",
    "Value",
    "WriteFormat",
    "cell_text",
    "map_columns",
    "read_table",
    "template",
    "write_table",
]
