"""Acts: the loop's steps and people's documented actions, each of which can be done again.

An act's name reads after "needed to". ``prepare`` brings the accounts to where the act can be
done, as administrators would; ``perform`` does it as its actor and checks that it is done.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from sandbox.model import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.proof.estate import Estate


def nothing(estate: Estate) -> None:
    """Prepare nothing."""


@dataclass(frozen=True)
class Act:
    """Something that somebody does, or that happens by itself, in the loop.

    Attributes:
        name: Verb first: "train a model in dev".
        perform: Does it and checks it; raises when it is not done as documented.
        prepare: Makes it possible, again and again.
    """

    name: str
    perform: Callable[[Estate], None]
    prepare: Callable[[Estate], None] = nothing


def failure_of(act: Act, estate: Estate, label: str = "") -> str | None:
    """Do an act that has been prepared and return why it failed; ``None`` when it was done.

    Args:
        act: The act.
        estate: The accounts.
        label: For the journal; the act's name without one.
    """
    try:
        with estate.labelled(label or act.name):
            act.perform(estate)
    except (SandboxError, ClientError) as error:
        return f"{type(error).__name__}: {error}"
    return None
