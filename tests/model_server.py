"""An OpenAI-compatible server on loopback that says what a test tells it to say, when it tells it to."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


class ModelServer:
    """Answers chat completions with `answer`, held back as long as `hold` is set; `asked` keeps the requests."""

    def __init__(self, answer: str) -> None:
        """Name the answer."""
        self.answer = answer
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self._free = threading.Event()
        self._free.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def hold(self) -> None:
        """Hold answers back from now on."""
        self._free.clear()

    def release(self) -> None:
        """Give the answers that were held back, and all to come."""
        self._free.set()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                server.headers.append(dict(self.headers))
                server.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                server._free.wait(60)
                choice = {
                    "index": 0,
                    "finish_reason": "stop",
                    "message": {"role": "assistant", "content": server.answer},
                }
                body = {"id": "c", "object": "chat.completion", "created": 0, "model": "scripted", "choices": [choice]}
                content = json.dumps(body).encode()
                try:
                    self.send_response(200)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)
                except ConnectionError:
                    pass  # who asked was killed

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def __enter__(self) -> Self:
        """Serve."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop serving."""
        self.release()
        self._server.shutdown()
        self._server.server_close()
