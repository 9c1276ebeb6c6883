"""Matching from a shell."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid5

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from yunlang.kit.fields import Field, FieldError, FieldType
from yunlang.kit.language import Bilingual
from yunlang.kit.money import MoneyError, parse_money
from yunlang.kit.shell import language, say

MOST_WORDS = 5


def match(
    text: Annotated[str | None, typer.Argument(help="What is needed, in a few words. 要找什么。")] = None,
    need: Annotated[UUID | None, typer.Option("--need", help="A registered need instead. 已登记需求的编号。")] = None,
    kind: Annotated[
        list[str] | None, typer.Option(help="achievement, instrument, … expert, organisation; may repeat. 类型。")
    ] = None,
    city: Annotated[list[str] | None, typer.Option(help="Name or code; may repeat. 城市。")] = None,
    industry: Annotated[list[str] | None, typer.Option(help="Leading industry; may repeat. 产业。")] = None,
    label: Annotated[list[str] | None, typer.Option(help="Label of the organisation; may repeat. 资质。")] = None,
    trl: Annotated[int | None, typer.Option(min=1, max=9, help="Lowest TRL. 最低技术成熟度。")] = None,
    price: Annotated[str | None, typer.Option(help="Highest price, e.g. 200万元. 最高价格。")] = None,
    count: Annotated[int, typer.Option("-k", min=1, max=200, help="How many. 条数。")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="A list of objects. 输出 JSON。")] = False,
) -> None:
    """Rank the corridor's resources for a need, with reasons. 为需求匹配要素并说明理由。"""
    from yunlang.matching import selectors
    from yunlang.matching.core.filters import Filters
    from yunlang.matching.documents import KINDS
    from yunlang.registry.core.kinds import INDUSTRIES, LABELS

    filters = Filters(
        kinds=_keys("--kind", KINDS, kind),
        cities=_cities(city or []),
        industries=_keys("--industry", INDUSTRIES, industry),
        labels=_keys("--label", LABELS, label),
        trl_minimum=trl,
        price_maximum=_price(price),
    )
    result = selectors.match(_query(text, need), filters, count=count)
    if as_json:
        records = [selectors.hit_record(hit, language()) for hit in result.hits]
        typer.echo(json.dumps(records, ensure_ascii=False, indent=2))
        return
    _show(result, language())


def _refuse(reason: Bilingual, option: str | None = None) -> typer.BadParameter:
    return typer.BadParameter(reason.text(language()), param_hint=option)


def _query(text: str | None, need: UUID | None) -> Any:
    from yunlang.matching.core.query import Query
    from yunlang.matching.selectors import need_query
    from yunlang.registry.models import Need
    from yunlang.registry.selectors.listings import listing_get

    if need is not None:
        if text:
            raise _refuse(Bilingual("文字与 --need 只能给一个", "give words or --need, not both"))
        return need_query(listing_get(Need, need))
    if not text or not text.strip():
        raise _refuse(Bilingual("请写明要找什么，或用 --need 给出需求", "say what is needed, or name a --need"))
    return Query(title=text)


def _keys(option: str, words: Mapping[str, Bilingual], given: list[str] | None) -> tuple[str, ...]:
    spec = Field(option, Bilingual(option, option), FieldType.CHOICE, choices=words)
    return tuple(_key(spec, one) for one in given or ())


def _key(spec: Field, given: str) -> str:
    try:
        key = spec.parse(given)
    except FieldError:
        key = None
    if key is None:
        reason = Bilingual("没有“{given}”，可选：{known}", "there is no “{given}”; choose from: {known}")
        names = Bilingual("、".join(f"{key} {name.zh}" for key, name in spec.choices.items()), ", ".join(spec.choices))
        raise _refuse(reason.format(given=given, known=names), spec.name)
    return str(key)


