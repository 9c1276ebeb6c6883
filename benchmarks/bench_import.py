"""Importing 100,000 organisations end to end, beside what one would write by hand: openpyxl and Django's bulk_create.

    python benchmarks/bench_import.py            prints the table
    python benchmarks/bench_import.py --rows N   with another number of rows

Every line is a process of its own, from its start to its end: interpreter, Django, reading, writing, report. Its memory
is its peak as the kernel counted it; the database's server is not in it. The peer makes the same organisations from
the same workbook without checks, reports, provenance or a feed of changes, in one transaction.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from yunlang.kit.tables import write_table
from yunlang.registry.core.credit_code import ALPHABET, check_character

ROWS = 100_000
COLUMNS = ("名称", "类型", "统一社会信用代码", "城市", "地址", "产业", "行业", "主要产品", "网站", "简介", "标签",
           "联系电话")  # fmt: skip
CITIES = {"松江": "310117", "苏州": "320500", "嘉兴": "330400", "杭州": "330100", "金华": "330700", "湖州": "330500",
          "宣城": "341800", "芜湖": "340200", "合肥": "340100"}  # fmt: skip
SYLLABLES = "华中科天瑞宏泰恒盛鑫达联创新远东方正海安康健德信诚立博文睿智云星辰晨曦明光晶芯微纳精密凌峰锐捷腾飞鸿图大"
TRADES = ("新材料", "智能装备", "生物医药", "集成电路", "光电", "精密机械", "新能源", "信息技术", "医疗器械", "传感器")
FORMS = ("有限公司", "股份有限公司", "科技有限公司")
INDUSTRIES = ("新材料", "集成电路", "生物医药", "高端装备", "")

_CITIES = """
import json
from importlib import resources
from yunlang.registry.models import City
for line in (resources.files("yunlang.registry") / "demo" / "cities.jsonl").read_text("utf-8").splitlines():
    row = json.loads(line)
    row["longitude"], row["latitude"] = row.pop("centroid")
    names = {field.name for field in City._meta.fields}
    City.objects.create(**{name: value for name, value in row.items() if name in names})
"""
_EMPTY = """
from django.db import connection
connection.cursor().execute("TRUNCATE registry_organisation, registry_provenance, kit_change CASCADE")
"""
_PEER = """
import sys, openpyxl
from django.db import transaction
from yunlang.kit.text import name_key
from yunlang.registry.models import City, Organisation
cities = {city.name_zh: city for city in City.objects.defer("boundary")}
industries = {"新材料": "new_materials", "集成电路": "integrated_circuits", "生物医药": "biomedicine",
              "高端装备": "high_end_equipment", None: ""}
rows = openpyxl.load_workbook(sys.argv[-1], read_only=True).active.iter_rows(min_row=2, values_only=True)
with transaction.atomic():
    batch = []
    for name, kind, code, city, address, industry, sector, products, website, summary, tags, phone in rows:
        batch.append(Organisation(
            name=name, name_key=name_key(name), type="company", credit_code=code, city=cities[city],
            placement="corridor", address=address, industry=industries[industry], sector=sector,
            products=products.split("；"), website=website, summary=summary, tags=tags.split("；"),
            contact_phone=phone))
        if len(batch) == 2_000:
            Organisation.objects.bulk_create(batch)
            batch = []
    Organisation.objects.bulk_create(batch)
