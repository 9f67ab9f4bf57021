#include "actors/config/config_value.hpp"

#include <algorithm>

#include "actors/config/quantities.hpp"

namespace fulmar::config {
namespace {

struct Describer {
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return "the whole number " + std::to_string(value); }
  std::string operator()(double value) const { return "the number " + real_text(value); }
  std::string operator()(const std::string& value) const { return "the text " + quoted(value); }
  std::string operator()(const Moment& value) const { return "the date or time " + value.text; }
  std::string operator()(const List& value) const {
    return value.empty() ? "an empty list" : "a list of " + std::to_string(value.size());
  }
  std::string operator()(const Table&) const { return "a table"; }
};

}  // namespace

const Value* find(const Table& table, std::string_view key) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Entry& entry) { return entry.key == key; });
  return found == table.end() ? nullptr : &found->value;
}

std::string describe(const Value& value) {
  return std::visit(Describer{}, value.content);
}

}  // namespace fulmar::config
