"""``python -m tests.metamorphic``: try every operator on every kept run, and print each violation."""

from __future__ import annotations

import argparse
from collections import Counter

from tests.metamorphic.files import whole_runs
from tests.metamorphic.operators import BY_NAME
from tests.metamorphic.trial import trials


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.metamorphic", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1, help="how often each operator is drawn for each run")
    parser.add_argument("--operator", action="append", choices=sorted(BY_NAME), help="only this one")
    parser.add_argument("--run", action="append", choices=whole_runs(), help="only this run")
    given = parser.parse_args()
    operators = [BY_NAME[name] for name in given.operator or BY_NAME]
    tried: Counter[str] = Counter()
    violations: Counter[str] = Counter()
    for found in trials(operators, given.run or whole_runs(), given.seeds):
        tried[found.operator] += 1
        if not found.holds:
            violations[found.operator] += 1
            print(found, flush=True)
    print("\nviolations of trials, by operator:")
    for name, number in tried.items():
        print(f"{violations[name]:5} of {number:5}  {name}")


if __name__ == "__main__":
    main()
