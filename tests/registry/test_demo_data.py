"""The demo corridor's files: complete, valid against the registry's fields, honest about seats, and reproducible."""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from shapely import make_valid, unary_union
from shapely.geometry import Point, shape

from yunlang.kit.fields import parse_record
from yunlang.kit.text import name_key
from yunlang.registry.core.credit_code import is_credit_code
from yunlang.registry.core.fields import EXPERT_FIELDS, NEED_FIELDS, ORGANISATION_FIELDS, resource_fields
from yunlang.registry.core.kinds import INDUSTRIES, LABELS, NEED_KINDS, RESOURCE_KINDS, Placement

REPOSITORY = Path(__file__).resolve().parents[2]
DEMO = REPOSITORY / "src" / "yunlang" / "registry" / "demo"
SHARED = Path(os.environ.get("YUNLANG_SHARED", REPOSITORY.parent / "shared"))
DATA = SHARED / "data"
needs_shared_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"shared source data not found at {DATA}")

CITIES = ["310117", "320500", "330400", "330100", "330700", "330500", "341800", "340200", "340100"]
RESOURCE_FILES = ("achievements", "instruments", "measures", "loans", "funds", "services", "spaces", "talent")
RECORD_FILES = ("organisations", "experts", "needs", *RESOURCE_FILES)
SHARED_TEXT_LIMIT = 20  # characters: names and titles are facts, a longer common run of a description is a sentence


@cache
def records(name: str) -> tuple[dict[str, Any], ...]:
    packed = DEMO / f"{name}.jsonl.gz"
    raw = gzip.decompress(packed.read_bytes()) if packed.exists() else (DEMO / f"{name}.jsonl").read_bytes()
    return tuple(json.loads(line) for line in raw.decode().splitlines())


@cache
def placement_counts() -> dict[str, Any]:
    return json.loads((DEMO / "placement.json").read_text(encoding="utf-8"))


@cache
def organisation_keys() -> dict[str, dict[str, Any]]:
    return {name_key(record["name"]): record for record in records("organisations")}


def fields_of(name: str, record: dict[str, Any]) -> Any:
    fixed = {"organisations": ORGANISATION_FIELDS, "experts": EXPERT_FIELDS, "needs": NEED_FIELDS}
    return fixed[name] if name in fixed else resource_fields(record["kind"])


