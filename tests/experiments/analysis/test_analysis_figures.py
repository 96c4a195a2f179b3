"""Figures of analyses: what they show, in both languages, for names as users write them, and that data move them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import rc_context
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.text import Text

from omstilling.experiments.analysis.discovery import Box, Cases, Discovery
from omstilling.experiments.analysis.figure_frame import TEXT, framed, key_name, shown
from omstilling.experiments.analysis.figures_cost import draw_acceptability, draw_plane
from omstilling.experiments.analysis.figures_discovery import draw_discovery
from omstilling.experiments.analysis.figures_information import draw_information
from omstilling.experiments.analysis.figures_ranking import draw_ranking
from omstilling.experiments.analysis.figures_regret import draw_regret
from omstilling.experiments.analysis.figures_sensitivity import draw_sensitivity
from omstilling.experiments.analysis.information_value import Information
from omstilling.experiments.analysis.outcomes import Outcomes
from omstilling.experiments.analysis.ranking import ranking
from omstilling.experiments.drawing.style import BLUE, look_of
from omstilling.experiments.words.language import Language, language, placeholders
from omstilling.model.parameters import parameter_table
from omstilling.scenarios.design_keys import ALL_TRACK_KEYS

EN, NB = language("en"), language("nb")
SCENARIOS = ("lierne-2010", "andoy-2018", "dyroy-2010", "sor-varanger-2015", "vestre-toten-2009", "ringerike-2012")
DESIGNS = ("none", "current", "adjust", "refine", "extend", "split-2024")
ODD = ("none", "a_very_long_name_of_a_user+capacity-first+no-own-share+tapered-exit", "_under", "pay$twice$<b>&co")


def made(scenarios: int = 2, designs: tuple[str, ...] = DESIGNS[:4], draws: int = 50) -> Outcomes:
    random = np.random.default_rng(3)
    number = np.arange(len(designs))
    effect = number * (5.0 + 10.0 * random.standard_normal((scenarios, draws, len(designs))))
    cost = number * (8.0 + random.standard_normal((scenarios, draws, len(designs))))
    return Outcomes(SCENARIOS[:scenarios], designs, effect, cost, "net_jobs", "jobs", "end+5", 1)


def information(scenarios: int = 2, first: float = 2.0) -> Information:
    rows = [
        (scenario, name, value, 0.5, value > 0.5)
        for scenario in SCENARIOS[:scenarios]
        for name, value in (("turnover", first), ("design.strictness", 0.3), ("services", 0.0))
    ]
    partial = pd.DataFrame(rows, columns=["scenario", "parameter", "evppi", "by_chance", "tells"])
    return Information(pd.DataFrame({"scenario": SCENARIOS[:scenarios], "evpi": 7.25}), partial)


def indices(sobol: bool = True, scenarios: int = 2, first: float = 0.5) -> pd.DataFrame:
    columns = ["first", "first_error", "total", "total_error"] if sobol else ["mu_star", "mu_star_error", "mu", "sigma"]
    rows = [
        (scenario, key, *values)
        for scenario in SCENARIOS[:scenarios]
        for key, values in (
            ("parameters.turnover", (first, 0.1, 0.6, 0.1)), ("design.strictness", (-0.05, 0.1, 0.2, 0.1)),
        )
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["scenario", "key", *columns]).assign(chance=0.1, left_out=0)


def discovery(scenarios: int = 1, keys: int = 2, high: float = 0.5, box: bool = True) -> list[Discovery]:
    random = np.random.default_rng(4)
    frame = pd.DataFrame(random.random((80, 3)), columns=["turnover", "contacts", "services"])
    cases = Cases(frame, np.where((frame["turnover"] > 0.4) & (frame["contacts"] < 0.5), 2.0, -1.0))
    limits = pd.DataFrame(
        [("turnover", 0.4, 1.0, 0.001), ("contacts", 0.0, high, 0.0)][:keys], columns=["key", "low", "high", "p"]
    )
    found = Box(limits, 0.9, 0.8, 0.3, 0.35) if box else None
    return [Discovery(name, "extend", "refine", cases, found) for name in SCENARIOS[:scenarios]]


FIGURES: dict[str, Callable[[Language], Figure]] = {
    "ranking": lambda words: draw_ranking(made(), words),
    "plane": lambda words: draw_plane(made(), words),
    "acceptability": lambda words: draw_acceptability(made(), 5.0, words),
    "regret": lambda words: draw_regret(made(), 1.0, words),
    "information": lambda words: draw_information(information(), words),
    "sobol": lambda words: draw_sensitivity(indices(), "net_jobs", "jobs", words),
    "morris": lambda words: draw_sensitivity(indices(sobol=False), "net_jobs", "jobs", words),
    "discovery": lambda words: draw_discovery(discovery(), "jobs", words),
}


def visible(figure: Figure) -> list[Text]:
    """Every text that is seen: ticks beyond the limits are not."""
    figure.draw_without_rendering()
    found = [*figure.texts, *(text for legend in figure.legends for text in legend.get_texts())]
    for axes in figure.axes:
        found += [axes.title, axes._left_title, *axes.texts]  # type: ignore[attr-defined]
        for axis in (axes.xaxis, axes.yaxis) if axes.axison else ():
            found += [axis.label, *(tick.label1 for tick in axis._update_ticks())]  # type: ignore[attr-defined]
    return [text for text in found if text.get_visible() and text.get_text().strip()]


def words_of(figure: Figure) -> str:
    """All texts that are seen, lines joined."""
    return " | ".join(" ".join(text.get_text().split()) for text in visible(figure))


def picture(figure: Figure) -> str:
    """Hash of the pixels."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="rgba", dpi=50)
    return hashlib.sha256(buffer.getvalue()).hexdigest()


