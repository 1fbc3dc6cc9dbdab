"""How the Bot API double goes wrong when a test asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tests.doubles.http_server import Answer, Hang, Reset, as_json


class FaultKind(StrEnum):
    """How a call may go wrong; the first five before the message is taken, the rest after."""

    THROTTLE = "throttle"  # 429 with retry_after
    SERVER = "server"  # 500
    GATEWAY = "gateway"  # 502 with HTML
    BLOCKED = "blocked"  # 403
    BAD_REQUEST = "bad_request"  # 400
    HANG = "hang"  # taken, never answered
    RESET = "reset"  # taken, connection reset
    HTML = "html"  # taken, 200 with a page instead of JSON
    GATEWAY_TIMEOUT = "gateway_timeout"  # taken, 504

    @property
    def after_taking(self) -> bool:
        """Whether the message was taken all the same."""
        return self in {FaultKind.HANG, FaultKind.RESET, FaultKind.HTML, FaultKind.GATEWAY_TIMEOUT}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A fault to come."""

    kind: FaultKind
    method: str | None = None  # None: whichever is called next
    retry_after: int = 1  # seconds
    after: int = 0  # calls that go well first


def failed(fault: Fault) -> Answer:
    """The answer of a call that goes wrong, or the break of its connection."""
    match fault.kind:
        case FaultKind.THROTTLE:
            description = f"Too Many Requests: retry after {fault.retry_after}"
            return error(429, description, parameters={"retry_after": fault.retry_after})
        case FaultKind.SERVER:
            return error(500, "Internal Server Error")
        case FaultKind.BLOCKED:
            return error(403, "Forbidden: bot was blocked by the user")
        case FaultKind.BAD_REQUEST:
            return error(400, "Bad Request: chat not found")
        case FaultKind.HANG:
            raise Hang
        case FaultKind.RESET:
            raise Reset
        case _:
            status = {FaultKind.HTML: 200, FaultKind.GATEWAY: 502, FaultKind.GATEWAY_TIMEOUT: 504}[fault.kind]
            return Answer(status=status, body=b"<html><h1>Hello</h1></html>", content_type="text/html")


def ok(result: object) -> Answer:
    """Telegram's answer to a call that went well."""
    return as_json(200, {"ok": True, "result": result})


def error(code: int, description: str, **more: object) -> Answer:
    """Telegram's answer to a call that it refuses."""
    return as_json(code, {"ok": False, "error_code": code, "description": description, **more})
