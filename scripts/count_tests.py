#!/usr/bin/env python3
"""Prints how many tests of a report (ctest's JUnit XML, vitest's JSON) passed, then what failed.

Each failed test is a line: its name, and the first line of what it said. A report that is missing or
torn counts as nothing; the caller looks at the exit status as well.
"""

import json
import sys
import xml.etree.ElementTree


def line(name, said):
    said = (said or "").strip()
    return f"{name}: {said.splitlines()[0]}" if said else name


def junit(path):
    suite = xml.etree.ElementTree.parse(path).getroot()
    tests, failures, skipped, disabled = (
        int(suite.get(name, 0)) for name in ("tests", "failures", "skipped", "disabled")
    )
    failed = [
        line(case.get("name"), case.find("failure").get("message"))
        for case in suite.iter("testcase")
        if case.find("failure") is not None
    ]
    return tests - failures - skipped - disabled, failed


def vitest(path):
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    failed = []
    for file in report["testResults"]:
        name = file["name"].rsplit("/", 1)[-1]
        tests = [test for test in file["assertionResults"] if test["status"] == "failed"]
        failed += [
            line(f"{name} > {test['fullName']}", (test["failureMessages"] or [""])[0])
            for test in tests
        ]
        # A file that could not be loaded, or whose hooks failed, has failed without a test of its own.
        if file["status"] == "failed" and not tests:
            failed.append(line(name, file.get("message")))
    return report["numPassedTests"], failed


def main(path):
    try:
        passed, failed = junit(path) if path.endswith(".xml") else vitest(path)
    except (OSError, ValueError, KeyError, xml.etree.ElementTree.ParseError):
        passed, failed = 0, []
    print(passed, *failed, sep="\n")


if __name__ == "__main__":
    main(sys.argv[1])
