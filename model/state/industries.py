"""Industries: NACE rev. 2 sections in the groups of the municipal employment tables, and what each sells to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Market(IntEnum):
    """Whom an industry sells to."""

    TRADABLE = 0
    LOCAL = 1
    PUBLIC = 2


@dataclass(frozen=True)
class Industry:
    """One industry (*næring*).

    Attributes
    ----------
    nace
        NACE rev. 2 sections as the tables of Statistics Norway group them.
    name
        English name.
    market
        Whom it sells to. The split into tradable and local is a choice.
    """

    nace: str
    name: str
    market: Market


INDUSTRIES: tuple[Industry, ...] = (
    Industry("01-03", "agriculture, forestry, fishing", Market.TRADABLE),
    Industry("05-09", "mining and extraction", Market.TRADABLE),
    Industry("10-33", "manufacturing", Market.TRADABLE),
    Industry("35-39", "electricity, water, waste", Market.TRADABLE),
    Industry("41-43", "construction", Market.LOCAL),
    Industry("45-47", "trade and repair", Market.LOCAL),
    Industry("49-53", "transport and storage", Market.TRADABLE),
    Industry("55-56", "accommodation and food", Market.LOCAL),
    Industry("58-63", "information and communication", Market.TRADABLE),
    Industry("64-66", "finance and insurance", Market.LOCAL),
    Industry("68-75", "professional services and real estate", Market.LOCAL),
    Industry("77-82", "administrative services", Market.LOCAL),
    Industry("84", "public administration and defence", Market.PUBLIC),
    Industry("85", "education", Market.PUBLIC),
    Industry("86-88", "health and social services", Market.PUBLIC),
    Industry("90-99", "personal services, culture and leisure", Market.LOCAL),
)

INDUSTRY_BY_NACE: dict[str, int] = {industry.nace: index for index, industry in enumerate(INDUSTRIES)}
