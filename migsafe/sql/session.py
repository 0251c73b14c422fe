"""A session between two statements: the schema, the open transaction, and the locks that it holds.

Manual: BEGIN, COMMIT, ROLLBACK, SAVEPOINT, ROLLBACK TO SAVEPOINT, PREPARE TRANSACTION, SET; 13.3.1 Table-Level Locks
("once acquired, a lock is normally held until the end of the transaction").
"""

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from migsafe import actions as a
from migsafe.actions import Action, Parsed
from migsafe.model import Statement
from migsafe.postgres.locks import stops_traffic
from migsafe.sql.catalog import Catalog
from migsafe.sql.effects import IN_TRANSACTION, Analysis, analyse
from migsafe.sql.held import Locks

_NEEDS_BLOCK = "can only be used in transaction blocks"
_ABORTED = "current transaction is aborted"
_ENDS = ("commit", "rollback", "rollback to", "prepare transaction")
"""What ends or repairs an aborted transaction."""
_WRITES = (a.Insert, a.Update, a.Delete, a.Copy)


class Savepoint(msgspec.Struct, frozen=True):
    """A savepoint and the session as it was then, with the savepoints before it."""

    name: str
    session: "Session"


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """An open transaction block.

    Attributes:
        begun: The session before it, which ROLLBACK brings back.
        savepoint: The youngest one.
        settings: Search path and UTC as they are again at the end: what SET LOCAL has changed. None for nothing.
        aborted: Whether a statement of it has failed, so that nothing is carried out until it ends.
        filled: Whether tables made in it may have rows.
        assumed: Whether nobody wrote BEGIN: what is refused in it says so, but nothing after it has to suffer.
    """

    begun: "Session"
    savepoint: Savepoint | None = None
    settings: tuple[tuple[str, ...], bool] | None = None
    aborted: bool = False
    filled: bool = False
    assumed: bool = False


