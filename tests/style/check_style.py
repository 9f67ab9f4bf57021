"""Checks what a compiler does not: who includes whom, calls that would break determinism, and how files read.

    check_style.py ROOT     exit code 0: no finding; 1: findings, one a line; sizes are warnings and fail nothing

Each rule is a generator of (line, message) and has a name; style_self_test.py shows that every one of them can fire.
A line that must break a rule says so and why:  // style: allow(RULE) because ...
"""
import os
import re
import sys
from pathlib import Path

SOURCE_FOLDERS = ("runtime", "actors", "models", "data", "monitoring", "tests")
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70

# ARCHITECTURE, part 8, as a table: a room (the longest prefix of a path wins), the rooms of the project it may include
# beside itself, and the libraries it may include. Every room may include the C++ standard library.
ROOMS = {
    "runtime/vocabulary": ((), ()),
    "runtime/core": (("runtime/vocabulary",), ()),
    "runtime/simulation": (("runtime/vocabulary", "runtime/core"), ()),
    "runtime/memory": (("runtime/vocabulary",), ()),
    "runtime/storage": (("runtime/vocabulary", "runtime/core"), ("system", "nlohmann", "openssl")),
    "runtime/transport": (
        ("runtime/vocabulary", "runtime/core", "runtime/memory"),
        ("system", "zmq", "flatbuffers", "openssl"),
    ),
    "models": (("runtime/vocabulary",), ("system",)),
    "data": (("runtime/vocabulary",), ("system", "eigen", "netcdf")),
    "monitoring": (
        ("runtime/vocabulary", "runtime/core"),
        ("system", "prometheus", "nlohmann", "civetweb", "openssl"),
    ),
    "actors/config": (
        ("runtime/vocabulary", "runtime/core", "models", "data"),
        ("system", "toml++", "nlohmann"),
    ),
    "actors": (
        ("runtime", "models", "data", "monitoring"),
        ("system", "caf", "toml++", "CLI", "nlohmann"),
    ),
    "tests": (
        ("runtime", "actors", "models", "data", "monitoring"),
        ("system", "boost", "benchmark", "caf", "eigen", "netcdf", "nlohmann", "openssl", "prometheus", "toml++"),
    ),
}
# The first part of an #include <...> that names a library; anything else with a dot or a slash is the system's.
LIBRARIES = {
    "caf": "caf",
    "civetweb.h": "civetweb",
    "Eigen": "eigen",
    "unsupported": "eigen",
    "netcdf": "netcdf",
    "netcdf.h": "netcdf",
    "nlohmann": "nlohmann",
    "openssl": "openssl",
    "prometheus": "prometheus",
    "toml++": "toml++",
    "CLI": "CLI",
    "boost": "boost",
    "benchmark": "benchmark",
    "zmq.h": "zmq",
    "zmq.hpp": "zmq",
    "flatbuffers": "flatbuffers",
}

