"""Matching for programs."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from yunlang.accounts.api import actor_of
from yunlang.kit.api.problems import InputError, ValueProblem
from yunlang.kit.api.reference import described, explained
from yunlang.kit.language import Bilingual
from yunlang.matching.core.batch import is_strong
from yunlang.matching.core.filters import Filters
from yunlang.matching.core.judgement import Verdict
from yunlang.matching.core.query import Query as Question
from yunlang.matching.documents import KINDS
from yunlang.matching.models import LONGEST_QUERY
from yunlang.matching.selectors import city_values, hit_record, match, need_query, need_visible
from yunlang.matching.services import feedback_give
from yunlang.matching.stored import KeptMatch, matches_of, ranking_of
from yunlang.registry.api.values import CITY_CODE, Id, Industry, Label, Moment, Name
from yunlang.registry.selectors.facets import NO_CITY

router = Router(tags=["matching"])

Kind = StrEnum("Kind", {key.upper(): key for key in KINDS})  # type: ignore[misc]
_Price = Annotated[
    Decimal, Field(ge=0, max_digits=18, decimal_places=2), WithJsonSchema({"type": "number", "minimum": 0})
]
_NOTHING_ASKED = Bilingual("请写明要找什么，或给出需求编号", "say what is needed, or name a need")


class MatchQuery(BaseModel):
    """What is asked: words, or a registered need; and what every answer must meet."""

    q: str = Field(
        "",
        max_length=4_000,
        **explained("要找什么，一句话即可。", "What is needed, in a few words.", example="高镍三元动力电解液"),
    )
    need: UUID | None = Field(None, **explained("已登记的需求，代替 q。", "A registered need, instead of q."))
    kind: list[Kind] = Field(
        [],
        max_length=20,
        **explained(
            "类型，可多选；默认九类要素。", "Kinds; the nine kinds of resources by default.", example=["achievement"]
        ),
    )
    city: list[str] = Field([], max_length=20, **CITY_CODE)
    industry: list[Industry] = Field(
        [], max_length=20, **explained("产业。", "Leading industries.", example=["new_materials"])
    )
    label: list[Label] = Field(
        [],
        max_length=20,
        **explained("机构资质，具备其一。", "Labels of the organisation, any of them.", example=["high_tech"]),
    )
    trl_minimum: int | None = Field(
        None, ge=1, le=9, **explained("最低技术成熟度。", "Lowest technology readiness level.", example=5)
    )
    price_maximum: _Price | None = Field(
        None, **explained("价格不超过，元。", "Price at most, in CNY.", example=2_000_000)
    )
    limit: int = Field(20, ge=1, le=200, **explained("最多条数。", "At most so many answers.", example=10))

    def filters(self) -> Filters:
        """Return the engine's filters."""
        return Filters(
            kinds=tuple(str(kind) for kind in self.kind),
            cities=city_values(self.city),
            industries=tuple(str(industry) for industry in self.industry),
            labels=tuple(str(label) for label in self.label),
            trl_minimum=self.trl_minimum,
            price_maximum=self.price_maximum,
        )


class Word(BaseModel):
    """A shared word and its part of the word score."""

    word: str = Field(examples=["电解液"])
    share: float = Field(examples=[0.62])


class Sentences(BaseModel):
    """The two sentences nearest to each other."""

    query: str = Field(examples=["高镍三元动力电解液"])
    document: str = Field(examples=["高电压电解液添加剂"])
    similarity: float = Field(examples=[0.91])
    by: str = Field(examples=["words"])


class Condition(BaseModel):
    """Something the query wants: met, missed, or not stated."""

    code: str = Field(examples=["city"])
    met: bool | None = Field(examples=[True])
    zh: str = Field(examples=["走廊内：湖州"])
    en: str = Field(examples=["in the corridor: Huzhou"])


class Reasons(BaseModel):
    """Why an answer is given."""

    words: list[Word]
    similarity: float | None = Field(examples=[0.9])
    sentences: Sentences | None
    conditions: list[Condition]
    grades: list[float] = Field(
        examples=[[0.05, 0.2, 0.45, 0.3]],
        description="Probabilities of unrelated, weak, fairly strong, strong.",
        json_schema_extra={"x-zh": "无关、较弱、较强、强的概率。"},
    )


class Match(BaseModel):
    """One answer, with its reasons."""

    id: str = Field(examples=["0198c0de-6a52-7000-8000-3f1b5a2c9d10"])
    kind: str = Field(examples=["achievement"])
    title: str = Field(examples=["高电压电解液添加剂"])
    organisation: str = Field(examples=["示例新材料有限公司"])
    city: str | None = Field(examples=["湖州"], description="City of the corridor, or the place outside it.")
    adcode: str | None = Field(examples=["330500"])
    place: str = Field(examples=[""])
    in_corridor: bool = Field(examples=[True])
    expert: str | None = Field(examples=["张三"])
    illustrative: bool = Field(examples=[False])
    score: float = Field(examples=[0.71], description="Expected grade from 0 (unrelated) to 1 (strong).")
    good: bool = Field(examples=[True])
    reasons: Reasons


class Matches(BaseModel):
    """The best answers first."""

    items: list[Match]
    note: Name | None = Field(description="Why there is no answer, or no good one.")
    weak: bool = Field(examples=[False], description="Whether there is no good match.")
    facets: dict[str, dict[str, int]] = Field(examples=[{"kind": {"achievement": 12}}])
    degraded: bool = Field(examples=[False], description="Whether vectors of some records are still being made.")


