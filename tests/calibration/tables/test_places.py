"""Places: by code and by name, and what is said when there is none."""

from __future__ import annotations

import pytest

from omstilling.calibration.tables.places import PlaceError, Places

PLACES = Places()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5605", "5605"), ("Sør-Varanger", "5605"), ("sor-varanger", "5605"), ("SØR VARANGER", "5605"),
        ("Fauske", "1841"), ("Fuosko", "1841"), ("porsáŋgu", "5622"), ("Våler (Østfold)", "3114"),
        ("Bjørnafjorden", "4624"),
    ],
)  # fmt: skip
def test_a_municipality_is_found(text: str, code: str) -> None:
    assert PLACES.resolve_municipality(text) == code


def test_ambiguous_names_list_their_codes() -> None:
    with pytest.raises(PlaceError, match=r"1515 .* or 1818"):
        PLACES.resolve_municipality("Herøy")


def test_the_nearest_name_is_suggested() -> None:
    with pytest.raises(PlaceError) as caught:
        PLACES.resolve_municipality("Sor-Varangr")
    assert caught.value.nearest[0] == "Sør-Varanger"


def test_regions_are_repaired_and_cover_the_country() -> None:
    assert "0301" in PLACES.municipalities_of(PLACES.resolve_region("Oslo/Bærum"))
    assert "3024" not in PLACES.municipalities_of("oslo-baerum")
    assert PLACES.municipalities_of("halden") == ("3101", "3124")
    regions = {PLACES.region_of(code) for code in PLACES.search("").index}
    assert len(regions) == 159
    with pytest.raises(PlaceError, match="gjovik"):
        PLACES.resolve_region("gjøvikk")


def test_search_finds_by_part_of_a_name_or_county() -> None:
    assert list(PLACES.search("varanger")["name"]) == ["Sør-Varanger"]
    assert len(PLACES.search("Finnmark")) == 18
    assert len(PLACES.search("")) == 357
