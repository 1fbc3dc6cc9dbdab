"""A small HTTP/1.1 server for doubles of providers: it can break a connection exactly where a test says."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus

_NO_LINGER = struct.pack("ii", 1, 0)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer."""

    status: int
    body: bytes
    content_type: str = "application/json"


class Reset(Exception):
    """Raised by a handler: cut the connection without an answer."""


class Hang(Exception):
    """Raised by a handler: never answer, until the other side gives up."""


def as_json(status: int, content: object) -> Answer:
    """An answer of JSON."""
    return Answer(status=status, body=json.dumps(content).encode())


Handler = Callable[[Asked], Awaitable[Answer]]


@dataclass
class HttpServer:
    """Listens on 127.0.0.1; `port` 0 takes a free one and keeps it over `refuse` and `listen`."""

    handle: Handler
    port: int = 0
    _server: asyncio.Server | None = None
    _open: dict[asyncio.Task[None] | None, asyncio.StreamWriter] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """The base address."""
        return f"http://127.0.0.1:{self.port}"

    async def listen(self) -> None:
        """Begin to take connections."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=4 * 1024 * 1024)
        self.port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Take no more connections: the machine answers with a refusal. Open ones are cut."""
        if self._server is not None:
            self._server.close()
            serving = {task: writer for task, writer in self._open.items() if task is not asyncio.current_task()}
            for writer in serving.values():
                writer.transport.abort()
            await asyncio.gather(*(task for task in serving if task is not None), return_exceptions=True)
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._open[task] = writer
        try:
            while (asked := await _read(reader)) is not None:
                writer.write(_bytes(await self.handle(asked)))
                await writer.drain()
        except Reset:
            _cut(writer)
        except Hang:
            await reader.read()  # returns when the other side closes
        except (ConnectionError, asyncio.IncompleteReadError, ValueError):
            pass
        finally:
            self._open.pop(task, None)
            writer.close()


def _cut(writer: asyncio.StreamWriter) -> None:
    """Reset, not a polite close."""
    raw = writer.get_extra_info("socket")
    if raw is not None and not writer.is_closing():
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    writer.transport.abort()


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    first = await reader.readline()
    if not first.strip():
        return None
    method, path, _ = first.decode("latin-1").split(" ", 2)
    headers: dict[str, str] = {}
    while (line := (await reader.readline()).decode("latin-1").strip()) != "":
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(method=method, path=path, headers=headers, body=body)


def _bytes(answer: Answer) -> bytes:
    head = (
        f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n"
        f"Content-Type: {answer.content_type}\r\nContent-Length: {len(answer.body)}\r\n"
        f"Date: {formatdate(usegmt=True)}\r\n\r\n"
    )
    return head.encode("latin-1") + answer.body
