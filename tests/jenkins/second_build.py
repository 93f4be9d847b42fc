"""Run a build while another one waits: `second_build.py CLASSES SCENARIO TRACE`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Run it and return the harness' exit code."""
    here = Path(__file__).parent
    classes, scenario, trace = sys.argv[1:]
    jar = next(Path("/usr/share/java").glob("groovy-all*.jar"))
    plugins, jenkinsfile = here / "harness" / "plugins.json", here.parents[1] / "Jenkinsfile"
    words = ["java", "-cp", f"{jar}:{classes}", "Harness", "run"]
    return subprocess.run(
        [*words, str(plugins), str(jenkinsfile), scenario, trace], check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
