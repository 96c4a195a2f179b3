"""Parameters: every number of the model's behaviour in one table, with symbol, unit, default, prior and source."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import Field, dataclass, field, fields, replace
from typing import Any

from omstilling.model.development.parameters import CapacityParameters, ProjectParameters
from omstilling.model.engine.parameter_fields import CHOICE, FIXED, number, uniform


@dataclass(frozen=True)
class FirmParameters:
    """How firms grow, shrink, enter and leave."""

    growth_spread: float = number(
        0.24, "b_1", "log points a year for a firm of one", uniform(0.10, 0.40),
        "Laplace scale; Bottazzi and Secchi 2006 (to be verified), set by hand against the spread of job growth",
    )  # fmt: skip
    spread_exponent: float = number(
        0.18, "beta_s", "1", uniform(0.12, 0.24), "Stanley et al. 1996: -0.15 to -0.2 (to be verified)"
    )
    cycle_persistence: float = number(0.97, "rho_c", "1 a month", uniform(0.9, 0.99), CHOICE)
    cycle_spread: float = number(0.004, "sigma_c", "log points a month", uniform(0.0, 0.01), CHOICE)
    tradable_growth: float = number(
        -0.001,
        "g_T",
        "log points a year, besides projects",
        uniform(-0.011, 0.009),
        "set by hand against jobs 2005-2021 (table 11618)",
    )
    tradable_centrality: float = number(
        0.0045,
        "g_C",
        "log points a year per 100 points of centrality above the country's mean",
        uniform(0.0, 0.009),
        "set by hand against growth of jobs by centrality class 2005-2021 (table 11618)",
    )
    vacancy_share: float = number(
        0.03,
        "v_0",
        "vacancies per job",
        uniform(0.015, 0.04),
        "choice: makes staff, not wanted staff, equal the tables",
    )
    hiring_speed: float = number(0.5, "lambda_h", "share of the gap a month", uniform(0.2, 1.0), CHOICE)
    layoff_speed: float = number(0.25, "lambda_l", "share of the gap a month", uniform(0.1, 0.6), CHOICE)
    public_lag_months: float = number(24.0, "tau_p", "months", uniform(6, 48), CHOICE)
    exit_hazard: float = number(
        0.075, "h_0", "a year for a mature firm of one", uniform(0.03, 0.12),
        "Statistics Norway, survival from year 1 to 5 of limited companies 0.65",
    )  # fmt: skip
    exit_size_exponent: float = number(0.55, "beta_x", "1", uniform(0.3, 0.8), CHOICE)
    exit_young: float = number(
        8.0, "k_y", "times in the first year, extra", uniform(3, 14),
        "Statistics Norway, one-year survival of limited companies 0.60-0.66",
    )  # fmt: skip
    exit_cash_poor: float = number(1.0, "k_c", "times without cash, extra", uniform(0, 3), CHOICE)
    entry_tradable: float = number(
        0.11, "e_T", "new firms a year per firm at the start", uniform(0.05, 0.17), "set by hand: entry balances exit"
    )
    entry_local: float = number(
        0.11, "e_L", "new firms a year per firm at the start", uniform(0.05, 0.17), "set by hand: entry balances exit"
    )
    entry_size: float = number(1.6, "s_e", "mean jobs of an entrant", uniform(1.0, 3.0), CHOICE)
    entry_growth: float = number(
        0.35, "g_e", "log points in the first year, halving each year", uniform(0.0, 0.7),
        "Statistics Norway 2011: five-year survivors employ 4 times as many",
    )  # fmt: skip
    spin_off: float = number(
        0.004, "e_s", "new firms per person laid off in the last year, a year", uniform(0.0, 0.02), CHOICE
    )
    wage_spread: float = number(0.15, "sigma_w", "log points between firms", uniform(0.05, 0.3), CHOICE)
    cash_mean: float = number(4.0, "c_0", "months of payroll", uniform(1, 8), CHOICE)
    cash_response: float = number(6.0, "c_1", "months of payroll per log point of growth", uniform(1, 12), CHOICE)
    supplier_share: float = number(
        0.25, "phi", "share of local demand that comes from tradable firms", uniform(0.1, 0.4), CHOICE
    )
    shopping_leakage: float = number(
        0.2, "ell", "share of consumption spent where neighbours work", uniform(0.0, 0.4), CHOICE
    )
    demand_elasticity: float = number(
        0.9, "eta_d", "% local-service jobs per % demand", uniform(0.5, 1.1),
        "set by hand against 0.4-0.8 local jobs per tradable job (Moretti and Thulin 2013, to be verified)",
    )  # fmt: skip
    place_spread: float = number(
        0.032, "sigma_P", "log points a year in a place of 2,000 jobs", uniform(0.015, 0.05),
        "set so that jobs of municipalities spread as observed 2017-2021: calibration/job_growth.py",
    )  # fmt: skip
    place_size_exponent: float = number(
        0.22, "beta_P", "1", uniform(0.1, 0.35), "fall of the spread with size, as observed: calibration/job_growth.py"
    )
    large_loss_hazard: float = number(
        0.005, "h_L", "large losses a year in a place of 2,000 jobs", uniform(0.002, 0.01),
        "fitted to growth of jobs 2017-2021 (table 11618): calibration/job_growth.py",
    )  # fmt: skip
    large_loss_size_exponent: float = number(
        0.17, "beta_L", "1", uniform(0.0, 0.5), "fitted likewise: larger places lose such a share less often"
    )
    large_loss_least: float = number(0.05, "s_L", "share of the jobs of a municipality", FIXED, CHOICE)
    large_loss_most: float = number(0.30, "S_L", "share of the jobs of a municipality", FIXED, CHOICE)
    large_loss_tail: float = number(
        2.0, "alpha_L", "1", FIXED, "choice: losses twice as large are a quarter as frequent"
    )
    large_loss_notice: float = number(
        6.0, "m_L", "months from announcement to closure", uniform(1, 12), "choice: notice and run-down"
    )


@dataclass(frozen=True)
class MatchingParameters:
    """How jobs are lost, sought and found."""

    distance_decay: float = number(
        0.08, "beta", "per minute of travel", uniform(0.05, 0.11), "fitted to the 2021 commuting matrix (table 03321)"
    )
    samples: float = number(3.0, "K", "vacancies seen a month", FIXED, CHOICE)
    quit_rate: float = number(
        0.0075, "q", "employed leaving for non-employment a month, besides layoffs", uniform(0.004, 0.011),
        "register studies: 0.7-1.4 % with layoffs (to be verified)",
    )  # fmt: skip
    quit_to_outside: float = number(0.15, "q_o", "share of those who leave the labour force", uniform(0.1, 0.5), CHOICE)
    search_unemployed: float = number(0.75, "s_u", "share searching a month", uniform(0.4, 1.0), CHOICE)
    search_decay: float = number(0.03, "s_d", "fall in search per month jobless", uniform(0.0, 0.08), CHOICE)
    search_outside: float = number(0.03, "s_o", "share searching a month", uniform(0.0, 0.06), CHOICE)
    search_employed: float = number(
        0.012, "s_e", "share searching a month", uniform(0.005, 0.03), "register studies: 0.8 % change job a month"
    )
    search_notice: float = number(0.5, "s_n", "share searching a month under notice", uniform(0.1, 0.9), CHOICE)
    commuting_cost: float = number(0.004, "c_t", "log wage per minute", uniform(0.001, 0.01), CHOICE)
    longest_day_minutes: float = number(
        60.0, "t_d", "minutes of a daily way to work", FIXED,
        "choice: who works further away commutes by the week or works from home in part",
    )  # fmt: skip
    reservation: float = number(
        -0.45, "r_u", "log wage less commuting that the jobless accept", uniform(-0.7, -0.2),
        "choice: benefit is 62.4 % of the wage",
    )  # fmt: skip
    switching_cost: float = number(0.03, "r_e", "log wage", uniform(0.0, 0.1), CHOICE)
    taste_spread: float = number(0.10, "sigma_t", "log wage", uniform(0.0, 0.3), CHOICE)
    industry_fit: float = number(1.0, "f_k", "score of the same industry", uniform(0.0, 2.0), CHOICE)
    education_fit: float = number(0.5, "f_e", "score of higher education a level", uniform(0.0, 1.0), CHOICE)
    industry_change_loss: float = number(
        0.05, "d_w", "share of wage", uniform(0.02, 0.10), "Huttunen, Møen, Salvanes 2011: 3 % (to be verified)"
    )
    outside_success: float = number(0.4, "p_o", "chance of an application outside", uniform(0.2, 0.9), CHOICE)
    discouragement: float = number(
        0.006, "d_u", "unemployed leaving the labour force a month", uniform(0.0, 0.03), CHOICE
    )


@dataclass(frozen=True)
class LifeParameters:
    """How persons age, study, retire, pair and leave home."""

    disability_rate: float = number(
        0.0005, "h_d", "a month at age 50", uniform(0.0002, 0.001),
        "set by hand against 10.4 % disabled at 18-67 (NAV, to be verified)",
    )  # fmt: skip
    disability_age_slope: float = number(0.07, "h_a", "log points per year of age", uniform(0.04, 0.1), CHOICE)
    disability_jobless: float = number(
        1.25, "rr_d", "relative risk of disability after job loss", uniform(1.2, 1.3), "Rege, Telle, Votruba 2009"
    )
    retirement_62: float = number(0.008, "r_62", "a month at 62-66", uniform(0.004, 0.015), CHOICE)
    retirement_67: float = number(0.05, "r_67", "a month at 67-74", uniform(0.02, 0.1), CHOICE)
    higher_education: float = number(0.40, "p_3", "share", uniform(0.3, 0.5), CHOICE)
    upper_secondary: float = number(0.42, "p_2", "share", uniform(0.3, 0.5), CHOICE)
    education_premium: float = number(0.15, "w_e", "log wage a level", uniform(0.05, 0.25), CHOICE)
    home_leaving: float = number(0.02, "h_l", "a month at 19-29", uniform(0.01, 0.04), CHOICE)
    coupling: float = number(0.008, "h_c", "a month, singles aged 20-44", uniform(0.004, 0.02), CHOICE)
    splitting: float = number(0.0012, "h_s", "a month per couple", uniform(0.0005, 0.003), CHOICE)
    income_jobless: float = number(0.62, "y_u", "share of the mean wage", FIXED, "choice: rule of 62.4 % of the wage")
    income_pension: float = number(0.55, "y_r", "share of the mean wage", FIXED, CHOICE)
    income_outside: float = number(0.50, "y_o", "share of the mean wage", FIXED, CHOICE)
    income_student: float = number(0.25, "y_s", "share of the mean wage", FIXED, CHOICE)


@dataclass(frozen=True)
class MovingParameters:
    """How households choose where to live."""

    prospects: float = number(
        3.0, "g_w", "log odds per log employment rate", uniform(0.5, 8.0),
        "set by hand against 0.3-0.8 fewer of working age per lost job in 5-10 years (Dao et al. 2017, to be verified)",
    )  # fmt: skip
    house_price: float = number(0.5, "g_h", "log odds per log price", uniform(0.0, 1.5), CHOICE)
    services: float = number(0.5, "g_s", "log odds per log service level", uniform(0.0, 1.5), CHOICE)
    job_loss: float = number(1.5, "m_u", "times the rate of others", uniform(1.2, 2.0), "Böckerman, Maczulskij 2021")
    native_tie: float = number(0.8, "m_n", "times, those who grew up here", uniform(0.6, 1.0), CHOICE)
    couple_tie: float = number(0.6, "m_c", "times, couples", uniform(0.4, 1.0), CHOICE)
    newcomer: float = number(1.8, "m_r", "times in the first three years", uniform(1.0, 3.0), CHOICE)
    arrival_job: float = number(
        0.6, "a_j", "share of newcomers of working age who seek a job at once", uniform(0.3, 0.9), CHOICE
    )
    arrival_couple: float = number(
        0.35, "a_c", "share of adult arrivals who come as couples", uniform(0.2, 0.5), CHOICE
    )
    commute_limit: float = number(90.0, "t_max", "minutes; a longer way after a move means quitting", FIXED, CHOICE)


@dataclass(frozen=True)
class MunicipalityParameters:
    """How housing, services and prospects adjust."""

    price_elasticity: float = number(
        1.5, "eta_h", "log price per log households to dwellings", uniform(0.5, 3.0), CHOICE
    )
    price_fall: float = number(
        0.12, "theta_f", "share of the gap a month when falling", uniform(0.05, 0.2), "Glaeser and Gyourko 2005 (shape)"
    )
    price_rise: float = number(
        0.04, "theta_r", "share of the gap a month when rising", uniform(0.01, 0.1), "Glaeser and Gyourko 2005 (shape)"
    )
    building: float = number(0.6, "b_h", "dwellings a year per log price above cost", uniform(0.2, 1.5), CHOICE)
    prospects_smoothing: float = number(12.0, "tau_w", "months", uniform(3, 36), CHOICE)
    need_child: float = number(0.11, "n_c", "public jobs per inhabitant aged 0-15", FIXED, CHOICE)
    need_adult: float = number(0.06, "n_a", "public jobs per inhabitant aged 16-66", FIXED, CHOICE)
    need_old: float = number(0.20, "n_o", "public jobs per inhabitant aged 67 and over", FIXED, CHOICE)


@dataclass(frozen=True)
class Parameters:
    """All parameters, in blocks by behaviour. Change some with ``Parameters().with_values(growth_spread=0.2)``."""

    firms: FirmParameters = field(default_factory=FirmParameters)
    matching: MatchingParameters = field(default_factory=MatchingParameters)
    life: LifeParameters = field(default_factory=LifeParameters)
    moving: MovingParameters = field(default_factory=MovingParameters)
    municipalities: MunicipalityParameters = field(default_factory=MunicipalityParameters)
    capacity: CapacityParameters = field(default_factory=CapacityParameters)
    projects: ProjectParameters = field(default_factory=ProjectParameters)

    def with_values(self, **values: float) -> Parameters:
        """Copy with some parameters changed, by name.

        Raises
        ------
        KeyError
            For a name that no block has.
        """
        blocks: dict[str, Any] = {}
        for block in fields(self):
            current = getattr(self, block.name)
            known = {f.name: values.pop(f.name) for f in fields(current) if f.name in values}
            blocks[block.name] = replace(current, **known)
        if values:
            raise KeyError(f"unknown parameter: {', '.join(sorted(values))}")
        return Parameters(**blocks)


def parameter_table() -> list[dict[str, str]]:
    """Every parameter as a row: block, name, symbol, unit, default, prior, source."""

    def row(block: str, item: Field[Any]) -> dict[str, str]:
        texts = {key: str(value) for key, value in item.metadata.items()}
        return {"block": block, "name": item.name, "default": f"{item.default:g}", **texts}

    return [row(block.name, item) for block in fields(Parameters) for item in fields(getattr(Parameters(), block.name))]


def _values_type(name: str, block: type) -> Any:
    return namedtuple(name, [item.name for item in fields(block)])


FirmValues = _values_type("FirmValues", FirmParameters)
MatchingValues = _values_type("MatchingValues", MatchingParameters)
LifeValues = _values_type("LifeValues", LifeParameters)
MovingValues = _values_type("MovingValues", MovingParameters)
MunicipalityValues = _values_type("MunicipalityValues", MunicipalityParameters)
CapacityValues = _values_type("CapacityValues", CapacityParameters)
ProjectValues = _values_type("ProjectValues", ProjectParameters)


def kernel_values(block: Any, kind: Any) -> Any:
    """A parameter block as the named tuple of floats that kernels take."""
    return kind(*(float(getattr(block, item.name)) for item in fields(block)))
