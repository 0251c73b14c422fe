"""Write what is expected of scenarios of plans: ``python tests/scenarios/write.py NAME…``; without a name, of all."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from tests.scenarios.plans import NAMES, Scenario

    for name in sys.argv[1:] or NAMES:
        scenario = Scenario(name)
        if scenario.runs_here:
            scenario.write()
        else:
            print(f"{name}: not for this Django, left as it is")