print(Organisation.objects.count())
"""


@dataclass(frozen=True)
class Run:
    """What one process took: seconds on the wall, seconds of its own CPU, megabytes at its peak."""

    seconds: float
    cpu: float
    megabytes: float
    output: str


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=ROWS)
    rows = parser.parse_args(arguments).rows
    with tempfile.TemporaryDirectory(prefix="yunlang-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = _server(folder)
        try:
            _measure(folder, rows)
        finally:
            server.communicate()  # the end of its input is its end, and the database's


def _server(folder: Path) -> subprocess.Popen[bytes]:
    """Keep one embedded PostgreSQL up in a home of its own, with tables and the nine cities."""
    os.environ.pop("DATABASE_URL", None)
    os.environ |= {"YUNLANG_HOME": str(folder / "home"), "DJANGO_SETTINGS_MODULE": "yunlang.config.settings"}
    keep = (
        "import sys; from yunlang.config import database as d; print(d.database_ensure(), flush=True); sys.stdin.read()"
    )
    server = subprocess.Popen([sys.executable, "-c", keep], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    if server.stdout is None:
        raise SystemExit("no database")
    os.environ["DATABASE_URL"] = server.stdout.readline().decode().strip()
    _run(["migrate"])
    _shell(_CITIES)
    return server


def _measure(folder: Path, rows: int) -> None:
    print("| file | what | seconds | rows/s | CPU, s | peak memory, MB |")
    print("|---|---|---:|---:|---:|---:|")
    first: dict[str, Run] = {}
    for suffix in ("csv", "xlsx"):
        path = folder / f"organisations.{suffix}"
        with path.open("wb") as stream:
            write_table(suffix, COLUMNS, _rows(rows), stream)
        _shell(_EMPTY)
        command = ["import", "organisation", str(path), "--json"]
        first[suffix] = _show(suffix, "first import", _run(command), rows, created=rows)
        _show(suffix, "second import, all unchanged", _run(command), rows, created=0)
    _shell(_EMPTY)
    peer = _shell(_PEER, str(folder / "organisations.xlsx"))
    if int(peer.output.split()[-1]) != rows:
        raise SystemExit(peer.output[-2_000:])
    _line("xlsx", "peer: openpyxl and bulk_create, unchecked", peer, rows)
    ratio = peer.seconds / first["xlsx"].seconds
    print(f"\nFirst import of the .xlsx at {ratio:.2f} times the peer's speed.")


def _rows(count: int) -> Iterator[tuple[str, ...]]:
    draw = random.Random(7)
    codes: set[str] = set()
    for number in range(count):
        city, trade = draw.choice(list(CITIES)), draw.choice(TRADES)
        body = f"91{CITIES[city]}" + "".join(draw.choices(ALPHABET, k=9))
        while body in codes:
            body = f"91{CITIES[city]}" + "".join(draw.choices(ALPHABET, k=9))
        codes.add(body)
        products = "；".join(draw.sample(TRADES, 2))
        yield (
            f"{city}{''.join(draw.choices(SYLLABLES, k=3))}{trade}{draw.choice(FORMS)}", "企业",
            body + check_character(body), city, f"{city}市科创路 {number % 997 + 1} 号 {number % 29 + 1} 幢",
            draw.choice(INDUSTRIES), trade, products, f"https://example.org/{number}", f"从事{products}的研发与生产。",
            ";".join(draw.sample(TRADES, 2)).replace(";", "；"), f"0572-{draw.randrange(10**7):07d}",
        )  # fmt: skip


def _shell(code: str, *arguments: str) -> Run:
    script = f"import django; django.setup(){code}"
    return _wait([sys.executable, "-c", script, *arguments])


def _run(arguments: Sequence[str]) -> Run:
    return _wait([sys.executable, "-m", "yunlang", *arguments])


def _wait(command: Sequence[str]) -> Run:
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for stream in (output, errors):
            stream.seek(0)
            texts.append(stream.read().decode(errors="replace"))
    if process.returncode:
        raise SystemExit(f"{command[1:4]} ended with {process.returncode}: {texts[1][-2_000:]}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, texts[0])


def _show(suffix: str, what: str, run: Run, rows: int, *, created: int) -> Run:
    report = json.loads(run.output)
    if (report["created"], report["read"], report["skipped"]) != (created, rows, 0):
        raise SystemExit(f"{what}: {run.output[:2_000]}")
    _line(suffix, what, run, rows)
    return run


def _line(suffix: str, what: str, run: Run, rows: int) -> None:
    print(
        f"| .{suffix} | {what} | {run.seconds:.1f} | {rows / run.seconds:,.0f} | {run.cpu:.1f} | {run.megabytes:.0f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
