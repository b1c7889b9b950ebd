from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class D:
    def __init__(s, path, headers, body):
        s.path, s.headers, s.body = path, headers, body


class Receiver:
    def __init__(self):
        self.deliveries = []
        self.cond = threading.Condition()
        self.port = 0

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def wait(self, n, seconds=30.0):
        with self.cond:
            return self.cond.wait_for(lambda: len(self.deliveries) >= n, seconds)


@contextmanager
def receiving():
    r = Receiver()

    class H(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            with r.cond:
                r.deliveries.append(D(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                r.cond.notify_all()
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *a):
            pass

    srv = ThreadingHTTPServer(("127.0.0.1", 0), H)
    srv.daemon_threads = True
    r.port = srv.server_port
    t = threading.Thread(target=srv.serve_forever, daemon=True)
    t.start()
    try:
        yield r
    finally:
        srv.shutdown()
