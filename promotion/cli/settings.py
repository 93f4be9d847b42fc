"""What every Typer application of `promote` has in common. Reads, writes and calls nothing."""

from typing import Any

# Plain help: it starts faster than Rich's, and is not cut to the width of a terminal box.
SETTINGS: dict[str, Any] = {
    "no_args_is_help": True,
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}