@pytest.mark.parametrize("name", FIGURES)
def test_figures_fit_a_column_and_are_readable(name: str) -> None:
    figure = FIGURES[name](EN)
    assert figure.get_figwidth() == 7.2
    assert min(text.get_fontsize() for text in visible(figure)) >= TEXT == 8.5
    assert figure.get_suptitle() == figure.get_supxlabel() == ""  # a page has a caption of its own
    (legend,) = figure.legends
    below = legend.get_window_extent().y1
    for axes in figure.axes:
        assert axes.get_tightbbox().y0 > below - 1.0


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("words", [EN, NB], ids=["en", "nb"])
def test_no_text_covers_another_or_leaves_the_figure(name: str, words: Language) -> None:
    figure = framed(FIGURES[name](words), "What it shows", "How to read it. " * 20)
    boxes = [(text.get_text(), text.get_window_extent()) for text in visible(figure)]
    width, height = figure.bbox.size
    for number, (text, box) in enumerate(boxes):
        assert box.x0 > -2.0, text
        assert box.x1 < width + 2.0, text
        assert box.y0 > -2.0, text
        assert box.y1 < height + 2.0, text
        for other, beside in boxes[number + 1 :]:
            apart = min(box.x1, beside.x1) - max(box.x0, beside.x0) < 1.0
            assert apart or min(box.y1, beside.y1) - max(box.y0, beside.y0) < 1.0, (text, other)


@pytest.mark.parametrize("name", FIGURES)
def test_languages_share_no_sentence(name: str) -> None:
    english, norwegian = (FIGURES[name](words) for words in (EN, NB))
    longer = [
        {text.get_text() for text in visible(figure) if len(text.get_text().split()) > 2}
        for figure in (english, norwegian)
    ]
    assert longer[0]
    assert not longer[0] & longer[1]


def test_both_languages_have_the_same_texts() -> None:
    own = [{key: text for key, text in words.texts.items() if key.startswith("analysis.")} for words in (EN, NB)]
    assert own[0].keys() == own[1].keys()
    for key, text in own[0].items():
        assert placeholders(text) == placeholders(own[1][key]), key


def test_every_parameter_and_key_has_a_name_of_its_own() -> None:
    keys = [f"parameters.{row['name']}" for row in parameter_table()]
    keys += [f"design.{key}" for key, meant in ALL_TRACK_KEYS.items() if meant.kind in (int, float)]
    for words in (EN, NB):
        names = [key_name(key, words) for key in keys]
        assert not {name for name in names if "_" in name}
        assert len(set(names)) == len(names)
        assert key_name("turnover", words) == key_name("parameters.turnover", words)
    assert key_name("parameters.unheard_of", EN) == "unheard_of"


@pytest.mark.parametrize(("scenarios", "designs"), [(1, 2), (3, 4), (6, 6)])
def test_a_panel_for_each_scenario_and_a_mark_for_each_design(scenarios: int, designs: int) -> None:
    outcomes = made(scenarios, DESIGNS[:designs])
    for figure, of_each in (
        (draw_ranking(outcomes, EN), 2), (draw_plane(outcomes, EN), 1), (draw_acceptability(outcomes, 3.0, EN), 1),
    ):  # fmt: skip
        shown_panels = [axes for axes in figure.axes if axes.axison]
        assert len(shown_panels) == of_each * scenarios
        text = words_of(figure)
        assert all(EN.named("design", name) in text for name in outcomes.designs)
        assert all(EN.named("scenario", name).split(":")[0] in text for name in outcomes.scenarios)
    bars = draw_regret(outcomes, 1.0, EN).axes[0].patches
    assert len(bars) == 2 * designs
    for found in (information(scenarios),):
        assert len(draw_information(found, EN).axes) == scenarios
    assert len(draw_sensitivity(indices(scenarios=scenarios), "net_jobs", "jobs", EN).axes) == scenarios
    assert sum(axes.axison for axes in draw_discovery(discovery(scenarios), "jobs", EN).axes) == scenarios


