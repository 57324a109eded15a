"""What the person is asked, on the terminal alone. Secrets are typed without an echo, and every
question but the first two may be answered with Enter alone: then what needs it is skipped.
"""

import getpass
import re
import urllib.parse

import cloud
import data_center
import oauth

# What is given, how it is asked for, and whether it is hidden.
CLOUD = (
    (cloud.E_MAIL, "E-mail address of your Atlassian account", False),
    (cloud.USERNAME, "Username at Bitbucket", False),
    (cloud.API_TOKEN, "API token with scopes (user, repositories: read, write)", True),
    (cloud.READING_TOKEN, "API token that may only read repositories", True),
    (cloud.PLAIN_TOKEN, "API token made without scopes", True),
    (cloud.REPOSITORY_TOKEN, "Access token of the repository", True),
    (cloud.PROJECT_TOKEN, "Access token of its project", True),
    (cloud.WORKSPACE_TOKEN, "Access token of its workspace", True),
    (cloud.APP_PASSWORD, "App password", True),
    (oauth.CLIENT, "OAuth client: its ID", False),
    (oauth.CLIENT_SECRET, "OAuth client: its secret", True),
    (oauth.CALLBACK, f"OAuth client: its callback URL (Enter: {oauth.USUAL_CALLBACK})", False),
)
DATA_CENTER = (
    (data_center.USERNAME, "Your user name there, to be taken out of the report", False),
    (data_center.TOKEN, "HTTP access token that may push", True),
    (data_center.READING_TOKEN, "HTTP access token that may only read", True),
    (data_center.EXPIRED_TOKEN, "HTTP access token that has expired or was revoked", True),
    (data_center.MIRROR, "Address of a mirror, as https://host[:port][/path]", False),
)

INTRODUCTION = """\
This puts the open questions about Bitbucket to the real one: at most 60 requests, in a few minutes.
It pushes one branch and deletes it again, and writes a report without names and secrets.
Nothing that you type is kept or shown. Enter alone skips what you do not have.
"""


class Refused(Exception):
    """What was typed cannot be used; the text says why."""


def place(address):
    """The base of the site and the repository there, of a repository's address."""
    parts = urllib.parse.urlsplit(address.strip())
    host = (parts.hostname or "").lower()
    path = re.sub(r"\.git$", "", parts.path.rstrip("/"))
    if parts.scheme != "https" or not host:
        raise Refused("the address of a repository begins with https://")
    if host == "bitbucket.org":
        names = path.strip("/").split("/")
        if len(names) < 2:
            raise Refused("a repository's address is https://bitbucket.org/WORKSPACE/NAME")
        return cloud.SITE, "/".join(names[:2])
    base, found, repository = path.partition("/scm/")
    if not found or repository.count("/") != 1:
        raise Refused("a repository's address is https://HOST/scm/PROJECT/NAME.git")
    port = f":{parts.port}" if parts.port else ""
    return f"https://{host}{port}{base}", repository


class Terminal:
    """The person."""

    def line(self, question):
        """Asks for what may be seen."""
        return input(f"{question}: ").strip()

    def hidden(self, question):
        """Asks for a secret."""
        return getpass.getpass(f"{question} (hidden): ").strip()

    def everything(self):
        """What the person has: the base of the site, and what was given by its name."""
        print(INTRODUCTION)
        base, repository = place(self.line("Address of a private repository to push to"))
        given = {cloud.REPOSITORY: repository}
        for name, question, is_hidden in CLOUD if base == cloud.SITE else DATA_CENTER:
            if name in (oauth.CLIENT_SECRET, oauth.CALLBACK) and not given.get(oauth.CLIENT):
                continue
            given[name] = (self.hidden if is_hidden else self.line)(question)
        if given.get(oauth.CLIENT):
            given[oauth.CALLBACK] = given[oauth.CALLBACK] or oauth.USUAL_CALLBACK
        if given.get(data_center.MIRROR):
            given[data_center.MIRROR] = given[data_center.MIRROR].rstrip("/")
            if not given[data_center.MIRROR].startswith("https://"):
                raise Refused("the address of a mirror begins with https://")
        return base, given

    def consent(self, address, wish):
        """Where the browser ended: empty if it stayed, `None` if nobody did it."""
        print(f"\nOpen this in your browser and {wish}:\n{address}")
        print("The browser then ends on a page that cannot be reached. Paste that page's address;")
        print("Enter: it stayed at Bitbucket; s: skip this.")
        answer = self.hidden("Address")
        return None if answer.lower() == "s" else answer

    def sees_invalid_redirect(self, address):
        """Whether the page says "Invalid redirect_uri"; `None` if nobody looked."""
        print(f"\nOpen this in your browser, agree to nothing:\n{address}")
        answer = self.line('Does the page say "Invalid redirect_uri"? [y/n, Enter: skip]').lower()
        return {"y": True, "n": False}.get(answer[:1])
