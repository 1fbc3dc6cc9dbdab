"""Logs: a fixed sentence and ids, for machines to read. Default deny (design §2.10).

Our own lines go through structlog with an allow-list of field names. Third-party loggers give their name, level, and
the class of an exception with the frames it passed, never their text: a library's message may hold a token, a
number, or what a person wrote (`pitfalls.md`, Providers' libraries).
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

FIELDS = frozenset(
    {"event", "level", "module", "timestamp", "action", "error", "frames"}  # what happened, where
    | {"id", "conversation_id", "case_id", "inbound_id", "outbound_id", "operator_id", "job_id"}  # to what
    | {"channel", "account", "role", "source", "language", "version", "state", "port", "host"}  # in which part
    | {"count", "attempt", "seconds", "offset"}  # how much
)
"""Every field a log line may carry. Values are ids, numbers and enumerated words."""

_OURS = ("bot", "nlu", "actions", "channels", "escalation", "tests")


def get_logger(name: str) -> Any:
    """A logger whose lines carry only allowed fields."""
    return structlog.get_logger(module=name)


def _allow(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: value for name, value in event.items() if name in FIELDS}


def _describe(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    failure = event.pop("exc_info", None)
    if failure:
        error = failure if isinstance(failure, BaseException) else sys.exc_info()[1]
        if error is not None:
            event["error"] = type(error).__name__
            event["frames"] = frames_of(error)
    return event


def frames_of(error: BaseException) -> list[str]:
    """Where an exception passed: file, line and function, never its text."""
    return [f"{f.filename.rsplit('/', 2)[-1]}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)][
        -6:
    ]


class DenyText(logging.Formatter):
    """Renders a third party's record without its message."""

    def format(self, record: logging.LogRecord) -> str:
        """One JSON line: logger, level, and an exception's class and frames."""
        line: dict[str, Any] = {
            "logger": record.name,
            "level": record.levelname.lower(),
            "event": "third-party",
        }
        if record.name.split(".")[0] in _OURS:
            line["event"] = str(record.msg)  # our own fixed sentence, its places not filled in
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = type(record.exc_info[1]).__name__
            line["frames"] = frames_of(record.exc_info[1])
        return json.dumps(line)


def configure(*, level: int = logging.INFO) -> None:
    """Set up logging for a role: to standard error, one JSON object a line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(DenyText())
    # Libraries speak from WARNING on; at DEBUG they all do, to show that nothing of theirs gets through.
    logging.basicConfig(
        handlers=[handler], level=level if level < logging.INFO else max(level, logging.WARNING), force=True
    )
    for name in _OURS:
        logging.getLogger(name).setLevel(level)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _describe,
            _allow,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
