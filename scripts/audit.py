"""Asks the advisory database about the locked dependencies: fails on a vulnerability, says what it could not ask."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).resolve().parent.parent / "requirements" / "runtime.lock"
SECONDS = 120


def main() -> int:
    """Return 1 when a locked package has a known vulnerability, else 0."""
    command = [sys.executable, "-m", "pip_audit", "-r", str(LOCK), "--require-hashes", "--disable-pip", "-f", "json"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        packages = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError) as error:
        print(f"pip-audit could not run here ({type(error).__name__}): no advisory database within reach")
        return 0
    vulnerable = [package for package in packages if package.get("vulns")]
    unknown = sum("skip_reason" in package for package in packages)
    for package in vulnerable:
        for found in package["vulns"]:
            print(f"{package['name']} {package['version']}: {found['id']}, fixed in {', '.join(found['fix_versions'])}")
    note = f"; {unknown} could not be looked up from here" if unknown else ""
    print(f"pip-audit: {len(packages)} packages, {len(vulnerable)} with known vulnerabilities{note}")
    return 1 if vulnerable else 0


if __name__ == "__main__":
    sys.exit(main())
