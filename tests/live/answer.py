"""What came back, and how it is judged: pure functions from an answer to a difference in words.

No request is sent here, and nothing is known here of a particular question.
"""

import json
import re
from dataclasses import dataclass, field

# Headers whose values are no names and no secrets, in the order in which they are told.
TOLD_HEADERS = (
    "www-authenticate",
    "x-credential-type",
    "x-oauth-scopes",
    "x-accepted-oauth-scopes",
    "retry-after",
)


@dataclass(frozen=True)
class Answer:
    """An answer of the server (`status`), or how a command ended (`exit_code`), or neither:
    then `trouble` says why."""

    status: int = 0
    headers: tuple = ()
    body: str = ""
    exit_code: object = None
    trouble: str = ""
    # What the step found out beside it, in words that may be told.
    notes: tuple = field(default=())

    def header(self, name):
        """The values of a header, joined; empty if it is not there."""
        return ", ".join(value for found, value in self.headers if found == name)

    def json(self):
        """The body as an object; empty if it is none."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


def error_of(answer):
    """The name of the error and its text, of each form that Bitbucket has."""
    value = answer.json()
    error = value.get("error")
    errors = value.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        name = str(errors[0].get("exceptionName") or "").rpartition(".")[2]
        return name, str(errors[0].get("message") or "")
    if isinstance(error, dict):
        detail = error.get("detail")
        told = f" (detail: {json.dumps(detail)})" if detail else ""
        return "", str(error.get("message") or "") + told
    if isinstance(error, str):
        return error, str(value.get("error_description") or "")
    return "", ""


def text_of(answer):
    """The words of a refusal. Of a success nothing is told: it may be about a person."""
    if answer.status == 0:
        return ""
    if 200 <= answer.status < 300:
        # A refusal within Git's protocol comes with a 200.
        found = re.search(r"^[0-9a-f]{0,8}ERR (.*)", answer.body, re.MULTILINE)
        return found.group(1) if found else ""
    name, text = error_of(answer)
    if name or text:
        return " ".join(part for part in (name, text) if part)
    kind = answer.header("content-type")
    if "html" in kind or answer.body.lstrip().startswith("<"):
        return "a page for people"
    return " ".join(answer.body.split())


def told(answer):
    """An answer in words, at their full length, with whatever names it has: cut short before they
    are taken out, half a secret would be left."""
    if answer.trouble:
        return answer.trouble
    if answer.exit_code is not None:
        parts = [f"exit {answer.exit_code}"]
        if answer.exit_code != 0:
            parts.append(answer.body)
    else:
        parts = [str(answer.status)] if answer.status else []
        parts.append(text_of(answer))
        parts += [f"{name}: {answer.header(name)}" for name in TOLD_HEADERS if answer.header(name)]
    parts += answer.notes
    return "; ".join(part for part in parts if part)


def lock_out(answer):
    """The sign of a lock-out in an answer; empty if there is none."""
    if answer.status == 429:
        after = answer.header("retry-after")
        return "429, too many requests" + (f" (Retry-After: {after})" if after else "")
    for name in ("x-authentication-denied-reason", "x-seraph-loginreason"):
        value = answer.header(name)
        if "CAPTCHA" in value.upper() or "AUTHENTICATION_DENIED" in value:
            return f"the header {name}"
    for text, sign in (
        ("CaptchaRequiredAuthenticationException", "a CAPTCHA is demanded"),
        ("CAPTCHA required", "a CAPTCHA is demanded"),
        ("Too many failed authentication attempts", "too many failed attempts"),
        ("returned error: 429", "429, too many requests"),
    ):
        if text in answer.body:
            return sign
    return ""


# Judges: each takes an answer and returns what is different, or nothing.


def status(*wanted):
    """The status is one of these."""

    def judge(answer):
        return "" if answer.status in wanted else f"not {_either(wanted)}"

    return judge


def says(text):
    """The words of a refusal have this in them."""

    def judge(answer):
        return "" if text.lower() in text_of(answer).lower() else f"does not say {text!r}"

    return judge


def error(*wanted):
    """The name of the error is one of these."""

    def judge(answer):
        found = error_of(answer)[0]
        return "" if found in wanted else f"the error is not {_either(wanted)}"

    return judge


def header(name, value):
    """A header has this in its value."""

    def judge(answer):
        found = answer.header(name)
        return "" if value.lower() in found.lower() else f"no header {name} with {value!r}"

    return judge


def has(*names):
    """An object with these fields."""

    def judge(answer):
        missing = [name for name in names if name not in answer.json()]
        return f"without the field {_either(missing)}" if missing else ""

    return judge


def ends_well(answer):
    """A command that succeeded."""
    return "" if answer.exit_code == 0 else "it failed"


def fails(answer):
    """A command that failed by itself, and was not stopped for being too slow."""
    return "" if answer.exit_code not in (0, None) else "it did not fail"


def prints(text):
    """A command's output has this in it."""

    def judge(answer):
        return "" if text in answer.body else f"does not print {text!r}"

    return judge


def both(*judges):
    """All of them; the first difference counts."""

    def judge(answer):
        return next((found for found in (one(answer) for one in judges) if found), "")

    return judge


def _either(wanted):
    return " or ".join(str(one) for one in wanted)