def _cities(names: list[str]) -> tuple[str, ...]:
    from yunlang.registry.selectors.corridor import cities, city_named

    found = {name: city_named(name) for name in names}
    wrong = next((name for name, city in found.items() if city is None), None)
    if wrong is not None:
        reason = Bilingual("“{given}”不是九城市之一：{known}", "“{given}” is not one of the nine cities: {known}")
        known = Bilingual("、".join(city.name_zh for city in cities()), ", ".join(city.name_en for city in cities()))
        raise _refuse(reason.format(given=wrong, known=known), "--city")
    return tuple(city.adcode for city in found.values() if city is not None)


def _price(text: str | None) -> Decimal | None:
    try:
        return None if text is None else parse_money(text)
    except MoneyError as error:
        raise _refuse(error.reason, "--price") from None


def _show(result: Any, language: str) -> None:
    console = Console()
    if result.note:
        console.print(Text(result.note.text(language), style="yellow"))
    if not result.hits:
        return
    table = Table(box=None, pad_edge=False)
    for column in (Bilingual("分", "score"), Bilingual("类型", "kind"), Bilingual("名称与理由", "title and reasons")):
        table.add_column(column.text(language), overflow="fold")
    for hit in result.hits:
        table.add_row(*_row(hit, language))
    console.print(table)
    console.print(Text(f"{sum(result.timings.values()):.0f} ms", style="dim"))


def _row(hit: Any, language: str) -> tuple[str, Text, Text]:
    from yunlang.matching.documents import KINDS
    from yunlang.matching.selectors import hit_record

    record = hit_record(hit, language)
    organisation = record["organisation"] if record["organisation"] != record["title"] else ""
    place = " · ".join(part for part in (organisation, record["city"]) if part)
    words = " ".join(f"{item.word} {item.share:.0%}" for item in hit.reasons.words[:MOST_WORDS])
    phrases = Bilingual("；", "; ").text(language).join(item.phrase.text(language) for item in hit.reasons.conditions)
    # Titles are what people typed: never read as Rich's markup.
    story = Text.assemble((record["title"], "bold"), f"\n{place}\n", (f"{words}　{phrases}".strip("　"), "dim"))
    return f"{hit.score:.2f}", Text(KINDS[record["kind"]].text(language)), story


def reindex() -> None:
    """Rebuild the index from the database while the old one serves. 重建检索索引。"""
    from django.utils import timezone

    from yunlang.matching.documents import published_count
    from yunlang.matching.services import index_rebuild, vectors_fill, vectors_missing

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        title = Bilingual("重建检索索引", "Rebuilding the search index").text(language())
        task = bar.add_task(title, total=published_count())
        index = index_rebuild(at=timezone.now(), progress=lambda step: bar.advance(task, step))
        bar.update(task, total=index.count, completed=index.count)
        if missing := vectors_missing():
            title = Bilingual("计算语义向量", "Making vectors").text(language())
            filling = bar.add_task(title, total=missing)
            vectors_fill(progress=lambda step: bar.advance(filling, step))
    say(f"已建立检索索引：{index.count:,} 条。", f"The search index is built: {index.count:,} records.")


def pairs(
    out: Annotated[Path, typer.Option("--out", help="A folder, made where there is none. 输出目录。")],
) -> None:
    """Write what people said of matches as graded pairs for training. 导出反馈为训练样本。"""
    from yunlang.matching.selectors import graded_pairs

    found = graded_pairs()
    out.mkdir(parents=True, exist_ok=True)
    needs = {pair.need_id: (pair.need_id, pair.title, pair.content) for pair in found}
    _write(out / "needs.csv", ("need_id", "title", "content"), needs.values())
    rows = (
        (uuid5(pair.need_id, str(pair.document_id)), pair.need_id, pair.document_id, pair.level, pair.document_title)
        for pair in found
    )
    _write(out / "pairs.csv", ("guid", "need_id", "achievement_id", "level", "title"), rows)
    say(
        f"已写出 {len(found):,} 对、{len(needs):,} 项需求。",
        f"{len(found):,} pairs of {len(needs):,} needs are written.",
    )


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(columns)
        table.writerows(rows)
