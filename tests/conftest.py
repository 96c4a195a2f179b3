"""Compile the kernels once, side by side, before test processes need them."""

from __future__ import annotations

import pytest

from omstilling.experiments.precompile import precompile


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        precompile()
