"""The sign-in with the browser, step by step: what `oauth_rows` asks. The person
opens addresses and pastes the ones that the browser ends on; nothing listens.
"""

import base64
import hashlib
import secrets
import urllib.parse

from answer import Answer, error_of
from cloud import SITE, USER, references
from rows import Skip
from wire import Stop, basic, bearer

CLIENT = "an OAuth client"
CLIENT_SECRET = "the secret of the OAuth client"
CALLBACK = "the callback URL of the OAuth client"
USUAL_CALLBACK = "http://127.0.0.1/callback"
# Nothing listens there: the browser ends on an address that can be copied.
PORT = 49731
LONGEST_TOKEN = 6000

DEAD = ("unauthorized_client", "invalid_grant", "invalid_request")


class Grant:
    """What a consent brought, step by step."""

    def __init__(self):
        self.state = secrets.token_urlsafe(16)
        self.verifier = secrets.token_urlsafe(48)
        self.code = ""
        # A code that was exchanged for tokens.
        self.used_code = ""
        # The answer with the tokens.
        self.answer = None
        self.access = ""
        self.refresh = ""
        self.former_refresh = ""
        self.is_revoked = False

    def take(self, answer, redactor):
        """Takes the tokens of an answer that has some."""
        value = answer.json()
        if answer.status != 200 or not value.get("access_token"):
            return
        self.answer = answer
        self.access = str(value["access_token"])
        self.former_refresh = self.refresh
        self.refresh = str(value.get("refresh_token") or self.refresh)
        redactor.secret(self.access)
        redactor.secret(self.refresh)


def with_port(callback):
    """The callback URL with a port that nothing listens at, unless it has one."""
    parts = urllib.parse.urlsplit(callback)
    if parts.port:
        return callback
    return parts._replace(netloc=f"{parts.netloc}:{PORT}").geturl()