CORE_BANNED_HEADERS = re.compile(
    r"<(thread|mutex|shared_mutex|atomic|condition_variable|future|semaphore|latch|barrier|stop_token|iostream|istream|"
    r"ostream|fstream|cstdio|filesystem|random|ctime|unordered_map|unordered_set|execution)>"
)
# A free function of the C or C++ library: not a member, not of another namespace.
LIBRARY_CALL = r"(?<![\w.>:])(?:::)?(?:std::)?"
CORE_BANNED_CALLS = re.compile(
    r"\b(?:system_clock|steady_clock|high_resolution_clock|random_device|mt19937(?:_64)?|default_random_engine|"
    r"\w+_distribution|unordered_(?:multi)?(?:map|set)|hash<|this_thread)"
    r"|" + LIBRARY_CALL + r"(?:rand|srand|random|drand48|time|clock|gettimeofday|clock_gettime|getenv|printf|fprintf|puts|nanosleep|"
    r"usleep|sleep)\s*\("
)
SLEEPS = re.compile(
    r"\b(?:sleep_for|sleep_until|usleep|nanosleep|clock_nanosleep)\s*\(|" + LIBRARY_CALL + r"sleep\s*\("
)
# The C library picks variants of these by CPU, so their bits differ between machines; sqrt and fma are IEEE.
TRANSCENDENTAL_NAMES = (
    r"(?:exp|exp2|expm1|log|log2|log10|log1p|sin|cos|sincos|tan|asin|acos|atan|atan2|sinh|cosh|tanh|asinh|acosh|atanh|"
    r"pow|cbrt|hypot|erf|erfc|tgamma|lgamma)[fl]?"
)
TRANSCENDENTAL = re.compile(
    LIBRARY_CALL + r"(?:__builtin_)?" + TRANSCENDENTAL_NAMES + r"\s*\(|\bstd::" + TRANSCENDENTAL_NAMES + r"\b"
)
UNORDERED_SUMS = re.compile(r"\bstd::(?:reduce|transform_reduce|execution)\b")
BIT_RELEVANT = ("runtime/core", "runtime/vocabulary", "models", "data")
UNSAFE_FLAGS = re.compile(r"-(?:ffast-math|Ofast|funsafe-math-optimizations|fassociative-math|march=native|mtune=native)")
LEFTOVERS = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
EMPTY_NAMES = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers", "stuff"}
ALLOWED = re.compile(r"//\s*style: allow\(([\w-]+)\) because \w+")


class Source:
    """One file: its path from the root, its lines, and its C++ lines with comments and literals blanked out."""

    def __init__(self, path, text):
        self.path = path
        self.lines = text.splitlines()
        self.is_cpp = path.endswith((".cpp", ".hpp"))
        self.is_prose = path.endswith((".md", ".py"))
        self.code = without_comments_and_literals(text).splitlines() if self.is_cpp else []

    def room(self):
        rooms = [room for room in ROOMS if self.path.startswith(room + "/")]
        return max(rooms, key=len, default=None)

    def includes(self):
        for number, line in enumerate(self.lines, 1):
            found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if found:
                yield number, found[1] == '"', found[2]


def without_comments_and_literals(text):
    """Blanks comments, strings and characters; keeps every line where it is."""
    token = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'',
        re.S,
    )
    return token.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def matches(pattern, lines, message):
    for number, line in enumerate(lines, 1):
        found = pattern.search(line)
        if found:
            yield number, message.format(found[0].strip())


def include_from_the_root(source):
    for number, quoted, header in source.includes():
        if quoted and not header.startswith(tuple(folder + "/" for folder in SOURCE_FOLDERS)):
            yield number, f'"{header}" is not written from the root of the tree'


def include_direction(source):
    room = source.room()
    if room is None:
        if source.is_cpp and source.path.startswith(tuple(folder + "/" for folder in SOURCE_FOLDERS)):
            yield 1, "a new folder: say in ROOMS of check_style.py whom it may include"
        return
    rooms, libraries = ROOMS[room]
    for number, quoted, header in source.includes():
        if quoted:
            if not header.startswith(tuple(folder + "/" for folder in SOURCE_FOLDERS)):
                continue  # include_from_the_root's case
            if not header.startswith(tuple(allowed + "/" for allowed in (room, *rooms))):
                yield number, f"{room} may not include {header} (it may: {', '.join((room, *rooms))})"
        else:
            library = LIBRARIES.get(header.split("/")[0]) or ("system" if re.search(r"[./]", header) else None)
            if library and library not in libraries:
                yield number, f"{room} may not include <{header}> (beside the standard library: {', '.join(libraries) or 'nothing'})"


def pure_core(source):
    if source.room() in ("runtime/core", "runtime/vocabulary"):
        if source.path != "runtime/vocabulary/assert.cpp":  # which writes the last words of the process
            yield from matches(CORE_BANNED_HEADERS, source.lines, "{} has no place in the pure core")
            yield from matches(CORE_BANNED_CALLS, source.code, "'{}': no IO, clock, thread or unordered order in the core")