def source_codes(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "source":
                yield inner
            elif key != "source_row":
                yield from source_codes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from source_codes(inner)


@pytest.mark.parametrize("name", RECORD_FILES)
def test_every_record_parses_with_the_fields_of_the_import(name: str) -> None:
    for record in records(name):
        values, reasons = parse_record(fields_of(name, record), record)
        assert not reasons, (record, {field: str(reason) for field, reason in reasons.items()})
        if name == "achievements":
            assert values["title"] == record["title"]


@pytest.mark.parametrize("name", [*RECORD_FILES, "cities", "figures"])
def test_every_record_names_a_listed_source_and_its_row(name: str) -> None:
    listed = {source["code"] for source in records("sources")}
    for record in records(name):
        assert set(source_codes(record)) <= listed, record
        assert name == "figures" or record["source_row"], record


def is_english(text: str) -> bool:
    return bool(text) and not re.search(r"[\u3000-\u9fff\uff00-\uffef]", text.replace("园科贷", ""))


def test_sources_are_unique_and_bilingual() -> None:
    codes = [source["code"] for source in records("sources")]
    assert len(codes) == len(set(codes))
    for source in records("sources"):
        assert source["title_zh"]
        assert is_english(source["title_en"])
        for name in ("publisher", "licence", "note"):
            assert (name in source) == (f"{name}_en" in source), source
            assert name not in source or is_english(source[f"{name}_en"]), source


class TestCities:
    def test_the_nine_stand_in_corridor_order(self) -> None:
        assert [city["adcode"] for city in records("cities")] == CITIES
        assert [city["order"] for city in records("cities")] == list(range(1, 10))

    def test_boundaries_are_light_contain_their_centroid_and_leave_no_hole(self) -> None:
        shapes = [make_valid(shape(city["boundary"])) for city in records("cities")]
        assert all(
            boundary.contains(Point(city["centroid"])) for boundary, city in zip(shapes, records("cities"), strict=True)
        )
        together = unary_union(shapes)
        parts = list(getattr(together, "geoms", [together]))
        assert sum(len(part.interiors) for part in parts) == 0
        assert len(json.dumps([city["boundary"] for city in records("cities")])) < 120_000

    def test_neighbours_touch(self) -> None:
        shapes = {city["adcode"]: make_valid(shape(city["boundary"])) for city in records("cities")}
        for one, other in (("320500", "330400"), ("330400", "330100"), ("330500", "341800"), ("340200", "340100")):
            assert shapes[one].distance(shapes[other]) < 1e-3


class TestFigures:
    def test_subjects_values_and_uniqueness(self) -> None:
        keys = ("subject", "code", "period", "source")
        seen = Counter(tuple(figure[key] for key in keys) for figure in records("figures"))
        assert max(seen.values()) == 1
        for figure in records("figures"):
            assert figure["subject"] in {*CITIES, "corridor", "yangtze_delta", "elsewhere"}
            assert isinstance(figure["value"], int | float)
            assert all(figure[key] for key in ("unit", "name_zh"))
            assert all(is_english(figure[key]) for key in ("unit_en", "name_en"))
            assert ("note" in figure) == ("note_en" in figure), figure
            assert "note" not in figure or is_english(figure["note_en"]), figure

    def test_songjiang_has_only_what_the_documents_say_of_it(self) -> None:
        own = [figure for figure in records("figures") if figure["subject"] == "310117"]
        assert own
        assert not {figure["source"] for figure in own} & {"statistical_panels", "yrd2024_report"}

    def test_published_growth_agrees_with_itself(self) -> None:
        rows = [f for f in records("figures") if f["subject"] == "corridor"]
        corridor = {(f["code"], f["period"], f["source"]): f["value"] for f in rows}
        total_growth = 1 + corridor["rd_spending_growth", "2018/2023", "ecosystem_conference_2024"] / 100
        yearly_growth = 1 + corridor["rd_spending_growth_yearly", "2018/2023", "ecosystem_conference_2024"] / 100
        assert yearly_growth**5 == pytest.approx(total_growth, rel=0.01)
        editions = sum(f["value"] for f in rows if (f["code"], f["source"]) == ("auction_value", "auction_press"))
        cumulative = corridor["auction_value_cumulative", "2019/2023", "ecosystem_conference_2023"]
        assert editions == pytest.approx(cumulative, rel=0.03)

    def test_a_dimension_of_the_2024_index_is_twenty_times_the_mean_of_its_indicators(self) -> None:
        hangzhou = {
            f["code"]: f["value"]
            for f in records("figures")
            if f["subject"] == "330100" and f["code"].startswith("yrd")
        }
        codes = (
            "science_budget_share",
            "rd_intensity",
            "invention_patents",
            "high_tech_firms",
            "higher_education",
            "papers",
        )
        mean = sum(hangzhou[f"yrd2024_{code}"] for code in codes) / len(codes)
        assert 20 * mean == pytest.approx(hangzhou["yrd2024_innovation"], abs=0.09)

    def test_a_withheld_figure_is_not_shown(self) -> None:
        shown = {(figure["subject"], figure["code"], figure["period"]) for figure in records("figures")}
        withheld = placement_counts()["left_out"]["figures_withheld"]
        assert withheld
        assert all((figure["subject"], figure["code"], figure["period"]) not in shown for figure in withheld)


class TestOrganisations:
    def test_names_are_unique_after_normalising(self) -> None:
        assert len(organisation_keys()) == len(records("organisations"))

    def test_no_credit_code_is_wrong(self) -> None:
        codes = [record["credit_code"] for record in records("organisations") if record.get("credit_code")]
        assert all(is_credit_code(code) for code in codes)

    def test_placement_agrees_with_city_and_basis(self) -> None:
        for record in records("organisations"):
            placement = Placement(record["placement"])
            assert (record["city"] in CITIES) == (placement is Placement.CORRIDOR), record
            assert (record["placement_basis"] == "none") == (placement is Placement.UNKNOWN), record

    def test_labels_and_types_are_known(self) -> None:
        for record in records("organisations"):
            assert {label["label"] for label in record.get("labels", [])} <= set(LABELS)

    @pytest.mark.parametrize(
        ("name", "city"),
        [
            ("浙江大学", "330100"),
            ("中国科学技术大学", "340100"),
            ("苏州大学", "320500"),
            ("浙江师范大学", "330700"),
            ("安徽工程大学", "340200"),
            ("昆山国显光电有限公司", "320500"),
            ("上海超硅半导体股份有限公司", "310117"),
            ("宁波舟山港股份有限公司", None),
            ("深圳市长兴达新能源有限公司", None),
            ("上海中医药大学附属岳阳中西医结合医院", None),
            ("广东东阳光药业有限公司", None),
            ("中国中医科学院广安门医院", None),
        ],
    )
    def test_seats_are_right_where_names_mislead(self, name: str, city: str | None) -> None:
        assert organisation_keys()[name_key(name)]["city"] == city

    def test_a_star_market_company_is_listed_since_its_first_day(self) -> None:
        for record in records("organisations"):
            dates = {label["label"]: label.get("valid_from") for label in record.get("labels", [])}
            if "star_market" in dates:
                assert record["stock_code"].startswith("688")
                assert dates["listed"] == dates["star_market"] >= "2019-07-22"


class TestContents:
    def test_every_project_row_is_accounted_for_once(self) -> None:
        projects = [record for record in records("achievements") if record["source"] == "techme_projects"]
        left_out = placement_counts()["left_out"]
        assert left_out["project_rows"] == 2_579
        assert len(projects) + left_out["project_rows_repeating_a_number"] == 2_579
        assert sum(record["source_row"].get("rows", 1) for record in projects) == 2_579
        assert len({record["number"] for record in projects}) == len(projects)

    def test_every_patent_is_shipped_or_left_out_as_a_persons(self) -> None:
        patents = [record for record in records("achievements") if record["source"] == "ccf2022_patents"]
        assert len(patents) + placement_counts()["left_out"]["patents_of_persons"] == 4_097
        assert not any(record.get("patent_number") or record.get("summary") for record in patents)

    def test_numbers_are_unique_per_kind(self) -> None:
        seen = Counter((record["kind"], record["number"]) for name in RESOURCE_FILES for record in records(name))
        assert max(seen.values()) == 1
        assert {kind for kind, _ in seen} <= set(RESOURCE_KINDS)

    @pytest.mark.parametrize("name", ["experts", "needs", *RESOURCE_FILES])
    def test_every_organisation_named_exists(self, name: str) -> None:
        names = {record["name"] for record in records("organisations")}
        assert {record["organisation"] for record in records(name)} <= names

    def test_experts_are_unique_within_their_institution(self) -> None:
        pairs = [(record["name"], name_key(record["organisation"])) for record in records("experts")]
        assert len(pairs) == len(set(pairs))

    def test_the_measures_carry_the_published_caps(self) -> None:
        caps = {
            record["number"]: (record.get("share_percent"), record["amount_maximum"]) for record in records("measures")
        }
        assert caps["G60-2026-01"] == (30, 30_000_000)
        assert caps["G60-2026-02"] == (30, 20_000_000)
        assert caps["G60-2026-04"] == (15, 50_000_000)
        assert caps["SJ60-02"] == (8, 5_000_000)

    def test_the_measures_are_of_those_who_issued_them_and_for_songjiang(self) -> None:
        for record in records("measures"):
            is_municipal = record["number"].startswith("G60-2026")
            assert record["organisation"] == record["issuer"] == ("上海市" if is_municipal else "松江区") + "人民政府"
            assert record["city"] == "310117"
            period = (record.get("valid_from"), record.get("valid_until"))
            assert period == (("2026-01-01", "2030-12-31") if is_municipal else (None, None))


class TestNeeds:
    def test_forty_cover_the_cities_industries_and_kinds(self) -> None:
        needs = records("needs")
        assert len(needs) == 40
        assert {need["city"] for need in needs} == set(CITIES)
        assert {need["industry"] for need in needs} == set(INDUSTRIES)
        assert {need["kind"] for need in needs} == set(NEED_KINDS)
        assert len({need["number"] for need in needs}) == 40

    def test_all_are_marked_as_illustrations(self) -> None:
        for need in records("needs"):
            assert need["illustrative"] is True
            owner = organisation_keys()[name_key(need["organisation"])]
            assert owner["illustrative"] is True
            assert owner["name"].startswith("示例企业（")
            assert owner["city"] == need["city"]

    def test_the_words_are_plain(self) -> None:
        for need in records("needs"):
            text = need["title"] + need["description"]
            assert not re.search(
                "赋能|一键|抓手|闭环|颠覆|领先水平|[\u3400-\u9fff][a-zA-Z0-9]|[0-9a-z][\u3400-\u9fff]", text
            ), need
            assert is_english(need["title_en"])

    def test_what_is_asked_for_costs_what_such_things_cost(self) -> None:
        usual = {
            "technology": (500_000, 10_000_000), "instrument": (200_000, 2_000_000), "talent": (500_000, 3_000_000),
            "finance": (10_000_000, 200_000_000), "space": (1_000_000, 20_000_000), "market": (500_000, 10_000_000),
        }  # fmt: skip
        for need in records("needs"):
            least, most = usual[need["kind"]]
            assert least <= need["budget"] <= most, need["number"]

    def test_descriptions_say_enough_and_deadlines_lie_in_2027(self) -> None:
        for need in records("needs"):
            assert 150 <= len(need["description"]) <= 350
            assert need["deadline"].startswith("2027-")


class TestPlacementCounts:
    def test_totals_match_the_organisations(self) -> None:
        counts = Counter(record["placement"] for record in records("organisations"))
        assert placement_counts()["organisations"] == {"total": counts.total()} | {
            placement: counts[placement] for placement in ("corridor", "outside", "unknown")
        }

    @pytest.mark.parametrize("name", ["achievements", "experts", "instruments", "needs", "measures"])
    def test_each_file_is_counted_by_the_seat_of_its_organisations(self, name: str) -> None:
        counts = Counter(organisation_keys()[name_key(record["organisation"])]["placement"] for record in records(name))
        stated = placement_counts()["by_file"][name]
        assert stated["total"] == len(records(name))
        assert {placement: stated[placement] for placement in counts} == counts


def test_the_files_stay_small() -> None:
    assert sum(path.stat().st_size for path in DEMO.rglob("*") if path.is_file()) < 12_000_000


def _windows(text: str) -> Iterator[str]:
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    return (plain[start : start + SHARED_TEXT_LIMIT] for start in range(len(plain) - SHARED_TEXT_LIMIT + 1))


def _own_texts() -> Iterator[str]:
    for name in (*RECORD_FILES, "figures", "sources"):
        for record in records(name):
            yield from (record[key] for key in ("summary", "description", "note", "conditions") if record.get(key))


def _shared_with(foreign: Iterable[str]) -> list[str]:
    forbidden = {window for text in foreign for window in _windows(text)}
    # A programme's, project's or body's own name is a fact, however long.
    named = (record for name in RECORD_FILES for record in records(name))
    names = {
        window
        for record in named
        for key in ("name", "title", "programme")
        for window in _windows(record.get(key) or "")
    }
    return sorted({window for text in _own_texts() for window in _windows(text)} & forbidden - names)


@needs_shared_data
def test_no_sentence_of_the_shared_sources_is_shipped() -> None:
    with (DATA / "needs/needs.csv").open(encoding="utf-8-sig", newline="") as file:
        foreign = [row["content"] for row in csv.DictReader(file)]
    foreign += [json.loads(line)["abstract"] for line in (DATA / "patents/patents.jsonl").read_text().splitlines()]
    assert len(foreign) > 4_000
    assert not _shared_with(foreign)


@needs_shared_data
def test_no_sentence_of_the_founding_documents_is_shipped() -> None:
    seeds = [path.read_text(encoding="utf-8") for path in sorted((SHARED / "seeds").glob("*.txt"))]
    assert len(seeds) == 5
    assert not _shared_with(seeds)


@needs_shared_data
def test_the_builder_reproduces_the_shipped_files() -> None:
    sys.path.insert(0, str(REPOSITORY / "scripts"))
    try:
        from build_demo_corridor import build
    finally:
        sys.path.pop(0)
    for name, content in build(DATA, DEMO).items():
        shipped = (DEMO / name).read_bytes()
        if name.endswith(".gz"):  # compressed bytes depend on the zlib at hand, what they hold does not
            content, shipped = gzip.decompress(content), gzip.decompress(shipped)
        assert content == shipped, f"{name} differs: run scripts/build_demo_corridor.py"
