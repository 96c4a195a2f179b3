"""Parameters of development offices, ideas and projects."""

from __future__ import annotations

from dataclasses import dataclass

from omstilling.model.engine.parameter_fields import FIXED, number, uniform


@dataclass(frozen=True)
class CapacityParameters:
    """How development offices learn, forget and lose people. Rates are a month."""

    office_staff: float = number(
        0.25,
        "f_0",
        "FTE per 1,000 inhabitants without a programme",
        uniform(0.1, 0.5),
        "choice: one adviser to 4,000 inhabitants",
    )
    office_least: float = number(
        0.4, "f_1", "FTE in the smallest municipality", uniform(0.2, 1.0), "choice: part of a post in the smallest"
    )
    staffing_scale: float = number(
        0.6,
        "f_s",
        "FTE per 1,000 at which staffing is 63 %",
        uniform(0.3, 1.2),
        "choice: two posts in a place of 3,000 are most of what helps",
    )
    hiring: float = number(
        0.2, "f_h", "share of the gap to wanted staff", uniform(0.1, 0.4), "choice: a vacancy takes about half a year"
    )
    turnover: float = number(
        0.018, "q_l", "chance that the leader leaves", uniform(0.01, 0.03), "choice: a fifth a year"
    )
    loss_at_turnover: float = number(
        0.35,
        "d_c",
        "share of competence lost with the leader without routines",
        uniform(0.15, 0.6),
        "choice: a third is in the head of one person",
    )
    leader_spread: float = number(
        0.35, "sigma_l", "log spread of leaders' quality", uniform(0.1, 0.6), "choice; TF-rapport 704: persons decide"
    )
    learning_guidance: float = number(
        0.03,
        "l_g",
        "of what is left to learn, full guidance",
        uniform(0.01, 0.06),
        "choice: full guidance closes a third of the gap in a year",
    )
    learning_project: float = number(
        0.012,
        "l_p",
        "of what is left to learn, a project",
        uniform(0.0, 0.03),
        "choice: ten projects close a tenth of the gap",
    )
    forgetting: float = number(
        0.012, "l_f", "of what is above the ordinary level", uniform(0.005, 0.03), "choice: half is gone in five years"
    )
    contacts: float = number(
        0.02,
        "n_w",
        "of firms not yet known, per FTE per 1,000",
        uniform(0.005, 0.05),
        "choice: a post per 1,000 wins a fifth of the unknown firms a year",
    )
    contacts_lost: float = number(
        0.015, "n_f", "of known firms", uniform(0.005, 0.03), "choice: a sixth of the contacts lapse a year"
    )
    ordinary_competence: float = number(
        0.30, "k_c0", "0-1", uniform(0.15, 0.45), "choice: development work is done beside other tasks"
    )
    ordinary_routines: float = number(0.20, "k_r0", "0-1", uniform(0.05, 0.4), "choice: few methods are written down")
    council_spread: float = number(
        0.25,
        "sigma_a",
        "spread of councils' backing around 0.45",
        uniform(0.1, 0.4),
        "choice: councils differ; nothing is known of how much",
    )
    anchoring_programme: float = number(
        0.30,
        "a_p",
        "0-1, backing that a wholly engaged board brings",
        uniform(0.1, 0.5),
        "choice: a programme is a task of mayor, council and firms",
    )
    engaging_grant: float = number(
        2_000_000.0,
        "g_b",
        "NOK a year from which a board is wholly engaged",
        uniform(5e5, 6e6),
        "choice: a third of an ordinary grant",
    )
    ordinary_fund: float = number(
        100.0,
        "m_o",
        "NOK a year per inhabitant in the municipality's own business fund",
        uniform(20, 250),
        "choice: order of size of municipal business funds",
    )
    ordinary_aid: float = number(
        0.3, "a_o", "share of cost that the own business fund covers", FIXED, "choice: below the aid of programmes"
    )
    ordinary_strictness: float = number(0.3, "s_o2", "0-1, as in designs", FIXED, "choice: as in the design current")
    staff_cost: float = number(900_000.0, "w_f", "NOK a year per FTE", FIXED, "choice: pay, taxes, office and travel")
    guidance_cost: float = number(
        500_000.0, "w_g", "NOK a year of full guidance to a municipality", FIXED, "choice: half a post and travel"
    )


