"""The rules about history, beside a walk over it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from msgspec.structs import replace

from migsafe.applied import Key, Past, Row
from migsafe.config import Config
from migsafe.history.inquiry import Inquiry
from migsafe.history.rows import rows
from migsafe.model import Finding, Migration
from migsafe.project.applied import Recorded
from migsafe.project.choose import Chosen
from migsafe.project.graph import History
from migsafe.project.nodes import graph
from migsafe.project.operations import ReplayedMigration
from migsafe.project.suppressions import Suppression, suppressions
from migsafe.rules import HistoryContext, Rule, in_history


class Examination:
    """Looks at the graph as a whole, and at what is applied.

    Args:
        chosen: What the run is about.
        rules: Of these, those about history.
        postgres: Major version of the target server.
        recorded: What the database has recorded; None if it was not asked.
        thorough: As for `Inquiry`.
        shown: Makes a path what reports show.

    Attributes:
        wanted: Migrations to be given to `see`.

    Raises:
        MigsafeError: As `Inquiry` does.
    """

    def __init__(
        self,
        history: History,
        config: Config,
        chosen: Chosen,
        rules: Sequence[Rule],
        postgres: int,
        *,
        recorded: Sequence[Recorded] | None = None,
        thorough: bool = False,
        shown: Callable[[str], str],
    ) -> None:
        self.history = history
        self.config = config
        self.chosen = chosen
        self.rules = [rule for rule in rules if rule.history_checks]
        self.codes = frozenset(rule.code for rule in self.rules)
        self.apps = chosen.apps | {app for app, _ in chosen.keys}
        self.graph = graph(history, changes=bool(self.rules), shown=shown)
        self.inquiry = Inquiry(
            history, config, apps=self.apps, postgres=postgres, recorded=recorded, thorough=thorough, shown=shown
        )
        sides = self.graph.conflict_sides().values()
        self.sides = frozenset(chain.from_iterable(keys for leaves in sides for keys in leaves.values()))
        self.replayed: dict[Key, ReplayedMigration] = {}

    @property
    def wanted(self) -> frozenset[Key]:
        return self.sides | self.inquiry.wanted

    def see(self, replayed: ReplayedMigration) -> None:
        """Take note of what a migration executes."""
        self.inquiry.see(replayed)
        if (replayed.app, replayed.name) in self.sides:
            self.replayed[replayed.app, replayed.name] = replayed

    def past(self) -> Past:
        """What has become of what is applied; to be asked for once, when all has been seen."""
        return self.inquiry.past()

    def findings(self, past: Past) -> list[Finding]:
        """What the rules find."""
        context = HistoryContext(
            graph=self.graph,
            past=past,
            looked_at=self.chosen.history,
            apps=self.apps,
            replayed=self.replayed,
            together=self.config.since is not None,
        )
        return [one for one in in_history(context, self.rules) if self._is_about(one)]

    def _is_about(self, finding: Finding) -> bool:
        """Whether a finding is about what the run is about: whoever names a migration wants no other."""
        if finding.app in self.chosen.apps or (finding.app, finding.migration) in self.chosen.keys:
            return True
        return finding.app not in self.graph.installed  # of apps that are gone, rules speak in whole runs only

    def rows(self, past: Past) -> tuple[Row, ...]:
        """All migrations that the run is about, old history too: that is what is applied."""
        keys = self.chosen.history
        if self.config.since is None:
            keys |= {key for key in self.history.order if key[0] in self.chosen.apps}
        return tuple(rows(self.graph, past, keys, self.chosen.apps))

    def beside(self, findings: Iterable[Finding], migrations: Sequence[Migration]) -> Iterator[Migration]:
        """Migrations of findings that are not among those that are looked at."""
        seen = {(one.app, one.name) for one in migrations}
        keys = dict.fromkeys((one.app, one.migration) for one in findings if one.app and one.migration)
        for node in (self.graph.nodes.get(key) for key in keys if key not in seen):
            if node:
                yield Migration(node.app, node.name, node.path, atomic=True, operations=())

    def suppressions(self, migration: Migration) -> Iterator[Suppression]:
        """What comments in a file say of findings about history: other rules have not been run on it."""
        for comment in suppressions(self.inquiry.files[migration.app, migration.name], ()):
            if own := tuple(code for code in comment.codes if code in self.codes):
                yield replace(comment, codes=own)
