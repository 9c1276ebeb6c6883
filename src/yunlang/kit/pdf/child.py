"""The program that sets one document: template and inputs come in as JSON, the PDF goes out.

A process of its own, started for each document, because Typst keeps what it has set in memory for documents to come
(some 200 MB for each record of 5,000 bids), and because native code that failed would take a server down with it.
"""

from __future__ import annotations

import json
import sys

import pylopdf_fonts_zh_cn as chinese_fonts
import typst


def main() -> int:
    """Read a job, write a PDF; what Typst has against it goes to the error stream."""
    job = json.loads(sys.stdin.buffer.read())
    folder = chinese_fonts.serif_path().parent
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[folder])
    try:
        pdf = typst.compile(
            job["template"].encode(), font_paths=fonts, sys_inputs=job["inputs"], pdf_standards=["a-3a"], timestamp=0
        )
    except typst.TypstError as error:
        sys.stderr.write(str(error))
        return 1
    sys.stdout.buffer.write(pdf)
    return 0


if __name__ == "__main__":
    sys.exit(main())
