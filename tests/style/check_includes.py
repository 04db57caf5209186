"""Includes follow the design's direction, and the pure folders stay pure."""

import re

import include_rules as rules
from source import code_only, line_of
from tree import CPP, Problem

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


def check(tree):
    for name in tree.ending(*CPP):
        if name.startswith(tuple(f"{folder}/" for folder in rules.EVERYTHING)):
            continue
        text = tree.read(name)
        folder = rules.folder_of(name)
        if folder is None:
            yield Problem(name, 1, "is in no folder that the include table knows",
                          "move it, or add its folder to tests/style/include_rules.py as the design says")
            continue
        wires = name.rpartition("/")[2] == rules.WIRING_FILE
        for match in INCLUDE.finditer(text):
            yield from check_include(tree, name, line_of(text, match.start(1 if match[1] else 2)), folder, wires,
                                     quoted=match[1], angled=match[2])
        if folder in rules.PURE:
            yield from check_purity(name, folder, text)


def check_include(tree, name, line, folder, wires, quoted, angled):
    if quoted or angled.startswith("baton/"):
        target = resolve(tree, name, quoted or angled)
        if target is None:
            yield Problem(name, line, f'includes "{quoted or angled}", which is no file of the tree',
                          "write the path from the top of the tree; system headers go into <>")
        elif not wires and rules.folder_of(target) not in rules.allowed_for(folder):
            known = ", ".join(sorted(rules.allowed_for(folder)))
            yield Problem(name, line, f"{folder} may not include {target}",
                          f"it may include {known}; go through a port, or change the design and include_rules.py")
        return
    yield from check_library(name, line, folder, wires, angled)


def resolve(tree, name, path):
    """A quoted path as the compiler would find it: from the top, beside the file, in sdk/ or libbaton/, or made from proto/."""
    if path.endswith(".pb.h"):
        return f"proto/{path}"
    beside = name.rpartition("/")[0] + "/" + path
    return next((found for found in (path, f"sdk/{path}", f"libbaton/{path}", beside) if found in tree.names), None)


def check_library(name, line, folder, wires, header):
    for library, knowing in rules.LIBRARIES.items():
        if header.startswith(library) and folder not in knowing and not wires:
            yield Problem(name, line, f"<{header}> is known only in {', '.join(knowing) or 'tests'}",
                          "use the port that the adapter implements")
    if folder not in rules.PURE:
        return
    standard = "/" not in header and "." not in header
    if header in rules.IMPURE_HEADERS or not (standard or header.startswith(rules.PURE_THIRD_PARTY)):
        yield Problem(name, line, f"{folder} is pure: <{header}> may not be included there",
                      "it may use the C++ standard library without threads, files and chance, and Boost.JSON")


def check_purity(name, folder, text):
    code = code_only(text)
    for pattern, why in rules.IMPURE_CODE.items():
        for match in re.finditer(pattern, code):
            yield Problem(name, line_of(code, match.start()), f"{folder} is pure: '{match.group().strip()}'", why)
