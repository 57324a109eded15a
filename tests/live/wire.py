"""One HTTPS request at a time, as Git's user has it configured, counted, never repeated.

What is asked and what the answer means is not known here.
"""

import base64
import http.client
import os
import ssl
import subprocess
import urllib.parse
import urllib.request

from answer import Answer

LIMIT = 60
PATIENCE = 30
LONGEST_BODY = 1 << 16
AGENT = "git-credential-bitbucket-live-check"
# What of Git's configuration says how a server is reached.
NETWORK_KEYS = ("proxy", "sslCAInfo", "sslCAPath")


class Stop(Exception):
    """Nothing more is sent; the text says why."""


def git_settings(url):
    """Git's settings of whoever runs this, as far as they say how `url` is reached."""
    found = {}
    for key in NETWORK_KEYS:
        kind = [] if key == "proxy" else ["--type=path"]
        ended = subprocess.run(
            ["git", "config", *kind, "--get-urlmatch", f"http.{key}", url],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
        )
        if ended.returncode == 0:
            found[key] = ended.stdout.rstrip("\n")
    return found


def basic(name, secret):
    """A login by name and secret."""
    pair = f"{name}:{secret}".encode()
    return "Basic " + base64.b64encode(pair).decode()


def bearer(secret):
    """A login by a token alone."""
    return "Bearer " + secret


class Wire:
    """Sends requests until the budget is spent."""

    def __init__(self, settings):
        self.settings = settings
        self.sent = 0
        self.context = ssl.create_default_context(
            cafile=settings.get("sslCAInfo"), capath=settings.get("sslCAPath")
        )

    def left(self):
        """How many requests may still be sent."""
        return LIMIT - self.sent

    def send(self, method, url, login=None, form=None):
        """Sends one request. No redirect is followed and nothing is tried again."""
        if self.left() < 1:
            raise Stop(f"the {LIMIT} requests are spent")
        target = urllib.parse.urlsplit(url)
        headers = {"User-Agent": AGENT, "Accept": "*/*"}
        body = None
        if login:
            headers["Authorization"] = login
        if form is not None:
            body = urllib.parse.urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        path = target.path + (f"?{target.query}" if target.query else "")
        connection = self._connection(target)
        self.sent += 1
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            text = response.read(LONGEST_BODY).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            # Its text may have names in it; its kind has none.
            return Answer(trouble=f"no answer ({type(error).__name__})")
        finally:
            connection.close()
        named = tuple((name.lower(), value) for name, value in response.getheaders())
        return Answer(status=response.status, headers=named, body=text)

    def _connection(self, target):
        address = (target.hostname, target.port or 443)
        proxy = self._proxy(target)
        if not proxy:
            return http.client.HTTPSConnection(*address, timeout=PATIENCE, context=self.context)
        if "://" not in proxy:
            proxy = "http://" + proxy
        by_way_of = urllib.parse.urlsplit(proxy)
        if by_way_of.scheme != "http":
            raise Stop("only a proxy with http:// is spoken here")
        connection = http.client.HTTPSConnection(
            by_way_of.hostname,
            by_way_of.port or 1080,
            timeout=PATIENCE,
            context=self.context,
        )
        headers = {}
        if by_way_of.username:
            name, secret = by_way_of.username, by_way_of.password or ""
            unquote = urllib.parse.unquote
            headers["Proxy-Authorization"] = basic(unquote(name), unquote(secret))
        connection.set_tunnel(*address, headers=headers)
        return connection

    def _proxy(self, target):
        if "proxy" in self.settings:
            return self.settings["proxy"]
        if urllib.request.proxy_bypass(target.hostname):
            return ""
        return urllib.request.getproxies().get("https", os.environ.get("ALL_PROXY", ""))
