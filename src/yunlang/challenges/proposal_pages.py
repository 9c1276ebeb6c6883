"""Pages of proposals: hand one in, the receipt, the own ones, and the office's opening."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yunlang.accounts.permissions import may, require
from yunlang.challenges import proposal_services as services
from yunlang.challenges.models import Challenge, Stage
from yunlang.challenges.page_forms import challenge_url, round_url, said
from yunlang.challenges.proposal_fields import PROPOSAL_FIELDS
from yunlang.challenges.proposal_forms import Form, form_answer
from yunlang.challenges.proposal_review_services import REVIEW_DEFAULTS, REVIEW_FIELDS, proposals_review_begin
from yunlang.challenges.proposal_scores import proposals_round, score_rows
from yunlang.challenges.proposal_selectors import (
    closing_of,
    own_proposals,
    proposal_content,
    proposal_file,
    proposal_get,
    proposal_receipt,
    takes_proposals,
)
from yunlang.challenges.selectors import challenge_get
from yunlang.kit.errors import ConflictError
from yunlang.kit.language import Bilingual
from yunlang.registry.models import Membership, Organisation
from yunlang.registry.pages.parameters import chosen_id, page_of
from yunlang.registry.selectors.organisations import organisations_of_actor

_SEALED_NOTE = Bilingual(
    "提交后密封：截止前任何人（包括走廊办公室）都不能在平台上读到内容，您可以替换或撤回。",
    "It is sealed: until the deadline nobody, the office included, reads it here; you may replace or withdraw it.",
)


def proposal_address(proposal_id: UUID) -> str:
    """Return the address of a proposal's page."""
    return reverse("challenges:proposal", args=[proposal_id])


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def proposal_new(request: HttpRequest, challenge_id: UUID) -> HttpResponse:
    """Hand in a proposal for an organisation of the reader's."""
    challenge = challenge_get(challenge_id)
    mine = [row.organisation for row in organisations_of_actor(request.user) if row.state == Membership.State.ACTIVE]
    mine = [one for one in mine if may(request.user, "challenges.submit_proposal", one)]
    organisation = _organisation(request, mine)
    if organisation is None or not takes_proposals(challenge, timezone.now()):
        context = {"challenge": challenge, "mine": mine, "is_open": takes_proposals(challenge, timezone.now())}
        return render(request, "challenges/proposal_choose.html", context)

    def save(raw: Mapping[str, object], files: Sequence[tuple[str, bytes]]) -> str:
        made = services.proposal_submit(
            actor=request.user, challenge_id=challenge.pk, organisation_id=organisation.pk, raw=raw, files=files,
            at=timezone.now(),
        )  # fmt: skip
        return reverse("challenges:receipt", args=[made.pk])

    form = Form(
        title=Bilingual("提交揭榜方案", "Hand in a proposal"),
        fields=PROPOSAL_FIELDS,
        submit=Bilingual("密封提交", "Seal and hand in"),
        done=Bilingual("方案已密封。请打印或保存回执。", "Your proposal is sealed. Print or keep the receipt."),
        back=(challenge_url(challenge.pk), challenge.title),
        save=save,
        note=_SEALED_NOTE,
        takes_files=True,
        subject=_subject(challenge, organisation),
    )
    return form_answer(request, form)


def _organisation(request: HttpRequest, mine: list[Organisation]) -> Organisation | None:
    asked = chosen_id(request.GET, "organisation")
    if asked is None:
        return mine[0] if len(mine) == 1 else None
    return next((one for one in mine if one.pk == asked), None)


