"""A security token service that answers what a test tells it, for what real ones don't do on demand: refuse, fail,
talk nonsense. What real ones do is tested with real ones.
"""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

GIVEN = """<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <AssumedRoleUser><AssumedRoleId>AROA:x</AssumedRoleId><Arn>arn:aws:sts::1:assumed-role/r/x</Arn></AssumedRoleUser>
    <Credentials>
      <AccessKeyId>ASIATHEIRS</AccessKeyId>
      <SecretAccessKey>their/secret+&amp;</SecretAccessKey>
      <SessionToken>their//token==</SessionToken>
      <Expiration>2030-01-02T03:04:05.678Z</Expiration>
    </Credentials>
  </AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>
"""


def refusal(code: str, message: str = "no") -> str:
    return (
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
        f"<Code>{code}</Code><Message>{message}</Message></Error><RequestId>1</RequestId></ErrorResponse>"
    )


class StsServer:
    """``answers`` status, body and headers to every form; the forms are in ``asked``."""

    def __init__(self) -> None:
        sts = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                sts.asked.append(dict(parse_qsl(self.rfile.read(length).decode(), strict_parsing=True)))
                status, text, headers = sts.answer
                body = text.format(**sts.asked[-1]).encode() if sts.is_echo else text.encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.asked: list[dict[str, str]] = []
        self.is_echo = False
        self.answer: tuple[int, str, dict[str, str]] = (200, GIVEN, {})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/sts"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def answers(self, status: int, body: str, **headers: str) -> None:
        self.answer = (status, body, headers)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
