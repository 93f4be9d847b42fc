"""Reasons that people give, as they are kept and shown. Pure."""

from promotion.errors import ConfigError


def checked_reason(text: str) -> str:
    """Return a reason in one line, blanks joined.

    Raises:
        ConfigError: it is empty, or has characters that do not print.
    """
    reason = " ".join(text.split())
    if not reason:
        raise ConfigError("the reason is missing", hint="say why: --reason TEXT")
    # A plan is read on terminals, and a reason must not redraw what stands above it.
    if not reason.isprintable():
        raise ConfigError("the reason has characters that do not print", hint="leave them out")
    return reason
