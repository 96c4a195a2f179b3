"""The tutorial runs from its first cell to its last, as a reader would run it."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from omstilling.experiments.running.workers import ONE_THREAD

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.ipynb"
LONGEST_CELL = 600


def run_cells(cells: list[nbformat.NotebookNode], folder: Path) -> nbformat.NotebookNode:
    """Run cells in a kernel of their own."""
    notebook = nbformat.v4.new_notebook(cells=cells)
    client = NotebookClient(notebook, timeout=LONGEST_CELL, resources={"metadata": {"path": str(folder)}})
    client.execute(
        env=os.environ | dict.fromkeys(ONE_THREAD, "1") | {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    )
    return notebook


def test_tutorial_runs_and_ends_with_a_report(tmp_path: Path) -> None:
    notebook = run_cells(nbformat.read(TUTORIAL, as_version=4).cells, tmp_path)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    assert "MB" in code[-1].outputs[0]["data"]["text/plain"]
    pictures = [output for cell in code for output in cell.outputs if "image/png" in output.get("data", {})]
    assert len(pictures) >= 3
    assert not [cell for cell in nbformat.read(TUTORIAL, as_version=4).cells if cell.get("outputs")]


def test_a_cell_that_fails_would_be_seen(tmp_path: Path) -> None:
    with pytest.raises(CellExecutionError, match="nothing"):
        run_cells([nbformat.v4.new_code_cell('from omstilling.experiments import run\nrun("nothing")')], tmp_path)
