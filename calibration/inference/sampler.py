"""Sampler: evaluations of pyabc over any executor, the same for any number of workers.

pyabc's own parallel samplers reseed each worker from the operating system (its issues 392 and 400), so their results
differ from run to run. Here each evaluation has the seed of its number, and a population is made of the first accepted
in the order of numbers; what was begun beyond the last of them is thrown away.
"""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

import cloudpickle
import numpy as np
from pyabc.sampler import Sampler

Evaluated = Callable[[int, int, Any], None]
"""Called with the generation, the number of the evaluation and pyabc's particle, in order."""

_PER_WORKER = 2

_held: tuple[bytes, Any] | None = None
_alone = threading.Lock()


class InProcess(Executor):
    """An executor that does the work at once in this process."""

    def submit[**P, R](self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Do it."""
        future: Future[R] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def _evaluate(pickled: bytes, entropy: int, key: tuple[int, ...]) -> Any:
    """One evaluation in a worker: propose, simulate, compare; all luck comes from the key.

    pyabc and scipy's random variables draw from the global generators: one evaluation at a time may use them in a
    process, and who called finds them as they were.
    """
    global _held
    with _alone:
        before = np.random.get_state(), random.getstate()  # noqa: NPY002
        try:
            if _held is None or _held[0] != pickled:
                _held = (pickled, cloudpickle.loads(pickled))
            state = np.random.SeedSequence(entropy, spawn_key=key).generate_state(8)
            np.random.seed(state)  # noqa: NPY002
            random.seed(int(state[0]))
            return _held[1]()
        finally:
            np.random.set_state(before[0])  # noqa: NPY002
            random.setstate(before[1])


class NumberedSampler(Sampler):  # type: ignore[misc]
    """Evaluations numbered from 0 in each generation.

    Parameters
    ----------
    executor
        Where evaluations run.
    workers
        How many run at once.
    seed, stage
        All evaluations of a stage are determined by both.
    evaluated
        Called after each evaluation, accepted or not.
    """

    def __init__(self, executor: Executor, workers: int, seed: int, stage: int, evaluated: Evaluated) -> None:
        super().__init__()
        self.executor, self.workers = executor, workers
        self.seed, self.stage, self.evaluated = seed, stage, evaluated

    def __getstate__(self) -> dict[str, Any]:
        """Workers need no executor."""
        return {**self.__dict__, "executor": None, "evaluated": None}

    def sample_until_n_accepted(
        self, n: int, simulate_one: Callable[[], Any], t: int, *, max_eval: float = np.inf,
        all_accepted: bool = False, ana_vars: Any = None,
    ) -> Any:  # fmt: skip
        """Sample a generation; see pyabc."""
        pickled = cloudpickle.dumps(simulate_one)
        sample = self._create_empty_sample()
        running: deque[Future[Any]] = deque()
        begun = number = accepted = 0
        try:
            while accepted < n:
                while len(running) < self.workers * _PER_WORKER or not running:
                    key = (self.stage, t + 1, begun)
                    running.append(self.executor.submit(_evaluate, pickled, self.seed, key))
                    begun += 1
                particle = running.popleft().result()
                sample.append(particle)
                self.evaluated(t, number, particle)
                accepted += bool(particle.accepted)
                number += 1
        finally:
            for future in running:
                future.cancel()
        self.nr_evaluations_ = number
        return sample
