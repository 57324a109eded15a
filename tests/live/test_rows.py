"""Each row's judge with an answer that it expects and with others, and the pure functions beside
them. No request is sent here: `python3 -B -m unittest test_rows` in this folder."""

import contextlib
import io
import signal
import unittest
import zlib
from unittest import mock

import ask
import cloud
import data_center
import oauth
import oauth_rows
import program
import report
from answer import Answer, lock_out, told
from rows import Results, Row, judged
from scene import Interrupts
from wire import LIMIT, Stop, Wire

NO_ACCESS = cloud.NO_ACCESS + " or it no longer exists in this workspace."
LACKING = "Your credentials lack one or more required privilege scopes."
INVALID = '{"error": {"message": "Token is invalid, expired, or not supported for this endpoint."}}'
WRONG = '{"errors": [{"exceptionName": "com.x.IncorrectPasswordAuthenticationException"}]}'
TOKENS = '{"access_token": "a", "refresh_token": "b", "expires_in": 1, "token_type": "bearer"%s}'


def came(status, body="", **headers):
    """An answer of the server; `_` in a header's name is `-`."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Answer(status=status, body=body, headers=named)


def failed(name, status=400):
    """An error of the token endpoint."""
    text = "Requests must be authenticated" if name == "unauthorized_client" else ""
    return came(status, f'{{"error": "{name}", "error_description": "{text}"}}')


def noted(*notes):
    """What a person did, or what was found out without a request."""
    return Answer(notes=notes)


def ended(code, body="", *notes):
    """How a command ended."""
    return Answer(exit_code=code, body=body, notes=notes)


def kind(name):
    """The answers about an access token of this kind."""
    return (
        came(403, LACKING, x_credential_type=name),
        [came(401), came(403, LACKING), came(200, x_credential_type="api_token")],
    )


TAKEN = (came(200), [came(401), came(403, LACKING), came(302), came(503), came(0)])
API = {"x_credential_type": "api_token"}
GRANT_IS_DEAD = (failed("invalid_grant"), [came(200), failed("invalid_grant", 401), came(400)])

# By the id of a row: what is as expected, and what is different.
ANSWERS = {
    "B1": (
        came(200, x_oauth_scopes="read:user:bitbucket", **API),
        [came(200, **API), came(200), came(401, INVALID), came(403, LACKING)],
    ),
    "B2": TAKEN,
    "B3": TAKEN,
    "B4": (came(404), [came(200), came(401, NO_ACCESS), came(410)]),
    "B5": kind("repo_access_token"),
    "B6": TAKEN,
    "B7": kind("project_access_token"),
    "B8": TAKEN,
    "B9": kind("workspace_access_token"),
    "B10": TAKEN,
    "B11": (came(403, LACKING), [came(200), came(401, NO_ACCESS), came(403, "Forbidden")]),
    "B12": (
        came(401, NO_ACCESS, www_authenticate='Basic realm="x"'),
        [came(200), came(401), came(401, www_authenticate="Bearer"), came(404)],
    ),
    "B13": (came(401), [came(200), came(403, LACKING)]),
    "B14": (came(401, NO_ACCESS), [came(200), came(403)]),
    "B15": (came(401, NO_ACCESS), [came(401, "Unauthorized"), came(403, NO_ACCESS), came(200)]),
    "B16": (came(401, INVALID), [came(401, "Login failed"), came(403, LACKING), came(200)]),
    "B17": (came(410, "CHANGE-3222 - gone"), [came(410), came(401, NO_ACCESS), came(200)]),
    "B18": (came(401), [came(200), came(410)]),
    "O1": (noted("error=access_denied"), [noted("error="), Answer(trouble="nothing came")]),
    "O2": (noted("a code"), [noted("no code"), Answer(trouble="nothing came")]),
    "O3": GRANT_IS_DEAD,
    "O4": (noted("a code"), [noted("no code")]),
    "O5": (
        came(200, TOKENS % ', "scope": "account"'),
        [came(200, TOKENS % ', "scopes": "account"'), came(200, "{}"), failed("invalid_grant")],
    ),
    "O6": (came(0, TOKENS % ', "state": "x"'), [came(0, TOKENS % "")]),
    "O7": (
        noted("about 1900 and 2600 characters"),
        [noted("about 6100 and 60 characters"), noted("about 60 and 9000 characters")],
    ),
    "O8": TAKEN,
    "O9": TAKEN,
    "O10": TAKEN,
    "O11": (came(200, TOKENS % ""), [came(200, '{"access_token": "a"}'), failed("invalid_grant")]),
    "O12": (came(200), [failed("unauthorized_client"), failed("invalid_grant")]),
    "O13": GRANT_IS_DEAD,
    "O14": (came(200), [came(404), came(400), came(405)]),
    "O15": (came(401), [came(200), came(403)]),
    "O16": (came(401, NO_ACCESS), [came(200), came(403)]),
    "O17": GRANT_IS_DEAD,
    "O18": (failed("unauthorized_client"), [failed("invalid_client"), came(401), came(200)]),
    "O19": (failed("unauthorized_client"), [came(200, TOKENS % ""), failed("server_error")]),
    "O20": (failed("unauthorized_client"), [failed("invalid_client"), failed("invalid_grant")]),
    "O21": (noted("Invalid redirect_uri"), [noted("no such page")]),
    "O22": (noted("no such page"), [noted("Invalid redirect_uri")]),
    "D1": (
        came(401, www_authenticate='Basic realm="Atlassian Bitbucket"'),
        [came(401, www_authenticate='Basic realm="Other"'), came(401), came(302), came(200)],
    ),
    "D2": (
        Answer(status=200, notes=("X-AUSERNAME is a user's name",)),
        [Answer(status=200, notes=("X-AUSERNAME is nobody's",)), came(401, WRONG)],
    ),
    "D3": TAKEN,
    "D4": TAKEN,
    "D5": TAKEN,
    "D6": TAKEN,
    "D7": (came(403), [came(200), came(401), came(404)]),
    "D8": (came(403), [came(200), came(401), came(302)]),
    "D9": (came(200), [came(401, WRONG), came(403)]),
    "D10": (came(401, WRONG), [came(401, "Token has expired"), came(403), came(200)]),
    "D11": (came(401), [came(200), came(403)]),
    "P1": (ended(0), [ended(1, "bitbucket: no")]),
    "P2": (ended(0), [ended(1, "bitbucket: refused")]),
    "P3": (ended(0), [ended(1), ended(128, "fatal: Authentication failed")]),
    "P4": (ended(0), [ended(128), Answer(trouble="another commit than was pushed")]),
    "P5": (
        ended(128, "bitbucket: refused", "1 kept"),
        [
            ended(0, "bitbucket: refused", "1 kept"),
            ended(128, "fatal: no", "1 kept"),
            ended(128, "bitbucket: refused", "0 kept"),
        ],
    ),
    "P6": (ended(0), [ended(1)]),
    "P7": (ended(0), [ended(0, "0123 refs/heads/x"), ended(128)]),
    "P8": (
        ended(0, "", "0 kept", "0 files with the token"),
        [
            ended(1, "", "0 kept", "0 files with the token"),
            ended(0, "", "1 kept", "0 files with the token"),
            ended(0, "", "0 kept", "1 files with the token"),
        ],
    ),
}

ALL = [
    *cloud.GOOD,
    *cloud.REFUSED,
    *oauth_rows.ROWS,
    *data_center.GOOD,
    *data_center.REFUSED,
    *program.ROWS,
]


class Judges(unittest.TestCase):
    """Each row, both ways."""

    def test_each_row_has_answers_and_the_other_way_round(self):
        ids = [row.id for row in ALL]
        self.assertEqual(len(ids), len(set(ids)))
        asked = {row.id for row in ALL if not row.never}
        self.assertEqual(asked, set(ANSWERS))

    def test_as_expected(self):
        for row in ALL:
            if not row.never:
                with self.subTest(row.id):
                    self.assertEqual(judged(row, ANSWERS[row.id][0]).outcome, "as expected")

    def test_different(self):
        for row in ALL:
            silent = [] if row.never else [Answer(trouble="no answer")]
            for answer in [*ANSWERS.get(row.id, (0, []))[1], *silent]:
                with self.subTest(row.id, answer=answer):
                    outcome = judged(row, answer).outcome
                    self.assertTrue(outcome.startswith("different: "), outcome)

    def test_each_row_says_what_a_difference_means(self):
        for row in ALL:
            with self.subTest(row.id):
                self.assertTrue(row.question.rstrip(")").endswith("?") or row.never, row.question)
                self.assertTrue(row.request and row.expected and row.if_different)


class LockOut(unittest.TestCase):
    """What ends a run."""

    def test_signs(self):
        for answer in (
            came(429),
            came(429, retry_after="60"),
            came(
                401, '{"errors": [{"exceptionName": "x.CaptchaRequiredAuthenticationException"}]}'
            ),
            came(200, "0011ERR CAPTCHA required\n"),
            came(401, x_authentication_denied_reason="CAPTCHA_CHALLENGE; login-url=x"),
            came(403, x_seraph_loginreason="AUTHENTICATION_DENIED"),
            came(403, "Too many failed authentication attempts. Please try again later."),
            ended(128, "remote: Too many failed authentication attempts."),
            ended(128, "fatal: ... The requested URL returned error: 429"),
        ):
            with self.subTest(answer):
                self.assertTrue(lock_out(answer))

    def test_no_signs(self):
        for answer in (came(401, NO_ACCESS), came(403, LACKING), came(200), came(503), ended(1)):
            with self.subTest(answer):
                self.assertEqual(lock_out(answer), "")

    def ask(self, *answers, must_work=True):
        """Asks with one credential, so that these answers come."""
        row = Row(
            "X", "-", "?", "-", "-", "-", judge=lambda _: "", needs=("key",), must_work=must_work
        )
        results, left = Results(), list(answers)
        wire = type("Wire", (), {"left": lambda _: 9})()
        scene = type("Scene", (), {"given": {"key": "x"}, "wire": wire, "reserve": lambda: 0})
        rows = [
            Row(**{**vars(row), "id": f"X{n}", "send": lambda _: left.pop(0)})
            for n in range(len(answers))
        ]
        results.ask(rows, scene)
        return [result.outcome.partition(":")[0] for result in results.list]

    def test_a_second_refusal_in_a_row_ends_it(self):
        no, yes = came(401), came(200)
        good, skipped = "as expected", "skipped"
        self.assertEqual(self.ask(no, no, yes), [good, good, skipped])
        self.assertEqual(self.ask(no, yes, no, yes), [good] * 4)
        self.assertEqual(self.ask(no, no, yes, must_work=False), [good] * 3)
        self.assertEqual(self.ask(came(429), yes), [good, skipped])

    def test_nothing_is_sent_beyond_the_budget(self):
        results, given = Results(), {}
        row = Row("X", "-", "?", "-", "-", "-", send=lambda _: self.fail("sent"), cost=4)
        wire = type("Wire", (), {"left": lambda _: 8})()
        results.ask([row], type("Scene", (), {"given": given, "wire": wire, "reserve": lambda: 5}))
        self.assertIn(f"the {LIMIT} requests", results.list[0].outcome)

    def test_nothing_is_sent_once_all_are_spent(self):
        spent = Wire({})
        spent.sent = LIMIT
        with self.assertRaises(Stop):
            spent.send("GET", "https://bitbucket.org/")


class Texts(unittest.TestCase):
    """What the report says, and what it does not."""

    def setUp(self):
        self.redactor = report.Redactor()
        self.redactor.name("Acme", "workspace")
        self.redactor.name("j@corp.example", "user")
        self.redactor.secret("s3cr3t-" * 5)

    def test_names_are_replaced(self):
        for text, clean in (
            ("no ACME/widgets here", "no [workspace]/widgets here"),
            ("acmes", "acmes"),
            ("X-AUSERNAME: j%40corp.example", "X-AUSERNAME: [e-mail]"),
            ("see https://acme.example/x?y=1, please", "see [address] please"),
            ("from jane.roe+x@acme.example", "from [e-mail]"),
            ("at 192.0.2.17", "at [IP address]"),
            ("{01234567-89ab-cdef-0123-456789abcdef}", "[id]"),
            ("ATATT3xFfGF0abcdefghijklmn", "[long word]"),
            (
                "IncorrectPasswordAuthenticationException",
                "IncorrectPasswordAuthenticationException",
            ),
            ("in /home/jane/x", "in [path]"),
            ("a|b`c\n\x1b[1md", "a\\|b'c [1md"),
            ("token " + "s3cr3t-" * 5, "token [secret]"),
        ):
            with self.subTest(text):
                self.assertEqual(self.redactor.clean(text), clean)

    def test_nothing_is_cut_off_before_it_is_clean(self):
        text = "x " * 190 + "s3cr3t-" * 5
        self.assertNotIn("s3cr3t", self.redactor.clean(text))

    def test_a_secret_is_never_written(self):
        with self.assertRaises(RuntimeError):
            self.redactor.check("... " + "s3cr3t-" * 5)

    def test_of_a_success_nothing_is_told(self):
        self.assertEqual(told(came(200, '{"display_name": "Jane Roe"}')), "200")
        self.assertEqual(told(came(200, "001eERR Repository is gone\n")), "200; Repository is gone")
        self.assertEqual(
            told(came(404, "<!DOCTYPE html>", content_type="text/html")), "404; a page for people"
        )
        self.assertEqual(told(failed("invalid_grant")), "400; invalid_grant")
        self.assertEqual(told(Answer(body="secret", notes=("x",))), "x")
        self.assertEqual(told(ended(0, "secret", "3 requests")), "exit 0; 3 requests")


class CtrlC(unittest.TestCase):
    """What it ends, and what it does not tear off."""

    def setUp(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self.addCleanup(signal.signal, number, signal.getsignal(number))
        patch = mock.patch("os.write")
        self.write = patch.start()
        self.addCleanup(patch.stop)
        self.interrupts = Interrupts()

    def test_the_first_ends_the_run_and_the_next_nothing(self):
        with self.assertRaises(Stop):
            signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        self.write.assert_called_once()

    def test_what_is_held_goes_on_to_its_end(self):
        reached = False
        with self.assertRaises(Stop), self.interrupts.held():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            reached = True
        self.assertTrue(reached)
        signal.raise_signal(signal.SIGINT)
        self.assertEqual(self.write.call_count, 3)

    def test_it_may_come_while_something_is_printed(self):
        class Terminal(io.RawIOBase):
            """Where Ctrl-C comes while it is written to."""

            def writable(self):
                return True

            def write(self, data):
                signal.raise_signal(signal.SIGINT)
                return len(data)

        self.interrupts.is_held = True
        with contextlib.redirect_stdout(io.TextIOWrapper(io.BufferedWriter(Terminal()))):
            print("P4", flush=True)
        self.assertTrue(self.interrupts.came)


class Rest(unittest.TestCase):
    """What is read and made."""

    def test_the_place_of_a_repository(self):
        site = cloud.SITE
        for address, expected in (
            ("https://bitbucket.org/acme/widgets", (site, "acme/widgets")),
            ("https://jane@bitbucket.org/acme/widgets.git", (site, "acme/widgets")),
            ("https://bitbucket.org/acme/widgets/src/main/", (site, "acme/widgets")),
            (
                "https://git.acme.example:8443/x/scm/~jane/y.git",
                ("https://git.acme.example:8443/x", "~jane/y"),
            ),
        ):
            with self.subTest(address):
                self.assertEqual(ask.place(address), expected)
        for address in (
            "",
            "http://bitbucket.org/a/b",
            "https://bitbucket.org/a",
            "https://git.x/a/b",
        ):
            with self.subTest(address), self.assertRaises(ask.Refused):
                ask.place(address)

    def test_a_made_up_token_has_the_form_of_the_good_one(self):
        made = program.made_up("ATCTT3xFfGN0abc")
        self.assertTrue(made.startswith("ATCTT3xFfGN0"))
        self.assertEqual(made[-8:], f"{zlib.crc32(made[:-8].encode()):08X}")
        self.assertEqual(len(program.made_up("BBDC-x")), len("BBDC-") + 44)

    def test_the_callback_gets_a_port(self):
        self.assertEqual(
            oauth.with_port("http://127.0.0.1/callback"), "http://127.0.0.1:49731/callback"
        )
        self.assertEqual(oauth.with_port("http://localhost:34106/"), "http://localhost:34106/")
        self.assertEqual(oauth.with_port("http://[::1]/callback"), "http://[::1]:49731/callback")


if __name__ == "__main__":
    unittest.main()
