"""Starts Rasa's own server, with its secret taken from the environment: a command line can be read by every
account."""

from __future__ import annotations

import os
import sys

SECRET = "HOTLINE_NLU_SECRET"  # noqa: S105 - the name of the variable that `nlu.train.serve_command` sets


def main() -> None:
    """Run `rasa` with the arguments given, the secret added inside the process."""
    secret = os.environ.pop(SECRET, "")
    if not secret:
        sys.exit(f"{SECRET} is not set: the server would answer anybody")
    sys.argv = ["rasa", *sys.argv[1:], "--jwt-secret", secret, "--jwt-method", "HS256"]
    from rasa.__main__ import main as rasa

    rasa()


if __name__ == "__main__":
    main()
