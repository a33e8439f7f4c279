#!/usr/bin/env python3
"""Checks the layering of the modules, which one include root does not enforce.

The layering is the DEPS of each spillway_library() in src/<module>/CMakeLists.txt. Every
#include "<module>/..." in src/<other> has to be of the module itself or of one that it depends on,
directly or through others; DEPS have no cycle; nothing depends on cli, the program.
"""

import pathlib
import re
import sys

SRC = pathlib.Path(__file__).resolve().parent.parent / "src"
LIBRARY = re.compile(r"^\s*spillway_library\(\s*(\w+)([^)]*)\)", re.MULTILINE)
SECTION = re.compile(r"\b(SRCS|DEPS|LINKS)\b")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"/]+)/')


def read_dependencies():
    """Maps each module to the modules named after DEPS."""
    dependencies = {}
    for path in sorted(SRC.glob("*/CMakeLists.txt")):
        text = re.sub(r"#.*", "", path.read_text(encoding="utf-8"))
        for name, arguments in LIBRARY.findall(text):
            words = SECTION.split(arguments)
            sections = dict(zip(words[1::2], words[2::2]))
            dependencies[name] = sections.get("DEPS", "").split()
    return dependencies


def reachable(dependencies, module):
    """All that the module depends on, itself included only if there is a cycle."""
    found, waiting = set(), list(dependencies[module])
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(dependencies.get(name, []))
    return found


def check_modules(dependencies):
    for module, names in dependencies.items():
        for name in names:
            if name not in dependencies:
                yield f"src/{module}/CMakeLists.txt: DEPS names {name}, which is no module"
        if "cli" in names:
            yield f"src/{module}/CMakeLists.txt: depends on cli, which is the program"
        if module in reachable(dependencies, module):
            yield f"src/{module}/CMakeLists.txt: {module} depends on itself through its DEPS"


def check_includes(dependencies):
    modules = {path.name for path in SRC.iterdir() if path.is_dir()}
    for path in sorted([*SRC.glob("*/**/*.h"), *SRC.glob("*/**/*.cc")]):
        module = path.relative_to(SRC).parts[0]
        allowed = {module} | reachable(dependencies, module) if module in dependencies else {module}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            match = INCLUDE.match(line)
            if match and match[1] in modules - allowed:
                place = f"{path.relative_to(SRC.parent)}:{number}"
                yield f"{place}: {module} includes {match[1]}, which is not among its DEPS"


def main():
    dependencies = read_dependencies()
    problems = [*check_modules(dependencies), *check_includes(dependencies)]
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(dependencies)} modules, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
