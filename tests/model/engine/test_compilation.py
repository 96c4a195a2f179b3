"""The cache of compiled kernels is never stale."""

from __future__ import annotations

from pathlib import Path

from omstilling.model.engine.compilation import cache_folder, source_hash
from omstilling.model.engine.draws import mix


def test_a_change_in_any_module_gives_another_cache(tmp_path: Path) -> None:
    (tmp_path / "part").mkdir()
    helper = tmp_path / "part" / "helper.py"
    (tmp_path / "kernel.py").write_text("from part import helper\n")
    helper.write_text("FACTOR = 2\n")
    before = source_hash(tmp_path)
    assert source_hash(tmp_path) == before
    helper.write_text("FACTOR = 3\n")
    assert source_hash(tmp_path) != before


def test_kernels_are_cached_in_the_folder_of_their_sources() -> None:
    assert mix.stats.cache_path.startswith(cache_folder())
