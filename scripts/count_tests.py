#!/usr/bin/env python3
"""Prints "<passed> <failed>" of one report: ctest's JUnit XML or vitest's JSON.

A report that is missing or torn counts as nothing; the caller looks at the exit status as well.
"""

import json
import sys
import xml.etree.ElementTree


def junit(path):
    suite = xml.etree.ElementTree.parse(path).getroot()
    tests, failures, skipped, disabled = (
        int(suite.get(name, 0)) for name in ("tests", "failures", "skipped", "disabled")
    )
    return tests - failures - skipped - disabled, failures


def vitest(path):
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    # A file that could not be loaded has failed without a test of its own.
    unloaded = sum(
        1
        for file in report["testResults"]
        if file["status"] == "failed" and not file["assertionResults"]
    )
    return report["numPassedTests"], report["numFailedTests"] + unloaded


def main(path):
    try:
        passed, failed = junit(path) if path.endswith(".xml") else vitest(path)
    except (OSError, ValueError, KeyError, xml.etree.ElementTree.ParseError):
        passed, failed = 0, 0
    print(passed, failed)


if __name__ == "__main__":
    main(sys.argv[1])
