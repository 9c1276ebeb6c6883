"""The map's geometry: projection, paths on one grid, labels that keep clear of each other."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunlang.registry.core.corridor_map import WIDTH, Label, Projection, labels_placed, rings, svg_path, text_width

SQUARE = {"type": "Polygon", "coordinates": [[[118, 30], [120, 30], [120, 32], [118, 32], [118, 30]]]}
EAST = {"type": "MultiPolygon", "coordinates": [[[[120, 30], [121, 30], [121, 32], [120, 32], [120, 30]]]]}


def test_north_is_up_and_east_is_right() -> None:
    projection = Projection.of([SQUARE])
    west, north = projection.point(118, 32)
    east, south = projection.point(120, 30)
    assert west < east
    assert north < south
    assert west > 0
    assert east < WIDTH
    assert 0 < north < south < projection.height


def test_a_degree_of_longitude_is_shorter_than_one_of_latitude_by_the_cosine() -> None:
    projection = Projection.of([SQUARE])
    left, top = projection.point(118, 32)
    right, bottom = projection.point(119, 31)
    assert (right - left) / (bottom - top) == pytest.approx(0.8572, abs=1e-4)  # cos 31°


def test_neighbours_share_their_border_to_the_unit() -> None:
    projection = Projection.of([SQUARE, EAST])
    x = round(projection.point(120, 31)[0])
    assert _columns(svg_path(SQUARE, projection))[1] == x == _columns(svg_path(EAST, projection))[0]


def _columns(path: str) -> tuple[int, int]:
    xs = [x for x, _ in _points(path)]
    return min(xs), max(xs)


def _points(path: str) -> list[tuple[int, int]]:
    start, steps = path.removeprefix("M").removesuffix("z").split("l")
    x, y = (int(number) for number in start.split())
    points = [(x, y)]
    numbers = [int(number) for number in steps.split()]
    for across, down in zip(numbers[::2], numbers[1::2], strict=True):
        x, y = x + across, y + down
        points.append((x, y))
    return points


def test_points_on_a_straight_line_are_left_out() -> None:
    dense = [[118 + step / 10, 30] for step in range(21)] + [[120, 32], [118, 32], [118, 30]]
    projection = Projection.of([SQUARE])
    path = svg_path({"type": "Polygon", "coordinates": [dense]}, projection)
    assert path == svg_path(SQUARE, projection)


def test_a_ring_smaller_than_the_grid_is_not_drawn() -> None:
    speck = {"type": "Polygon", "coordinates": [[[119, 31], [119.00001, 31], [119, 31.00001], [119, 31]]]}
    assert svg_path(speck, Projection.of([SQUARE])) == ""


def test_every_ring_of_every_polygon_is_kept() -> None:
    hole = [[118.5, 30.5], [119.5, 30.5], [119.5, 31.5], [118.5, 30.5]]
    boundary = {"type": "MultiPolygon", "coordinates": [[SQUARE["coordinates"][0], hole], EAST["coordinates"][0]]}
    assert len(rings(boundary)) == 3
    assert svg_path(boundary, Projection.of([SQUARE, EAST])).count("M") == 3


@given(
    st.lists(st.tuples(st.floats(60, 740), st.floats(60, 740)), min_size=9, max_size=9),
    st.integers(0, 99_999),
)
def test_labels_never_leave_the_map(anchors: list[tuple[float, float]], number: int) -> None:
    texts = [("Xuancheng", f"{number:,}")] * 9
    for label in labels_placed(anchors, texts, 800):
        assert label.width / 2 <= label.x <= WIDTH - label.width / 2
        assert label.height / 2 <= label.y <= 800 - label.height / 2


@given(st.lists(st.integers(0, 99_999), min_size=9, max_size=9), st.sampled_from(["zh", "en"]))
def test_labels_of_the_nine_cities_never_overlap(numbers: list[int], language: str) -> None:
    cities = _nine_cities()
    projection = Projection.of([city["boundary"] for city in cities])
    texts = [(city[f"name_{language}"], f"{number:,}") for city, number in zip(cities, numbers, strict=True)]
    labels = labels_placed([projection.point(*city["centroid"]) for city in cities], texts, projection.height)
    assert not [pair for pair in combinations(labels, 2) if _overlap(*pair)]


def test_a_label_with_room_stays_where_it_belongs() -> None:
    near, far = labels_placed([(200, 200), (600, 600)], [("湖州", "1"), ("合肥", "2")], 800)
    assert (near.x, near.y) == near.anchor
    assert not near.moved
    assert not far.moved


def test_labels_of_one_place_are_led_back_to_it() -> None:
    labels = labels_placed([(400, 400)] * 4, [("Xuancheng", "99,999")] * 4, 800)
    assert not [pair for pair in combinations(labels, 2) if _overlap(*pair)]
    assert any(label.moved for label in labels)


def test_chinese_characters_are_as_wide_as_high() -> None:
    assert text_width("松江") > text_width("SJ")
    assert text_width("松江") == 2 * text_width("松")


def _overlap(first: Label, second: Label) -> bool:
    across = (first.width + second.width) / 2 - abs(first.x - second.x)
    along = (first.height + second.height) / 2 - abs(first.y - second.y)
    return across > 0 and along > 0


def _nine_cities() -> list[dict[str, Any]]:
    import yunlang.registry.demo as demo

    lines = (Path(demo.__file__).parent / "cities.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]