class Prepared(msgspec.Struct, frozen=True):
    """What PREPARE TRANSACTION leaves behind until COMMIT PREPARED or ROLLBACK PREPARED.

    Attributes:
        catalog: The schema that ROLLBACK PREPARED brings back.
    """

    locks: Locks
    catalog: Catalog


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session as the statements so far have left it.

    Attributes:
        postgres: Major version of the server.
        complete: Whether the catalog is the whole schema; if not, what DROP IF EXISTS names is taken to exist.
        utc: Whether TimeZone is known to be UTC.
        block: The open transaction block; None when each statement commits by itself.
        locks: Held by the block.
    """

    postgres: int
    catalog: Catalog = Catalog()
    complete: bool = True
    utc: bool = False
    block: Block | None = None
    locks: Locks = Locks()
    prepared: Prepared | None = None

    @property
    def prepared_locks(self) -> Locks:
        """All locks there are outside a block and its statements."""
        return Locks() if self.prepared is None else self.prepared.locks

    def begin(self, *, filled: bool = False, assumed: bool = False) -> "Session":
        """Open a transaction block if there is none; ``filled`` and ``assumed`` as in `Block`."""
        block = self.block or Block(begun=self, filled=filled, assumed=assumed)
        return replace(self, block=block)

    def commit(self) -> "Session":
        """End the transaction block, if there is one; an aborted one is rolled back."""
        block = self.block
        if block is None or block.aborted:
            return self.rollback()
        path, utc = block.settings or (self.catalog.search_path, self.utc)
        catalog = self.catalog if path == self.catalog.search_path else replace(self.catalog, search_path=path)
        return replace(self, catalog=catalog, utc=utc, block=None, locks=self.prepared_locks)

    def rollback(self) -> "Session":
        """Undo the transaction block, if there is one."""
        return self.block.begun if self.block is not None else replace(self, locks=self.prepared_locks)

    def after(self, parsed: Parsed) -> "Session":
        """The session after a statement that the server carries out, but for the locks."""
        session = self
        for action in parsed.actions:
            session = session._after(action)
        return session

    def run(self, parsed: Parsed, *, alone: bool = True) -> "tuple[Session, Analysis]":
        """Say what a statement would do, and what session it leaves.

        ``alone`` says that it is sent to the server by itself: several in one text are a transaction, COMMIT or not.

        What follows a refused statement in its transaction is refused too. Its steps still say what it does as soon as
        that one is repaired.
        """
        block = self.block
        analysis = analyse(
            parsed,
            self.catalog,
            self.postgres,
            transaction=block is not None or not alone,
            complete=self.complete,
            utc=self.utc,
        )
        refused = analysis.statement.fails or next(self._refusals(parsed), None)
        session = self
        steps = []
        for step in analysis.steps:
            steps.append(replace(step, held=session.locks.modes))
            after = session if refused else session._after(step.action)
            session = replace(after, locks=after.locks.after(step, after.catalog, self._first_new))
        if session.block is None:
            session = replace(session, locks=session.prepared_locks)
        elif refused and not parsed.dynamic and not session.block.assumed:  # a condition in a DO block may not hold
            session = replace(session, block=replace(session.block, aborted=True))
        if refused is None and block is not None and block.aborted and not self._repairs(parsed):
            refused = _ABORTED
        return session, Analysis(self._reported(analysis, refused), tuple(steps))

    @property
    def _first_new(self) -> int:
        """Relations with this `oid` or a later one are made in the transaction."""
        return (self if self.block is None else self.block.begun).catalog.next_oid

    def _reported(self, analysis: Analysis, fails: str | None) -> Statement:
        if fails is not None:
            return replace(analysis.statement, fails=fails, effects=())
        if self.locks.worst and self._matters(analysis):
            worst = self.locks.worst
            return replace(analysis.statement, held=worst, held_more=len(self.locks.stopping) - len(worst))
        return analysis.statement

    def _matters(self, analysis: Analysis) -> bool:
        """Whether a statement makes it worse that locks are held: it takes long, or waits for a lock of the kind."""
        if not analysis.statement.analysed:
            return True
        filled = self.block is None or self.block.filled
        for step in analysis.steps:
            if isinstance(step.action, _WRITES):
                return True
            for effect in step.effects:
                known = step.relations[effect.relation]
                existed = known is None or known.oid < self._first_new
                if (effect.rewrites or effect.scans) and (existed or filled):
                    return True
                held = self.locks.modes.get(effect.relation)
                if existed and stops_traffic(effect.lock) and (held is None or held < effect.lock):
                    return True
        return False

    def _refusals(self, parsed: Parsed) -> Iterator[str]:
        for action in parsed.actions:
            if isinstance(action, a.LockTable) and self.block is None and not parsed.dynamic:
                yield _NEEDS_BLOCK
            elif isinstance(action, a.Transaction):
                yield from self._refusals_in_block(action) if parsed.dynamic else self._refusals_of(action)

    def _refusals_in_block(self, action: a.Transaction) -> Iterator[str]:
        """Why PL/pgSQL refuses to control transactions."""
        if action.command not in ("commit", "rollback"):
            yield "unsupported transaction command in PL/pgSQL"
        elif self.postgres < 11:
            yield "cannot begin/end transactions in PL/pgSQL"
        elif self.block is not None:
            yield "invalid transaction termination"

    def _refusals_of(self, action: a.Transaction) -> Iterator[str]:
        if action.chain and self.postgres < 12:
            yield "needs PostgreSQL 12"
        if self.block is None:
            if action.chain or action.command in ("savepoint", "release", "rollback to"):
                yield _NEEDS_BLOCK
        elif action.command in ("commit prepared", "rollback prepared"):
            yield IN_TRANSACTION
        elif action.command in ("release", "rollback to") and self._savepoint(action.name) is None:
            yield f'savepoint "{action.name}" does not exist'

    def _repairs(self, parsed: Parsed) -> bool:
        """Whether an aborted transaction takes a statement: only what ends it or goes back to a savepoint."""
        return any(isinstance(action, a.Transaction) and action.command in _ENDS for action in parsed.actions)

    def _after(self, action: Action) -> "Session":
        match action:
            case a.Transaction():
                return self._controlled(action)
            case a.SetVariable():
                return self._set(action)
        session = replace(self, catalog=self.catalog.after(action))
        if self.block is not None and not self.block.filled and _fills(action):
            session = replace(session, block=replace(self.block, filled=True))
        return session

    def _set(self, action: a.SetVariable) -> "Session":
        if action.local and self.block is None:
            return self  # it ends with the statement
        before = self.catalog.search_path, self.utc
        utc = (action.value or "").upper() == "UTC" if action.name == "timezone" else self.utc
        session = replace(self, catalog=self.catalog.after(action), utc=utc)
        if self.block is None:
            return session
        settings = self.block.settings
        if action.local:
            settings = settings or before
        elif settings is not None:
            settings = (settings[0], utc) if action.name == "timezone" else (session.catalog.search_path, settings[1])
        return replace(session, block=replace(self.block, settings=settings))

    def _controlled(self, action: a.Transaction) -> "Session":
        """The session after a command that controls transactions, and that is not refused."""
        block = self.block
        match action.command:
            case "begin":
                return replace(self, block=replace(block, assumed=False)) if block else self.begin()
            case "commit" | "rollback":
                ended = self.commit() if action.command == "commit" else self.rollback()
                return ended.begin() if action.chain else ended
            case "prepare transaction" if block is not None and not block.aborted:
                prepared = Prepared(self.locks, block.begun.catalog)
                return replace(self.commit(), prepared=prepared, locks=self.locks)
            case "prepare transaction":
                return self.rollback()
            case "commit prepared" | "rollback prepared" if self.prepared is not None:
                catalog = self.catalog if action.command == "commit prepared" else self.prepared.catalog
                return replace(self, catalog=catalog, prepared=None)
            case "savepoint" if block is not None and action.name is not None and not block.aborted:
                return replace(self, block=replace(block, savepoint=Savepoint(action.name, self)))
            case "release" | "rollback to" if (savepoint := self._savepoint(action.name)) and block is not None:
                then = savepoint.session.block
                if action.command == "rollback to":
                    return replace(savepoint.session, block=then and replace(then, savepoint=savepoint))
                if not block.aborted:
                    return replace(self, block=replace(block, savepoint=then and then.savepoint))
        return self

    def _savepoint(self, name: str | None) -> Savepoint | None:
        """The youngest savepoint of a name."""
        block = self.block
        while block is not None and block.savepoint is not None:
            if block.savepoint.name == name:
                return block.savepoint
            block = block.savepoint.session.block
        return None


def _fills(action: Action) -> bool:
    """Whether an action may put rows into tables; functions that a query calls may do so."""
    if isinstance(action, a.CreateTable):
        return not action.columns  # CREATE TABLE … AS
    return isinstance(action, (*_WRITES, a.Select, a.CreateView, a.Unknown))