def test_ranking_shows_means_intervals_and_shares() -> None:
    outcomes = made(1)
    table = ranking(outcomes)
    left, right = draw_ranking(outcomes, EN).axes
    for number, row in enumerate(table.itertuples()):
        lines = [line for line in left.lines if line.get_ydata()[0] == number and line.get_color() != "black"]
        ends = {tuple(np.round(line.get_xdata(), 9)) for line in lines}
        assert (round(row.low, 9), round(row.high, 9)) in ends
        assert (round(row.effect, 9),) in ends
        assert right.patches[number].get_width() == pytest.approx(row.p_best)
    assert words_of(draw_ranking(outcomes, NB)).count("%") > 4


def test_every_zero_is_seen() -> None:
    outcomes = replace(made(1), effect=made(1).effect + 1000.0)  # far from zero
    for figure in (draw_ranking(outcomes, EN), draw_plane(outcomes, EN)):
        low, high = figure.axes[0].get_xlim()
        assert low < 0.0 < high
        assert any(list(line.get_xdata()) == [0.0, 0.0] for line in figure.axes[0].lines)
    low, high = draw_plane(outcomes, EN).axes[0].get_ylim()
    assert low < 0.0 < high


def test_plane_draws_the_frontier_from_no_programme() -> None:
    effect = np.tile([0.0, 1.0, 5.0, 6.0], (1, 30, 1))
    outcomes = replace(made(1, draws=30), effect=effect, cost=np.tile([0.0, 10.0, 20.0, 30.0], (1, 30, 1)))
    (axes,) = draw_plane(outcomes, EN).axes
    (frontier,) = [line for line in axes.lines if str(line.get_gid()).startswith("frontier")]
    assert np.column_stack(frontier.get_data()).tolist() == [[0.0, 0.0], [5.0, 20.0], [6.0, 30.0]]
    cheaper = replace(outcomes, cost=np.tile([0.0, 1.0, 20.0, 30.0], (1, 30, 1)))
    (other,) = [line for line in draw_plane(cheaper, EN).axes[0].lines if str(line.get_gid()).startswith("frontier")]
    assert len(other.get_xdata()) == 4


def test_acceptability_marks_the_best_on_average() -> None:
    effect, cost = np.tile([0.0, 2.0], (1, 30, 1)), np.tile([0.0, 3.0], (1, 30, 1))
    outcomes = replace(made(1, DESIGNS[:2], 30), effect=effect, cost=cost)
    (axes,) = draw_acceptability(outcomes, 3.0, EN).axes
    broad = [line for line in axes.lines if line.get_linewidth() == 6.0]
    starts = [np.array(line.get_xdata())[np.isfinite(line.get_ydata())].min() for line in broad]
    assert starts == pytest.approx([0.0, 1.5], abs=0.05)
    assert axes.get_xlim() == (0.0, 3.0)


def test_regret_names_the_careful_choice_and_the_worst_case() -> None:
    effect = np.stack([np.tile([0.0, 4.0, 2.0], (20, 1)), np.tile([0.0, -2.0, 1.0], (20, 1))])
    outcomes = replace(made(2, DESIGNS[:3], 20), effect=effect, cost=np.zeros_like(effect))
    text = words_of(draw_regret(outcomes, 1.0, EN))
    assert "3.00 (Andøy 2018)" in text
    assert "2.00 (Lierne 2010) – least worst loss" in text
    assert text.count("least worst loss") == 1
    assert "2,00 (Lierne 2010) – minste verste tap" in words_of(draw_regret(outcomes, 1.0, NB))
    dearer = replace(outcomes, cost=np.tile([0.0, 0.0, 9.0], (2, 20, 1)))
    assert "2.0 (Andøy 2018) – least worst loss" in words_of(draw_regret(dearer, 1.0, EN))


def test_information_tells_what_is_more_than_chance() -> None:
    axes, _ = draw_information(information(), EN).axes
    assert [bar.get_facecolor() == to_rgba(BLUE) for bar in axes.patches] == [
        True,
        False,
    ]  # what is worth 0 is left out
    assert "To know everything, chance too: 7.2 million" in words_of(draw_information(information(), EN))
    assert "Turnover of leaders in the office" in words_of(draw_information(information(), EN))
    nothing = Information(information(1).perfect, information(1).partial.head(0))
    assert "No parameter alone would change the choice" in words_of(draw_information(nothing, EN))


def test_sensitivity_of_sobol_and_morris() -> None:
    (axes,) = draw_sensitivity(indices(scenarios=1), "net_jobs", "jobs", EN).axes
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([0.5, 0.6, -0.05, 0.2])
    (axes,) = draw_sensitivity(indices(sobol=False, scenarios=1), "net_jobs", "jobs", EN).axes
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([0.5, -0.05])
    assert "Net jobs: difference from no programme, jobs" in axes.get_xlabel()