def authorize(scene, redirect=None):
    """The address for the browser."""
    challenge = hashlib.sha256(scene.grant.verifier.encode()).digest()
    fields = {
        "client_id": scene.given[CLIENT],
        "response_type": "code",
        "redirect_uri": redirect or with_port(scene.given[CALLBACK]),
        "state": scene.grant.state,
        "code_challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    return f"{SITE}/site/oauth2/authorize?{urllib.parse.urlencode(fields)}"


def _went_through(scene, wish):
    """Has the person open the address and paste where the browser ends; the fields of that."""
    pasted = scene.ask.consent(authorize(scene), wish)
    if pasted is None:
        raise Skip("nobody opened the address")
    query = urllib.parse.urlsplit(pasted).query
    fields = dict(urllib.parse.parse_qsl(query))
    if pasted and fields.get("state") != scene.grant.state:
        return pasted, {"error": "another state than was sent"}
    return pasted, fields


def refuse(scene):
    pasted, fields = _went_through(scene, "REFUSE it (Cancel or Deny)")
    if not pasted:
        return Answer(trouble="the browser stayed on Bitbucket's page, or nothing was pasted")
    return Answer(notes=(f"error={fields.get('error', '')}",))


def agree(scene):
    pasted, fields = _went_through(scene, "AGREE to it")
    if not pasted:
        return Answer(trouble="nothing was pasted")
    scene.grant.code = fields.get("code", "")
    scene.redactor.secret(scene.grant.code)
    return Answer(notes=("a code" if scene.grant.code else "no code",))


def noted(text):
    return lambda answer: "" if text in answer.notes else f"not {text}"


def token(scene, form, login=None):
    """Asks the token endpoint."""
    if login is None:
        login = basic(scene.given[CLIENT], scene.given[CLIENT_SECRET])
    answer = scene.wire.send("POST", f"{SITE}/site/oauth2/access_token", login or None, form)
    scene.grant.take(answer, scene.redactor)
    return answer


def exchange(scene, verifier=None, code=None):
    form = {
        "grant_type": "authorization_code",
        "code": code or scene.grant.code,
        "redirect_uri": with_port(scene.given[CALLBACK]),
        "code_verifier": verifier or scene.grant.verifier,
    }
    answer = token(scene, form)
    if answer.status == 200:
        scene.grant.used_code = form["code"]
    # Whatever was answered, a code may be good once only.
    scene.grant.code = ""
    return answer


def wrong_verifier(scene):
    return exchange(scene, verifier=secrets.token_urlsafe(48))


def exchange_rightly(scene):
    # Where a wrong verifier was taken, the tokens are here already.
    return scene.grant.answer or exchange(scene)


def shape(scene):
    grant = scene.grant
    fields = sorted(set(grant.answer.json()) - {"access_token", "refresh_token"})
    return Answer(body=grant.answer.body, notes=("fields beside the tokens: " + " ".join(fields),))


def sizes(scene):
    sizes = [round(len(one), -2) for one in (scene.grant.access, scene.grant.refresh)]
    return Answer(notes=(f"about {sizes[0]} and {sizes[1]} characters",))


def fit(answer):
    longest = max(int(word) for word in answer.notes[0].split() if word.isdigit())
    return "" if longest <= LONGEST_TOKEN else f"longer than {LONGEST_TOKEN} characters"


def git_as_bearer(scene):
    return scene.wire.send("GET", references(scene), bearer(scene.grant.access))


def git_by_name(scene):
    return scene.wire.send("GET", references(scene), basic("x-token-auth", scene.grant.access))


def user(scene):
    answer = scene.wire.send("GET", USER, bearer(scene.grant.access))
    scene.learn(answer.json() if answer.status == 200 else {})
    return answer


def refresh(scene, which="refresh"):
    sent = getattr(scene.grant, which)
    return token(scene, {"grant_type": "refresh_token", "refresh_token": sent})


def refresh_again(scene):
    before = scene.grant.refresh
    answer = refresh(scene, "former_refresh")
    if answer.status != 200:
        if error_of(answer)[0] == "unauthorized_client":
            scene.results.stopped = "stopped: the client may be locked out for some minutes"
        return answer
    pair = "the same pair" if scene.grant.refresh == before else "another pair"
    return Answer(status=200, headers=answer.headers, notes=(pair,))


def revoke(scene):
    """Ends the grant."""
    login = basic(scene.given[CLIENT], scene.given[CLIENT_SECRET])
    form = {"token": scene.grant.refresh}
    answer = scene.wire.send("POST", f"{SITE}/site/oauth2/revoke", login, form)
    scene.grant.is_revoked = answer.status == 200
    return answer


def is_live(grant):
    """Whether there is a sign-in that has not been ended."""
    return bool(grant.refresh) and not grant.is_revoked


def clean_up(scene):
    """Ends the grant if it may still live. False: it does, and only the person can end it."""
    if not is_live(scene.grant):
        return True
    try:
        revoke(scene)
    except Stop:
        return False
    return scene.grant.is_revoked


def no_code(scene):
    return "" if scene.grant.code else "without a consent"


def no_code_or_tokens(scene):
    return "" if scene.grant.answer else no_code(scene)


def no_second_consent(scene):
    return "the first consent brought tokens" if scene.grant.answer else ""


def no_tokens(scene):
    return "" if scene.grant.answer else "without tokens"


def not_rotated(scene):
    grant = scene.grant
    rotated = grant.former_refresh and grant.former_refresh != grant.refresh
    return "" if rotated else "the refresh token did not rotate"


def not_revoked(scene):
    return "" if scene.grant.is_revoked else "nothing was revoked"


def looked_at(scene, redirect):
    seen = scene.ask.sees_invalid_redirect(authorize(scene, redirect))
    if seen is None:
        raise Skip("nobody looked")
    return Answer(notes=("Invalid redirect_uri" if seen else "no such page",))
