"""Serve a folder on this machine the way a static host does, for a browser to look at."""

import contextlib
import functools
import gzip
import http.server
import io
import threading
from collections.abc import Iterator
from pathlib import Path

# What static hosts compress; pictures and fonts are compressed already.
_COMPRESSED = {".html", ".css", ".js", ".json", ".svg", ".csv", ".txt", ".map", ".inv"}


@functools.lru_cache(maxsize=256)
def _gzipped(path: Path, _changed: int) -> bytes:
    return gzip.compress(path.read_bytes(), compresslevel=6, mtime=0)


class _Handler(http.server.SimpleHTTPRequestHandler):
    def send_head(self) -> io.BufferedIOBase | None:
        """A file's contents, compressed where a static host would; everything else as the base class has it."""
        path = Path(self.translate_path(self.path))
        if (
            not path.is_file()
            or path.suffix not in _COMPRESSED
            or "gzip" not in self.headers.get("Accept-Encoding", "")
        ):
            return super().send_head()
        body = _gzipped(path, path.stat().st_mtime_ns)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return io.BytesIO(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the browser reports what it could not load."""


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[str]:
    """The address under which the folder is served while the block runs."""
    handler = functools.partial(_Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
