#!/usr/bin/env python3
"""Prints which share of the lines of each file of some modules was run; fails below a minimum.

Usage: coverage.py SUMMARY_JSON PERCENT_MIN MODULE...   (SUMMARY_JSON: of llvm-cov export)
"""

import json
import pathlib
import sys

# These are I/O around what is counted; integration tests run them against a real redis-server.
DRIVERS = {"redis/client.cc", "redis/connection.cc", "redis/stream.cc", "redis/subscriber.cc",
           "redis/script.cc", "redis/client.h", "redis/connection.h", "redis/stream.h",
           "redis/subscriber.h", "redis/script.h"}


def is_counted(name, modules):
    module = name.split("/")[0]
    return (module in modules and name not in DRIVERS and "testing" not in name
            and not name.endswith(("_test.cc", "_fixture.h")))


def percent(covered, lines):
    return 100 * covered / lines if lines else 100.0


def main(summary, percent_min, *modules):
    source = pathlib.Path(__file__).resolve().parent.parent / "src"
    files = json.loads(pathlib.Path(summary).read_text(encoding="utf-8"))["data"][0]["files"]
    all_lines, all_covered = 0, 0
    for module in modules:
        lines, covered = 0, 0
        for file in files:
            path = pathlib.Path(file["filename"])
            if source not in path.parents:
                continue
            name = str(path.relative_to(source))
            if not is_counted(name, {module}):
                continue
            counts = file["summary"]["lines"]
            lines += counts["count"]
            covered += counts["covered"]
            if counts["covered"] < counts["count"]:
                print(f"  {percent(counts['covered'], counts['count']):6.1f} %  {name}")
        print(f"{percent(covered, lines):6.1f} % of {lines} lines  {module}")
        all_lines, all_covered = all_lines + lines, all_covered + covered
    reached = percent(all_covered, all_lines)
    print(f"{reached:6.1f} % of {all_lines} lines in all; at least {percent_min} % are wanted")
    return 0 if reached >= float(percent_min) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
