"""Entry point: finds the engine's packages, then runs the command line."""

import sys

from .bootstrap import find_engine
from .errors import BadInputError

if __name__ == "__main__":
    try:
        find_engine()
    except BadInputError as error:
        sys.stderr.write(f"ERROR data_quality: {error}\n")
        sys.exit(1)
    from .command import main

    sys.exit(main(sys.argv[1:]))
