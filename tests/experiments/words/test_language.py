"""Languages: complete, with the same places to fill in, and numbers as each language writes them."""

from __future__ import annotations

import pytest

from omstilling.experiments.reading.indicators import INDICATORS
from omstilling.experiments.words.language import LanguageCode, language, placeholders
from omstilling.scenarios.design_loader import shipped_designs
from omstilling.scenarios.experiment import shipped_experiments


def test_languages_have_the_same_texts_with_the_same_places_to_fill_in() -> None:
    english, norwegian = language("en").texts, language("nb").texts
    assert set(english) == set(norwegian)
    assert {key: placeholders(text) for key, text in english.items()} == {
        key: placeholders(text) for key, text in norwegian.items()
    }
    assert not [key for texts in (english, norwegian) for key, text in texts.items() if not text]
    assert placeholders("{a} and {b}") == {"a", "b"} != placeholders("{a}")


@pytest.mark.parametrize("code", LanguageCode)
def test_everything_shipped_has_a_name(code: LanguageCode) -> None:
    words = language(code)
    for item in INDICATORS:
        assert f"indicator.{item.name}" in words.texts
        assert f"unit.{item.unit}" in words.texts
    for name in shipped_designs():
        assert f"design.{name}" in words.texts
        assert f"design_text.{name}" in words.texts
    for name in shipped_experiments():
        assert f"experiment.{name}" in words.texts
    assert words.named("design", "my own") == "my own"
    assert words.named("design", "my-own", "My own") == "My own"


def test_norwegian_texts_are_not_english_ones() -> None:
    english, norwegian = language("en").texts, language("nb").texts
    same = {key for key, text in english.items() if norwegian[key] == text and any(c.isalpha() for c in text)}
    # Words that are the same in both languages, or names of places.
    assert len(same) < 0.08 * len(english), sorted(same)


def test_numbers() -> None:
    english, norwegian = language("en"), language("nb")
    assert english.plain(1234.56, 1) == "1\u00a0234.6"
    assert norwegian.plain(1234.56, 1) == "1\u00a0234,6"
    assert norwegian.signed(-0.25, 2) == "−0,25"
    assert english.span(-1.0, 2.0) == "−1 to +2"
    assert norwegian.percent(0.125, 1) == "12,5\u00a0%"
    assert norwegian.listed(["a", "b", "c"]) == "a, b og c"
    assert english.listed(["a"]) == "a"


def test_missing_texts_and_values_are_errors() -> None:
    with pytest.raises(KeyError):
        language("en")("report.nothing")
    with pytest.raises(KeyError):
        language("en")("number.span", low="1")
    with pytest.raises(ValueError, match="sv"):
        language("sv")
