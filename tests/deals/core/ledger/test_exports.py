"""A change of anything in an exported journal is found: of any byte, of any line, of their order or number."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.deals.core.ledger.journals import AT, chain, exported, journals, verified
from yunlang.deals.core.ledger.canonical import canonical
from yunlang.deals.core.ledger.entries import (
    GENESIS,
    BrokenLedgerError,
    Entry,
    Head,
    Subject,
    chain_verify,
    entry_after,
    entry_hash,
    follow,
)
from yunlang.deals.core.ledger.exports import LONGEST_LINE, Verified, export_lines, export_verify

SUBJECT = Subject("deal", "0001")


@given(journals())
def test_a_sound_export_is_counted(entries: list[Entry]) -> None:
    found = verified(exported(entries))
    assert (found.entries, found.subjects) == (len(entries), len({entry.subject for entry in entries}))
    assert (found.scope, found.made_at) == ("all", AT)


@given(journals(), st.data())
@settings(max_examples=400)
def test_a_change_of_any_one_byte_is_found(entries: list[Entry], data: st.DataObject) -> None:
    whole = exported(entries)
    place = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != whole[place]))
    with pytest.raises(BrokenLedgerError):
        verified(whole[:place] + bytes([other]) + whole[place + 1 :])


def test_a_change_of_each_byte_of_a_small_export_is_found() -> None:
    whole = exported(chain(SUBJECT, [{"amount": "1.00"}]))
    for place in range(len(whole)):
        for bit in range(8):
            changed = bytearray(whole)
            changed[place] ^= 1 << bit
            with pytest.raises(BrokenLedgerError):
                verified(bytes(changed))


@given(journals(), st.data())
def test_a_byte_more_or_less_is_found(entries: list[Entry], data: st.DataObject) -> None:
    whole = exported(entries)
    place = data.draw(st.integers(0, len(whole) - 1))
    for changed in (
        whole[:place],
        whole[:place] + whole[place + 1 :],
        whole[:place] + b" " + whole[place:],
        whole + b"\n",
    ):
        with pytest.raises(BrokenLedgerError):
            verified(changed)


@given(journals(min_entries=1), st.data())
def test_lines_dropped_doubled_or_in_another_order_are_found(entries: list[Entry], data: st.DataObject) -> None:
    lines = exported(entries).splitlines(keepends=True)
    first, second = sorted(data.draw(st.lists(st.integers(0, len(lines) - 1), min_size=2, max_size=2, unique=True)))
    swapped = list(lines)
    swapped[first], swapped[second] = lines[second], lines[first]
    for changed in (
        lines[:first] + lines[first + 1 :], lines[: first + 1] + lines[first:], lines[: second + 1] + lines[first:], swapped,
    ):  # fmt: skip
        with pytest.raises(BrokenLedgerError):
            verified(b"".join(changed))


def _resealed(entries: list[Entry], scope: str = "all") -> bytes:
    """Return an export whose last line fits, whatever the entries say."""
    return b"".join(export_lines(entries, scope=scope, made_at=AT))


def test_who_seals_a_file_anew_is_still_found_by_the_chain() -> None:
    one, two, three = chain(SUBJECT, [{"amount": "1.00"}, {"amount": "2.00"}, {}])
    raised = replace(one, payload={"amount": "9.00"})
    rehashed = replace(raised, hash=entry_hash(raised))
    for entries, where, why in (
        ([raised, two, three], "第 1 条", "哈希不符"),
        ([rehashed, two, three], "第 2 条", "不接前一条"),
        ([one, three], "第 3 条", "应为第 2 条"),
        ([two, three], "第 2 条", "应为第 1 条"),
        ([one, one, two, three], "第 1 条", "应为第 2 条"),
        ([one, replace(two, actor="他人"), three], "第 2 条", "哈希不符"),
    ):
        with pytest.raises(BrokenLedgerError, match=where) as refused:
            verified(_resealed(entries))
        assert why in refused.value.text.zh


def test_who_seals_a_file_anew_is_found_where_a_subject_returns_or_is_foreign() -> None:
    first, second = chain(SUBJECT, [{}, {}]), chain(Subject("deal", "0002"), [{}])
    for data in (
        _resealed([*second, *first]),
        _resealed([first[0], *second, first[1]]),
        _resealed(second, "deal/0001"),
    ):
        with pytest.raises(BrokenLedgerError):
            verified(data)
    assert verified(_resealed(first, "deal/0001")).entries == 2


def test_the_first_wrong_line_is_named() -> None:
    lines = exported(chain(SUBJECT, [{}, {}, {}])).splitlines(keepends=True)
    lines[2] = lines[2].replace(b"noted", b"Noted")
    with pytest.raises(BrokenLedgerError) as refused:
        verified(b"".join(lines))
    assert refused.value.where.en == "deal/0001, entry 2"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"{}\n",
        b"[]\n",
        b'"yunlang-ledger"\n',
        b"\x80\n",
        canonical({"format": "yunlang-ledger", "made_at": "now", "scope": "all", "version": 1}) + b"\n",
        canonical({"format": "yunlang-ledger", "made_at": 7, "scope": "all", "version": 1}) + b"\n",
        exported([]).replace(b'"version":1', b'"version":2'),
        exported([]).splitlines(keepends=True)[0] + b"null\n",
        exported([]).splitlines(keepends=True)[0] + b"x" * (LONGEST_LINE + 5),
    ],
)
def test_what_is_no_export_at_all_is_refused(data: bytes) -> None:
    with pytest.raises(BrokenLedgerError):
        verified(data)


@pytest.mark.parametrize(
    "values",
    [{"sequence": 0}, {"sequence": True}, {"sequence": "1"}, {"subject": ["deal"]}, {"payload": []}, {"at": "x"},
     {"hash": "f" * 63}, {"previous": "G" * 64}, {"actor": None}, {"version": 2}, {"more": 1}],
)  # fmt: skip
def test_an_entry_of_another_form_is_refused(values: dict[str, object]) -> None:
    lines = exported(chain(SUBJECT, [{}])).splitlines(keepends=True)
    lines[1] = canonical(json.loads(lines[1]) | values) + b"\n"
    with pytest.raises(BrokenLedgerError):
        verified(b"".join(lines))


class _Endless(BytesIO):
    """A file of many entries, made as it is read; nothing of it is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.longest = 0
        self._lines = export_lines(_many(), scope="all", made_at=AT)

    def readline(self, size: int | None = -1, /) -> bytes:
        line = next(self._lines, b"")
        self.longest = max(self.longest, len(line))
        return line


