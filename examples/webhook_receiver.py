"""Print each notification that comes to 127.0.0.1:9000 (or another port), if its signature is genuine.

pip install cloudinary; CLOUDINARY_URL must be set: `rekproxy credentials show` prints it.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from cloudinary.utils import verify_notification_signature

SHOWN = ("notification_type", "public_id", "moderation_kind", "moderation_status", "reason")


class Receiver(BaseHTTPRequestHandler):
    """Answers 200 to what is genuine, so that it is not sent again, and 401 to anything else."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        stamp, signature = self.headers["X-Cld-Timestamp"], self.headers["X-Cld-Signature"]
        if not verify_notification_signature(body, stamp, signature):
            print("forged")
            self.send_error(401)
            return
        told = json.loads(body)
        print(*(told[name] for name in SHOWN if told.get(name)))
        self.send_response(200)
        self.end_headers()

    def log_request(self, *_: object) -> None:
        """Say nothing more."""


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 9000
    sys.stdout.reconfigure(line_buffering=True)
    HTTPServer(("127.0.0.1", port), Receiver).serve_forever()
