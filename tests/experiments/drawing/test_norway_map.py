"""Map of Norway: outline, projection, and what the figures show and refuse."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from numpy.typing import NDArray

from omstilling.calibration.tables.outline import load_outline, read_outline
from omstilling.calibration.tables.places import PlaceError
from omstilling.calibration.tables.tables import TableError, load_tables
from omstilling.experiments.drawing.map_frame import HALVES, WHOLE, utm33
from omstilling.experiments.drawing.map_labels import LABEL_SIZE, short_name
from omstilling.experiments.drawing.map_symbols import diameter, looks_of, plain_symbols, tint
from omstilling.experiments.drawing.norway_map import draw_map, status_map, value_map

MUNICIPALITIES = load_tables().municipalities
SHIPPED = Path(str(resources.files("omstilling.calibration.tables") / "outline.csv"))
DESIGNS = ("As before 2024", "Split of 2024", "Refine: acute losses only", "Extend: to demographic decline")


def made_up(designs: tuple[str, ...] = DESIGNS) -> pd.DataFrame:
    """Thirty small municipalities, two thirds of them with status under each design."""
    rng = np.random.default_rng(1)
    population = load_tables().population[2022]
    codes = rng.choice(population.index[population < 9_000].to_numpy(), 30, replace=False)
    rows = [
        (code, design, str(rng.choice(["acute loss", "lasting decline", "advice"])), float(rng.uniform(0.05, 1.0)))
        for design in designs
        for code in codes[rng.random(30) < 0.67]
    ]
    return pd.DataFrame(rows, columns=["code", "design", "category", "share"])


@pytest.fixture(scope="module")
def drawn() -> Figure:
    return status_map(made_up(), "Made-up data", labels=30)


def panels(figure: Figure, design: str) -> list[mpl.axes.Axes]:
    return [axes for axes in figure.axes if axes.get_label() == design]


def km_to_ring(point: NDArray[np.float64], ring: NDArray[np.float64]) -> float:
    """From a point to the nearest point of a ring's sides."""
    start, side = ring[:-1], np.diff(ring, axis=0)
    along = ((point - start) * side).sum(axis=1) / np.maximum((side**2).sum(axis=1), 1e-12)
    return float(np.hypot(*(start + np.clip(along, 0.0, 1.0)[:, None] * side - point).T).min())


def test_the_outline_is_closed_rings_in_norway() -> None:
    rings = load_outline()
    assert len(rings) > 50
    for ring in rings:
        assert len(ring) >= 4
        assert (ring[0] == ring[-1]).all()
    points = np.concatenate(rings)
    assert points.min(axis=0) == pytest.approx([4.5, 57.98], abs=0.5)  # Norway's westernmost and southernmost points
    assert points.max(axis=0) == pytest.approx([31.1, 71.19], abs=0.1)
    assert SHIPPED.stat().st_size < 60_000


def test_the_outline_encloses_the_area_of_norway() -> None:
    x, y = zip(*(utm33(*ring.T).T for ring in load_outline()), strict=True)
    areas = [abs(np.dot(a[:-1], b[1:]) - np.dot(a[1:], b[:-1])) / 2 for a, b in zip(x, y, strict=True)]
    assert sum(areas) == pytest.approx(323_800, rel=0.02)  # mainland with lakes, Kartverket, rounded


def test_every_municipality_lies_on_or_near_the_land() -> None:
    rings = [utm33(*ring.T) for ring in load_outline()]
    at = utm33(MUNICIPALITIES["longitude"], MUNICIPALITIES["latitude"])
    far = {}
    for name, point in zip(MUNICIPALITIES["name"], at, strict=True):
        if not any(mpl.path.Path(ring).contains_point(point) for ring in rings):
            far[name] = min(km_to_ring(point, ring) for ring in rings)
    lonely = {"Røst", "Træna"}  # small islands that the source leaves out
    assert {name for name, km in far.items() if km >= 25.0} == lonely
    assert max(far[name] for name in lonely) < 45.0


