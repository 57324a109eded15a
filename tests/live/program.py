"""Our program under the real Git, in a home of its own that is gone afterwards: a first push, a
fetch, a refusal, and the way back. What was pushed is deleted again, whatever happens.
"""

import base64
import json
import os
import re
import secrets
import shutil
import string
import subprocess
import tempfile
import zlib
from dataclasses import replace
from pathlib import Path

from answer import Answer, both, ends_well, fails
from rows import Row

NAME = "git-credential-bitbucket"
PATIENCE = 120
# What the branch's deletion and a look for it may cost.
TAKING_AWAY = 8
# Of the environment of whoever runs this, a command gets to see the way to the network alone.
KEPT_VARIABLES = (
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
    "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
)
GIT_SENT = re.compile(r"=> Send header: (?:GET|POST|HEAD|PUT|PATCH|DELETE|OPTIONS) ")
GIT_RECEIVED = re.compile(r"<= Recv header: HTTP/\S+ (\d{3})")
WE_SENT = re.compile(r"^bitbucket-trace: \S+ \d+ (?:GET|POST): \S+ (\d{3})?", re.MULTILINE)


def made_up(token):
    """A token of the same form that is nobody's."""
    letters = string.ascii_letters + string.digits
    if token.startswith(("ATATT3xFfGF0", "ATCTT3xFfGN0")):
        body = token[:12] + "".join(secrets.choice(letters) for _ in range(171)) + "="
        return f"{body}{zlib.crc32(body.encode()):08X}"
    number = "".join(secrets.choice(string.digits) for _ in range(12))
    raw = number.encode() + b":" + secrets.token_bytes(20)
    return "BBDC-" + base64.b64encode(raw).decode()


class Program:
    """The home, and what lies at the server because of us."""

    def __init__(self, path, url, remote, settings, wire, interrupts):
        self.url = url
        self.remote = remote
        self.wire = wire
        self.interrupts = interrupts
        self.branch = f"{NAME}-live-check-{secrets.token_hex(4)}"
        # Whether the branch may be there.
        self.is_pushed = False
        self.home = Path(tempfile.mkdtemp(prefix="gcb-live-"))
        for folder in ("bin", "run", "push", "fetch"):
            (self.home / folder).mkdir(mode=0o700)
        (self.home / "bin" / NAME).symlink_to(path)
        self._write_configuration(settings)

    def _write_configuration(self, settings):
        values = dict(settings)
        config = self.home / ".gitconfig"
        for key, value in [(f"http.{key}", value) for key, value in values.items()] + [
            ("user.name", "Live check"),
            ("user.email", "live-check@example.invalid"),
        ]:
            subprocess.run(["git", "config", "--file", config, key, value], check=True)
        config.chmod(0o600)

    def _environment(self, more):
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        return {
            **kept,
            "HOME": str(self.home),
            "PATH": f"{self.home / 'bin'}:{os.environ.get('PATH', os.defpath)}",
            "XDG_RUNTIME_DIR": str(self.home / "run"),
            "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_TRACE_CURL": str(self.home / "git.trace"),
            "GIT_TRACE_CURL_NO_DATA": "1",
            "BITBUCKET_TRACE": str(self.home / "our.trace"),
            **more,
        }

    def run(self, command, folder=".", given="", **more):
        """Runs a command without a terminal, counts what it and its children sent, and tells how
        it ended."""
        with self.interrupts.held():
            child = subprocess.Popen(
                command,
                cwd=self.home / folder,
                env=self._environment(more),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                # Neither Ctrl-C nor a question reaches it.
                start_new_session=True,
            )
            try:
                said, _ = child.communicate(given, timeout=PATIENCE)
                trouble = ""
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, 9)
                said, _ = child.communicate()
                trouble = f"not ended after {PATIENCE} s"
            sent, statuses = self._count()
        return Answer(
            status=429 if "429" in statuses else 0,
            body=said,
            exit_code=child.returncode,
            trouble=trouble,
            notes=(f"{sent} requests",),
        )

    def _count(self):
        """Takes the requests of the traces into the count; how many, and every status."""
        sent, statuses = 0, []
        for name in ("git.trace", "our.trace"):
            path = self.home / name
            text = path.read_text(errors="replace") if path.exists() else ""
            path.unlink(missing_ok=True)
            ours = WE_SENT.findall(text)
            sent += len(GIT_SENT.findall(text)) + len(ours)
            statuses += GIT_RECEIVED.findall(text) + ours
        self.wire.sent += sent
        return sent, statuses

    def git(self, *arguments, folder="push", **more):
        """Runs Git."""
        return self.run(["git", *arguments], folder, **more)

    def ours(self, *arguments, given=""):
        """Runs our program."""
        return self.run([NAME, *arguments], given=given)

    def is_kept(self):
        """How many credentials are kept."""
        told = self.ours("status", "--json", "--site", self.url).body
        try:
            return len(json.loads(told)["entries"])
        except (ValueError, KeyError):
            return -1

    def push(self):
        """Pushes an empty commit as a branch of its own."""
        self.git("init", "--quiet")
        self.git("commit", "--quiet", "--allow-empty", "--message=Try something [skip ci]")
        self.is_pushed = True
        return self.git("push", "--quiet", self.remote, f"HEAD:refs/heads/{self.branch}")

    def delete(self):
        """Deletes the branch."""
        ended = self.git("push", "--quiet", self.remote, f":refs/heads/{self.branch}")
        is_gone = ended.exit_code == 0 or "remote ref does not exist" in ended.body
        self.is_pushed = self.is_pushed and not is_gone
        return ended

    def look(self):
        """Looks whether the branch is there."""
        ended = self.git("ls-remote", self.remote, f"refs/heads/{self.branch}")
        if ended.exit_code == 0:
            self.is_pushed = self.branch in ended.body
        return ended

    def close(self):
        """Takes away what is left: the branch, then the home. False: the branch may be there."""
        if self.is_pushed:
            self.delete()
        if self.is_pushed:
            self.look()
        shutil.rmtree(self.home, ignore_errors=True)
        return not self.is_pushed


