"""Precompile: all kernels of the model, once after a change of the sources, in two processes side by side."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from omstilling.model.engine.compilation import cache_folder

_PLACE, _START = "1871", 2015
_MARKER = "complete"


def _compile_half(half: str) -> None:
    """Compile about half of the work: persons or firms and development; both need a synthetic region."""
    from omstilling.calibration.margins.region import region_margins
    from omstilling.model import RestructuringModel
    from omstilling.model.engine.draws import month_streams
    from omstilling.model.engine.threads import Threads

    model = RestructuringModel(region_margins([_PLACE], _START))
    model.keys = month_streams(model.draw_seed, model.month)
    if half == "persons":
        for threads in (1, 2):
            model.threads = Threads(threads)
            model.age_persons()
            model.move_households()
            model.match_jobs()  # last: by then the other half has compiled the list of vacancies
            model._count()
    else:
        model.list_vacancies()
        model.develop_municipalities()
        model.development.leave_programme(np.arange(1), np.zeros(1), model.month)
        model.adjust_firms()
        model.renew_firms()
        model.adjust_municipalities()


def precompile() -> bool:
    """Fill the cache of kernels unless that is done; returns whether it is.

    Without it kernels are compiled one by one when they are used. What cannot be done here (one core, no place for a
    cache) is left for the first run.
    """
    folder = Path(cache_folder())
    marker = folder / _MARKER
    if marker.exists() or (os.cpu_count() or 1) < 2:
        return marker.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        marker.touch()
        marker.unlink()
        command = [sys.executable, "-m", "omstilling.experiments.running.precompile"]
        halves = [subprocess.Popen([*command, half]) for half in ("persons", "firms")]
    except OSError:
        return False
    try:
        if not any([process.wait() for process in halves]):
            marker.touch()
    finally:
        for process in halves:
            process.kill()
    return marker.exists()


if __name__ == "__main__":
    _compile_half(sys.argv[1])
