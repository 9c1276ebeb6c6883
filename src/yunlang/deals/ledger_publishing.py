"""The heads of each day, published once and for ever; and the whole ledger checked against itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone

from yunlang.accounts.actors import SYSTEM
from yunlang.deals.core.ledger.deal import replay
from yunlang.deals.core.ledger.entries import GENESIS, BrokenLedgerError, Entry, Head, chain_verify
from yunlang.deals.core.ledger.events import event_of
from yunlang.deals.core.ledger.heads import publication_of, publications_verify
from yunlang.deals.journal import DEAL, entries_of
from yunlang.deals.ledger_models import DayHead, Deal, JournalEntry, JournalHead
from yunlang.deals.ledger_selectors import publications_in_order
from yunlang.deals.projections import deal_differences
from yunlang.deals.subject_checks import subject_checks
from yunlang.kit.audit import audit_record
from yunlang.kit.bulk import rows_streamed
from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual

# A head that was locked and to which nothing was added is no journal yet.
_WRITTEN = Q(sequence__gt=0)


@transaction.atomic
def heads_publish(*, at: datetime) -> list[DayHead]:
    """Publish the heads of every day that is over and not published yet, the days missed included.

    A day holds what was recorded until its midnight in the corridor; what came in late, the next day holds. A second
    run, and one at the same time on another machine, finds nothing left to publish.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('deals.heads_publish'))")
    last = DayHead.objects.order_by("day").last()
    day = last.day + timedelta(days=1) if last else _first_day()
    previous, made = last.root if last else GENESIS, []
    while day is not None and day < timezone.localtime(at).date():
        made.append(_publish(day, previous, at))
        previous, day = made[-1].root, day + timedelta(days=1)
    return made


def _first_day() -> date | None:
    first = JournalEntry.objects.order_by("at").values_list("at", flat=True).first()
    return timezone.localtime(first).date() if first else None


def _publish(day: date, previous: str, at: datetime) -> DayHead:
    end = timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
    entries = JournalEntry.objects.filter(
        subject_kind=OuterRef("subject_kind"), subject_id=OuterRef("subject_id"), sequence__gt=OuterRef("published"),
        at__lt=end,
    ).order_by("-sequence")  # fmt: skip
    moved = JournalHead.objects.filter(published__lt=F("sequence")).annotate(
        day_sequence=Subquery(entries.values("sequence")[:1]), day_hash=Subquery(entries.values("hash")[:1])
    )
    found = list(moved.filter(day_sequence__isnull=False))
    for head in found:
        head.published = head.day_sequence
    JournalHead.objects.bulk_update(found, ["published"], batch_size=1_000)
    one = publication_of(day, (head.day_hash for head in found), previous)
    made = DayHead.objects.create(
        day=one.day, heads=list(one.heads), previous=one.previous, root=one.root, published_at=at
    )
    after = {"heads": len(one.heads), "root": one.root}
    audit_record(actor=SYSTEM, action="heads_publish", object_kind="ledger", object_id=day, after=after)
    return made


@dataclass(frozen=True, slots=True)
class LedgerCheck:
    """How much of the ledger was found to be sound."""

    entries: int
    subjects: int
    days: int
    root: str


@contextmanager
def _one_moment() -> Iterator[None]:
    """Have everything read as it stood at one moment, whoever writes meanwhile."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


@_one_moment()
def ledger_check(*, tell: Callable[[int], None] = lambda count: None) -> LedgerCheck:
    """Check every chain, every published day, and that the rows of every subject say what its journal leads to.

    Parameters
    ----------
    tell
        Called with the number of entries checked, journal by journal.

    Raises
    ------
    BrokenLedgerError
        At the first thing that is wrong.
    """
    rows = JournalEntry.objects.order_by("subject_kind", "subject_id", "sequence")
    heads = {(row.subject_kind, str(row.subject_id)): row for row in JournalHead.objects.filter(_WRITTEN)}
    checks = subject_checks()
    hashes: set[str] = set()
    entries = 0
    with rows_streamed(rows) as every:
        for subject, group in groupby(entries_of(every), key=lambda entry: entry.subject):
            journal = list(group)
            _head_check(heads.pop((subject.kind, subject.id), None), chain_verify(journal), str(subject))
            if (check := checks.get(subject.kind)) and (why := check.wrong(subject.id, journal)):
                _broken(str(subject), why)
            hashes.update(entry.hash for entry in journal)
            entries += len(journal)
            tell(len(journal))
    if heads:
        _broken(str(next(iter(heads.values()))), Bilingual("条目缺失", "its entries are missing"))
    for kind, check in checks.items():
        if (unwritten := check.unwritten()) is not None:
            _broken(f"{kind}/{unwritten}", Bilingual("条目缺失", "its entries are missing"))
    subjects = JournalHead.objects.filter(_WRITTEN).count()
    days, root = _days_check(hashes)
    return LedgerCheck(entries, subjects, days, root)


def _head_check(row: JournalHead | None, head: Head, subject: str) -> None:
    if row is None or (row.sequence, row.hash) != (head.sequence, head.hash):
        _broken(subject, Bilingual("末端登记与条目不符", "its head is not its last entry"))


def deal_wrong(deal_id: str, journal: list[Entry]) -> Bilingual | None:
    """Return what is wrong with a deal's journal or with its rows; None where nothing is."""
    deal = Deal.objects.filter(pk=deal_id).first()
    if deal is None:
        return Bilingual("成交缺失", "the deal is missing")
    try:
        state = replay(event_of(entry.kind, entry.payload) for entry in journal)
    except (DomainError, LookupError, ValueError, ArithmeticError, TypeError):
        return Bilingual("条目不能依次发生", "its entries cannot have happened")
    if wrong := deal_differences(deal, state):
        return Bilingual("与账本不符：{names}", "not as its journal says: {names}").format(names=", ".join(wrong))
    return None


def deal_unwritten() -> str | None:
    """Return the id of a deal without a journal."""
    journal_of_deal = JournalHead.objects.filter(_WRITTEN, subject_kind=DEAL, subject_id=OuterRef("pk"))
    found = Deal.objects.exclude(Exists(journal_of_deal)).first()
    return str(found.pk) if found else None


def _days_check(hashes: set[str]) -> tuple[int, str]:
    days, root = 0, GENESIS
    last = None
    for one in publications_in_order():
        last = publications_verify([one], last)
        for head in one.heads:
            if head not in hashes:
                _broken(str(one.day), Bilingual("公布的哈希不在账本中", "a published head is not in the ledger"))
        days, root = days + 1, one.root
    return days, root


def _broken(where: str, why: Bilingual) -> None:
    raise BrokenLedgerError(Bilingual(where, where), why)
