"""What stands for `promote`, `make` and `terraform`: notes each call, and answers as documented.

Reads ``STAND_IN``, a folder: appends to ``calls.jsonl``; takes the next exit code of a call from
``answers.json`` (beginning of the command line: exit codes, the last one stays); keeps in
``accounts.json`` which plan was applied where. Without the role that the real command needs it
exits with 1, as that does. `promote ci decide` is the real one, unless ``forged.json`` is there.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ["STAND_IN"])
PLAN, DEPLOY, BUILD = "jenkins-plan-role", "cross-account-jenkins-role", "jenkins-build-role"
ROLES = {
    **dict.fromkeys(("plan", "status", "releases", "ci runs", "rollback", "destroy"), PLAN),
    **{"apply": DEPLOY, "run": DEPLOY, "publish": BUILD},
}


def main() -> int:
    """Note the call, do what it leaves behind, and return its exit code."""
    program, words = Path(sys.argv[0]).name, sys.argv[1:]
    line = " ".join([program, *words])
    role = os.environ.get("WITH_AWS", "")
    use_cases = os.environ.get("PROMOTE_USE_CASES", "")
    _append({"line": line, "words": words, "role": role, "use_cases": use_cases})
    forged = FOLDER / "forged.json"
    if words[:2] == ["ci", "decide"] and forged.exists():
        _write(Path(words[words.index("--out") + 1]), forged.read_text())
        return 0
    if words[:2] == ["ci", "decide"]:
        real = Path(sys.executable).with_name("promote")
        os.execv(real, [str(real), *words])  # noqa: S606 - the real command
    needed = ROLES.get(" ".join(words[:2])) or ROLES.get(words[0] if words else "")
    possible = [each.partition("@")[0] for each in role.split("+")]
    if program == "promote" and needed and needed not in possible:
        sys.stderr.write(f"error: {role or 'nobody'} cannot become {needed}\n")
        return 1
    return _answer(program, words, line)


def _answer(program: str, words: list[str], line: str) -> int:
    code = _next(line)
    if program == "make":
        return code
    handler = {"plan": _plan, "rollback": _plan, "destroy": _plan, "apply": _apply}
    if words[0] == "build":
        _write(Path("build/releases/mammography-0123456789ab.tar"), "release")
    elif words[0] in handler:
        handler[words[0]](words, code)
    elif words[:2] == ["ci", "summary"]:
        _summary(words)
    elif words[:2] == ["ci", "runs"]:
        runs = [
            {"use_case": name, "pipeline": pipeline, "is_inference": pipeline == "inference"}
            for name in os.environ["PROMOTE_USE_CASES"].split()
            for pipeline in ("train", "inference")
        ]
        print(json.dumps({"runs": runs}))  # noqa: T201 - a program's result
    return code


def _plan(words: list[str], code: int) -> None:
    content = " ".join(words[:2]) + f" exit {code}"
    if "--out" in words and code in {0, 3}:
        _write(Path(words[words.index("--out") + 1]), content)
    print(json.dumps({"plan": content}) if "--json" in words else content)  # noqa: T201


def _apply(words: list[str], code: int) -> None:
    content = Path(words[1]).read_text()
    if words[words.index("--digest") + 1] != hashlib.sha256(content.encode()).hexdigest():
        sys.exit(4)
    accounts = _load("accounts.json", {})
    accounts.setdefault(Path(words[1]).stem, []).append(
        {"plan": content, "outcome": "applied" if code == 0 else "failed"}
    )
    (FOLDER / "accounts.json").write_text(json.dumps(accounts))


def _summary(words: list[str]) -> None:
    plans = []
    for path in (Path(word) for word in words[2:] if word.endswith((".plan", ".json"))):
        content = path.read_text()
        plans.append({
            "environment": path.stem, "digest": hashlib.sha256(content.encode()).hexdigest(),
            "has_changes": content.endswith("exit 3"), "sentence": f"{path.stem}: {content}.",
        })  # fmt: skip
    _write(Path(words[words.index("--out") + 1]), "what the plans do")
    print(json.dumps({"plans": plans}))  # noqa: T201


def _next(line: str) -> int:
    answers = _load("answers.json", {})
    for start, codes in answers.items():
        if line.startswith(start):
            code = codes[0]
            if len(codes) > 1:
                answers[start] = codes[1:]
                (FOLDER / "answers.json").write_text(json.dumps(answers))
            return int(code)
    return 0


def _append(call: dict[str, Any]) -> None:
    with (FOLDER / "calls.jsonl").open("a") as file:
        file.write(json.dumps(call) + "\n")


def _load(name: str, otherwise: Any) -> Any:
    path = FOLDER / name
    return json.loads(path.read_text()) if path.exists() else otherwise


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


if __name__ == "__main__":
    sys.exit(main())
