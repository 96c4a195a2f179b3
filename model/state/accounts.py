"""Accounts: who paid whom what, to the krone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum

import pandas as pd

from omstilling.model.state.ledger import LedgerError


class Purpose(StrEnum):
    """What money is paid for."""

    GRANT = "grant"
    OWN_SHARE = "own share"
    PROJECTS = "projects"
    STAFF = "staff"
    GUIDANCE = "guidance"
    ADVICE = "advice to others"
    BUSINESS_FUND = "municipality's own business fund"
    MUNICIPAL_PROJECTS = "municipality's part of its site and settlement projects"
    STAFF_KEPT = "staff kept after a programme"
    RETURN = "return"


@dataclass(frozen=True)
class Payment:
    """One payment; ``amount`` in whole kroner, ``month`` a month number."""

    month: int
    payer: str
    payee: str
    amount: int
    purpose: Purpose


@dataclass
class Accounts:
    """Every payment of a run, and the balance of every account: received less paid.

    Money enters from those who fund (State, counties, municipalities) and ends with those it is spent on (projects,
    staff, guidance), so that granted = spent + held + returned for everyone in between.
    """

    journal: list[Payment] = field(default_factory=list)
    balances: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def pay(self, month: int, payer: str, payee: str, amount: int, purpose: Purpose) -> None:
        """Book a payment; nothing is booked for an amount of 0.

        Raises
        ------
        LedgerError
            For a negative amount: a fault of the program.
        """
        if amount < 0:
            raise LedgerError(f"accounts: {payer} pays {payee} {amount} kroner for {purpose}")
        if amount:
            self.journal.append(Payment(month, payer, payee, amount, purpose))
            self.balances[payer] -= amount
            self.balances[payee] += amount

    def total(self, purpose: Purpose, *, payer: str = "", payee: str = "", before: int | None = None) -> int:
        """Kroner paid for a purpose, by one payer, to one payee, before a month, as given."""
        return sum(
            payment.amount
            for payment in self.journal
            if payment.purpose is purpose
            and payer in ("", payment.payer)
            and payee in ("", payment.payee)
            and (before is None or payment.month < before)
        )

    def check(self, held: dict[str, int]) -> None:
        """Raise LedgerError unless each account's balance is what its owner holds.

        Raises
        ------
        LedgerError
            With account, balance and what is held.
        """
        for account, kroner in held.items():
            balance = self.balances.get(account, 0)
            if balance != kroner:
                raise LedgerError(f"accounts: {account} received less paid {balance} kroner, but holds {kroner}")

    def frame(self) -> pd.DataFrame:
        """The journal as a table: month, payer, payee, amount, purpose."""
        columns = ["month", "payer", "payee", "amount", "purpose"]
        rows = [(p.month, p.payer, p.payee, p.amount, str(p.purpose)) for p in self.journal]
        return pd.DataFrame(rows, columns=columns)