@pytest.mark.parametrize(
    ("longitude", "latitude", "east", "north"),
    [  # EPSG:25833 by PROJ 9.5.1
        (10.739, 59.913, 261_816.8655, 6_649_390.9421),  # Oslo
        (5.324, 60.393, -31_985.5793, 6_734_374.1202),  # Bergen
        (18.955, 69.649, 653_411.0081, 7_731_698.0672),  # Tromsø
        (30.045, 69.727, 1_076_688.2737, 7_806_963.3558),  # Kirkenes
        (7.046, 57.983, 30_287.2517, 6_454_531.4447),  # Lindesnes
    ],
)
def test_the_projection_agrees_with_proj(longitude: float, latitude: float, east: float, north: float) -> None:
    assert utm33(longitude, latitude) * 1_000.0 == pytest.approx([east, north], abs=0.02)


def test_distances_on_the_map_are_those_on_the_ground() -> None:
    table = MUNICIPALITIES[["longitude", "latitude"]].to_numpy()
    longitude, latitude = np.radians(table).T
    at = WHOLE.place(*table.T)
    for i in range(0, 357, 17):
        cosine = np.sin(latitude) * np.sin(latitude[i])
        cosine += np.cos(latitude) * np.cos(latitude[i]) * np.cos(longitude - longitude[i])
        # 6 390 km: mean of the ellipsoid's two radii of curvature at 65 degrees north
        ground = 6_390.0 * np.arccos(np.clip(cosine, -1.0, 1.0))
        far = ground > 30.0
        assert np.hypot(*(at - at[i]).T)[far] == pytest.approx(ground[far], rel=0.005)


def test_the_halves_hold_every_municipality_once_and_all_frames_hold_theirs() -> None:
    shown = pd.concat([MUNICIPALITIES[MUNICIPALITIES["county"].isin(half.counties)] for half in HALVES])
    assert sorted(shown.index) == sorted(MUNICIPALITIES.index)
    assert len({half.height for half in HALVES}) == 1, "halves of different scale"
    for frame in (WHOLE, *HALVES):
        table = MUNICIPALITIES[MUNICIPALITIES["county"].isin(frame.counties)] if frame.counties else MUNICIPALITIES
        x, y = frame.place(table["longitude"], table["latitude"]).T
        assert (x > frame.left).all()
        assert (x < frame.right).all()
        assert (y > frame.bottom).all()
        assert (y < frame.top).all()


def test_a_map_per_design_with_all_municipalities_and_no_type_below_seven_points(drawn: Figure) -> None:
    table = made_up()
    for design in DESIGNS:
        (axes,) = panels(drawn, design)
        assert axes.get_title(loc="left").replace("\n", " ") == design
        ordinary = [points for points in axes.collections if points.get_zorder() == 3]
        with_status = (table["design"] == design).sum()
        assert len(ordinary[-1].get_offsets()) == 357 - with_status
        mean = table.loc[table["design"] == design, "share"].sum()
        assert axes.texts[0].get_text() == f"on average {mean:.{int(mean < 9.95)}f} with status"
    assert drawn.get_figwidth() * 2.54 == pytest.approx(17.0)
    assert drawn.get_figheight() * 2.54 < 24.7
    assert min(text.get_fontsize() for text in drawn.findobj(mpl.text.Text) if text.get_text()) >= LABEL_SIZE >= 7.0


def test_one_or_two_designs_are_drawn_in_halves_even_without_status() -> None:
    table = pd.DataFrame(
        [("1871", "Current", "acute loss", 1.0), ("0301", "No programme", "never", 0.0)],
        columns=["code", "design", "category", "share"],
    )
    figure = status_map(table, "Made-up data")
    words = [axes.texts[0].get_text() for design in ("Current", "No programme") for axes in panels(figure, design)]
    assert words == [
        "Southern Norway\nnone with status", "Northern Norway\non average 1.0 with status",
        "Southern Norway\nnone with status", "Northern Norway\nnone with status",
    ]  # fmt: skip


def test_labels_leave_each_other_and_the_symbols_with_status_free(drawn: Figure) -> None:
    names = {short_name(name) for name in MUNICIPALITIES["name"]}
    for design in DESIGNS:
        (axes,) = panels(drawn, design)
        boxes = [text.get_window_extent() for text in axes.texts if text.get_text() in names]
        assert len(boxes) >= 8
        assert not [box for box in boxes if box.count_overlaps(boxes) > 1]
        raised = [points for points in axes.collections if points.get_zorder() > 3]
        at = axes.transData.transform(np.concatenate([np.asarray(points.get_offsets()) for points in raised]))
        assert not [box for box in boxes if any(box.contains(*point) for point in at)]