def _subject(challenge: Challenge, organisation: Organisation) -> tuple[tuple[Bilingual, object], ...]:
    return (
        (Bilingual("揭榜单位", "proposer"), organisation.name),
        (Bilingual("截止", "deadline"), f"{timezone.localtime(challenge.proposals_close_at):%Y-%m-%d %H:%M}"),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def proposal_edit(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """Put another content in the place of a sealed proposal; nobody sees the former, not even its proposer."""
    proposal = proposal_get(request.user, proposal_id)
    require(request.user, "challenges.keep_proposal", proposal)

    def save(raw: Mapping[str, object], files: Sequence[tuple[str, bytes]]) -> str:
        services.proposal_replace(actor=request.user, proposal_id=proposal.pk, raw=raw, files=files, at=timezone.now())
        return reverse("challenges:receipt", args=[proposal.pk])

    form = Form(
        title=Bilingual("替换方案", "Replace the proposal"),
        fields=PROPOSAL_FIELDS,
        submit=Bilingual("密封并替换", "Seal and replace"),
        done=Bilingual("方案已替换，原回执作废。", "The proposal is replaced; the former receipt covers nothing."),
        back=(proposal_address(proposal.pk), proposal.challenge.title),
        save=save,
        note=Bilingual(
            "已密封的内容读不出来，请完整填写新方案；提交后原内容删除。",
            "What is sealed cannot be shown: write the whole proposal anew; the former content is then removed.",
        ),
        takes_files=True,
        subject=_subject(proposal.challenge, proposal.organisation),
    )
    return form_answer(request, form)


@login_required
@require_POST
def proposal_withdraw(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """Take a proposal back."""
    services.proposal_withdraw(actor=request.user, proposal_id=proposal_id, at=timezone.now())
    said(request, Bilingual("方案已撤回，内容已删除。", "The proposal is withdrawn, its content removed."))
    return redirect(proposal_address(proposal_id))


@login_required
@require_safe
def proposal_page(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """Show one proposal: where it stands, what it says once it is open, and what became of it."""
    proposal = proposal_get(request.user, proposal_id)
    reads = may(request.user, "challenges.read_proposal", proposal)
    content = proposal_content(request.user, proposal.pk) if reads else None
    keeps = may(request.user, "challenges.keep_proposal", proposal)
    award = getattr(proposal, "award", None)
    context = {
        "proposal": proposal,
        "challenge": proposal.challenge,
        "answers": [(spec, content.values.get(spec.name)) for spec in PROPOSAL_FIELDS] if content else [],
        "files": list(enumerate(content.files, start=1)) if content else [],
        "keeps": keeps,
        "may_change": keeps and takes_proposals(proposal.challenge, timezone.now()),
        "award": award if award and may(request.user, "challenges.view_award", award) else None,
    }
    return render(request, "challenges/proposal_detail.html", context)


@login_required
@require_safe
def receipt_page(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """Show a proposal's receipt, to print."""
    proposal = proposal_get(request.user, proposal_id)
    receipt = proposal_receipt(request.user, proposal.pk)
    parts = [(name, digest, size) for (name, digest), size in zip(receipt.parts, receipt.sizes, strict=True)]
    context = {"proposal": proposal, "challenge": proposal.challenge, "receipt": receipt, "parts": parts}
    return render(request, "challenges/receipt.html", context)


@login_required
@require_safe
def proposal_download(request: HttpRequest, proposal_id: UUID, number: int) -> HttpResponse:
    """Hand out a file of an opened proposal."""
    name, media_type, content = proposal_file(request.user, proposal_id, number)
    return attachment(name, media_type, content)


def attachment(name: str, media_type: str, content: bytes) -> HttpResponse:
    """Return a file to keep, never to run in the browser."""
    response = HttpResponse(content, content_type=media_type, headers={"X-Content-Type-Options": "nosniff"})
    response.headers["Content-Disposition"] = _disposition(name)
    return response


def _disposition(name: str) -> str:
    return content_disposition_header(as_attachment=True, filename=name) or "attachment"


@login_required
@require_safe
def proposal_list(request: HttpRequest) -> HttpResponse:
    """List the proposals of the reader's organisations."""
    page = page_of(own_proposals(request.user), request.GET)
    context = {"page": page, "count": page.paginator.count, "proposals": page.object_list}
    return render(request, "challenges/proposal_list.html", context)


# The office


@login_required
@require_safe
def challenge_proposals(request: HttpRequest, challenge_id: UUID) -> HttpResponse:
    """Show the office how far a challenge is: sealed, opened, reviewed with spread and outliers, decided."""
    challenge = challenge_get(challenge_id)
    require(request.user, "challenges.view_proposals", challenge)
    closing = closing_of(challenge)
    context = {
        "challenge": challenge,
        "closing": closing,
        "round": proposals_round(challenge),
        "rows": score_rows(challenge) if closing and closing.opened_at else [],
        "stages": list(Stage.objects.filter(challenge=challenge)),
        "may_open": may(request.user, "challenges.open_proposals", challenge),
    }
    return render(request, "challenges/challenge_proposals.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review_begin(request: HttpRequest, challenge_id: UUID) -> HttpResponse:
    """Begin the blind reviews of a challenge's proposals."""
    challenge = challenge_get(challenge_id)
    require(request.user, "challenges.open_proposals", challenge)

    def save(raw: Mapping[str, object], files: Sequence[tuple[str, bytes]]) -> str:
        made = proposals_review_begin(actor=request.user, challenge_id=challenge.pk, raw=raw, at=timezone.now())
        return round_url(made.pk)

    form = Form(
        title=Bilingual("组织评审", "Begin the reviews"),
        fields=REVIEW_FIELDS,
        submit=Bilingual("开始评审", "Begin the reviews"),
        done=Bilingual("评审已开始，请分派专家。", "The reviews have begun; assign the reviewers."),
        back=(reverse("challenges:challenge_proposals", args=[challenge.pk]), challenge.title),
        save=save,
        note=Bilingual(
            "专家看不到揭榜单位；权重合计 100%。", "Reviewers do not see who proposes; the weights come to 100%."
        ),
    )
    return form_answer(request, form, REVIEW_DEFAULTS)


@login_required
@require_POST
def proposals_open(request: HttpRequest, challenge_id: UUID) -> HttpResponse:
    """Open all proposals of a challenge."""
    address = reverse("challenges:challenge_proposals", args=[challenge_id])
    try:
        opened = services.proposals_open(actor=request.user, challenge_id=challenge_id, at=timezone.now())
    except ConflictError:
        return redirect(address)
    count = len(opened)
    said(request, Bilingual(f"已开启 {count} 份方案，逐份核对了回执。", f"{count} proposals opened, each checked."))
    return redirect(address)
