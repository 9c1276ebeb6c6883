"""One winner's page: contract, stages with evidence, acceptance and payments, and the forms of each step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
from yunlang.kit.language import Bilingual

Save = Callable[[Mapping[str, object], Sequence[tuple[str, bytes]]], str]


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


def award_address(award_id: UUID) -> str:
    """Return the address of an award's page."""
    return reverse("challenges:award", args=[award_id])


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


def _step(
    request: HttpRequest, award: Award, stage: int | None, *, title: Bilingual, fields: tuple[Any, ...],
    done: Bilingual, save: Save, note: Bilingual | None = None, takes_files: bool = False, style: str = "button-primary",
) -> HttpResponse:  # fmt: skip
    subject: list[tuple[Bilingual, object]] = [(Bilingual("揭榜单位", "winner"), award.proposal.organisation.name)]
    if stage is not None:
        row = _stage_row(award, stage)
        subject += [
            (Bilingual("阶段", "stage"), str(row.stage)),
            (Bilingual("验收标准", "acceptance criteria"), row.stage.criteria),
            (Bilingual("本阶段付款（元）", "payment of this stage, CNY"), f"{row.amount:,.2f}"),
        ]
    form = Form(
        title=title, fields=fields, submit=title, done=done, back=(award_address(award.pk), award.challenge.title),
        save=save, note=note, takes_files=takes_files, style=style, subject=tuple(subject),
    )  # fmt: skip
    return form_answer(request, form)


def _stage_row(award: Award, stage: int) -> MilestoneRow:
    rows = milestone_rows(award)
    if not 1 <= stage <= len(rows):
        raise NotFoundError(what=Bilingual("该阶段", "this stage"))
    return rows[stage - 1]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: HttpRequest, award_id: UUID) -> HttpResponse:
    """Record the contract."""
    award = award_get(request.user, award_id)
    require(request.user, "challenges.keep_award", award)

    def save(raw: Mapping[str, object], files: Sequence[tuple[str, bytes]]) -> str:
        award_services.award_sign(actor=request.user, award_id=award.pk, raw=raw, at=timezone.now())
        return award_address(award.pk)

    return _step(
        request, award, None, title=Bilingual("记录合同", "Record the contract"), fields=SIGNING_FIELDS, save=save,
        done=Bilingual("合同和各阶段里程碑已记入账本。", "The contract and its milestones are in the ledger."),
        note=Bilingual("合同金额即揭榜金额；每个阶段成为账本中的一个里程碑。",
                       "Its amount is the award's; every stage becomes a milestone in the ledger."),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def deliver(request: HttpRequest, award_id: UUID, stage: int) -> HttpResponse:
    """Hand in what a stage asks for."""
    award = award_get(request.user, award_id)
    require(request.user, "challenges.deliver_milestone", award)

    def save(raw: Mapping[str, object], files: Sequence[tuple[str, bytes]]) -> str:
        milestone_services.milestone_deliver(
            actor=request.user, award_id=award.pk, stage=stage, raw=raw, files=files, at=timezone.now()
        )
        return award_address(award.pk)

    return _step(
        request, award, stage, title=Bilingual("交付本阶段", "Deliver this stage"), fields=DELIVERY_FIELDS, save=save,
        done=Bilingual("已交付，等待验收。", "Delivered; it will be judged."), takes_files=True,
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, award_id: UUID, stage: int) -> HttpResponse:
    """Accept what was delivered."""
    award = award_get(request.user, award_id)
    require(request.user, "challenges.keep_award", award)

    def save(raw: Mapping[str, object], files: Sequence[tuple[str, bytes]]) -> str:
        milestone_services.challenge_milestone_accept(
            actor=request.user, award_id=award.pk, stage=stage, raw=raw, at=timezone.now()
        )
        return award_address(award.pk)

    return _step(
        request, award, stage, title=Bilingual("验收通过", "Accept"), fields=ACCEPT_FIELDS, save=save,
        done=Bilingual("已验收，本阶段付款已列入账本。", "Accepted; the payment due is in the ledger."),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reject(request: HttpRequest, award_id: UUID, stage: int) -> HttpResponse:
    """Reject what was delivered."""
    award = award_get(request.user, award_id)
    require(request.user, "challenges.keep_award", award)

    def save(raw: Mapping[str, object], files: Sequence[tuple[str, bytes]]) -> str:
        milestone_services.challenge_milestone_reject(
            actor=request.user, award_id=award.pk, stage=stage, raw=raw, at=timezone.now()
        )
        return award_address(award.pk)

    return _step(
        request, award, stage, title=Bilingual("验收不通过", "Reject"), fields=REJECT_FIELDS, save=save,
        done=Bilingual("已记录未通过，揭榜方可补充后再交付。", "Rejected; the winner may deliver again."),
        style="button-danger",
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest, award_id: UUID, stage: int) -> HttpResponse:
    """Record the payment of a stage."""
    award = award_get(request.user, award_id)
    require(request.user, "challenges.keep_award", award)

    def save(raw: Mapping[str, object], files: Sequence[tuple[str, bytes]]) -> str:
        milestone_services.award_pay(actor=request.user, award_id=award.pk, stage=stage, raw=raw, at=timezone.now())
        return award_address(award.pk)

    return _step(
        request, award, stage, title=Bilingual("记录付款", "Record payment"), fields=PAYING_FIELDS, save=save,
        done=Bilingual("付款已记入账本。", "The payment is in the ledger."),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def conclude(request: HttpRequest, award_id: UUID) -> HttpResponse:
    """Conclude a winner's part, and have a draft of the result."""
    award = award_get(request.user, award_id)
    require(request.user, "challenges.keep_award", award)

    def save(raw: Mapping[str, object], files: Sequence[tuple[str, bytes]]) -> str:
        conclusion_services.award_conclude(actor=request.user, award_id=award.pk, raw=raw, at=timezone.now())
        return award_address(award.pk)

    return _step(
        request, award, None, title=Bilingual("结题", "Conclude"), fields=OUTCOME_FIELDS, save=save,
        done=Bilingual("已结题，成果草稿已转给揭榜方发布。", "Concluded; the winner has a draft of the result to publish."),
        note=Bilingual("成果以草稿登记在揭榜方名下，注明来自哪一榜；最后一家结题时需求一并关闭。",
                       "The result becomes a draft of the winner's that names the challenge; "
                       "with the last winner the need is closed."),
    )  # fmt: skip


@login_required
@require_safe
def evidence(request: HttpRequest, file_id: int) -> HttpResponse:
    """Hand out a file of a delivery."""
    found = EvidenceFile.objects.filter(pk=file_id).select_related("milestone__award").first()
    if found is None:
        raise NotFoundError(what=Bilingual("该文件", "this file"))
    award_get(request.user, found.milestone.award_id)
    return attachment(found.name, found.media_type, bytes(found.content))
