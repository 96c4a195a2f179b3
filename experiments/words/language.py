"""Language: texts and numbers as a reader of English or of Norwegian (bokmål) writes them."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files

from omstilling.experiments.words.numbers import plain, signed


class LanguageCode(StrEnum):
    """Languages that there are, by their code (BCP 47)."""

    NB = "nb"
    EN = "en"


def _flat(table: dict[str, object], before: str = "") -> dict[str, str]:
    """Keys of nested tables joined by dots."""
    found: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{before}{key}.")
        else:
            found[f"{before}{key}"] = str(value).strip()
    return found


def placeholders(text: str) -> set[str]:
    """Names in braces in a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


class Language:
    """A language.

    Attributes
    ----------
    code
        ``nb`` or ``en``.
    texts
        Every text by its key.
    """

    def __init__(self, code: LanguageCode, texts: Mapping[str, str]) -> None:
        self.code, self.texts = code, dict(texts)

    def extended(self, texts: Mapping[str, str]) -> Language:
        """The language with more texts, or others in the place of its own."""
        return Language(self.code, self.texts | dict(texts))

    def __call__(self, key: str, **values: object) -> str:
        """A text with values in the place of the names in braces.

        Raises
        ------
        KeyError
            For a key that the language lacks, or a name without a value.
        """
        return self.texts[key].format(**values)

    def either(self, key: str, other: bool, **values: object) -> str:
        """A text, or the one of the same key that ends with ``_open``, for runs in which all who are eligible apply."""
        return self(f"{key}_open" if other else key, **values)

    def named(self, group: str, name: str, otherwise: str = "") -> str:
        """Name of a thing in a group, e.g. a design; ``otherwise``, or the name itself, where it is the user's own."""
        return self.texts.get(f"{group}.{name}", otherwise or name)

    def plain(self, value: float, digits: int = 0) -> str:
        """A number: spaced thousands, and a comma for decimals in Norwegian."""
        return self.in_language(plain(value, digits))

    def signed(self, value: float, digits: int = 0) -> str:
        """A number with its sign."""
        return self.in_language(signed(value, digits))

    def percent(self, share: float, digits: int = 0) -> str:
        """A share as per cent."""
        return f"{self.plain(100.0 * share, digits)}\u00a0%"

    def span(self, low: float, high: float, digits: int = 0) -> str:
        """An interval of numbers with signs."""
        return self("number.span", low=self.signed(low, digits), high=self.signed(high, digits))

    def listed(self, words: Iterable[str]) -> str:
        """Words as a list in a sentence: a, b and c."""
        *first, last = words
        return self("number.list", first=", ".join(first), last=last) if first else last

    def either_of(self, words: Iterable[str]) -> str:
        """Words of which any will do: a, b or c."""
        *first, last = words
        return self("number.or", first=", ".join(first), last=last) if first else last

    def in_language(self, text: str) -> str:
        """A number that is written as English does, as the language does."""
        return text.replace(".", ",") if self.code is LanguageCode.NB else text


@cache
def language(code: LanguageCode | str = LanguageCode.EN) -> Language:
    """A language by its code.

    Raises
    ------
    ValueError
        For a code that is none.
    """
    known = LanguageCode(code)
    file = files("omstilling.experiments.words") / f"{known}.toml"
    return Language(known, _flat(tomllib.loads(file.read_text(encoding="utf-8"))))
