"""A bare labour market in plain Mesa objects: the reference that the columns are measured against."""

from __future__ import annotations

import math
import time

import mesa


class Worker(mesa.Agent):
    def __init__(self, model: LabourMarket, place: int) -> None:
        super().__init__(model)
        self.place = place
        self.employer: Employer | None = None

    def search(self) -> None:
        if self.employer is None or self.random.random() < 0.02:
            seen = [self.random.choice(self.model.vacancies) for _ in range(3) if self.model.vacancies]
            best = max(seen, key=lambda firm: firm.wage - 0.02 * abs(firm.place - self.place), default=None)
            if best is not None:
                best.applicants.append(self)


class Employer(mesa.Agent):
    def __init__(self, model: LabourMarket, place: int) -> None:
        super().__init__(model)
        self.place = place
        self.wage = self.random.gauss(1.0, 0.15)
        self.target = 10.0
        self.staff: set[Worker] = set()
        self.applicants: list[Worker] = []

    def adjust(self) -> None:
        self.target *= math.exp(0.05 * self.random.choice((-1, 1)) * self.random.expovariate(1.0))
        while len(self.staff) > self.target + 1:
            self.staff.pop().employer = None
        self.model.vacancies.extend([self] * max(0, int(self.target) - len(self.staff)))

    def hire(self) -> None:
        for worker in self.applicants[: max(0, int(self.target) - len(self.staff))]:
            if worker.employer is not None:
                worker.employer.staff.discard(worker)
            worker.employer = self
            self.staff.add(worker)
        self.applicants.clear()


class LabourMarket(mesa.Model):
    def __init__(self, workers: int, places: int = 20) -> None:
        super().__init__(rng=1)
        self.vacancies: list[Employer] = []
        for number in range(workers):
            Worker(self, number % places)
        for number in range(workers // 11):
            Employer(self, number % places)

    def step(self) -> None:
        self.vacancies.clear()
        self.agents_by_type[Employer].do("adjust")
        self.agents_by_type[Worker].do("search")
        self.agents_by_type[Employer].do("hire")


def worker_steps_per_second(workers: int = 5000, months: int = 24) -> float:
    """Worker-months simulated in a second."""
    model = LabourMarket(workers)
    model.step()
    start = time.perf_counter()
    for _ in range(months):
        model.step()
    return workers * months / (time.perf_counter() - start)