def test_values_are_darker_the_higher_and_white_where_there_is_none() -> None:
    values = pd.Series({"5605": 0.9, "0301": 0.1, "1871": np.nan})
    figure = value_map(values, "Share of runs with status", "Made-up data")
    drawn = [points for axes in figure.axes for points in axes.collections if len(points.get_offsets())]
    faces = [to_hex(face) for points in drawn for face in points.get_facecolors()]
    assert to_hex(mpl.colormaps["cividis"](0.0)) in faces
    assert faces.count("#ffffff") >= 355
    assert "no figure" in [text.get_text() for text in figure.findobj(mpl.text.Text)]


def test_looks_and_sizes() -> None:
    looks = looks_of(["never", "acute", "decline", "acute"])
    assert list(looks) == ["acute", "decline"]
    assert len({look.marker for look in looks.values()}) == len({look.colour for look in looks.values()}) == 2
    assert [tint("#000000", share) for share in (0.1, 0.5, 1.0)] == ["#ffffff", "#808080", "#000000"]
    large, small, smallest = diameter([160_000, 10_000, 200], 3.0)
    assert large == pytest.approx(2 * small)
    assert smallest == 3.0
    with pytest.raises(ValueError, match="7 categories, at most 6"):
        looks_of("abcdefg")


def test_an_unknown_code_names_the_nearest() -> None:
    table = made_up()
    table.loc[3, "code"] = "5655"
    with pytest.raises(PlaceError, match=r"no municipality of 2024 has this code: '5655'; did you mean 56\d\d \("):
        status_map(table, "Made-up data")
    with pytest.raises(PlaceError, match="'187'; did you mean 187"):
        value_map(pd.Series({"187": 1.0}), "Value", "Made-up data")
    symbols = plain_symbols("#000000").rename(index={"1871": "1872"})
    with pytest.raises(PlaceError, match="'1872'; did you mean 187"):
        draw_map(Figure().add_subplot(), symbols)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda table: table.drop(columns="share"), "no column 'share'"),
        (lambda table: pd.concat([table, table.head(1)]), "stands twice under design 'As before 2024'"),
        (lambda table: table.assign(share=1.5), "found share 1.5, expected 0 to 1"),
        (lambda table: table.assign(share=np.nan), "found share nan, expected 0 to 1"),
        (lambda table: table.head(0), "no rows"),
    ],
)
def test_another_table_is_refused(change, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        status_map(change(made_up()), "Made-up data")


def test_values_that_are_none_or_double_are_refused() -> None:
    with pytest.raises(ValueError, match="no municipality has a value"):
        value_map(pd.Series({"0301": np.nan}), "Value", "Made-up data")
    with pytest.raises(ValueError, match="municipality 0301 has two values"):
        value_map(pd.Series([1.0, 2.0], index=["0301", "0301"]), "Value", "Made-up data")


@pytest.mark.parametrize(
    ("line", "text", "words"),
    [
        (0, "ring,x,y", "row 1: found 'ring,x,y', expected ring,longitude,latitude"),
        (6, "1,abc,60.0", "row 7: found '1,abc,60.0'"),
        (6, "1,10.0", "row 7: found '1,10.0'"),
        (6, "1,10.0,nan", "row 7: longitude 10.0, latitude nan is not in Norway"),
        (6, "1,60.0,10.0", "row 7: longitude 60.0, latitude 10.0 is not in Norway"),
        (6, "3,10.0,60.0", "row 7: found ring 3, expected 1 or 2"),
        (6, "2,10.0,60.0", "row 6: ring 1 ends at"),
        (-1, "94,10.0,60.0", "ring 94 ends at (10.0, 60.0)"),
    ],
)
def test_a_damaged_outline_is_named_with_file_and_row(tmp_path: Path, line: int, text: str, words: str) -> None:
    rows = SHIPPED.read_text(encoding="utf-8").splitlines()
    rows[line] = text
    path = tmp_path / "outline.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    with pytest.raises(TableError) as caught:
        read_outline(path)
    assert str(path) in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "row 1: found '', expected"),
        (b"ring,longitude,latitude\n", "no points"),
        (b"\xff\xfe", "not a table"),
        (None, "the file is missing"),
    ],
)
def test_an_empty_or_missing_outline_is_named(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "outline.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TableError, match=words):
        read_outline(path)
