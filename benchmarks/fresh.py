"""Fresh: a function of a bench in a process of its own, so that memory and imports are its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any


def fresh(module: str, function: str, *arguments: Any) -> Any:
    """What a function of a file in this folder returns; arguments and result go as JSON."""
    folder = str(Path(__file__).parent)
    code = (
        f"import json, sys; sys.path.insert(0, {folder!r}); from {module} import {function};"
        f"print(json.dumps({function}(*json.loads({json.dumps(arguments)!r}))))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def peak_bytes() -> int:
    """Highest resident memory of this process so far (Linux; not inherited from the parent, unlike ``ru_maxrss``)."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.split("VmHWM:")[1].split()[0])
