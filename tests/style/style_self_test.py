"""Every rule of check_style.py fires on what it forbids and is silent on what it allows; so does the program."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import check_style

HEADER = "// What it is for.\n#pragma once\n"

# rule: (path, text) pairs in which it must be found.
BAD = {
    "include-from-the-root": [
        ("runtime/core/a.cpp", '#include "lease.hpp"\n'),
        ("models/a.cpp", '#include "../models/model.hpp"\n'),
        ("tests/models/a.cpp", '#include "boost_main.hpp"\n'),
    ],
    "include-direction": [
        ("runtime/vocabulary/a.cpp", '#include "runtime/core/lease.hpp"\n'),
        ("runtime/core/a.cpp", '#include "runtime/storage/storage.hpp"\n'),
        ("runtime/core/a.cpp", "#include <nlohmann/json.hpp>\n"),
        ("runtime/core/a.cpp", "#include <unistd.h>\n"),
        ("runtime/core/a.cpp", "#include <sys/stat.h>\n"),
        ("runtime/core/a.cpp", "#  include <Eigen/Dense>\n"),
        ("runtime/storage/a.cpp", '#include "actors/worker.hpp"\n'),
        ("runtime/storage/a.cpp", "#include <caf/all.hpp>\n"),
        ("runtime/storage/a.cpp", "#include <zmq.hpp>\n"),
        ("models/a.cpp", '#include "data/task.hpp"\n'),
        ("models/a.cpp", '#include "runtime/core/optimizer.hpp"\n'),
        ("models/a.cpp", "#include <Eigen/Core>\n"),
        ("models/kernels/a.cpp", "#include <netcdf.h>\n"),
        ("data/a.cpp", '#include "models/model.hpp"\n'),
        ("data/a.cpp", "#include <toml++/toml.h>\n"),
        ("monitoring/a.cpp", '#include "actors/worker.hpp"\n'),
        ("monitoring/a.cpp", "#include <caf/actor.hpp>\n"),
        ("actors/a.cpp", "#include <prometheus/registry.h>\n"),
        ("actors/a.cpp", "#include <netcdf.h>\n"),
        ("actors/a.cpp", '#include "tests/fixture.hpp"\n'),
        ("actors/config/a.cpp", "#include <caf/all.hpp>\n"),
        ("actors/config/a.cpp", '#include "actors/worker.hpp"\n'),
        ("actors/config/a.cpp", '#include "monitoring/metrics.hpp"\n'),
        ("runtime/a_new_room/a.cpp", "int a;\n"),
    ],
    "pure-core": [
        *[("runtime/core/a.cpp", f"#include <{header}>\n") for header in (
            "thread", "mutex", "atomic", "iostream", "fstream", "random", "ctime", "unordered_map", "filesystem")],
        *[("runtime/core/a.cpp", f"void f() {{ auto x = {call}; }}\n") for call in (
            "std::chrono::system_clock::now()", "std::chrono::steady_clock::now()", "time(nullptr)", "::time(nullptr)",
            "std::time(nullptr)", "rand()", "std::rand()", "srand(1)", "std::random_device{}()", "std::mt19937_64(1)",
            "std::normal_distribution<float>()", "std::uniform_int_distribution<int>(0, 1)", 'getenv("HOME")',
            'std::getenv("HOME")', "std::unordered_map<int, int>{}", "std::unordered_set<int>{}", 'printf("")',
            "std::this_thread::get_id()")],
        ("runtime/vocabulary/a.cpp", "#include <mutex>\n"),
    ],
    "same-bits": [
        *[(f"{room}/a.cpp", f"double f(double x) {{ return {name}(x); }}\n")
          for room in ("runtime/core", "runtime/vocabulary", "models/kernels", "data")
          for name in ("std::exp", "exp", "expf", "::log", "std::sin", "cos", "std::tanh", "::std::log2", "__builtin_exp")],
        ("models/a.cpp", "double f(double x) { return std::pow(x, 2.0); }\n"),
        ("models/a.cpp", "double f(double x) { using std::pow; return 1.0; }\n"),
        ("data/a.cpp", "double f(V x) { return std::reduce(x.begin(), x.end()); }\n"),
        ("data/a.cpp", "double f(V x) { return std::transform_reduce(x.begin(), x.end(), x.begin(), 0.0); }\n"),
    ],
    "no-sleep": [
        (path, f"void f() {{ {call}; }}\n")
        for path in ("tests/actors/a.cpp", "actors/a.cpp", "runtime/core/a.cpp")
        for call in ("std::this_thread::sleep_for(1s)", "std::this_thread::sleep_until(t)", "usleep(10)", "sleep(1)",
                     "::sleep(1)", "nanosleep(&t, nullptr)")
    ],
    "safe-flags": [
        ("CMakeLists.txt", "add_compile_options(-ffast-math)\n"),
        ("models/CMakeLists.txt", "target_compile_options(x PRIVATE -march=native)\n"),
        ("CMakePresets.json", '{"CMAKE_CXX_FLAGS": "-Ofast"}\n'),
        ("actors/program.cmake", "set(x -funsafe-math-optimizations)\n"),
        (".ci/run", "cmake -DCMAKE_CXX_FLAGS=-march=native .\n"),
    ],
    "no-leftovers": [
        ("models/a.cpp", "// TO" "DO: later\n"),
        ("README.md", "FIX" "ME\n"),
        ("tests/run", "# XX" "X\n"),
        ("tests/run", "# a HA" "CK\n"),
    ],
    "header-opens-with-its-purpose": [
        ("models/a.hpp", "#pragma once\n"),
        ("models/a.hpp", ""),
        ("models/a.hpp", "\n// late\n#pragma once\n"),
    ],
    "header-is-included-once": [("models/a.hpp", "// What it is for.\n#ifndef A\n#define A\n#endif\n")],
    "telling-name": [
        ("runtime/core/utils.hpp", HEADER),
        ("runtime/common/a.hpp", HEADER),
        ("tests/core/test_helpers.cpp", ""),
        ("actors/run_manager.cpp", ""),
        ("data/misc.cmake", ""),
    ],
    "file-size": [("models/a.cpp", "int a;\n" * 401)],
    "function-size": [
        ("models/a.cpp", "namespace a {\nint f(int x) {\n" + "  x += 1;\n" * 70 + "  return x;\n}\n}\n"),
        ("models/a.hpp", HEADER + "class A {\n  int f() const {\n" + "    g();\n" * 71 + "  }\n};\n"),
        ("models/a.cpp", "A::A(int x) : x_(x) {\n" + "  if (x) {\n    g();\n  }\n" * 30 + "}\n"),
    ],
}

# What no rule may complain about.
GOOD = [
    ("runtime/core/a.cpp", '#include "runtime/core/a.hpp"\n#include <cmath>\n#include "runtime/vocabulary/random.hpp"\n'),
    ("runtime/core/a.cpp", "double f(double x) { return std::sqrt(x) + std::fma(x, x, x); }\n"),
    ("runtime/core/a.cpp", "// sleep(1), rand(), exp(x) and std::unordered_map in a comment\n/* time(0)\n exp(2) */\n"),
    ("runtime/core/a.cpp", 'const char* f() { return "std::rand() and time(0) \\" exp(1)"; }\n'),
    ("runtime/core/a.cpp", 'const char* text = R"(exp(1) " rand())";\n'),
    ("runtime/core/a.cpp", "int f(Event e) { return e.time() + e->time() + round_time(3) + elapsed_time(2); }\n"),
    ("runtime/core/a.cpp", "auto f() { return std::chrono::milliseconds(3); }\n"),
    ("runtime/core/a.cpp", "int f() { return 1'000'000 + operand(2) + expand(3) + a.log(2) + kernel::exp(2); }\n"),
    ("runtime/vocabulary/assert.cpp", "#include <cstdio>\n"),
    ("runtime/storage/a.cpp", '#include <fcntl.h>\n#include <nlohmann/json.hpp>\n#include "runtime/core/ledger.hpp"\n'),
    ("models/kernels/a.cpp", '#include <immintrin.h>\n#include "models/model.hpp"\n'),
    ("data/a.cpp", '#include <netcdf.h>\n#include <Eigen/Dense>\n#include "data/task.hpp"\n'),
    ("monitoring/a.cpp", '#include <prometheus/registry.h>\n#include "runtime/core/messages.hpp"\n'),
    ("actors/a.cpp", '#include <caf/all.hpp>\n#include "runtime/storage/storage.hpp"\n#include "models/model.hpp"\n'),
    ("actors/config/a.cpp", '#include <toml++/toml.h>\n#include "data/task.hpp"\n'),
    ("tests/models/a.cpp", '#include <boost/test/unit_test.hpp>\ndouble f(double x) { return std::exp(x); }\n'),
    ("models/a.cpp", "double f(double x) { return std::exp(x); }  // style: allow(same-bits) because it is printed only\n"),
    ("models/a.hpp", HEADER + "namespace a {\n" + "int f();\n" * 100 + "}\n"),
    ("models/a.cpp", "const int table[] = {\n" + "  1,\n" * 100 + "};\n"),
    ("CMakeLists.txt", "# never -march=native or -ffast-math\nproject(a)\n"),
    ("README.md", "Never -ffast-math, never -march=native.\n"),
]


class EveryRule(unittest.TestCase):
    def test_is_exercised_here(self):
        self.assertEqual(set(BAD), set(check_style.RULES))

    def test_fires_on_what_it_forbids(self):
        for rule, snippets in BAD.items():
            for path, text in snippets:
                with self.subTest(rule=rule, path=path, text=text[:80]):
                    found = {name for _, name, _ in check_style.findings(check_style.Source(path, text))}
                    self.assertIn(rule, found)

    def test_is_silent_on_what_is_allowed(self):
        for path, text in GOOD:
            with self.subTest(path=path, text=text[:80]):
                self.assertEqual(list(check_style.findings(check_style.Source(path, text))), [])

    def test_names_the_line(self):
        source = check_style.Source("models/a.cpp", "int a;\n/* two\nlines */ double b = exp(1.0);\n")
        self.assertEqual([(line, rule) for line, rule, _ in check_style.findings(source)], [(3, "same-bits")])

    def test_is_not_switched_off_without_a_reason_or_for_another_rule(self):
        for remark in ("style: allow(same-bits)", "style: allow(no-sleep) because I say so"):
            source = check_style.Source("models/a.cpp", f"double b = exp(1.0);  // {remark}\n")
            self.assertEqual([rule for _, rule, _ in check_style.findings(source)], ["same-bits"])


class TheProgram(unittest.TestCase):
    def run_on(self, files):
        with tempfile.TemporaryDirectory() as root:
            for path, text in files:
                Path(root, path).parent.mkdir(parents=True, exist_ok=True)
                Path(root, path).write_text(text)
            return subprocess.run([sys.executable, check_style.__file__, root], capture_output=True, text=True)

    def test_fails_on_an_error_and_names_it(self):
        for rule, snippets in BAD.items():
            with self.subTest(rule=rule):
                path, text = snippets[0]
                finished = self.run_on([(path, text), ("models/fine.cpp", "int a;\n")])
                self.assertIn(f"[{rule}]", finished.stdout)
                self.assertEqual(finished.returncode, 0 if rule in check_style.WARNINGS else 1)

    def test_passes_a_clean_tree(self):
        finished = self.run_on([("models/fine.cpp", "int a;\n")])
        self.assertEqual((finished.returncode, finished.stdout), (0, "1 files, 0 errors\n"))

    def test_fails_where_there_is_nothing_to_check(self):
        self.assertEqual(self.run_on([]).returncode, 1)


if __name__ == "__main__":
    unittest.main()
