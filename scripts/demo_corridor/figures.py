"""Dated figures of the cities from the statistical panels, and the corridor's own published ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from .tables import Record, compact, read_csv, read_jsonl, read_tsv

PANEL_SOURCE = "statistical_panels"
YRD_SOURCE = "yrd2024_report"
YRD_EDITION = "2024"


def figure_records(folder: Path, tables: Path) -> tuple[list[Record], list[Record]]:
    """Return the figures, corridor first, and those withheld as doubtful with the reason."""
    cities = {row["full_name_zh"]: row["adcode"] for row in read_tsv(tables / "cities.tsv")}
    remarks = read_tsv(tables / "figures_remarks.tsv")
    series = read_tsv(tables / "figures_series.tsv")
    panel = [figure for column in series for figure in _panel_figures(column, folder, cities)]
    shown, withheld = _apply_remarks(panel, remarks)
    order = {adcode: position for position, adcode in enumerate(cities.values())}
    shown += _yrd_figures(folder, tables, cities)
    shown.sort(key=lambda figure: order[figure["subject"]])
    return read_jsonl(tables / "figures_published.jsonl") + shown, withheld


def _panel_figures(series: Mapping[str, str], folder: Path, cities: Mapping[str, str]) -> Iterator[Record]:
    for row in read_csv(folder / series["file"]):
        raw = row[series["value_column"]].strip()
        if row[series["city_column"]] in cities and raw not in ("", "NA"):
            yield {
                "subject": cities[row[series["city_column"]]],
                "code": series["code"],
                "name_zh": series["name_zh"],
                "name_en": series["name_en"],
                "period": str(int(float(row[series["year_column"]]))),
                "value": round(float(raw) / float(series["divisor"]), 2),
                "unit": series["unit"],
                "unit_en": series["unit_en"],
                "source": PANEL_SOURCE,
            }


def _apply_remarks(figures: list[Record], remarks: list[dict[str, str]]) -> tuple[list[Record], list[Record]]:
    shown: list[Record] = []
    withheld: list[Record] = []
    for figure in figures:
        notes = [remark for remark in remarks if _concerns(remark, figure)]
        text = "；".join(remark["note"] for remark in notes)
        text_en = "; ".join(remark["note_en"] for remark in notes)
        if any(remark["action"] == "withhold" for remark in notes):
            withheld.append(figure | {"reason": text, "reason_en": text_en})
        else:
            shown.append(compact(figure | {"note": text, "note_en": text_en}))
    return shown, withheld


def _concerns(remark: Mapping[str, str], figure: Record) -> bool:
    return (
        figure["code"] in remark["codes"].split(";")
        and figure["subject"] in remark["subjects"].split(";")
        and remark["first_year"] <= figure["period"] <= remark["last_year"]
    )


def _yrd_figures(folder: Path, tables: Path, cities: Mapping[str, str]) -> list[Record]:
    indicators = {row["indicator"]: row for row in read_tsv(tables / "yrd2024_indicators.tsv")}
    figures = [
        _yrd_figure(
            cities[row["city"]], indicators[row["indicator"]], float(row["value"]), "归一化值（0–1）", "normalised, 0–1"
        )
        for row in read_csv(folder / "yrd2024_indicators.csv")
        if row["city"] in cities
    ]
    scores = read_csv(folder / "yrd2024_published_scores.csv")
    return figures + [
        _yrd_figure(cities[row["cityName"]], indicators[column], float(row[column]), "分", "points")
        for row in scores
        if row["cityName"] in cities
        for column in row
        if column != "cityName"
    ]


def _yrd_figure(subject: str, indicator: Mapping[str, str], value: float, unit: str, unit_en: str) -> Record:
    return {
        "subject": subject,
        "code": f"yrd2024_{indicator['code']}",
        "name_zh": indicator["name_zh"],
        "name_en": indicator["name_en"],
        "period": YRD_EDITION,
        "value": value,
        "unit": unit,
        "unit_en": unit_en,
        "source": YRD_SOURCE,
    }
