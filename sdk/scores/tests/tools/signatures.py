"""Signs what schemathesis sends, as openapi.json has it."""

import base64
import hashlib
import os
import secrets
import time
from urllib.parse import urlsplit

import requests
import schemathesis
from nacl.signing import SigningKey

PLAYER = SigningKey(bytes.fromhex(os.environ["NETCORD_PLAYER"]))
MODERATOR = SigningKey(bytes.fromhex(os.environ["NETCORD_MODERATOR"]))


class Signature(requests.auth.AuthBase):
    """As RFC 9421 has it, in the one shape that the service takes."""

    def __call__(self, request):
        url = urlsplit(request.url)
        body = request.body or b""
        if isinstance(body, str):
            body = body.encode()
        key = MODERATOR if url.path in ("/v1/moderation", "/v1/backups") else PLAYER
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        parameters = (
            '("@method" "@authority" "@path" "@query" "content-digest")'
            f';created={int(time.time())};keyid="{key.verify_key.encode().hex()}"'
            f';nonce="{secrets.token_hex(16)}"'
        )
        base = "\n".join(
            [
                f'"@method": {request.method}',
                f'"@authority": {url.netloc.lower()}',
                f'"@path": {url.path}',
                f'"@query": ?{url.query}',
                f'"content-digest": sha-256=:{digest}:',
                f'"@signature-params": {parameters}',
            ]
        )
        signature = base64.b64encode(key.sign(base.encode()).signature).decode()
        request.headers["content-digest"] = f"sha-256=:{digest}:"
        request.headers["signature-input"] = f"netcord={parameters}"
        request.headers["signature"] = f"netcord=:{signature}:"
        return request


schemathesis.auth.set_from_requests(Signature())


@schemathesis.hook
def map_body(context, body):
    """For a schema 7.0 is an integer; for the service it is none."""
    return whole(body)


def whole(value):
    if isinstance(value, dict):
        return {name: whole(field) for name, field in value.items()}
    if isinstance(value, list):
        return [whole(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
