"""Parameters: every number of the model's behaviour in one table, with symbol, unit, default, prior and source."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import Field, dataclass, field, fields, replace
from typing import Any

CHOICE = "choice"


@dataclass(frozen=True)
class Prior:
    """Prior distribution: ``kind`` is ``uniform`` (low, high) or ``fixed``."""

    kind: str
    first: float = 0.0
    second: float = 0.0

    def __str__(self) -> str:
        """Readable form, e.g. ``uniform(0.1, 0.3)``."""
        return self.kind if self.kind == "fixed" else f"{self.kind}({self.first:g}, {self.second:g})"


def uniform(low: float, high: float) -> Prior:
    """Flat prior between two bounds."""
    return Prior("uniform", low, high)


FIXED = Prior("fixed")


def _p(default: float, symbol: str, unit: str, prior: Prior, source: str) -> Any:
    return field(default=default, metadata={"symbol": symbol, "unit": unit, "prior": prior, "source": source})


@dataclass(frozen=True)
class FirmParameters:
    """How firms grow, shrink, enter and leave."""

    growth_spread: float = _p(
        0.24, "b_1", "log points a year for a firm of one", uniform(0.10, 0.40),
        "Laplace scale; Bottazzi and Secchi 2006 (to be verified), set by hand against the spread of job growth",
    )  # fmt: skip
    spread_exponent: float = _p(
        0.18, "beta_s", "1", uniform(0.12, 0.24), "Stanley et al. 1996: -0.15 to -0.2 (to be verified)"
    )
    cycle_persistence: float = _p(0.97, "rho_c", "1 a month", uniform(0.9, 0.99), CHOICE)
    cycle_spread: float = _p(0.004, "sigma_c", "log points a month", uniform(0.0, 0.01), CHOICE)
    tradable_growth: float = _p(
        -0.001,
        "g_T",
        "log points a year, besides projects",
        uniform(-0.011, 0.009),
        "set by hand against jobs 2005-2021 (table 11618)",
    )
    vacancy_share: float = _p(
        0.03,
        "v_0",
        "vacancies per job",
        uniform(0.015, 0.04),
        "choice: makes staff, not wanted staff, equal the tables",
    )
    hiring_speed: float = _p(0.5, "lambda_h", "share of the gap a month", uniform(0.2, 1.0), CHOICE)
    layoff_speed: float = _p(0.25, "lambda_l", "share of the gap a month", uniform(0.1, 0.6), CHOICE)
    public_lag_months: float = _p(24.0, "tau_p", "months", uniform(6, 48), CHOICE)
    exit_hazard: float = _p(
        0.075, "h_0", "a year for a mature firm of one", uniform(0.03, 0.12),
        "Statistics Norway, survival from year 1 to 5 of limited companies 0.65",
    )  # fmt: skip
    exit_size_exponent: float = _p(0.55, "beta_x", "1", uniform(0.3, 0.8), CHOICE)
    exit_young: float = _p(
        8.0, "k_y", "times in the first year, extra", uniform(3, 14),
        "Statistics Norway, one-year survival of limited companies 0.60-0.66",
    )  # fmt: skip
    exit_cash_poor: float = _p(1.0, "k_c", "times without cash, extra", uniform(0, 3), CHOICE)
    entry_tradable: float = _p(
        0.11, "e_T", "new firms a year per firm at the start", uniform(0.05, 0.17), "set by hand: entry balances exit"
    )
    entry_local: float = _p(
        0.11, "e_L", "new firms a year per firm at the start", uniform(0.05, 0.17), "set by hand: entry balances exit"
    )
    entry_size: float = _p(1.6, "s_e", "mean jobs of an entrant", uniform(1.0, 3.0), CHOICE)
    entry_growth: float = _p(
        0.35, "g_e", "log points in the first year, halving each year", uniform(0.0, 0.7),
        "Statistics Norway 2011: five-year survivors employ 4 times as many",
    )  # fmt: skip
    spin_off: float = _p(
        0.004, "e_s", "new firms per person laid off in the last year, a year", uniform(0.0, 0.02), CHOICE
    )
    wage_spread: float = _p(0.15, "sigma_w", "log points between firms", uniform(0.05, 0.3), CHOICE)
    cash_mean: float = _p(4.0, "c_0", "months of payroll", uniform(1, 8), CHOICE)
    cash_response: float = _p(6.0, "c_1", "months of payroll per log point of growth", uniform(1, 12), CHOICE)
    supplier_share: float = _p(
        0.25, "phi", "share of local demand that comes from tradable firms", uniform(0.1, 0.4), CHOICE
    )
    shopping_leakage: float = _p(
        0.2, "ell", "share of consumption spent where neighbours work", uniform(0.0, 0.4), CHOICE
    )
    demand_elasticity: float = _p(
        0.9, "eta_d", "% local-service jobs per % demand", uniform(0.5, 1.1),
        "set by hand against 0.4-0.8 local jobs per tradable job (Moretti and Thulin 2013, to be verified)",
    )  # fmt: skip


@dataclass(frozen=True)
class MatchingParameters:
    """How jobs are lost, sought and found."""

    distance_decay: float = _p(
        0.08, "beta", "per minute of travel", uniform(0.05, 0.11), "fitted to the 2021 commuting matrix (table 03321)"
    )
    samples: float = _p(3.0, "K", "vacancies seen a month", FIXED, CHOICE)
    quit_rate: float = _p(
        0.0075, "q", "employed leaving for non-employment a month, besides layoffs", uniform(0.004, 0.011),
        "register studies: 0.7-1.4 % with layoffs (to be verified)",
    )  # fmt: skip
    quit_to_outside: float = _p(0.15, "q_o", "share of those who leave the labour force", uniform(0.1, 0.5), CHOICE)
    search_unemployed: float = _p(0.75, "s_u", "share searching a month", uniform(0.4, 1.0), CHOICE)
    search_decay: float = _p(0.03, "s_d", "fall in search per month jobless", uniform(0.0, 0.08), CHOICE)
    search_outside: float = _p(0.03, "s_o", "share searching a month", uniform(0.0, 0.06), CHOICE)
    search_employed: float = _p(
        0.012, "s_e", "share searching a month", uniform(0.005, 0.03), "register studies: 0.8 % change job a month"
    )
    search_notice: float = _p(0.5, "s_n", "share searching a month under notice", uniform(0.1, 0.9), CHOICE)
    commuting_cost: float = _p(0.004, "c_t", "log wage per minute", uniform(0.001, 0.01), CHOICE)
    reservation: float = _p(
        -0.45, "r_u", "log wage less commuting that the jobless accept", uniform(-0.7, -0.2),
        "choice: benefit is 62.4 % of the wage",
    )  # fmt: skip
    switching_cost: float = _p(0.03, "r_e", "log wage", uniform(0.0, 0.1), CHOICE)
    taste_spread: float = _p(0.10, "sigma_t", "log wage", uniform(0.0, 0.3), CHOICE)
    industry_fit: float = _p(1.0, "f_k", "score of the same industry", uniform(0.0, 2.0), CHOICE)
    education_fit: float = _p(0.5, "f_e", "score of higher education a level", uniform(0.0, 1.0), CHOICE)
    industry_change_loss: float = _p(
        0.05, "d_w", "share of wage", uniform(0.02, 0.10), "Huttunen, Møen, Salvanes 2011: 3 % (to be verified)"
    )
    outside_success: float = _p(0.4, "p_o", "chance of an application outside", uniform(0.2, 0.9), CHOICE)
    discouragement: float = _p(0.006, "d_u", "unemployed leaving the labour force a month", uniform(0.0, 0.03), CHOICE)


@dataclass(frozen=True)
class LifeParameters:
    """How persons age, study, retire, pair and leave home."""

    disability_rate: float = _p(
        0.0005, "h_d", "a month at age 50", uniform(0.0002, 0.001),
        "set by hand against 10.4 % disabled at 18-67 (NAV, to be verified)",
    )  # fmt: skip
    disability_age_slope: float = _p(0.07, "h_a", "log points per year of age", uniform(0.04, 0.1), CHOICE)
    disability_jobless: float = _p(
        1.25, "rr_d", "relative risk of disability after job loss", uniform(1.2, 1.3), "Rege, Telle, Votruba 2009"
    )
    retirement_62: float = _p(0.008, "r_62", "a month at 62-66", uniform(0.004, 0.015), CHOICE)
    retirement_67: float = _p(0.05, "r_67", "a month at 67-74", uniform(0.02, 0.1), CHOICE)
    higher_education: float = _p(0.40, "p_3", "share", uniform(0.3, 0.5), CHOICE)
    upper_secondary: float = _p(0.42, "p_2", "share", uniform(0.3, 0.5), CHOICE)
    education_premium: float = _p(0.15, "w_e", "log wage a level", uniform(0.05, 0.25), CHOICE)
    home_leaving: float = _p(0.02, "h_l", "a month at 19-29", uniform(0.01, 0.04), CHOICE)
    coupling: float = _p(0.008, "h_c", "a month, singles aged 20-44", uniform(0.004, 0.02), CHOICE)
    splitting: float = _p(0.0012, "h_s", "a month per couple", uniform(0.0005, 0.003), CHOICE)
    income_jobless: float = _p(0.62, "y_u", "share of the mean wage", FIXED, "choice: rule of 62.4 % of the wage")
    income_pension: float = _p(0.55, "y_r", "share of the mean wage", FIXED, CHOICE)
    income_outside: float = _p(0.50, "y_o", "share of the mean wage", FIXED, CHOICE)
    income_student: float = _p(0.25, "y_s", "share of the mean wage", FIXED, CHOICE)


@dataclass(frozen=True)
class MovingParameters:
    """How households choose where to live."""

    prospects: float = _p(
        3.0, "g_w", "log odds per log employment rate", uniform(0.5, 8.0),
        "set by hand against 0.3-0.8 fewer of working age per lost job in 5-10 years (Dao et al. 2017, to be verified)",
    )  # fmt: skip
    house_price: float = _p(0.5, "g_h", "log odds per log price", uniform(0.0, 1.5), CHOICE)
    services: float = _p(0.5, "g_s", "log odds per log service level", uniform(0.0, 1.5), CHOICE)
    job_loss: float = _p(1.5, "m_u", "times the rate of others", uniform(1.2, 2.0), "Böckerman, Maczulskij 2021")
    native_tie: float = _p(0.8, "m_n", "times, those who grew up here", uniform(0.6, 1.0), CHOICE)
    couple_tie: float = _p(0.6, "m_c", "times, couples", uniform(0.4, 1.0), CHOICE)
    newcomer: float = _p(1.8, "m_r", "times in the first three years", uniform(1.0, 3.0), CHOICE)
    arrival_job: float = _p(0.6, "a_j", "share of newcomers of working age who seek a job at once", uniform(0.3, 0.9),
                            CHOICE)  # fmt: skip
    arrival_couple: float = _p(0.35, "a_c", "share of adult arrivals who come as couples", uniform(0.2, 0.5), CHOICE)
    commute_limit: float = _p(90.0, "t_max", "minutes; a longer way after a move means quitting", FIXED, CHOICE)


@dataclass(frozen=True)
class MunicipalityParameters:
    """How housing, services and prospects adjust."""

    price_elasticity: float = _p(1.5, "eta_h", "log price per log households to dwellings", uniform(0.5, 3.0), CHOICE)
    price_fall: float = _p(
        0.12, "theta_f", "share of the gap a month when falling", uniform(0.05, 0.2), "Glaeser and Gyourko 2005 (shape)"
    )
    price_rise: float = _p(
        0.04, "theta_r", "share of the gap a month when rising", uniform(0.01, 0.1), "Glaeser and Gyourko 2005 (shape)"
    )
    building: float = _p(0.6, "b_h", "dwellings a year per log price above cost", uniform(0.2, 1.5), CHOICE)
    prospects_smoothing: float = _p(12.0, "tau_w", "months", uniform(3, 36), CHOICE)
    need_child: float = _p(0.11, "n_c", "public jobs per inhabitant aged 0-15", FIXED, CHOICE)
    need_adult: float = _p(0.06, "n_a", "public jobs per inhabitant aged 16-66", FIXED, CHOICE)
    need_old: float = _p(0.20, "n_o", "public jobs per inhabitant aged 67 and over", FIXED, CHOICE)


@dataclass(frozen=True)
class CapacityParameters:
    """How development offices learn, forget and lose people. Rates are a month."""

    office_staff: float = _p(0.25, "f_0", "FTE per 1,000 inhabitants without a programme", uniform(0.1, 0.5), CHOICE)
    office_least: float = _p(0.4, "f_1", "FTE in the smallest municipality", uniform(0.2, 1.0), CHOICE)
    staffing_scale: float = _p(0.6, "f_s", "FTE per 1,000 at which staffing is 63 %", uniform(0.3, 1.2), CHOICE)
    hiring: float = _p(0.2, "f_h", "share of the gap to wanted staff", uniform(0.1, 0.4), CHOICE)
    turnover: float = _p(0.018, "q_l", "chance that the leader leaves", uniform(0.01, 0.03), "choice: a fifth a year")
    loss_at_turnover: float = _p(
        0.35, "d_c", "share of competence lost with the leader without routines", uniform(0.15, 0.6), CHOICE
    )
    leader_spread: float = _p(
        0.35, "sigma_l", "log spread of leaders' quality", uniform(0.1, 0.6), "choice; TF-rapport 704: persons decide"
    )
    learning_guidance: float = _p(0.03, "l_g", "of what is left to learn, full guidance", uniform(0.01, 0.06), CHOICE)
    learning_project: float = _p(0.012, "l_p", "of what is left to learn, a project", uniform(0.0, 0.03), CHOICE)
    forgetting: float = _p(0.012, "l_f", "of what is above the ordinary level", uniform(0.005, 0.03), CHOICE)
    contacts: float = _p(0.02, "n_w", "of firms not yet known, per FTE per 1,000", uniform(0.005, 0.05), CHOICE)
    contacts_lost: float = _p(0.015, "n_f", "of known firms", uniform(0.005, 0.03), CHOICE)
    ordinary_competence: float = _p(0.30, "k_c0", "0-1", uniform(0.15, 0.45), CHOICE)
    ordinary_routines: float = _p(0.20, "k_r0", "0-1", uniform(0.05, 0.4), CHOICE)
    council_spread: float = _p(0.25, "sigma_a", "spread of councils' backing around 0.45", uniform(0.1, 0.4), CHOICE)
    anchoring_programme: float = _p(
        0.30, "a_p", "0-1, backing that a wholly engaged board brings", uniform(0.1, 0.5), CHOICE
    )
    engaging_grant: float = _p(
        2_000_000.0, "g_b", "NOK a year from which a board is wholly engaged", uniform(5e5, 6e6), CHOICE
    )
    ordinary_fund: float = _p(
        100.0, "m_o", "NOK a year per inhabitant in the municipality's own business fund", uniform(20, 250), CHOICE
    )
    ordinary_aid: float = _p(0.3, "a_o", "share of cost that the own business fund covers", FIXED, CHOICE)
    ordinary_strictness: float = _p(0.3, "s_o2", "0-1, as in designs", FIXED, CHOICE)
    staff_cost: float = _p(900_000.0, "w_f", "NOK a year per FTE", FIXED, "choice: pay, taxes, office and travel")
    guidance_cost: float = _p(500_000.0, "w_g", "NOK a year of full guidance to a municipality", FIXED, CHOICE)


@dataclass(frozen=True)
class ProjectParameters:
    """How ideas arise, and what decides whether they become projects and last. Money in NOK of 2020."""

    start_up_rate: float = _p(5.0, "i_1", "ideas a year per 1,000 adults", uniform(0.6, 8.0), CHOICE)
    expansion_rate: float = _p(0.12, "i_2", "ideas a year per firm", uniform(0.02, 0.2), CHOICE)
    rescue_rate: float = _p(0.35, "i_3", "ideas a year per firm without cash", uniform(0.1, 0.7), CHOICE)
    site_rate: float = _p(0.5, "i_4", "ideas a year per 1,000 adults", uniform(0.1, 1.0), CHOICE)
    settlement_rate: float = _p(0.5, "i_5", "ideas a year per 1,000 adults", uniform(0.1, 1.0), CHOICE)
    competence_rate: float = _p(0.06, "i_6", "ideas a year per firm", uniform(0.01, 0.12), CHOICE)
    cost_per_job: float = _p(700_000.0, "k_j", "NOK per planned job", uniform(3e5, 1.5e6), CHOICE)
    payroll_per_job: float = _p(60_000.0, "k_w", "NOK a month", FIXED, "choice: about 720,000 a year with taxes")
    return_mean: float = _p(-0.06, "mu_r", "net present value to the owner, share of cost", uniform(-0.3, 0.2), CHOICE)
    return_spread: float = _p(0.44, "sigma_r", "share of cost", uniform(0.2, 0.8), CHOICE)
    failure_start_up: float = _p(
        0.15, "x_1", "share that never opens", uniform(0.05, 0.3), "choice: those that open die as entrants do"
    )
    failure_other: float = _p(0.25, "x_2", "share", uniform(0.1, 0.4), CHOICE)
    following: float = _p(
        0.3, "x_f", "share of failures that full competence in the office averts", uniform(0.0, 0.6), CHOICE
    )
    growth_months: float = _p(30.0, "t_g", "months until planned jobs are there", uniform(12, 36), CHOICE)
    own_means: float = _p(
        0.15, "o_m", "share of site and settlement ideas that are carried out anyway", uniform(0.05, 0.4), CHOICE
    )
    judgement_error: float = _p(
        0.40, "sigma_j", "error in judging need, without competence", uniform(0.15, 0.8), CHOICE
    )
    known_least: float = _p(
        0.15, "k_0", "share of ideas known to an office without contacts", uniform(0.05, 0.4), CHOICE
    )
    site_pull: float = _p(
        0.0006, "b_4", "log points of tradable growth a year per NOK 1,000 per job", uniform(0.0, 0.002), CHOICE
    )
    settlement_pull: float = _p(
        0.012, "b_5", "log odds of living here per NOK 1,000 per inhabitant", uniform(0.0, 0.04), CHOICE
    )
    competence_pull: float = _p(
        0.0006, "b_6", "log points of tradable growth a year per NOK 1,000 per job", uniform(0.0, 0.002), CHOICE
    )
    pull_lasts: float = _p(96.0, "t_b", "months", uniform(36, 240), CHOICE)
    secured_share: float = _p(
        0.3, "u_s", "share of its staff that a supported firm counts as secured", uniform(0.0, 0.6),
        "choice, so that programmes report jobs as they do: 0.13-0.56 MNOK a job (programmes table)",
    )  # fmt: skip
    credit_taken: float = _p(
        0.68, "u_r", "share saying that support triggered it, of clients who would have gone ahead", uniform(0.6, 0.95),
        "choice, so that 88 % of clients say so (Kundeeffektundersøkelsen 2022)",
    )  # fmt: skip


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