def _configure(scene):
    site = ["--data-center", scene.url] if scene.is_data_center else []
    return scene.program.ours("configure", "--store=file", *site)


def _log_in(scene):
    token = scene.pushing_token()
    return scene.program.ours(
        "login", "--with-token", "--site", scene.url, scene.remote, given=token
    )


def _fetch(scene):
    program = scene.program
    program.git("init", "--quiet", folder="fetch")
    reference = f"refs/heads/{program.branch}"
    fetched = program.git("fetch", "--quiet", scene.remote, reference, folder="fetch")
    heads = [
        program.git("rev-parse", name, folder=folder).body
        for name, folder in (("HEAD", "push"), ("FETCH_HEAD", "fetch"))
    ]
    if fetched.exit_code == 0 and heads[0] != heads[1]:
        return Answer(trouble="another commit than was pushed")
    return fetched


def _refusal(scene):
    program = scene.program
    token = made_up(scene.pushing_token())
    scene.redactor.secret(token)
    key = "credential.helper"
    # As configured, but with nothing kept, so that no good token comes to help.
    helper = program.git("config", "--get-urlmatch", key, scene.url).body.strip()
    helper = helper.replace("--store=file", "--store=none")
    ended = program.git(
        "-c",
        f"{key}=",
        "-c",
        f"{key}={helper}",
        "fetch",
        "--quiet",
        scene.remote,
        BITBUCKET_HELPER_TOKEN=token,
    )
    return replace(ended, notes=(*ended.notes, f"{program.is_kept()} kept"))


def _keeps_one(answer):
    return "" if "1 kept" in answer.notes else "what was kept is not kept any more"


def _says_so(answer):
    return "" if "bitbucket: " in answer.body else "our program says nothing about it"


def _finds_nothing(answer):
    return "the branch is still there" if "refs/heads/" in answer.body else ""


def _log_out(scene):
    program = scene.program
    token = scene.pushing_token().encode()
    ended = program.ours("logout", "--all", "--site", scene.url)
    files = [path for path in program.home.rglob("*") if path.is_file()]
    left = sum(token in path.read_bytes() for path in files)
    notes = (*ended.notes, f"{program.is_kept()} kept", f"{left} files with the token")
    return replace(ended, notes=notes)


def _leaves_nothing(answer):
    kept = {"0 kept", "0 files with the token"} <= set(answer.notes)
    return "" if kept else "something is left of the token"


def _no_token(scene):
    return "" if scene.pushing_token() else "without a token that may push"


def _not_pushed(scene):
    return _no_token(scene) or ("" if scene.program.is_pushed else "nothing was pushed")


def _row(number, *told, **more):
    """A row; what is told is in the order of its fields. The facts leave none of them open."""
    return Row(f"P{number}", "-", *told, **more)


BUG = "a fault of the program, or an answer that it does not understand"

# The costs are those counted on the loopback servers, or one more; the deletion's are held back.
ROWS = (
    _row(
        1,
        "Is Git made to ask us?",
        "configure --store=file",
        "success",
        BUG,
        _configure,
        ends_well,
        cost=1,
        unless=_no_token,
    ),
    _row(
        2,
        "Is the token verified and kept?",
        "login --with-token",
        "success",
        BUG,
        _log_in,
        ends_well,
        cost=3,
        unless=_no_token,
    ),
    _row(
        3,
        "Does a push go through?",
        "git push of an empty commit as a new branch",
        "success",
        "Git was not let in with what was verified before",
        lambda scene: scene.program.push(),
        ends_well,
        cost=4 + TAKING_AWAY,
        unless=_no_token,
    ),
    _row(
        4,
        "Does a fetch go through?",
        "git fetch of that branch into an empty repository",
        "the same commit",
        "Git was not let in with what had pushed before",
        _fetch,
        ends_well,
        cost=4,
        unless=_not_pushed,
    ),
    _row(
        5,
        "Is a refusal told, and what is kept left alone?",
        "git fetch with a made-up token of the same form in a variable, and --store=none",
        "Git fails, we say why, the good token stays kept elsewhere",
        "a refusal is silent, or costs a good token",
        _refusal,
        both(fails, _says_so, _keeps_one),
        cost=5,
        unless=_not_pushed,
    ),
    _row(
        6,
        "Is the branch deleted?",
        "git push of its deletion",
        "success",
        "delete the branch yourself: its name was shown in the terminal",
        lambda scene: scene.program.delete(),
        ends_well,
        cost=0,
        unless=_not_pushed,
    ),
    _row(
        7,
        "Is it gone?",
        "git ls-remote of the branch",
        "nothing",
        "delete the branch yourself: its name was shown in the terminal",
        lambda scene: scene.program.look(),
        both(ends_well, _finds_nothing),
        cost=4,
        unless=_no_token,
    ),
    _row(
        8,
        "Is the token forgotten?",
        "logout --all",
        "nothing is kept, no file has the token",
        "a token is left on the machine after logout",
        _log_out,
        both(ends_well, _leaves_nothing),
        cost=0,
        unless=_no_token,
    ),
)