def test_discovery_draws_the_box_or_says_that_there_is_none() -> None:
    (axes,) = draw_discovery(discovery(), "jobs", EN).axes
    (box,) = [patch for patch in axes.patches if patch.get_width() > 0.0]
    assert box.get_x() + box.get_width() == pytest.approx(0.5)  # the key that leaves the fewest cases lies across
    assert box.get_y() == 0.4
    assert box.get_y() + box.get_height() > 0.97  # no limit there: beyond the cases
    assert [len(points.get_offsets()) for points in axes.collections] == [
        int((discovery()[0].cases.lead <= 0.0).sum()), int(discovery()[0].cases.interesting.sum()),
    ]  # fmt: skip
    assert "80 % inside the box, 30 % of all" in words_of(draw_discovery(discovery(), "jobs", EN))
    (alone,) = draw_discovery(discovery(keys=1), "jobs", EN).axes
    assert alone.get_ylabel() == "How much better (jobs)"
    nowhere = draw_discovery(discovery(box=False), "jobs", EN)
    assert "No box was found" in words_of(nowhere)
    assert not nowhere.legends
    framed(nowhere, "Head", "Note")


def test_names_of_users_are_shown_as_they_are() -> None:
    figure = draw_acceptability(made(1, ODD), 2.0, EN)
    (legend,) = figure.legends
    texts = [text.get_text() for text in legend.get_texts()]
    assert len(texts) == 5  # a name with _ in front is not left out
    assert r"pay\$twice\$<b>&co" in texts
    assert all(len(line) <= 26 for text in texts for line in text.split("\n"))
    buffer = io.StringIO()
    with rc_context({"svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg")
    assert "pay$twice$&lt;b&gt;&amp;co" in buffer.getvalue()
    for draw in (draw_ranking, draw_plane):
        assert "_under" in words_of(draw(made(2, ODD), EN))
    assert shown("a$b") == r"a\$b"
    assert shown("one_two_three", 8) == "one_two_\nthree"
    assert shown("x" * 50, 10, lines=2).endswith("…")


def _nudged(outcomes: Outcomes) -> Outcomes:
    effect = outcomes.effect.copy()
    effect[0, :, 1] += 15.0
    return replace(outcomes, effect=effect)


PERTURBED: dict[str, tuple[Callable[[], Figure], Callable[[], Figure]]] = {
    "ranking": (lambda: draw_ranking(made(), EN), lambda: draw_ranking(_nudged(made()), EN)),
    "plane": (lambda: draw_plane(made(), EN), lambda: draw_plane(_nudged(made()), EN)),
    "acceptability": (
        lambda: draw_acceptability(made(), 5.0, EN), lambda: draw_acceptability(_nudged(made()), 5.0, EN),
    ),
    "regret": (lambda: draw_regret(made(), 1.0, EN), lambda: draw_regret(_nudged(made()), 1.0, EN)),
    "information": (
        lambda: draw_information(information(), EN), lambda: draw_information(information(first=1.0), EN),
    ),
    "sensitivity": (
        lambda: draw_sensitivity(indices(), "net_jobs", "jobs", EN),
        lambda: draw_sensitivity(indices(first=0.4), "net_jobs", "jobs", EN),
    ),
    "discovery": (
        lambda: draw_discovery(discovery(), "jobs", EN), lambda: draw_discovery(discovery(high=0.7), "jobs", EN),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PERTURBED)
def test_the_same_data_give_the_same_figure_and_other_data_another(name: str) -> None:
    same, other = PERTURBED[name]
    assert picture(same()) == picture(same())
    assert picture(same()) != picture(other())


def test_framed_adds_head_and_note_around_the_figure() -> None:
    plain = draw_regret(made(), 1.0, EN)
    height = plain.get_figheight()
    figure = framed(draw_regret(made(), 1.0, EN), "The $head$", "The note. " * 30)
    assert figure.get_figheight() > height + 0.5
    figure.draw_without_rendering()
    head, note = figure.texts[-2:]
    assert head.get_text() == r"The \$head\$"
    (legend,) = figure.legends
    assert note.get_window_extent().y1 < legend.get_window_extent().y0
    assert legend.get_window_extent().y1 < figure.axes[0].get_tightbbox().y0 + 1.0
    assert head.get_window_extent().y0 > figure.axes[0].get_tightbbox().y1


def test_looks_are_those_of_all_figures() -> None:
    (legend,) = draw_plane(made(1), EN).legends
    handles: list[Any] = list(legend.legend_handles)
    assert [handle.get_color() for handle in handles[:4]] == [look_of(number).colour for number in range(4)]
