// A parsed config as plain values, each of which knows where it was written. Only toml_document.cpp sees the TOML
// library.
// Thread rule: plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace fulmar::config {

/// Where something was written: a line of the file, or a --set.
struct Origin {
  std::string text;      ///< for messages: "RUN.toml:12" or "--set policy.leaves=7"
  std::size_t line = 0;  ///< 0: a --set
};

/// TOML's dates and times; no key takes one.
struct Moment {
  std::string text;
};

struct Value;
struct Entry;
using List = std::vector<Value>;
using Table = std::vector<Entry>;  ///< keys are unique

struct Value {
  Origin origin;
  std::variant<bool, std::int64_t, double, std::string, Moment, List, Table> content;
};

struct Entry {
  std::string key;
  Value value;
};

/// nullptr: no such key.
const Value* find(const Table& table, std::string_view key);

/// What was found, for messages: `the text "8"`, `the whole number 8`, `a list`.
std::string describe(const Value& value);

}  // namespace fulmar::config
