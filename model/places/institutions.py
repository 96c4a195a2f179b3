"""Institutions: municipalities and the outside as Mesa agents, faces of the columns behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa

if TYPE_CHECKING:
    from omstilling.model.world import World


class Municipality(mesa.Agent):  # type: ignore[misc]
    """A municipality (*kommune*).

    Attributes
    ----------
    index
        Row in the municipality columns.
    code, name
        Municipal code of 2024 and name.
    """

    model: World

    def __init__(self, model: World, index: int) -> None:
        """Register the municipality of one row with the model."""
        super().__init__(model)
        self.index = index
        self.code = model.margins.codes[index]
        self.name = model.margins.names[index]

    @property
    def population(self) -> int:
        """Inhabitants."""
        return int(self.model.tally.by_status[self.index, 1:].sum()) * self.model.margins.weight

    @property
    def jobs(self) -> int:
        """Employed persons by place of work."""
        return int(self.model.tally.jobs[self.index]) * self.model.margins.weight

    @property
    def unemployed(self) -> int:
        """Unemployed residents."""
        return int(self.model.tally.by_status[self.index, 4]) * self.model.margins.weight

    @property
    def public_employment_need(self) -> float:
        """Public jobs wanted relative to the start, as smoothed by the lag of the budget."""
        return float(self.model.municipalities.public_need[self.index])

    @property
    def house_price_index(self) -> float:
        """Price of dwellings, start = 1."""
        return float(2.718281828459045 ** self.model.municipalities.log_house_price[self.index])

    @property
    def settlement_attractiveness(self) -> float:
        """Change in the utility of living here since the start that institutions have brought (log odds)."""
        return float(self.model.municipalities.settlement[self.index])

    @property
    def business_attractiveness(self) -> float:
        """Change in yearly growth of tradable firms since the start that institutions have brought (log points)."""
        return float(self.model.municipalities.business[self.index])

    def __repr__(self) -> str:
        """Name, code and the two figures people ask for."""
        return f"<Municipality {self.name} {self.code}: {self.population} persons, {self.jobs} jobs>"


class Outside(mesa.Agent):  # type: ignore[misc]
    """The rest of the country and abroad, as one employer and one origin and destination of moves."""

    model: World

    @property
    def employed_from_region(self) -> int:
        """Residents of the region employed outside it."""
        return int(self.model.firm_columns.staff[0])

    @property
    def commuters_into_region(self) -> int:
        """Persons from outside employed in the region."""
        return int(self.model.firm_columns.commuters.sum())