@router.get(
    "/match",
    response=Matches,
    **described(
        Bilingual("匹配要素", "Match"),
        Bilingual(
            "为一句话或一项已登记的需求排列走廊的要素，并说明理由。",
            "Ranks the corridor's resources for a few words or a registered need, with reasons.",
        ),
        refused=(404, 422, 503),
    ),
)
def match_list(request: HttpRequest, query: Query[MatchQuery]) -> Any:
    """Rank resources for a need."""
    result = match(_question(request, query), query.filters(), count=query.limit)
    language = get_language() or "zh-hans"
    return {
        "items": [hit_record(hit, language) for hit in result.hits],
        "note": None if result.note is None else {"zh": result.note.zh, "en": result.note.en},
        "weak": result.weak,
        "facets": {name: {value or NO_CITY: count for value, count in counts.items()}
                   for name, counts in result.facets.items()},
        "degraded": result.degraded,
    }  # fmt: skip


class FeedbackBody(BaseModel):
    """A verdict on a document, as an answer to a need or to words."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "need": "0198c0de-6a52-7000-8000-3f1b5a2c9d10",
                    "document": "0198c0de-6a52-7000-8000-3f1b5a2c9d11",
                    "verdict": "good",
                }
            ]
        },
    )
    need: UUID | None = Field(None, **explained("需求。", "The need."))
    q: str = Field("", max_length=LONGEST_QUERY, **explained("所写的话，代替 need。", "The words, instead of a need."))
    document: UUID = Field(..., **explained("要素、专家或机构。", "The resource, expert or organisation."))
    verdict: Verdict = Field(..., **explained("合适 good，不合适 bad。", "Whether it is a good match."))


class FeedbackKept(BaseModel):
    """The verdict as it is kept."""

    document: Id
    need: Id | None
    q: str = Field(examples=[""])
    verdict: Verdict = Field(examples=["good"])
    at: Moment


@router.put(
    "/match/feedback",
    response=FeedbackKept,
    **described(
        Bilingual("评价匹配", "Say what a match is worth"),
        Bilingual(
            "每人对一项需求（或所写的话）与一条结果有一个评价，再次提交即更改；用于下一次训练。",
            "One verdict for each person, need (or words) and answer; sent again, it is changed. "
            "The next training reads it.",
        ),
        refused=[404],
    ),
)
def feedback_put(request: HttpRequest, body: FeedbackBody) -> Any:
    """Keep a verdict."""
    kept = feedback_give(
        actor=actor_of(request), document_id=body.document, verdict=body.verdict, at=timezone.now(),
        need_id=body.need, query=body.q,
    )  # fmt: skip
    return FeedbackKept(document=kept.document_id, need=kept.need_id, q=kept.query, verdict=kept.verdict, at=kept.at)


class StoredMatch(BaseModel):
    """One of a need's best, as the last run over all needs ranked it."""

    rank: int = Field(examples=[1])
    id: str = Field(examples=["0198c0de-6a52-7000-8000-3f1b5a2c9d10"])
    kind: str = Field(examples=["achievement"])
    title: str = Field(examples=["高电压电解液添加剂"])
    organisation: str = Field(examples=["示例新材料有限公司"])
    score: float = Field(examples=[0.71], description="Expected grade from 0 (unrelated) to 1 (strong).")
    strong: bool = Field(examples=[True], description="Whether both sides were told.")
    reasons: Reasons


class StoredMatches(BaseModel):
    """A need's stored matches, the best first."""

    items: list[StoredMatch]
    ranked_at: datetime | None = Field(
        examples=["2026-11-22T02:50:00Z"], description="When they were last found to hold; null before the first run."
    )
    encoder: str | None = Field(examples=["e5-small-q4"])


class StoredQuery(BaseModel):
    """How many to return."""

    limit: int = Field(50, ge=1, le=50, **explained("最多条数。", "At most so many.", example=10))


@router.get(
    "/needs/{need_id}/matches",
    response=StoredMatches,
    **described(
        Bilingual("需求的已存匹配", "A need's stored matches"),
        Bilingual(
            "最近一次全部需求匹配的结果，最多 50 条，附理由；需求看得到的人看得到。随时的结果用“匹配要素”。",
            "What the last run over all needs found, at most 50, with reasons; seen by whoever sees the need. "
            "For the state of this moment, use Match.",
        ),
        refused=(404, 422),
    ),
)
def need_matches(request: HttpRequest, need_id: UUID, query: Query[StoredQuery]) -> Any:
    """Return a need's stored matches."""
    need = need_visible(actor_of(request), need_id)
    ranking = ranking_of(need)
    return {
        "items": [_stored(one) for one in matches_of(need, count=query.limit)],
        "ranked_at": ranking and ranking.ranked_at,
        "encoder": ranking and ranking.run.encoder,
    }


def _stored(one: KeptMatch) -> dict[str, Any]:
    match, resource = one.match, one.resource
    return {
        "rank": match.rank, "id": str(resource.pk), "kind": resource.kind, "title": resource.title,
        "organisation": resource.organisation.name, "score": round(match.score, 4), "strong": is_strong(match.score),
        "reasons": match.reasons,
    }  # fmt: skip


def _question(request: HttpRequest, query: MatchQuery) -> Question:
    if query.need is not None:
        return need_query(need_visible(actor_of(request), query.need))
    if not query.q.strip():
        raise InputError([ValueProblem("query", ("q",), "missing", _NOTHING_ASKED)])
    return Question(title=query.q)