def same_bits(source):
    if source.path.startswith(tuple(room + "/" for room in BIT_RELEVANT)):
        yield from matches(TRANSCENDENTAL, source.code, "'{}': libm's bits depend on the CPU; see runtime/vocabulary/elementary.hpp")
        yield from matches(UNORDERED_SUMS, source.code, "'{}' adds in an order that the library chooses")


def no_sleep(source):
    yield from matches(SLEEPS, source.code, "'{}': wait for a condition with a deadline, never for time to pass")


def safe_flags(source):
    if not source.is_cpp and not source.is_prose:
        lines = [line.split("#")[0] for line in source.lines]
        yield from matches(UNSAFE_FLAGS, lines, "{} makes the bits depend on compiler or machine")


def no_leftovers(source):
    yield from matches(LEFTOVERS, source.lines, "{}: finish it, or write it down where open work is kept")


def header_opens_with_its_purpose(source):
    if source.path.endswith(".hpp") and not (source.lines and source.lines[0].startswith("// ")):
        yield 1, "a header opens with a comment: what it is for, thread rule, invariants"


def header_is_included_once(source):
    if source.path.endswith(".hpp") and "#pragma once" not in source.lines:
        yield 1, "no #pragma once"


def telling_name(source):
    for part in Path(source.path).parts:
        stem = part.split(".")[0].lower()
        if EMPTY_NAMES & set(re.split(r"[_\-]", stem)):
            yield 1, f"'{part}' does not say what the file is about"


def file_size(source):
    if source.is_cpp and len(source.lines) > FILE_LINES_MAX:
        yield 1, f"{len(source.lines)} lines: what second idea moved in?"


def function_size(source):
    """A function is a brace with a parameter list before it, directly in a namespace or a class."""
    open_braces = []  # of each: (line, kind)
    head = ""
    for number, line in enumerate(source.code, 1):
        if line.lstrip().startswith("#"):
            continue
        for character in line:
            if character == "{":
                open_braces.append((number, kind_of_brace(head, open_braces)))
                head = ""
            elif character == "}" and open_braces:
                first, kind = open_braces.pop()
                lines = number - first + 1
                if kind == "function" and lines > FUNCTION_LINES_MAX:
                    yield first, f"a function of {lines} lines does not fit on a screen"
                head = ""
            elif character == ";":
                head = ""
            else:
                head += character
        head += " "


def kind_of_brace(head, open_braces):
    if open_braces and open_braces[-1][1] != "scope":
        return "block"
    if re.search(r"\b(?:namespace|class|struct|union|extern)\b[^()]*$", head):
        return "scope"
    return "function" if "(" in head else "block"


RULES = {rule.__name__.replace("_", "-"): rule for rule in (
    include_from_the_root, include_direction, pure_core, same_bits, no_sleep, safe_flags, no_leftovers,
    header_opens_with_its_purpose, header_is_included_once, telling_name, file_size, function_size,
)}
WARNINGS = {"file-size", "function-size"}


def findings(source):
    """All (line, rule, message) of a source, without those that a line allows itself with a reason."""
    for name, rule in RULES.items():
        for number, message in rule(source):
            line = source.lines[number - 1] if source.lines else ""
            allowed = ALLOWED.search(line)
            if not (allowed and allowed[1] == name):
                yield number, name, message


def sources(root):
    """Every text file of the tree that people write."""
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in (".git", "build", "runs", "__pycache__"))
        for name in sorted(files):
            path = Path(folder, name)
            if path.is_symlink():
                continue
            try:
                text = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue  # a picture, a NetCDF file
            yield Source(path.relative_to(root).as_posix(), text)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: check_style.py ROOT")
    count = errors = 0
    for source in sources(sys.argv[1]):
        count += 1
        for line, rule, message in findings(source):
            is_warning = rule in WARNINGS
            errors += not is_warning
            print(f"{source.path}:{line}: {'warning' if is_warning else 'error'}: {message} [{rule}]")
    print(f"{count} files, {errors} errors")
    if count == 0:
        sys.exit(f"nothing to check in {sys.argv[1]}")
    sys.exit(1 if errors else 0)


if __name__ == "__main__":
    main()
