"""Runs every benchmark and writes what it prints to docs/benchmarks.md.

python -m benchmarks              all
python -m benchmarks matching     some, by name; the others keep their last figures
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
PAGE = FOLDER.parent / "docs" / "benchmarks.md"
_HEAD = """# Benchmarks

Each table is what the command above it printed, on {machine}. Peers run in the same process or right beside it; ratios
travel better than times. Nothing in the test suite asserts a time.
"""
_SECTION = re.compile(r"^## (\w+)\n(.*?)(?=^## |\Z)", re.S | re.M)


def main(names: list[str]) -> int:
    """Run the benchmarks of these names, or all; return 1 when one failed."""
    known = sorted(path.stem.removeprefix("bench_") for path in FOLDER.glob("bench_*.py"))
    old = dict(_SECTION.findall(PAGE.read_text())) if PAGE.exists() else {}
    paths = os.pathsep.join(filter(None, (str(FOLDER.parent), os.environ.get("PYTHONPATH"))))
    failed = 0
    for name in known:
        if names and name not in names:
            continue
        command = [sys.executable, str(FOLDER / f"bench_{name}.py")]
        environment = os.environ | {"PYTHONPATH": paths}  # some share data and naive references with the tests
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        if done.returncode:
            failed = 1
            print(f"{name} failed:\n{done.stderr}")
            continue
        print(done.stdout)
        shown = "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())
        old[name] = f"\n`python benchmarks/bench_{name}.py`, {date.today().isoformat()}\n\n{shown}\n\n"
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    body = "".join(f"## {name}\n{old[name].rstrip()}\n\n" for name in known if name in old)
    PAGE.write_text(_HEAD.format(machine=machine) + "\n" + body.rstrip() + "\n")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
