"""Who is told what of a deal: both sides and the manager, once, and not the one who did it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.deals.ledger_support import AT, PAID, PAYMENT, Dealing, make_dealing
from tests.factories import make_member, make_user
from yunlang.accounts.models import Notice, User
from yunlang.accounts.notices import notice_text
from yunlang.deals import jobs
from yunlang.deals.deal_notices import PAYMENT_DUE, payments_remind
from yunlang.deals.ledger_services import deal_open_directly
from yunlang.kit.errors import DomainError
from yunlang.registry.models import Membership, Organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor")]
DUE = date(2027, 3, 15)


@pytest.fixture
def dealing(corridor: object) -> Dealing:
    """Return a deal under contract, with a milestone and a payment due."""
    return make_dealing().contracted()


def told(user: User) -> list[str]:
    """Return what a person was told, the first first."""
    return [notice_text(notice).zh for notice in Notice.objects.filter(recipient=user).order_by("id")]


def test_both_sides_follow_a_deal_from_its_opening_to_its_end(dealing: Dealing) -> None:
    dealing.act("milestone_reject", milestone=1, raw={"evidence": "粘度超标"})
    dealing.act("milestone_accept", milestone=1, raw={"evidence": "检测报告 13"})
    dealing.act("payment_record", payment=1, raw=PAID)
    dealing.act("payment_refund", payment=1, raw={"refunded_on": "2027-04-01", "reason": "重复支付"})
    dealing.act("deal_terminate", raw={"reason": "技术路线变更"})
    deal, title = dealing.deal, f"“{dealing.deal.title}”"
    assert told(dealing.pair.needing) == [
        f"成交已登记：{title}（{deal.need_name} 与 {deal.offer_name}）",
        f"合同已签：{title}，编号 YL-2026-001，1,200,000.00 元",
        f"里程碑未通过验收：“中试样品交付”（{title}）",
        f"里程碑通过验收：“中试样品交付”（{title}）",
        f"第 1 笔款 400,000.00 元已付（{title}）",
        f"第 1 笔款 400,000.00 元已退（{title}）",
        f"成交终止：{title}，原因：技术路线变更",
    ]
    assert told(dealing.pair.offering) == told(dealing.pair.needing)
    assert told(dealing.pair.manager) == []
    assert set(Notice.objects.values_list("address", flat=True)) == {f"/deals/{deal.pk}/"}


def test_the_manager_is_told_what_the_office_did(dealing: Dealing) -> None:
    dealing.act("milestone_accept", actor=dealing.pair.office, milestone=1, raw={"evidence": "报告"})
    dealing.act("payment_record", actor=dealing.pair.office, payment=1, raw=PAID)
    dealing.act("deal_complete", actor=dealing.pair.office)
    assert told(dealing.pair.manager)[-1] == f"成交履行完毕：“{dealing.deal.title}”"
    assert told(dealing.pair.office) == []


def test_who_only_asked_to_join_is_not_told(dealing: Dealing) -> None:
    asking = make_user()
    Membership.objects.create(user=asking, organisation=dealing.deal.need_side)
    dealing.act("deal_terminate", raw={"reason": "变更"})
    assert told(asking) == []


def test_members_of_what_a_side_became_part_of_are_told(dealing: Dealing) -> None:
    heir = make_dealing().deal.need_side
    joined = make_member(make_user(), heir).user
    Organisation.objects.filter(pk=dealing.deal.need_side_id).update(merged_into=heir)
    dealing.act("deal_terminate", raw={"reason": "变更"})
    assert told(joined) == [f"成交终止：“{dealing.deal.title}”，原因：变更"]


def test_a_step_that_is_refused_tells_nobody(dealing: Dealing) -> None:
    before = Notice.objects.count()
    with pytest.raises(DomainError):
        dealing.act("deal_complete")
    with pytest.raises(DomainError):
        deal_open_directly(actor=dealing.pair.office, raw={}, at=AT)
    assert Notice.objects.count() == before


def due_told(user: User) -> list[str]:
    """Return which payments a person was told fall due."""
    return [notice_text(one).en for one in Notice.objects.filter(recipient=user, kind=PAYMENT_DUE).order_by("id")]


@pytest.mark.parametrize(("before", "count"), [(8, 0), (7, 1), (0, 1), (-1, 0)])
def test_a_payment_is_told_of_in_the_week_before_it_falls_due(dealing: Dealing, before: int, count: int) -> None:
    assert payments_remind(today=DUE - timedelta(days=before)) == count
    for user in (dealing.pair.needing, dealing.pair.offering, dealing.pair.manager):
        assert len(due_told(user)) == count


def test_each_payment_is_told_of_once_for_each_day_that_it_is_due(dealing: Dealing) -> None:
    for _ in "12":
        payments_remind(today=DUE - timedelta(days=2))
    assert due_told(dealing.pair.needing) == [
        f"Payment 1 of CNY 400,000.00 falls due 2027-03-15 (“{dealing.deal.title}”)"
    ]
    postponed = {"corrects": "4", "field": "due", "value": "2027-03-20", "reason": "双方同意延期"}
    dealing.act("deal_amend", raw=postponed)
    payments_remind(today=DUE)
    assert len(due_told(dealing.pair.needing)) == 2


def test_what_is_paid_or_of_a_deal_that_ended_is_not_told_of(dealing: Dealing) -> None:
    dealing.act("payment_record", payment=1, raw=PAID)
    ended = make_dealing().contracted()
    ended.act("deal_terminate", raw={"reason": "变更"})
    assert payments_remind(today=DUE) == 0
    dealing.act("payment_schedule", raw=PAYMENT)
    assert payments_remind(today=DUE) == 1


def test_the_daily_job_reminds(dealing: Dealing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.timezone, "localdate", lambda: DUE)
    jobs.remind_of_payments(timestamp=0)
    assert len(due_told(dealing.pair.offering)) == 1
