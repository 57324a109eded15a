"""A question is a row of a table; here rows are asked in turn, and what came of each is noted.

Which questions there are stands in `cloud`, `oauth` and `data_center`; `program` has those that are
put to our program.
"""

from dataclasses import dataclass, field
from typing import Callable

from answer import lock_out, told
from wire import LIMIT, Stop

AS_EXPECTED = "as expected"


class Skip(Exception):
    """A person did not do their part; the text says which."""


@dataclass(frozen=True)
class Row:
    """One question."""

    id: str
    # Where the collected facts ask it: file and section.
    asked: str
    question: str
    # The request, in words.
    request: str
    expected: str
    if_different: str
    # From the scene to an answer. `None`: it is never asked by a program.
    send: Callable = None
    # From an answer to a difference, or nothing.
    judge: Callable = None
    # What the person must have given.
    needs: tuple = ()
    # At most so many requests, with those that take away what it makes.
    cost: int = 1
    # The credential works, unless something is wrong: two refusals of it end the run.
    must_work: bool = False
    # From the scene to why it cannot be asked, or nothing.
    unless: Callable = None
    # Why it is never asked.
    never: str = ""


@dataclass(frozen=True)
class Result:
    """What came of a row."""

    row: Row
    # "as expected", "different: ...", "skipped: ...".
    outcome: str
    # What the server said, or how the command ended.
    came: str = ""


@dataclass
class Results:
    """What came of all rows so far, and why there are no more."""

    list: list = field(default_factory=list)
    stopped: str = ""
    # How often in a row each credential was refused that must work.
    refused: dict = field(default_factory=dict)

    def ask(self, rows, scene):
        """Asks rows in turn; after a stop each is noted as skipped."""
        for row in rows:
            self.list.append(self._ask(row, scene))

    def skip(self, rows, reason):
        """Notes rows as skipped that have not been asked."""
        noted = {result.row.id for result in self.list}
        self.list += [Result(row, f"skipped: {reason}") for row in rows if row.id not in noted]

    def _ask(self, row, scene):
        reason = self._why_not(row, scene)
        if reason:
            return Result(row, f"skipped: {reason}")
        try:
            answer = row.send(scene)
        except Skip as skip:
            return Result(row, f"skipped: {skip}")
        except EOFError:
            return Result(row, "skipped: nobody answered")
        except Stop as stop:
            self.stopped = str(stop)
            return Result(row, f"skipped: {stop}")
        result = judged(row, answer)
        self._watch(row, answer)
        return result

    def _why_not(self, row, scene):
        if row.never:
            return row.never
        if self.stopped:
            return self.stopped
        missing = [name for name in row.needs if not scene.given.get(name)]
        if missing:
            return "without " + ", ".join(missing)
        reason = row.unless(scene) if row.unless else ""
        if not reason and row.cost > scene.wire.left() - scene.reserve():
            reason = f"the {LIMIT} requests would not suffice"
        return reason

    def _watch(self, row, answer):
        """Looks for a lock-out, or for what would lead to one."""
        sign = lock_out(answer)
        if sign:
            self.stopped = f"stopped at a sign of a lock-out: {sign}"
        if not row.must_work:
            return
        key = row.needs[0]
        times = self.refused.get(key, 0) + 1 if answer.status == 401 else 0
        self.refused[key] = times
        if times > 1:
            self.stopped = f"stopped: {key} was refused twice, and it has to work"


def judged(row, answer):
    """The result of a row and an answer. What cannot be judged is different, too."""
    difference = answer.trouble or row.judge(answer)
    outcome = f"different: {difference}" if difference else AS_EXPECTED
    return Result(row, outcome, told(answer))
