"""Matching from a shell."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from yunlang.kit.language import Bilingual
from yunlang.kit.money import parse_money
from yunlang.kit.shell import language


def match(
    text: Annotated[str | None, typer.Argument(help="What is needed, in a few words. 要找什么。")] = None,
    need: Annotated[UUID | None, typer.Option("--need", help="A registered need instead. 已登记需求的编号。")] = None,
    kind: Annotated[
        list[str] | None, typer.Option(help="achievement, instrument, … expert, organisation; may repeat.")
    ] = None,
    city: Annotated[list[str] | None, typer.Option(help="Name or code; may repeat. 城市。")] = None,
    label: Annotated[list[str] | None, typer.Option(help="Label of the organisation; may repeat. 资质。")] = None,
    trl: Annotated[int | None, typer.Option(min=1, max=9, help="Lowest TRL. 最低技术成熟度。")] = None,
    price: Annotated[str | None, typer.Option(help="Highest price, e.g. 200万元. 最高价格。")] = None,
    count: Annotated[int, typer.Option("-k", min=1, max=200, help="How many. 条数。")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="A list of objects. 输出 JSON。")] = False,
) -> None:
    """Rank the corridor's resources for a need, with reasons. 为需求匹配要素并说明理由。"""
    from yunlang.matching import selectors
    from yunlang.matching.core.filters import Filters

    filters = Filters(
        kinds=tuple(kind or ()), cities=_cities(city or []), labels=tuple(label or ()), trl_minimum=trl,
        price_maximum=_price(price),
    )  # fmt: skip
    result = selectors.match(_query(text, need), filters, count=count)
    if as_json:
        records = [selectors.hit_record(hit, language()) for hit in result.hits]
        typer.echo(json.dumps(records, ensure_ascii=False, indent=2))
        return
    _show(result, language())


def _query(text: str | None, need: UUID | None) -> Any:
    from yunlang.matching.core.query import Query
    from yunlang.matching.selectors import need_query
    from yunlang.registry.models import Need
    from yunlang.registry.selectors.listings import listing_get

    if need is not None:
        return need_query(listing_get(Need, need))
    if not text or not text.strip():
        raise typer.BadParameter(Bilingual("请写明要找什么", "say what is needed").zh)
    return Query(title=text)


def _cities(names: list[str]) -> tuple[str, ...]:
    from yunlang.registry.selectors.corridor import city_named

    found = [city_named(name) for name in names]
    if None in found:
        raise typer.BadParameter(f"not one of the nine cities 不是九城市之一: {names[found.index(None)]}")
    return tuple(city.adcode for city in found if city is not None)


def _price(text: str | None) -> Decimal | None:
    return None if text is None else parse_money(text)


def _show(result: Any, language: str) -> None:
    from yunlang.matching.selectors import hit_record
    from yunlang.registry.core.kinds import RESOURCE_KINDS

    console = Console()
    if result.note:
        console.print(result.note.text(language), style="yellow")
    table = Table(box=None, pad_edge=False)
    for column in (Bilingual("分", "score"), Bilingual("类型", "kind"), Bilingual("名称与理由", "title and reasons")):
        table.add_column(column.text(language), overflow="fold")
    for hit in result.hits:
        record = hit_record(hit, language)
        kind = RESOURCE_KINDS.get(record["kind"])
        words = " ".join(f"{item.word} {item.share:.0%}" for item in hit.reasons.words[:5])
        conditions = "；".join(item.phrase.text(language) for item in hit.reasons.conditions)
        place = " · ".join(part for part in (record["organisation"], record["city"]) if part)
        table.add_row(
            f"{hit.score:.2f}", kind.text(language) if kind else record["kind"],
            f"[bold]{record['title']}[/bold]\n{place}\n[dim]{words}　{conditions}[/dim]",
        )  # fmt: skip
    console.print(table)
    total = sum(result.timings.values())
    console.print(f"[dim]{total:.0f} ms[/dim]")


def reindex() -> None:
    """Rebuild the index from the database while the old one serves. 重建检索索引。"""
    from django.utils import timezone
    from rich.progress import Progress

    from yunlang.matching.documents import published_count
    from yunlang.matching.services import index_rebuild, vectors_fill

    title = Bilingual("重建检索索引", "Rebuilding the search index").text(language())
    with Progress() as bar:
        task = bar.add_task(title, total=published_count())
        index = index_rebuild(at=timezone.now(), progress=lambda step: bar.advance(task, step))
        bar.update(task, completed=index.count)
    vectors_fill()
    typer.echo(f"{index.count:,}")
