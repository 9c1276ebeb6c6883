"""The search index of the demo: built at the first start from vectors that ship with the package."""

from __future__ import annotations

from importlib import resources

import numpy as np
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from yunlang.kit.language import Bilingual
from yunlang.matching import engine
from yunlang.matching.core.encoder import Quantised
from yunlang.matching.documents import published_count
from yunlang.matching.jobs import wake, wake_batch, wake_vectors
from yunlang.matching.models import Vector
from yunlang.matching.services import index_is_usable, index_rebuild
from yunlang.matching.vectors import vectors_keep

SHIPPED = "demo_vectors.npz"


def shipped_vectors() -> tuple[str, dict[str, Quantised]]:
    """Return the encoder's name and the codes by content hash that `scripts/build_demo_vectors.py` made."""
    with (resources.files("yunlang.matching") / SHIPPED).open("rb") as stream, np.load(stream) as packed:
        digests = [bytes(row).hex() for row in packed["digests"]]
        return str(packed["encoder"]), dict(zip(digests, packed["codes"], strict=True))


def index_prepare(*, console: Console, language: str) -> None:
    """Have a usable index; words are searched at once, vectors that are missing follow in the background."""
    if not index_is_usable():
        if not Vector.objects.exists():
            name, codes = shipped_vectors()
            if name == engine.encoder().name:
                vectors_keep(name, codes)
        title = Bilingual("建立检索索引", "Building the search index").text(language)
        columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console) as bar:
            task = bar.add_task(title, total=published_count())
            index_rebuild(at=timezone.now(), progress=lambda count: bar.advance(task, count))
            bar.update(task, completed=bar.tasks[task].total or 0)
    wake()
    wake_vectors()
    wake_batch()
