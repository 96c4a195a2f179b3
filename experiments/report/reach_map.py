"""Reach map: which municipalities get status under each design, where all who are eligible apply."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from omstilling.experiments.drawing.map_symbols import NEVER
from omstilling.experiments.drawing.norway_map import status_map
from omstilling.experiments.report.content import Picture
from omstilling.experiments.report.evidence import Evidence
from omstilling.experiments.report.names import case_name, design_name
from omstilling.experiments.words.language import Language


def reach_rows(evidence: Evidence, words: Language, case: str) -> pd.DataFrame:
    """Share of draws in which each municipality has status under each design, and the track it then most often has.

    Returns
    -------
    pandas.DataFrame
        As ``norway_map.status_map`` takes it; every municipality of the case under every design but the baseline.
    """
    codes, rows = evidence.about_scenario(case)["codes"], []
    for design in evidence.supporting:
        statuses = evidence.statuses(case, design)
        for number, code in enumerate(codes):
            granted = Counter(track for track in statuses[:, number].tolist() if track)
            track = granted.most_common(1)[0][0] if granted else NEVER
            rows.append((code, design_name(words, design), track, granted.total() / len(statuses)))
    return pd.DataFrame(rows, columns=["code", "design", "category", "share"])


def reach_map(evidence: Evidence, words: Language, case: str) -> Picture:
    """The map of a case."""
    rows = reach_rows(evidence, words, case)
    tracks = {track["name"] for name in evidence.supporting for track in evidence.about_design(name)["tracks"]}
    figure = status_map(rows, "", categories=sorted(tracks), words=words)
    name = case_name(words, case)
    means = rows.groupby("design", sort=False)["share"].sum()
    items = [
        words("report.reach.map_item", design=design, number=words.plain(float(number), 1))
        for design, number in means.items()
    ]
    alt = words("report.reach.map_alt", case=name, list=words.listed(items))
    return Picture(f"map {case}", figure, f"{words('report.reach.map', case=name)} {words('map.note')}", alt)
