"""Draws: known answers, uniformity, independence, and the minimally different world."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from omstilling.model import RestructuringModel
from omstilling.model.engine import draws
from worlds import make_margins

MASK = (1 << 64) - 1
N = 200_000
# Each test below with a z or p bound raises a false alarm with a chance of at most 1e-5; seeds are fixed.


def _mix(z: int) -> int:
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def _derive(origin: int, a: int, b: int) -> int:
    add, first = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9
    z = _mix((origin + add) & MASK)
    z = _mix((z + (a + 1) * add) & MASK)
    return _mix((z + (b + 1) * first) & MASK)


@pytest.mark.parametrize("value", [0, 1, 2**63, MASK, 123456789])
def test_mix_and_derive_match_plain_integers(value: int) -> None:
    assert int(draws.mix(np.uint64(value))) == _mix(value)
    assert int(draws.derive(np.uint64(value), 7, 1340)) == _derive(value, 7, 1340)
    assert int(draws.derive(np.uint64(value), 7, 1341)) != _derive(value, 7, 1340)


def test_known_answers_never_change() -> None:
    key = draws.stream(np.uint64(1), int(draws.Process.DEATH), 1380)
    expected = (_mix((_derive(1, 15, 1380) + 42) & MASK) >> 11) / 2**53
    assert draws.uniform(np.uint64(key), np.uint64(42)) == expected
    assert draws.uniform(np.uint64(key), np.uint64(43)) != expected


def _uniforms(process: int, month: int) -> np.ndarray:
    key = np.uint64(draws.stream(np.uint64(9), process, month))
    identities = [np.uint64(draws.derive(np.uint64(5), 1, i)) for i in range(N // 4)]
    return np.array([draws.uniform(key, identity) for identity in identities])


def test_draws_are_uniform_and_independent_between_keys() -> None:
    first, second, third = _uniforms(3, 100), _uniforms(3, 101), _uniforms(4, 100)
    for sample in (first, second, third):
        assert stats.kstest(sample, "uniform").pvalue > 1e-5
    bound = 4.5 / np.sqrt(len(first))
    assert abs(np.corrcoef(first, second)[0, 1]) < bound
    assert abs(np.corrcoef(first, third)[0, 1]) < bound
    assert abs(np.corrcoef(first[:-1], first[1:])[0, 1]) < bound
    assert abs(np.corrcoef(first, first**2)[0, 1]) > bound  # the test can fail


def test_laplace_and_normal_have_their_moments() -> None:
    u, v = _uniforms(5, 1), _uniforms(6, 1)
    laplace = np.array([draws.laplace(x) for x in u])
    normal = np.array([draws.normal(x, y) for x, y in zip(u, v, strict=True)])
    assert stats.kstest(laplace, "laplace").pvalue > 1e-5
    assert stats.kstest(normal, "norm").pvalue > 1e-5
    assert stats.kstest(laplace, "norm").pvalue < 1e-5


@pytest.mark.parametrize("mean", [0.02, 0.7, 8.0, 29.0, 31.0, 400.0])
def test_poisson_has_its_mean_and_variance(mean: float) -> None:
    sample = np.array([draws.poisson(x, mean) for x in _uniforms(7, 3)])
    assert abs(sample.mean() - mean) < 4.5 * np.sqrt(mean / len(sample)) + 0.002
    assert sample.var() == pytest.approx(mean, rel=0.06)


def test_more_mean_never_gives_fewer() -> None:
    for u in _uniforms(8, 1)[:500]:
        counts = [draws.poisson(u, mean) for mean in np.arange(0.0, 29.9, 0.3)]
        assert counts == sorted(counts)


def test_one_more_person_leaves_all_other_identities_and_draws() -> None:
    """The minimally different world: the draws of all others stay."""
    model = RestructuringModel(make_margins((800,)), seed=4)
    more = make_margins((800,))
    more.population[0, 1, 105] += 1  # the last in order of sex and age
    other = RestructuringModel(more, seed=4)
    uid, wider = model.person_columns.uid[:800], other.person_columns.uid[:801]
    np.testing.assert_array_equal(uid, wider[:800])
    assert wider[800] not in uid
    key = draws.month_streams(np.uint64(4), 1350)[int(draws.Process.SEARCH)]
    assert [draws.uniform(key, u) for u in uid] == [draws.uniform(key, u) for u in wider[:800]]


def test_a_newborn_is_named_by_mother_and_month() -> None:
    mother = np.uint64(77)
    assert draws.derive(mother, 0, 1400) == draws.derive(mother, 0, 1400)
    assert draws.derive(mother, 0, 1401) != draws.derive(mother, 0, 1400)
    assert draws.derive(np.uint64(78), 0, 1400) != draws.derive(mother, 0, 1400)
