"""A .csv for programs rather than for Excel, and numbers in either."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from yunlang.kit.tables import cell_text, write_table


def written(rows: list[list[float | str | None]], *, for_excel: bool) -> bytes:
    stream = io.BytesIO()
    write_table("csv", ["名", "x"], rows, stream, for_excel=for_excel)
    return stream.getvalue()


def test_only_the_one_for_excel_bears_its_mark() -> None:
    plain = written([["a", 1.5]], for_excel=False)
    assert plain == '"名","x"\r\na,1.5\r\n'.encode()
    assert written([["a", 1.5]], for_excel=True) == b"\xef\xbb\xbf" + plain


@given(st.lists(st.floats(), min_size=1))
def test_every_number_is_written_to_its_last_digit_and_without_an_exponent(numbers: list[float]) -> None:
    text = written([["a", number] for number in numbers], for_excel=False).decode()
    cells = [row[1] for row in list(csv.reader(io.StringIO(text)))[1:]]
    assert cells == [cell_text(number) for number in numbers]
    assert not any("e" in cell.lower() for cell in cells)
    finite = [(cell, number) for cell, number in zip(cells, numbers, strict=True) if cell]
    assert all(float(cell) == number for cell, number in finite)
