#!/usr/bin/env python3
"""Runs clang-tidy over every source file of src/ but the tests, as many at a time as there are cores.

Usage: clang_tidy.py [FILE...]   (default: all)

A file that was clean is not looked at again until what the compiler reads of it changes: the key is
its preprocessed text with the comments, .clang-tidy and this script. GoogleTest's macros make the
tests slow to check and noisy; they are compiled with warnings as errors, and run.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "clang"
CLEAN = ROOT / ".cache" / "clang-tidy"
# The analyzer's deep mode takes three times as long and finds the same in this tree.
ANALYZER = ["-Xclang", "-analyzer-config", "-Xclang", "mode=shallow"]


def read_commands():
    """Maps each file to the command that compiles it, without compiler launcher and output."""
    subprocess.run(["cmake", "--preset", "clang"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    commands = {}
    for entry in json.loads((BUILD / "compile_commands.json").read_text(encoding="utf-8")):
        path = pathlib.Path(entry["file"])
        if (ROOT / "src") in path.parents and not path.name.endswith("_test.cc"):
            words = shlex.split(entry["command"])
            start = next(i for i, word in enumerate(words) if word.endswith("clang++"))
            commands[path] = words[start : words.index("-o")]
    return commands


def fingerprint(path, command, settings):
    text = subprocess.run(
        [*command, "-E", "-C", str(path)], cwd=BUILD, check=False, capture_output=True
    ).stdout
    return hashlib.sha256(settings + b"\0".join([*map(os.fsencode, command), text])).hexdigest()


def check(path, command, settings):
    """Returns clang-tidy's findings, or nothing if there are none."""
    stamp = CLEAN / fingerprint(path, command, settings)
    if stamp.exists():
        return ""
    extra = [f"--extra-arg={argument}" for argument in ANALYZER]
    result = subprocess.run(
        ["clang-tidy", "--quiet", "-p", str(BUILD), *extra, str(path)],
        check=False,
        capture_output=True,
        text=True,
    )
    if result.returncode == 0:
        stamp.touch()
        return ""
    return result.stdout or result.stderr


def main(names):
    commands = read_commands()
    wanted = {pathlib.Path(name).resolve() for name in names} or set(commands)
    CLEAN.mkdir(parents=True, exist_ok=True)
    version = subprocess.run(["clang-tidy", "--version"], check=True, capture_output=True).stdout
    settings = version + (ROOT / ".clang-tidy").read_bytes() + pathlib.Path(__file__).read_bytes()
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [
            pool.submit(check, path, command, settings)
            for path, command in sorted(commands.items())
            if path in wanted
        ]
        for job in concurrent.futures.as_completed(jobs):
            if findings := job.result():
                bad += 1
                print(findings, end="", flush=True)
    print(f"{len(jobs)} files, {bad} with findings")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