@dataclass(frozen=True)
class ProjectParameters:
    """How ideas arise, and what decides whether they become projects and last. Money in NOK of 2020."""

    start_up_rate: float = number(
        5.0,
        "i_1",
        "ideas a year per 1,000 adults",
        uniform(0.6, 8.0),
        "choice: set so that programmes report jobs as in the programmes table",
    )
    expansion_rate: float = number(
        0.12,
        "i_2",
        "ideas a year per firm",
        uniform(0.02, 0.2),
        "choice: set so that programmes report jobs as in the programmes table",
    )
    rescue_rate: float = number(
        0.35,
        "i_3",
        "ideas a year per firm without cash",
        uniform(0.1, 0.7),
        "choice: a third of firms without cash seek help in a year",
    )
    site_rate: float = number(
        0.5,
        "i_4",
        "ideas a year per 1,000 adults",
        uniform(0.1, 1.0),
        "choice: one or two a year in a place of 3,000 adults",
    )
    settlement_rate: float = number(
        0.5,
        "i_5",
        "ideas a year per 1,000 adults",
        uniform(0.1, 1.0),
        "choice: one or two a year in a place of 3,000 adults",
    )
    competence_rate: float = number(
        0.06, "i_6", "ideas a year per firm", uniform(0.01, 0.12), "choice: a firm in sixteen a year"
    )
    cost_per_job: float = number(
        700_000.0,
        "k_j",
        "NOK per planned job",
        uniform(3e5, 1.5e6),
        "choice: investment per planned job in small firms",
    )
    payroll_per_job: float = number(60_000.0, "k_w", "NOK a month", FIXED, "choice: about 720,000 a year with taxes")
    return_mean: float = number(
        -0.06,
        "mu_r",
        "net present value to the owner, share of cost",
        uniform(-0.3, 0.2),
        "choice: the median idea does not quite pay",
    )
    return_spread: float = number(
        0.44, "sigma_r", "share of cost", uniform(0.2, 0.8), "choice: wide, so that aid tips some ideas and not others"
    )
    failure_start_up: float = number(
        0.15, "x_1", "share that never opens", uniform(0.05, 0.3), "choice: those that open die as entrants do"
    )
    failure_other: float = number(
        0.25, "x_2", "share", uniform(0.1, 0.4), "choice: rarer than closure within five years of entry"
    )
    following: float = number(
        0.3,
        "x_f",
        "share of failures that full competence in the office averts",
        uniform(0.0, 0.6),
        "choice: an office averts some failures",
    )
    growth_months: float = number(
        30.0,
        "t_g",
        "months until planned jobs are there",
        uniform(12, 36),
        "choice: planned jobs come over one to three years after the start",
    )
    own_means: float = number(
        0.15,
        "o_m",
        "share of site and settlement ideas that are carried out anyway",
        uniform(0.05, 0.4),
        "choice: few municipalities carry them out alone",
    )
    judgement_error: float = number(
        0.40,
        "sigma_j",
        "error in judging need, without competence",
        uniform(0.15, 0.8),
        "choice: without competence need is a guess",
    )
    known_least: float = number(
        0.15,
        "k_0",
        "share of ideas known to an office without contacts",
        uniform(0.05, 0.4),
        "choice: some ideas come to any office",
    )
    site_pull: float = number(
        0.0006,
        "b_4",
        "log points of tradable growth a year per NOK 1,000 per job",
        uniform(0.0, 0.002),
        "choice: no elasticity for Norway is known; wide prior",
    )
    settlement_pull: float = number(
        0.012,
        "b_5",
        "log odds of living here per NOK 1,000 per inhabitant",
        uniform(0.0, 0.04),
        "choice: no elasticity for Norway is known; wide prior",
    )
    competence_pull: float = number(
        0.0006,
        "b_6",
        "log points of tradable growth a year per NOK 1,000 per job",
        uniform(0.0, 0.002),
        "choice: no elasticity for Norway is known; wide prior",
    )
    pull_lasts: float = number(
        96.0, "t_b", "months", uniform(36, 240), "choice: sites and homes serve for about eight years"
    )
    secured_share: float = number(
        0.4, "u_s", "share of its staff that a supported firm counts as secured", uniform(0.0, 0.8),
        "choice, so that programmes report jobs as they do: 0.13-0.56 MNOK a job (programmes table)",
    )  # fmt: skip
    credit_taken: float = number(
        0.68, "u_r", "share saying that support triggered it, of clients who would have gone ahead", uniform(0.6, 0.95),
        "choice, so that 88 % of clients say so (Kundeeffektundersøkelsen 2022)",
    )  # fmt: skip
