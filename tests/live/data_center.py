"""What the facts leave open about Bitbucket Data Center, one row a question."""

import urllib.parse
from dataclasses import replace

from answer import both, header, says, status
from program import made_up
from rows import Row
from wire import basic, bearer

REPOSITORY = "a repository"
USERNAME = "a user name"
TOKEN = "an HTTP access token that may push"
READING_TOKEN = "an HTTP access token that may only read"
EXPIRED_TOKEN = "an HTTP access token that has expired"
MIRROR = "the address of a mirror"

PROPERTIES = "application-properties"
SERVICE_USER = "access-token-user/"


def references(scene, service, base=None):
    """The address that a fetch (upload) or a push (receive) asks first."""
    base = base or scene.url
    return f"{base}/scm/{scene.given[REPOSITORY]}.git/info/refs?service=git-{service}-pack"


def git(credential, service="upload", at=None):
    """Asks as Git does first, as Bearer."""

    def send(scene):
        base = scene.given[at] if at else None
        login = bearer(scene.given[credential])
        return scene.wire.send("GET", references(scene, service, base), login)

    return send


def rest(resource, login=None):
    """Asks the REST API."""

    def send(scene):
        url = f"{scene.url}/rest/api/latest/{resource}"
        return scene.wire.send("GET", url, login(scene) if login else None)

    return send


def _who(scene):
    """Asks who the token is; the name is used for Basic below, and never told."""
    answer = rest(PROPERTIES, lambda scene: bearer(scene.given[TOKEN]))(scene)
    name = urllib.parse.unquote(answer.header("x-ausername"))
    if name and name != "anonymous":
        scene.user = name
        scene.redactor.name(name, "user")
    return replace(answer, notes=(f"X-AUSERNAME is {_form(name)}",))


def _form(name):
    if name in ("", "anonymous"):
        return "nobody's"
    if name.startswith(SERVICE_USER):
        return SERVICE_USER + "…"
    return "a user's name"


def _names_somebody(answer):
    return "X-AUSERNAME names nobody" if "nobody" in answer.notes[0] else ""


def _by_name(scene):
    """The exact name and the token, as Git before 2.46 gets them."""
    name = "x-token-auth" if scene.user.startswith(SERVICE_USER) else scene.user
    return basic(name, scene.given[TOKEN])


def _git_by_name(scene):
    return scene.wire.send("GET", references(scene, "upload"), _by_name(scene))


def _git_by_any_name(scene):
    login = basic("any-name", scene.given[TOKEN])
    return scene.wire.send("GET", references(scene, "upload"), login)


def _anonymous(scene):
    return scene.wire.send("GET", references(scene, "upload"))


def _bad_bearer(scene):
    token = made_up("BBDC-")
    scene.redactor.secret(token)
    return rest(PROPERTIES, lambda _: bearer(token))(scene)


def _no_name(scene):
    return "" if scene.user else "nobody knows under which name: D2 told none"


def _no_service_user(scene):
    if scene.user.startswith(SERVICE_USER):
        return ""
    return "only a project's or a repository's token may be tried under another name"


def _never(number, question, reason):
    return Row(
        id=f"D{number}",
        asked="datacenter 9",
        question=question,
        request="none",
        expected="-",
        if_different="-",
        never=reason,
    )


