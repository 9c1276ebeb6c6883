"""Pages of proposals and awards: what they ask, keep, show and refuse, and to whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.challenges.proposal_support import AFTER, PDF, STAGES, Contest, make_challenge, make_contest, proposal_raw
from tests.factories import make_user
from yunlang.accounts.roles import Role
from yunlang.challenges.models import Award, Proposal, ReviewAssignment
from yunlang.challenges.proposal_clock import deadlines_tell
from yunlang.challenges.proposal_services import proposals_close
from yunlang.registry.models import Figure, Source

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor")]
SECRETS = ("SECRET", "原位聚合")


@pytest.fixture
def contest(corridor: object) -> Contest:
    """Return a challenge whose deadline is tomorrow by the real clock, as pages go by it."""
    now = timezone.now()
    return make_contest(published_at=now - timedelta(days=30), proposals_close_at=now + timedelta(days=1))


def as_(user: Any, language: str = "zh-hans") -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = language
    return client


def upload(name: str = "SECRET-NAME.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def page(client: Client, name: str, *args: object, status: int = 200) -> str:
    answer = client.get(reverse(f"challenges:{name}", args=args))
    assert answer.status_code == status, answer.content.decode()[:500]
    return answer.content.decode()


def send(client: Client, name: str, *args: object, data: Any = None, status: int = 302) -> str:
    answer = client.post(reverse(f"challenges:{name}", args=args), data or {})
    assert answer.status_code == status, answer.content.decode()[:3000]
    return answer.content.decode()


def handed_in(contest: Contest, who: int = 0) -> Proposal:
    client = as_(contest.proposers[who].user)
    send(client, "proposal_new", contest.challenge.pk, data=proposal_raw() | {"files": [upload()]})
    return Proposal.objects.get(organisation=contest.proposers[who].organisation)


def test_a_member_hands_in_a_proposal_and_prints_its_receipt(contest: Contest) -> None:
    client = as_(contest.proposers[0].user)
    assert "密封提交" in page(client, "proposal_new", contest.challenge.pk)
    made = handed_in(contest)
    receipt = page(client, "receipt", made.pk)
    assert made.receipt in receipt
    assert "SECRET-NAME.pdf" in receipt
    assert "原位聚合" not in receipt
    assert contest.challenge.title in page(client, "proposals")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_form_that_is_refused_keeps_what_was_typed(contest: Contest, language: str) -> None:
    client = as_(contest.proposers[0].user, language)
    raw = proposal_raw(asked="很多钱") | {"files": [upload(content=b"<html>")]}
    shown = send(client, "proposal_new", contest.challenge.pk, data=raw, status=422)
    assert "SECRET-APPROACH 原位聚合" in shown
    assert "很多钱" in shown
    assert shown.count("field-error") == 2
    assert not Proposal.objects.exists()


def test_before_the_opening_no_page_shows_what_a_proposal_says(contest: Contest) -> None:
    made = handed_in(contest)
    for person in (contest.proposers[0].user, contest.office, make_user(Role.AUDITOR)):
        client = as_(person)
        shown = page(client, "proposal", made.pk)
        assert client.get(reverse("challenges:proposal_file", args=[made.pk, 1])).status_code == 403
        if person is not contest.proposers[0].user:
            shown += page(client, "challenge_proposals", contest.challenge.pk)
            assert contest.proposers[0].organisation.name not in page(
                client, "challenge_proposals", contest.challenge.pk
            )
        assert not any(secret in shown for secret in SECRETS)
    for stranger in (make_user(), contest.needing, contest.proposers[1].user):
        page(as_(stranger), "proposal", made.pk, status=404)


def test_a_proposal_is_replaced_and_withdrawn_on_its_page(contest: Contest) -> None:
    made, client = handed_in(contest), as_(contest.proposers[0].user)
    assert "替换方案" in page(client, "proposal", made.pk)
    send(client, "proposal_edit", made.pk, data=proposal_raw(title="第二版"))
    made.refresh_from_db()
    assert made.version == 2
    send(client, "proposal_withdraw", made.pk)
    assert "重新提交" in page(client, "proposal", made.pk)
    made.refresh_from_db()
    assert made.status == "withdrawn"


def test_who_belongs_nowhere_or_comes_too_late_is_told_what_to_do(contest: Contest) -> None:
    assert "您还不是任何机构的成员" in page(as_(make_user()), "proposal_new", contest.challenge.pk)
    contest.challenge.proposals_close_at = timezone.now() - timedelta(seconds=1)
    contest.challenge.save()
    assert "不再接收方案" in page(as_(contest.proposers[0].user), "proposal_new", contest.challenge.pk)


def test_members_are_reminded_once_when_the_time_is_nearly_over(contest: Contest) -> None:
    handed_in(contest)
    now = timezone.now()
    assert deadlines_tell(at=now - timedelta(days=3)) == 0
    for _ in range(2):
        assert deadlines_tell(at=now) == 1
    told = contest.proposers[0].user.notices.get(kind="proposals_due")
    assert told.payload["challenge"] == contest.challenge.title
    assert not contest.proposers[1].user.notices.exists()


# The office: from the opening to the award


@pytest.fixture
def opened(contest: Contest) -> Contest:
    """Return a challenge with two proposals past its deadline, not opened yet."""
    for who in range(2):
        handed_in(contest, who)
    proposals_close(at=timezone.now() + timedelta(days=2))
    contest.challenge.refresh_from_db()
    return contest


def reviewed(contest: Contest) -> Contest:
    """Have the proposals opened on the page, and reviewed."""
    send(as_(contest.office), "proposals_open", contest.challenge.pk)
    contest.proposals = list(Proposal.objects.filter(challenge=contest.challenge).order_by("number"))
    contest.review(90, 55)
    return contest


def stage_form(*stages: dict[str, str]) -> dict[str, str]:
    return {f"{place}-{name}": value for place, one in enumerate(stages, 1) for name, value in one.items()}


def test_the_office_opens_plans_and_awards_on_its_pages(opened: Contest) -> None:
    client, key = as_(opened.office), opened.challenge.pk
    assert "开启全部方案" in page(client, "challenge_proposals", key)
    reviewed(opened)
    shown = page(client, "challenge_proposals", key)
    assert "90.00" in shown
    assert "SECRET-TITLE" in shown
    wrong = send(client, "stages", key, data=stage_form(STAGES[0], STAGES[1] | {"share": "80"}), status=409)
    assert "100%" in wrong
    assert "首批样品检测合格" in wrong
    assert 'href="#field-1-due"' in send(client, "stages", key, data=stage_form(STAGES[0] | {"due": ""}), status=422)
    blank = dict.fromkeys(STAGES[0], "")
    send(client, "stages", key, data=stage_form(*STAGES, blank))
    assert "首批样品检测合格" in page(client, "decide", key)
    best, other = (one.pk for one in opened.proposals)
    refused = send(client, "decide", key, data={"threshold": "60", f"amount-{best}": "300 万元"}, status=422)
    assert f'href="#field-reason-{other}"' in refused
    assert 'value="300 万元"' in refused
    sent = {"threshold": "60", f"amount-{best}": "300 万元", f"reason-{other}": "未达到分数线"}
    send(client, "decide", key, data=sent)
    assert Award.objects.get().amount == 3_000_000
    loser = opened.proposals[1]
    mine = next(one.user for one in opened.proposers if one.organisation.pk == loser.organisation_id)
    assert "未达到分数线" in page(as_(mine), "proposal", loser.pk)


def test_a_reviewer_gets_the_files_under_names_that_tell_nobodys(opened: Contest) -> None:
    reviewed(opened)
    given = ReviewAssignment.objects.filter(subject_kind="proposal").first()
    assert given is not None
    answer = as_(given.reviewer.user).get(reverse("challenges:proposal_file", args=[given.subject_id, 1]))
    assert answer.status_code == 200
    assert "proposal-" in answer["Content-Disposition"]
    assert "SECRET-NAME" not in answer["Content-Disposition"]
    office = as_(opened.office).get(reverse("challenges:proposal_file", args=[given.subject_id, 1]))
    assert "SECRET-NAME.pdf" in office["Content-Disposition"]
    assert (office.content, office["X-Content-Type-Options"]) == (PDF, "nosniff")


def test_nobody_else_opens_the_offices_pages(opened: Contest) -> None:
    for name in ("challenge_proposals", "stages", "decide", "unawarded", "give_up", "review_begin"):
        page(as_(opened.proposers[0].user), name, opened.challenge.pk, status=403)
    page(as_(make_user(Role.AUDITOR)), "decide", opened.challenge.pk, status=403)


# A winner's page


def test_winner_and_office_take_a_stage_from_delivery_to_payment_on_its_page(corridor: object) -> None:
    contest = make_contest()
    award = contest.awarded("300 万元", "")[0]
    office, winner = as_(contest.office), as_(contest.member_of(award))
    send(office, "award_sign", award.pk, data={"number": "JB-2026-01", "signed_on": "2026-12-25"})
    assert "交付本阶段" in page(winner, "award", award.pk)
    assert "交付本阶段" not in page(office, "award", award.pk)
    raw = {"note": "三批样品均合格", "files": [upload("检测报告.pdf")]}
    send(winner, "milestone_deliver", award.pk, 1, data=raw)
    assert "检测报告.pdf" in page(office, "award", award.pk)
    kept = send(office, "milestone_accept", award.pk, 1, data={"finding": "合格", "pay_by": ""}, status=422)
    assert "合格</textarea>" in kept
    send(office, "milestone_accept", award.pk, 1, data={"finding": "合格", "pay_by": "2027-07-31"})
    send(office, "milestone_pay", award.pk, 1, data={"paid_on": "2027-07-15", "reference": "回单 1"})
    shown = page(as_(contest.needing), "award", award.pk)
    assert "已付" in shown
    assert "90 万元" in shown
    file_id = award.milestones.get().files.get().pk
    assert as_(contest.needing).get(reverse("challenges:evidence", args=[file_id])).content == PDF
    assert as_(make_user()).get(reverse("challenges:evidence", args=[file_id])).status_code == 404
    page(as_(make_user()), "award", award.pk, status=404)
    page(office, "milestone_accept", award.pk, 9, status=404)


def test_the_office_decides_a_race_on_its_page(corridor: object) -> None:
    contest = make_contest()
    awards = contest.awarded()
    for one in awards:
        contest.sign(one)
        contest.deliver(one, 1)
        contest.accept(one, 1)
    client, key = as_(contest.office), contest.challenge.pk
    assert "现在决定" in page(client, "award", awards[0].pk)
    refused = send(client, "race", key, 1, data={"kept": [awards[0].pk], "reason": ""}, status=422)
    assert f'value="{awards[0].pk}" checked' in refused
    send(client, "race", key, 1, data={"kept": [awards[0].pk], "reason": "指标较低"})
    assert "指标较低" in page(as_(contest.member_of(awards[1])), "award", awards[1].pk)
    page(client, "race", key, 2, status=404)


# Statistics


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_statistics_count_against_the_list_as_it_was_announced(corridor: object, language: str) -> None:
    client = Client()
    client.cookies["django_language"] = language
    assert "chart-data" not in page(client, "statistics")
    contest = make_contest()
    award = contest.awarded("300 万元", "")[0]
    contest.sign(award)
    make_challenge(illustrative=True)
    source = Source.objects.create(code="press", title_zh="发布会", title_en="press")
    Figure.objects.create(
        code="joint_research_items", name_zh="清单", name_en="list", period="2023", value=40, source=source
    )
    shown = page(client, "statistics")
    assert "chart-data" in shown
    assert '<strong class="figure">40</strong>' in shown
    assert '<strong class="figure">2%</strong>' in shown
    assert ("湖州" if language == "zh-hans" else "Huzhou") in shown


def test_statistics_ask_a_fixed_number_of_questions(corridor: object, django_assert_max_num_queries: Any) -> None:
    client = Client()
    for _ in range(3):
        make_contest().submit()
    proposals_close(at=AFTER)
    with django_assert_max_num_queries(14):
        page(client, "statistics")
