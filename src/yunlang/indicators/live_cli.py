"""Where the corridor's indices get their figures from, in a shell."""

from __future__ import annotations

from typing import Annotated

import typer

from yunlang.kit.language import Bilingual
from yunlang.kit.shell import language

_HEADS = (
    Bilingual("指标", "indicator"),
    Bilingual("来源", "source"),
    Bilingual("最近一期", "last period"),
    Bilingual("缺数据的城市", "cities without data"),
    Bilingual("现在能否计算", "computable now"),
)


def sources(
    framework: Annotated[
        str, typer.Argument(metavar="CODE", help="g60_2021 or g60_growth. 指标框架的代码。")
    ] = "g60_2021",
) -> None:
    """Show where each indicator comes from, its last period, and which cities lack it. 列出各指标的来源与缺口。"""
    from yunlang.indicators.live import live_read, live_years, uncomputable
    from yunlang.indicators.shell import print_table
    from yunlang.indicators.shipped import LIVE, framework_shipped
    from yunlang.kit.errors import NotFoundError

    if framework not in LIVE:
        raise NotFoundError(what=Bilingual("该指标框架", "this framework"))
    found = framework_shipped(framework)
    live = live_read(found, periods=live_years(found, since=LIVE[framework]) if LIVE[framework] else ())
    reasons = uncomputable(found, live.data)
    of = language()
    between = Bilingual("、", ", ").text(of)
    rows = [
        (
            found.by_code[one.code].name.text(of),
            "; ".join(title.label.text(of) for title in one.publications) or one.label.text(of),
            one.period or "—",
            between.join(city.label.text(of) for city in one.lacking) or "—",
            reasons[one.code].text(of) if one.code in reasons else Bilingual("是", "yes").text(of),
        )
        for one in live.sources
    ]
    print_table(found.name, _HEADS, rows)
