"""The report: a page of Markdown that may be published. What was given, and what looks like a
name or a secret, is taken out of everything that a server or a program said.
"""

import re
import urllib.parse

# Whatever a server says may have more names in it than were given: these forms go, too.
FORMS = (
    (re.compile(r"https?://[^\s\"'<>)]+"), "[address]"),
    (re.compile(r"[\w.+-]+(@|%40)[\w-]+(\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"\{?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?"), "[id]"),
    (re.compile(r"\b\d{1,3}(\.\d{1,3}){3}\b"), "[IP address]"),
    (re.compile(r"(?=[A-Za-z_+/=-]*\d)[A-Za-z0-9_+/=-]{20,}"), "[long word]"),
    (re.compile(r"/(home|Users|root|tmp|var)\b[^\s\"']*"), "[path]"),
)
SHORTEST_SECRET = 8
LONGEST_TEXT = 400


class Redactor:
    """Takes names and secrets out of texts."""

    def __init__(self):
        self.names = {}
        self.secrets = set()

    def name(self, value, shown):
        """Has a name shown as something else, in any case and as it stands in addresses."""
        for form in {value, urllib.parse.quote(value, safe="")}:
            if form:
                self.names[form.lower()] = shown

    def secret(self, value):
        """Has a secret taken out."""
        if value:
            self.secrets.add(value)

    def clean(self, text):
        """The text without any of them, on one line of a table."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            text = text.replace(secret, "[secret]")
        for pattern, shown in FORMS[:2]:
            text = pattern.sub(shown, text)
        for name in sorted(self.names, key=len, reverse=True):
            pattern = rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])"
            text = re.sub(pattern, f"[{self.names[name]}]", text, flags=re.IGNORECASE)
        for pattern, shown in FORMS[2:]:
            text = pattern.sub(shown, text)
        text = "".join(one if one.isprintable() else " " for one in text)
        text = " ".join(text.split())
        if len(text) > LONGEST_TEXT:
            text = text[:LONGEST_TEXT] + " …"
        return text.replace("|", "\\|").replace("`", "'")

    def check(self, text):
        """Fails if a secret is in a text that is about to be written."""
        for secret in self.secrets:
            if len(secret) >= SHORTEST_SECRET and secret in text:
                raise RuntimeError("a secret was about to be written: nothing is")


def table(results, redactor):
    """What came of each row."""
    lines = ["| id | facts | question | result | what came |", "|---|---|---|---|---|"]
    for result in results.list:
        row = result.row
        outcome = redactor.clean(result.outcome)
        came = redactor.clean(result.came)
        lines.append(f"| {row.id} | {row.asked} | {row.question} | {outcome} | {came} |")
    return lines


def differences(results, redactor):
    """What each difference means."""
    different = [it for it in results.list if it.outcome.startswith("different")]
    if not different:
        return ["Nothing was different."]
    lines = []
    for result in different:
        row = result.row
        lines += [
            f"### {row.id}: {row.question}",
            "",
            f"- asked: {row.request}",
            f"- expected: {row.expected}",
            f"- came: {redactor.clean(result.came)}",
            f"- so: {row.if_different}",
            "",
        ]
    return lines


def count(results):
    """How many rows came out in each way, in words."""
    ways = {"as expected": 0, "different": 0, "skipped": 0}
    for result in results.list:
        ways[result.outcome.partition(":")[0]] += 1
    return ", ".join(f"{number} {way}" for way, number in ways.items())


def write(results, redactor, facts):
    """The whole page. `facts` are the lines about this run."""
    lines = [f"# {facts['title']}", ""]
    lines += [f"- {name}: {value}" for name, value in facts.items() if name != "title"]
    lines += [f"- results: {count(results)}"]
    if results.stopped:
        lines += [f"- the run ended early: {redactor.clean(results.stopped)}"]
    lines += ["", "## Results", "", *table(results, redactor), ""]
    lines += ["## Differences", "", *differences(results, redactor)]
    text = "\n".join(lines).rstrip("\n") + "\n"
    redactor.check(text)
    return text
