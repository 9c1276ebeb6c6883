"""One winner's page: contract, stages with evidence, acceptance and payments, and the forms of each step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from yunlang.accounts.permissions import may, require
from yunlang.challenges import award_services, conclusion_services, milestone_services
from yunlang.challenges.award_state import (
    MilestoneRow,
    awards_of,
    awards_with_parts,
    contract_of,
    has_ended,
    milestone_rows,
    planned,
    runner_of,
)
from yunlang.challenges.core.milestones import MilestoneState, race_undecided
from yunlang.challenges.core.vocabulary import ChallengeStatus
from yunlang.challenges.models import Award, EvidenceFile
from yunlang.challenges.proposal_fields import (
    ACCEPT_FIELDS,
    DELIVERY_FIELDS,
    OUTCOME_FIELDS,
    PAYING_FIELDS,
    REJECT_FIELDS,
    SIGNING_FIELDS,
)
from yunlang.challenges.proposal_forms import Form, form_answer
from yunlang.challenges.proposal_pages import attachment
from yunlang.kit.errors import NotFoundError
from yunlang.kit.fields import Field
from yunlang.kit.language import Bilingual


def award_get(actor: Any, award_id: UUID) -> Award:
    """Return an award with all that its page shows.

    Raises
    ------
    NotFoundError
        When there is none, or the actor may not see it; the two look the same.
    """
    found = awards_with_parts(Award.objects.filter(pk=award_id)).first()
    if found is None or not may(actor, "challenges.view_award", found):
        raise NotFoundError(what=Bilingual("该揭榜", "this award"))
    return found


@login_required
@require_safe
def award_page(request: HttpRequest, award_id: UUID) -> HttpResponse:
    """Show a winner's contract, its stages, and what may be done next."""
    award = award_get(request.user, award_id)
    keeps = may(request.user, "challenges.keep_award", award)
    delivers = may(request.user, "challenges.deliver_milestone", award)
    rows, runner = milestone_rows(award), runner_of(award)
    runs = contract_of(award) is not None and not has_ended(award)
    waiting = _race_stage(award) if keeps or delivers else None
    context = {
        "award": award,
        "challenge": award.challenge,
        "contract": contract_of(award),
        "rows": [_row(row, runner.passed + 1, runs=runs, keeps=keeps, delivers=delivers, held=waiting) for row in rows],
        "is_draft": contract_of(award) is None and not has_ended(award),
        "keeps": keeps,
        "race": waiting,
        "may_conclude": keeps and runs and runner.is_finished and not any(row.is_payable for row in rows)
        and award.challenge.status == ChallengeStatus.PERFORMING,
        "sees_deal": may(request.user, "deals.view_deal", award.deal),
    }  # fmt: skip
    return render(request, "challenges/award_detail.html", context)


def _race_stage(award: Award) -> Any:
    """Return the stage after which it is open who goes on; None where it is not."""
    plan = planned(award.challenge.stages.all())
    runners = [runner_of(one) for one in awards_of(award.challenge_id)]
    passed = max((one.passed for one in runners if one.eliminated_at is None), default=0)
    return race_undecided(runners, plan, passed + 1)


def _row(row: MilestoneRow, following: int, *, runs: bool, keeps: bool, delivers: bool, held: Any) -> dict[str, Any]:
    is_next = runs and row.stage.number == following and (held is None or held.number >= row.stage.number)
    return {
        "row": row,
        "may_deliver": delivers and is_next,
        "may_judge": keeps and runs and row.state == MilestoneState.DELIVERED,
        "may_pay": keeps and row.is_payable,
    }


@dataclass(frozen=True, slots=True)
class Step:
    """Something done with an award or one of its stages: who may, what is asked, the service that does it."""

    permission: str
    label: Bilingual
    fields: tuple[Field, ...]
    service: Callable[..., object]
    done: Bilingual
    note: Bilingual | None = None
    takes_files: bool = False
    style: str = "button-primary"


