"""What the rows stand on: the person's answers, the wire, our program, what was learned so far.
Also here: what Ctrl-C does, which is to end in order.
"""

import contextlib
import os
import signal

import cloud
import data_center
import oauth
import program
from report import Redactor
from rows import Results
from wire import Stop

# What is no secret and no name of anybody's.
PUBLIC = {oauth.USUAL_CALLBACK}
# Which of what is given are names, and how the report shows them; all else is secret.
NAMES = {
    cloud.E_MAIL: "e-mail",
    cloud.USERNAME: "username",
    oauth.CLIENT: "client",
    oauth.CALLBACK: "callback",
    data_center.MIRROR: "mirror",
    data_center.USERNAME: "user",
}
PUSHING = (
    cloud.API_TOKEN,
    cloud.REPOSITORY_TOKEN,
    cloud.PROJECT_TOKEN,
    cloud.WORKSPACE_TOKEN,
    data_center.TOKEN,
)


class Interrupts:
    """Ctrl-C and the like: what runs goes on to its end, and nothing more is begun."""

    def __init__(self):
        self.is_held = False
        self.came = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, _number, _frame):
        is_first, self.came = not self.came, True
        if is_first and not self.is_held:
            raise Stop("interrupted")
        # Not by `print`: what was interrupted may be one, which cannot be begun once more. The
        # terminal may be what has gone.
        with contextlib.suppress(OSError):
            os.write(1, b"\nEnding in order: this takes a moment.\n")

    @contextlib.contextmanager
    def held(self):
        """While this lasts nothing is torn off; afterwards the run ends, if it shall."""
        was_held, self.is_held = self.is_held, True
        try:
            yield
        finally:
            self.is_held = was_held
        if self.came and not was_held:
            raise Stop("interrupted")


class Scene:
    """All of it."""

    def __init__(self, base, given, ask, wire):
        self.url = base
        self.given = given
        self.ask = ask
        self.wire = wire
        self.interrupts = Interrupts()
        self.redactor = Redactor()
        self.results = Results()
        self.grant = oauth.Grant()
        # Who the Data Center says that the token is.
        self.user = ""
        self.program = None
        folder = "scm/" if self.is_data_center else ""
        self.remote = f"{base}/{folder}{given[cloud.REPOSITORY]}.git"
        self._hide()

    @property
    def is_data_center(self):
        """Whether it is a company's own server."""
        return self.url != cloud.SITE

    def start_program(self, path):
        """Makes the home in which our program runs."""
        self.program = program.Program(
            path, self.url, self.remote, self.wire.settings, self.wire, self.interrupts
        )
        self.redactor.name(self.program.branch, "branch")

    def reserve(self):
        """How many requests are held back for taking away what is there because of us."""
        pushed = self.program is not None and self.program.is_pushed
        return (program.TAKING_AWAY if pushed else 0) + oauth.is_live(self.grant)

    def pushing_token(self):
        """The token that our program is given."""
        return next((self.given[name] for name in PUSHING if self.given.get(name)), "")

    def learn(self, user):
        """Notes the names in what the server says of a user."""
        for field, shown in (
            ("username", "username"),
            ("nickname", "username"),
            ("display_name", "person"),
            ("account_id", "account"),
            ("uuid", "id"),
        ):
            if isinstance(user.get(field), str):
                self.redactor.name(user[field], shown)

    def _hide(self):
        workspace, _, repository = self.given[cloud.REPOSITORY].partition("/")
        self.redactor.name(workspace, "workspace")
        self.redactor.name(workspace.lstrip("~"), "workspace")
        self.redactor.name(repository, "repository")
        if self.is_data_center:
            self._hide_host(self.url)
        for name, value in self.given.items():
            if name == cloud.REPOSITORY or value in PUBLIC:
                continue
            if name not in NAMES:
                self.redactor.secret(value)
            elif name == data_center.MIRROR and value:
                self._hide_host(value)
            else:
                self.redactor.name(value, NAMES[name])

    def _hide_host(self, base):
        """The host, and the domain that it lies in, which stands in other answers as well."""
        place = base.partition("://")[2]
        with_port, _, folder = place.partition("/")
        host = with_port.partition(":")[0]
        domain = host.partition(".")[2]
        for name in (place, with_port, host, domain if "." in domain else ""):
            self.redactor.name(name, "host")
        self.redactor.name(folder, "folder")
