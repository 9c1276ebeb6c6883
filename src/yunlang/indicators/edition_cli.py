"""Commands on editions of indices."""

from __future__ import annotations

from typing import Annotated

import typer

from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.kit.shell import language, say


def editions() -> None:
    """List the published editions. 列出已发布的指数版本。"""
    from yunlang.indicators.edition_selectors import editions_published

    for edition in editions_published():
        title = edition.title.text(language())
        typer.echo(f"{edition}\t{edition.published_at:%Y-%m-%d}\t{title}\t{edition.inputs[:12]}")


def verify(
    address: Annotated[str, typer.Argument(metavar="CODE/LABEL", help="An edition, e.g. g60/2024. 指数版本。")],
) -> None:
    """Compute an edition anew and compare every number. 重算一版指数，逐个数字核对。"""
    from yunlang.indicators.edition_models import Edition
    from yunlang.indicators.edition_selectors import EDITION, edition_verify

    index, _, label = address.partition("/")
    edition = Edition.objects.filter(index=index, label=label).first()
    if edition is None:
        raise NotFoundError(what=EDITION)
    found = edition_verify(edition)
    if found.agrees:
        say(
            f"{edition}：{found.checked:,} 个数字与发布时完全一致。",
            f"{edition}: {found.checked:,} numbers are exactly as published.",
        )
        return
    what = Bilingual("与发布时不一致：{what}", "not as published: {what}").format(what=", ".join(found.differences))
    typer.secho(f"{edition} {what.text(language())}", fg="red", err=True)
    raise typer.Exit(1)
