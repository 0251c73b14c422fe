"""Plans, carried out on a real server while code of both releases uses it; and what becomes of plans that are wrong."""

from migsafe.planning import Proof
from migsafe.sandbox.server import Server
from migsafe.testing import Scenario

SHOP = Scenario(
    'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True)),'
    ' ("email", models.CharField(max_length=10)), ("discount", models.IntegerField(null=True))])'
)


def proven(server: Server, *change: str, rows: int = 200) -> Proof:
    proof = SHOP.plan(*change, verify=True, rows=rows, server=server).proof
    assert proof is not None
    return proof


def test_a_plan_in_three_deploys_holds(postgres: Server) -> None:
    proof = proven(postgres, 'migrations.AlterField("order", "discount", models.IntegerField(default=0))')
    assert proof.holds, proof
    assert (proof.wrong_rows, proof.schema, proof.not_reversible, proof.unproven) == ((), (), (), ())
    assert [phase.deploy for phase in proof.phases] == [1, 1, 2, 2, 3, 3, 3, 2, 1]
    assert proof.phases[4].interrupted
    assert proof.rows_compared >= 200
    assert all(phase.stalls and phase.longest_read and phase.longest_write for phase in proof.phases)
    assert {one.release for one in proof.phases[1].stalls} == {"before", "deploy 1"}
    assert all(one.observed is not None for one in proof.phases[0].statements)


def test_the_original_beside_it_breaks_code(postgres: Server) -> None:
    proof = proven(postgres, 'migrations.AddField("order", "note", models.CharField(max_length=5, default="new"))')
    assert proof.holds, proof
    [applied, rollout] = proof.original
    assert {(one.release, one.action) for one in applied.errors} == {("before", "insert")}
    assert 'null value in column "note"' in rollout.errors[0].error
