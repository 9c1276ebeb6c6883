"""Comma-, semicolon- and tab-separated text (RFC 4180), in and out, with formulas defused on the way out.

Excel runs a cell that begins with ``=`` as a formula when it opens a .csv file. `defuse` puts an apostrophe before such
a text, and before a text of that shape that has apostrophes already, so that `restore` gives back exactly what was.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from yunlang.kit.tables.errors import CellTooLongError, UnbalancedQuotesError
from yunlang.kit.tables.model import RawRow, TableLimits

# OWASP's list (CSV injection), with the full-width signs that Excel folds in East Asian settings.
_DANGEROUS = re.compile(r"'*\s*[=+\-@＝＋－＠\t\r\n]")
_DELIMITERS = (",", ";", "\t")
_SNIFFED = 64 * 1024


def defuse(text: str) -> str:
    """Return `text` with an apostrophe before it where a spreadsheet program might run it.

    >>> defuse("=1+1"), defuse("'=1+1"), defuse("it's")
    ("'=1+1", "''=1+1", "it's")
    """
    return "'" + text if _DANGEROUS.match(text) else text


def restore(text: str) -> str:
    """Return what `defuse` was given; other text as it is."""
    return text[1:] if text[:1] == "'" and _DANGEROUS.match(text) else text


def is_dangerous(text: str) -> bool:
    """Tell whether a spreadsheet program might run `text` as a formula."""
    return _DANGEROUS.match(text) is not None


def delimiter_of(head: str, tab_first: bool = False) -> str:
    """Return the delimiter: the one most frequent outside quotes in the first line that is not blank.

    Excel's own ``sep=;`` line decides where it is there.
    """
    declared = re.match(r"sep=([,;\t])\r?\n?", head, re.IGNORECASE)
    if declared:
        return declared[1]
    counts = dict.fromkeys(_DELIMITERS, 0)
    quoted = False
    for character in head.lstrip("\r\n")[:_SNIFFED]:
        if character == '"':
            quoted = not quoted
        elif not quoted and character in counts:
            counts[character] += 1
        elif not quoted and character in "\r\n":
            break
    order = ("\t", ",", ";") if tab_first else _DELIMITERS
    return max(order, key=counts.__getitem__)


def delimited_rows(lines: Iterator[str], delimiter: str, limits: TableLimits) -> Iterator[RawRow]:
    """Yield the records; a record with line breaks inside quotes is one row, as in Excel.

    Raises
    ------
    UnbalancedQuotesError, CellTooLongError
    """
    longest = limits.columns * limits.cell_characters // 4
    fed = 0
    number = 0

    def counted() -> Iterator[str]:
        nonlocal fed
        for line in lines:
            fed += len(line)
            if fed > longest:
                raise CellTooLongError(row=number + 1, limit=limits.cell_characters)
            if number == 0 and re.match(r"sep=[,;\t]\r?\n?$", line, re.IGNORECASE):
                fed = 0
                continue
            yield line

    reader = csv.reader(counted(), delimiter=delimiter, strict=True)
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            if "limit" in str(error):
                raise CellTooLongError(row=number + 1, limit=limits.cell_characters) from error
            raise UnbalancedQuotesError(row=number + 1) from error
        if cells is None:
            return
        number += 1
        if fed > limits.cell_characters and any(len(cell) > limits.cell_characters for cell in cells):
            raise CellTooLongError(row=number, limit=limits.cell_characters)
        fed = 0
        yield number, [restore(cell) if cell else None for cell in cells], []