def _many() -> Iterator[Entry]:
    for number in range(3_000):
        yield from chain(Subject("deal", f"{number:08}"), [{"number": number}])


def test_a_file_is_verified_line_by_line() -> None:
    told: list[int] = []
    file = _Endless()
    assert export_verify(file, tell=told.append).entries == 3_000
    assert len(told) == 3_002
    assert max(told) == file.longest


DAY = date(2026, 11, 23)
LATER = DAY + timedelta(days=1)


def test_entries_under_a_published_head_are_counted() -> None:
    entries = chain(SUBJECT, [{}, {}, {}]) + chain(Subject("deal", "0002"), [{}])
    assert verified(exported(entries), published={entries[1].hash: DAY}).anchored == 2
    assert verified(exported(entries)).anchored == 0


def test_a_history_written_anew_is_not_the_one_that_was_published() -> None:
    true, forged = chain(SUBJECT, [{"amount": "1.00"}, {}]), chain(SUBJECT, [{"amount": "9.00"}, {}])
    published = {true[-1].hash: DAY, "f" * 64: LATER}
    assert later(true, published).anchored == 2
    with pytest.raises(BrokenLedgerError, match="第 2 条：早该公布"):
        later(forged, published)
    longer = chain(SUBJECT, [{"amount": "1.00"}, {}, {}])
    with pytest.raises(BrokenLedgerError, match="第 3 条：早该公布"):
        later(longer, published)
    # Of the last day that was published, something may still have been on its way.
    assert later(longer, {true[-1].hash: DAY}).anchored == 2


def later(entries: list[Entry], published: dict[str, date]) -> Verified:
    """Verify an export of one subject that was made a day after its entries."""
    made_at = AT + timedelta(days=1)
    return verified(b"".join(export_lines(entries, scope=str(SUBJECT), made_at=made_at)), published=published)


def test_an_export_older_than_the_published_heads_is_sound_as_far_as_it_goes() -> None:
    whole = chain(SUBJECT, [{}, {}, {}])
    published = {whole[-1].hash: DAY, "f" * 64: LATER}
    assert verified(exported(whole[:2]), published=published).anchored == 0


def test_who_dates_a_forgery_back_is_found_by_its_newest_entry() -> None:
    first = chain(SUBJECT, [{"amount": "9.00"}])[0]
    head = Head(first.sequence, first.hash)
    second = entry_after(head, SUBJECT, kind="noted", payload={}, actor="李经理", at=AT + timedelta(days=1))
    published = {"f" * 64: LATER}
    with pytest.raises(BrokenLedgerError, match="第 1 条：早该公布"):
        verified(exported([first, second]), published=published)
    with pytest.raises(BrokenLedgerError, match="有 1 个不在文件中"):
        verified(exported(_on(LATER)), published={"f" * 64: DAY})


def _on(day: date) -> list[Entry]:
    at = AT + (day - DAY)
    return [entry_after(Head(), SUBJECT, kind="noted", payload={}, actor="李经理", at=at)]


def test_an_export_of_everything_holds_all_that_was_published_before() -> None:
    entries = chain(SUBJECT, [{}])
    published = {entries[0].hash: DAY, "f" * 64: DAY}
    made_at = AT + timedelta(days=1)
    whole = b"".join(export_lines(entries, scope="all", made_at=made_at))
    with pytest.raises(BrokenLedgerError, match="有 1 个不在文件中"):
        verified(whole, published=published)
    own = b"".join(export_lines(entries, scope=str(SUBJECT), made_at=made_at))
    assert verified(own, published=published).anchored == 1


@given(journals(min_entries=1))
def test_a_chain_is_followed_to_its_head(entries: list[Entry]) -> None:
    own = [entry for entry in entries if entry.subject == entries[0].subject]
    assert chain_verify(own) == Head(own[-1].sequence, own[-1].hash)
    assert own[0].previous == GENESIS


def test_a_chain_is_of_one_subject() -> None:
    one, other = chain(SUBJECT, [{}])[0], chain(Subject("deal", "0002"), [{}])[0]
    with pytest.raises(BrokenLedgerError, match="另一个对象"):
        chain_verify([one, other])
    with pytest.raises(BrokenLedgerError):
        follow(Head(), replace(one, sequence=2))
