"""Sends one file to whoever asks, whole and with its length; prints its port."""

import http.server
import os
import sys

PATH = sys.argv[1]
TYPE = "text/csv" if PATH.endswith("csv") else "application/x-ndjson"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        with open(PATH, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            self.send_response(200)
            self.send_header("Content-Type", TYPE)
            self.send_header("Content-Length", str(size))
            self.end_headers()
            offset = 0
            while offset < size:
                offset += os.sendfile(
                    self.connection.fileno(), file.fileno(), offset, size - offset)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
