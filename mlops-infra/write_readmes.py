"""Write the tables of inputs and outputs into every module's README.

Reads ``modules/*/variables.tf`` and ``outputs.tf``; rewrites ``modules/*/README.md`` between its
two markers. With ``--check`` it writes nothing and exits 1 naming the stale files. Calls nothing.

Run: ``python mlops-infra/write_readmes.py [--check]``
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import hcl2

MODULES = Path(__file__).parent / "modules"
BEGIN, END = "<!-- BEGIN TABLES -->", "<!-- END TABLES -->"


def named_blocks(path: Path, kind: str) -> dict[str, dict[str, Any]]:
    """Return the blocks of a kind in a file, by label, in the file's order."""
    with path.open(encoding="utf-8") as file:
        document = hcl2.load(file)
    return {
        label.strip('"'): body for block in document.get(kind, []) for label, body in block.items()
    }


def text(value: Any) -> str:
    """Return an HCL expression as one line of text, without quotes and heredoc marks."""
    bare = str(value).removeprefix("${").removesuffix("}") if "${" in str(value)[:2] else value
    line = str(bare).strip('"')
    line = re.sub(r"^<<-EOT\n|\n\s*EOT$", "", line)
    return " ".join(line.split()).replace("|", "\\|")


def default_of(variable: dict[str, Any]) -> str:
    """Return the default as the table shows it; a variable without one is required."""
    if "default" not in variable:
        return "required"
    value = variable["default"]
    shown = value if value in ({}, []) else "null" if value is None else text(value) or "empty"
    return f"`{shown}`"


def tables(module: Path) -> str:
    """Return the two Markdown tables of a module."""
    inputs = named_blocks(module / "variables.tf", "variable")
    outputs = named_blocks(module / "outputs.tf", "output")
    rows = ["| input | type | default | description |", "|---|---|---|---|"]
    rows += [
        f"| `{name}` | `{text(body['type'])}` | {default_of(body)} | {text(body['description'])} |"
        for name, body in inputs.items()
    ]
    rows += ["", "| output | description |", "|---|---|"]
    rows += [f"| `{name}` | {text(body['description'])} |" for name, body in outputs.items()]
    return "\n".join(rows)


def rendered(module: Path) -> str:
    """Return a module's README with fresh tables."""
    readme = (module / "README.md").read_text(encoding="utf-8")
    head, _, rest = readme.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{tables(module)}\n{END}{tail}"


def main(arguments: list[str]) -> int:
    """Rewrite or check every README; return the exit code."""
    stale = [
        module / "README.md"
        for module in sorted(path for path in MODULES.iterdir() if path.is_dir())
        if rendered(module) != (module / "README.md").read_text(encoding="utf-8")
    ]
    if "--check" in arguments:
        for readme in stale:
            sys.stderr.write(f"{readme} is stale: run python mlops-infra/write_readmes.py\n")
        return 1 if stale else 0
    for readme in stale:
        readme.write_text(rendered(readme.parent), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
