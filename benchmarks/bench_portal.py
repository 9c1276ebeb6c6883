"""How long the server takes for each page over the demo corridor, beside the smallest page Django can serve.

    python benchmarks/bench_portal.py

Needs a home with the demo loaded (``yunlang demo --load-only``).
"""

from __future__ import annotations

import statistics
import time

from yunlang.cli import begin

ROUNDS = 30
PAGES = ("/", "/match/?q=卫星互联网相控阵天线", "/needs/", "/resources/", "/resources/?kind=achievement&city=330100",
         "/organisations/", "/experts/", "/cities/", "/cities/330100/", "/figures/", "/figures/checks/", "/about/",
         "/index/", "/index/g60/2024/", "/index/g60/2024/units/330100/", "/index/g60-growth/2023/series/",
         "/index/yrd/2024/what-if/?aggregate=median&normalise=fraction_of_maximum", "/index/yrd/2024/audit/",
         "/index/links/",
         "/api/v1/resources?limit=50", "/api/v1/match?q=电解液")  # fmt: skip
BASE = "/healthz"


def main() -> None:
    """Print a Markdown table of medians and 95th percentiles."""
    begin()
    from django.conf import settings
    from django.test import Client

    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client()
    base = _median(_times(client, BASE))
    print("| page | median ms | p95 ms | times a bare answer |")
    print("|---|---:|---:|---:|")
    for page in PAGES:
        times = _times(client, page)
        slow = sorted(times)[int(len(times) * 0.95)]
        print(f"| `{page}` | {_median(times):.0f} | {slow:.0f} | {_median(times) / base:.0f} |")


def _times(client: object, page: str) -> list[float]:
    from yunlang.kit.models import RateWindow

    times = []
    for _ in range(ROUNDS + 2):
        started = time.perf_counter()
        answer = client.get(page)  # type: ignore[attr-defined]
        times.append((time.perf_counter() - started) * 1000)
        if answer.status_code != 200:
            raise SystemExit(f"{page} answered {answer.status_code}")
    RateWindow.objects.all().delete()
    return times[2:]


def _median(times: list[float]) -> float:
    return statistics.median(times)


if __name__ == "__main__":
    main()