# Tokens that work, before anything is refused.
GOOD = (
    Row(
        id="D1",
        asked="datacenter 9.4",
        question="What does Git hear without a login?",
        request="GET info/refs without a login (the repository is private)",
        expected='401 with Basic realm="Atlassian Bitbucket"',
        if_different="another realm or scheme: what tells a Data Center is to be widened",
        send=_anonymous,
        judge=both(status(401), header("www-authenticate", 'Basic realm="Atlassian Bitbucket"')),
        needs=(REPOSITORY,),
    ),
    Row(
        id="D2",
        asked="datacenter 9.11",
        question="Whom does X-AUSERNAME name?",
        request="GET application-properties, Bearer",
        expected="200, and a user's name or access-token-user/…",
        if_different="verification has to ask another address for who has signed in",
        send=_who,
        judge=both(status(200), _names_somebody),
        needs=(TOKEN, REPOSITORY),
        must_work=True,
    ),
    Row(
        id="D3",
        asked="datacenter 3",
        question="Does Git take the token as Bearer, to push?",
        request="GET info/refs of receive-pack, Bearer",
        expected="200",
        if_different="authtype=Bearer is the wrong answer here: Basic is to be preferred",
        send=git(TOKEN, "receive"),
        judge=status(200),
        needs=(TOKEN, REPOSITORY),
        must_work=True,
    ),
    Row(
        id="D4",
        asked="datacenter 9.1",
        question="Is Basic taken by REST?",
        request="GET application-properties, Basic with the exact name",
        expected="200",
        if_different="Basic is off, or not for this kind of token (D5 says whether by Git)",
        send=rest(PROPERTIES, _by_name),
        judge=status(200),
        needs=(TOKEN, REPOSITORY),
        unless=_no_name,
    ),
    Row(
        id="D5",
        asked="datacenter 9.1, 9.2",
        question="Is Basic taken by Git, with the exact name or x-token-auth?",
        request="GET info/refs, Basic",
        expected="200",
        if_different="a Git before 2.46 cannot sign in here: configure and doctor have to say so",
        send=_git_by_name,
        judge=status(200),
        needs=(TOKEN, REPOSITORY),
        unless=_no_name,
    ),
    Row(
        id="D6",
        asked="datacenter 9.10",
        question="Does a mirror take the token as Bearer, to fetch?",
        request="GET info/refs at the mirror, Bearer",
        expected="200",
        if_different="an alias that is a mirror needs another answer than its primary",
        send=git(TOKEN, at=MIRROR),
        judge=status(200),
        needs=(TOKEN, MIRROR, REPOSITORY),
        must_work=True,
    ),
    Row(
        id="D7",
        asked="datacenter 9.5",
        question="What does a push hear with a token that may only read?",
        request="GET info/refs of receive-pack, Bearer with the token that may only read",
        expected="403",
        if_different="a missing right cannot be told from a refused token by the status",
        send=git(READING_TOKEN, "receive"),
        judge=status(403),
        needs=(READING_TOKEN, REPOSITORY),
    ),
    Row(
        id="D8",
        asked="datacenter 9.10",
        question="What does a push hear at a mirror?",
        request="GET info/refs of receive-pack at the mirror, Bearer",
        expected="403",
        if_different="a mirror takes or passes on pushes: the advice about push URLs is to change",
        send=git(TOKEN, "receive", at=MIRROR),
        judge=status(403),
        needs=(TOKEN, MIRROR, REPOSITORY),
    ),
)

# What is refused, each once: failed logins count toward a CAPTCHA.
REFUSED = (
    Row(
        id="D9",
        asked="datacenter 9.8",
        question="What does application-properties say to a Bearer that is nobody's?",
        request="GET application-properties, Bearer with a made-up token",
        expected="200, as to anybody",
        if_different="a wrong token is told at this address at once: one request less to verify",
        send=_bad_bearer,
        judge=status(200),
        needs=(REPOSITORY,),
    ),
    Row(
        id="D10",
        asked="datacenter 9.12",
        question="Does an expired token get a text of its own?",
        request="GET users?limit=1, Bearer with the expired token",
        expected="401 with the text for any wrong credential",
        if_different="an expired token can be told from a mistyped one: the advice may name it",
        send=rest("users?limit=1", lambda scene: bearer(scene.given[EXPIRED_TOKEN])),
        judge=both(status(401), says("IncorrectPasswordAuthenticationException")),
        needs=(EXPIRED_TOKEN, REPOSITORY),
    ),
    Row(
        id="D11",
        asked="datacenter 9.2",
        question="Does a project's or a repository's token pass under any name?",
        request="GET info/refs, Basic with the name any-name",
        expected="401",
        if_different="the name does not matter for these tokens: x-token-auth is no risk",
        send=_git_by_any_name,
        judge=status(401),
        needs=(TOKEN, REPOSITORY),
        unless=_no_service_user,
    ),
    _never(12, "Does Git take an OAuth token as Bearer (9.3)?", "no OAuth sign-in is made here"),
    _never(
        13, "What are the headers of a 429 (9.6)?", "it is not provoked; if one came, it is told"
    ),
    _never(
        14, "Do failed Bearer tries count toward a CAPTCHA (9.7)?", "it would lock an account out"
    ),
    _never(
        15,
        "How do OAuth's codes, ports and rotation behave (9.9)?",
        "no OAuth sign-in is made here",
    ),
    _never(
        16,
        "Do LFS and pushes go through a mirror (9.10)?",
        "no large object is pushed by this check",
    ),
)