_KEEPS = "challenges.keep_award"
STEPS: dict[str, Step] = {
    "sign": Step(
        _KEEPS, Bilingual("记录合同", "Record the contract"), SIGNING_FIELDS, award_services.award_sign,
        Bilingual("合同和各阶段里程碑已记入账本。", "The contract and its milestones are in the ledger."),
        Bilingual("合同金额即揭榜金额；每个阶段成为账本中的一个里程碑。",
                  "Its amount is the award's; every stage becomes a milestone in the ledger."),
    ),
    "deliver": Step(
        "challenges.deliver_milestone", Bilingual("交付本阶段", "Deliver this stage"), DELIVERY_FIELDS,
        milestone_services.milestone_deliver, Bilingual("已交付，等待验收。", "Delivered; it will be judged."),
        takes_files=True,
    ),
    "accept": Step(
        _KEEPS, Bilingual("验收通过", "Accept"), ACCEPT_FIELDS, milestone_services.challenge_milestone_accept,
        Bilingual("已验收，本阶段付款已列入账本。", "Accepted; the payment due is in the ledger."),
    ),
    "reject": Step(
        _KEEPS, Bilingual("验收不通过", "Reject"), REJECT_FIELDS, milestone_services.challenge_milestone_reject,
        Bilingual("已记录未通过，揭榜方可补充后再交付。", "Rejected; the winner may deliver again."),
        style="button-danger",
    ),
    "pay": Step(
        _KEEPS, Bilingual("记录付款", "Record payment"), PAYING_FIELDS, milestone_services.award_pay,
        Bilingual("付款已记入账本。", "The payment is in the ledger."),
    ),
    "conclude": Step(
        _KEEPS, Bilingual("结题", "Conclude"), OUTCOME_FIELDS, conclusion_services.award_conclude,
        Bilingual("已结题，成果草稿已转给揭榜方发布。", "Concluded; the winner has a draft of the result to publish."),
        Bilingual("成果以草稿登记在揭榜方名下，注明来自哪一榜；最后一家结题时需求一并关闭。",
                  "The result becomes a draft of the winner's that names the challenge; "
                  "with the last winner the need is closed."),
    ),
}  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, award_id: UUID, name: str, stage: int | None = None) -> HttpResponse:
    """Ask what a step needs to know, and have it done."""
    award, chosen = award_get(request.user, award_id), STEPS[name]
    require(request.user, chosen.permission, award)
    address = reverse("challenges:award", args=[award.pk])
    where: dict[str, Any] = {} if stage is None else {"stage": stage}

    def save(raw: Mapping[str, object], files: Sequence[tuple[str, bytes]]) -> str:
        sent = {"files": files} if chosen.takes_files else {}
        chosen.service(actor=request.user, award_id=award.pk, raw=raw, at=timezone.now(), **where, **sent)
        return address

    form = Form(
        title=chosen.label, fields=chosen.fields, submit=chosen.label, done=chosen.done,
        back=(address, award.challenge.title), save=save, note=chosen.note, takes_files=chosen.takes_files,
        style=chosen.style, subject=_subject(award, stage),
    )  # fmt: skip
    return form_answer(request, form)


def _subject(award: Award, stage: int | None) -> tuple[tuple[Bilingual, object], ...]:
    subject: list[tuple[Bilingual, object]] = [(Bilingual("揭榜单位", "winner"), award.proposal.organisation.name)]
    if stage is not None:
        row = _stage_row(award, stage)
        subject += [
            (Bilingual("阶段", "stage"), str(row.stage)),
            (Bilingual("验收标准", "acceptance criteria"), row.stage.criteria),
            (Bilingual("本阶段付款（元）", "payment of this stage, CNY"), f"{row.amount:,.2f}"),
        ]
    return tuple(subject)


def _stage_row(award: Award, stage: int) -> MilestoneRow:
    rows = milestone_rows(award)
    if not 1 <= stage <= len(rows):
        raise NotFoundError(what=Bilingual("该阶段", "this stage"))
    return rows[stage - 1]


@login_required
@require_safe
def evidence(request: HttpRequest, file_id: int) -> HttpResponse:
    """Hand out a file of a delivery."""
    found = EvidenceFile.objects.filter(pk=file_id).select_related("milestone__award").first()
    if found is None:
        raise NotFoundError(what=Bilingual("该文件", "this file"))
    award_get(request.user, found.milestone.award_id)
    return attachment(found.name, found.media_type, bytes(found.content))
