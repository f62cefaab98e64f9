"""The agent's own identity: access tokens from Clearance for the key that its runtime was given, standard library only.

The agent proves itself by an assertion that it signs with its Ed25519 key (RFC 7523, RFC 8037), and gets a token of five
minutes that names agent, version, deployment and approval. The signature is RFC 8032 written out, so that this example
needs no package; use a library where you have one.
"""

import base64
import hashlib
import json
import os
import secrets
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 30
EARLY = 30  # seconds before its end that a token is not used any more
TIMEOUT = 5

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
BASE_Y = 4 * pow(5, -1, P) % P


class NotIdentified(Exception):
    """Clearance gives no token: the identity is suspended, revoked or not there, or Clearance does not answer."""


def base_x():
    """The x of the base point: the even root of (y² - 1) / (dy² + 1)."""
    square = (BASE_Y**2 - 1) * pow(D * BASE_Y**2 + 1, -1, P) % P
    root = pow(square, (P + 3) // 8, P)
    if root * root % P != square:
        root = root * pow(2, (P - 1) // 4, P) % P
    return root if root % 2 == 0 else P - root


def add(one, other):
    """The sum of two points in extended coordinates (RFC 8032, 5.1.4)."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(scalar, point):
    """A multiple of a point."""
    total = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point = add(point, point)
        scalar >>= 1
    return total


def packed(point):
    """A point as 32 bytes."""
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = (base_x(), BASE_Y, 1, base_x() * BASE_Y % P)


def number(*parts):
    """The hash of some bytes as a scalar."""
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % ORDER


def sign(seed, message):
    """The Ed25519 signature of a message (RFC 8032, 5.1.6)."""
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little") & (2**254 - 8) | 2**254
    public = packed(times(scalar, BASE))
    once = number(digest[32:], message)
    start = packed(times(once, BASE))
    return start + ((once + number(start, public, message) * scalar) % ORDER).to_bytes(32, "little")


def encoded(data):
    """Base64 as JSON Web Signatures write it."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Identity:
    """Tokens of one client, each used until shortly before its end."""

    def __init__(self, client_id, token_url, key_file):
        self.client_id, self.token_url, self.key_file = client_id, token_url, key_file
        self.lock, self.kept, self.until = threading.Lock(), None, 0.0

    @classmethod
    def from_environment(cls):
        """The one that Clearance deployed this agent with."""
        names = ("CLEARANCE_CLIENT_ID", "CLEARANCE_TOKEN_URL", "CLEARANCE_PRIVATE_KEY_FILE")
        return cls(*(os.environ.get(name, "") for name in names))

    def token(self):
        """A token that can be used now."""
        with self.lock:
            if self.kept is None or time.monotonic() >= self.until:
                self.kept, lives = self.fetch()
                self.until = time.monotonic() + lives - EARLY
            return self.kept

    def forget(self, token):
        """Takes a token that was refused out of use."""
        with self.lock:
            if self.kept == token:
                self.kept = None

    def assertion(self):
        """A signed statement of who asks, for the issuer alone and used once."""
        with open(self.key_file, encoding="utf-8") as file:
            key = json.load(file)
        now = int(time.time())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.token_url.removesuffix("/oauth/token"),
            "iat": now,
            "exp": now + ASSERTION_SECONDS,
            "jti": secrets.token_urlsafe(16),
        }
        parts = ({"alg": "EdDSA", "typ": "JWT", "kid": key["kid"]}, claims)
        signed = ".".join(encoded(json.dumps(part).encode()) for part in parts)
        return f"{signed}.{encoded(sign(decoded(key['d']), signed.encode()))}"

    def fetch(self):
        """Asks the token endpoint: a token, and the seconds that it lives."""
        try:
            form = {
                "grant_type": "client_credentials",
                "client_assertion_type": ASSERTION,
                "client_assertion": self.assertion(),
            }
            request = urllib.request.Request(self.token_url, urllib.parse.urlencode(form).encode())
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                said = json.load(answer)
            return said["access_token"], said["expires_in"]
        except (OSError, ValueError, KeyError) as fault:
            raise NotIdentified(type(fault).__name__) from fault
