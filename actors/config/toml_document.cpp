#include "actors/config/toml_document.hpp"

#include <optional>
#include <sstream>
#include <type_traits>

#include <toml++/toml.h>

namespace fulmar::config {
namespace {

/// Turns the library's tree into ours; `fixed` replaces the line as the origin of everything (a --set).
struct Converter {
  std::string file;
  std::optional<Origin> fixed;

  Origin origin(const toml::source_region& region) const {
    if (fixed) return *fixed;
    return {file + ":" + std::to_string(region.begin.line), region.begin.line};
  }

  Table table(const toml::table& source) const {
    Table out;
    for (const auto& [key, node] : source) {
      Value converted = value(node);
      if (!node.is_table()) converted.origin = origin(key.source());
      out.push_back({std::string(key.str()), std::move(converted)});
    }
    return out;
  }

  Value value(const toml::node& node) const {
    Value out;
    out.origin = origin(node.source());
    node.visit([&](const auto& typed) {
      using Type = std::remove_cvref_t<decltype(typed)>;
      if constexpr (std::is_same_v<Type, toml::table>) {
        out.content = table(typed);
      } else if constexpr (std::is_same_v<Type, toml::array>) {
        List list;
        for (const toml::node& element : typed) list.push_back(value(element));
        out.content = std::move(list);
      } else if constexpr (toml::is_chronological<Type>) {
        std::ostringstream text;
        text << typed.get();
        out.content = Moment{text.str()};
      } else {
        out.content = typed.get();
      }
    });
    return out;
  }
};

/// `overriding`, or nothing when `text` is not one TOML value.
std::optional<Value> parse_value(const std::string& text, const Origin& overriding) {
  if (text.find('\n') != std::string::npos) return std::nullopt;
  try {
    const toml::table parsed = toml::parse("value = " + text);
    return Converter{{}, overriding}.value(*parsed.get("value"));
  } catch (const toml::parse_error&) {
    return std::nullopt;
  }
}

Table* section_of(Table& table, const std::string& key, const Origin& origin) {
  for (Entry& entry : table) {
    if (entry.key == key) return std::get_if<Table>(&entry.value.content);
  }
  table.push_back({key, Value{origin, Table{}}});
  return std::get_if<Table>(&table.back().value.content);
}

void set(Table& table, const std::string& key, Value value) {
  for (Entry& entry : table) {
    if (entry.key != key) continue;
    entry.value = std::move(value);
    return;
  }
  table.push_back({key, std::move(value)});
}

}  // namespace

Result<Table> parse_toml(std::string_view text, std::string_view file) {
  const std::string name(file);
  try {
    return Converter{name, std::nullopt}.table(toml::parse(text, name));
  } catch (const toml::parse_error& failure) {
    return Error{name + ":" + std::to_string(failure.source().begin.line) +
                 ": this is not TOML: " + std::string(failure.description())};
  }
}

Result<void> apply_override(Table& document, std::string_view assignment) {
  const Origin origin{"--set " + std::string(assignment), 0};
  const std::size_t equals = assignment.find('=');
  std::string path(assignment.substr(0, equals));
  if (equals == std::string_view::npos || path.empty() || path.front() == '.' || path.back() == '.' ||
      path.find("..") != std::string::npos) {
    return Error{origin.text + ": expected KEY=VALUE with a dotted key, for example --set policy.leaves=16"};
  }
  const std::string text(assignment.substr(equals + 1));
  std::optional<Value> value = parse_value(text, origin);
  if (!value) {
    if (text.empty() || std::string_view("[{\"'").find(text.front()) != std::string_view::npos) {
      return Error{origin.text + ": the value is not TOML; write a number, true, a word, \"a text\" or [a, list]"};
    }
    value = Value{origin, text};
  }
  Table* section = &document;
  for (std::size_t dot = path.find('.'), begin = 0;; dot = path.find('.', begin)) {
    const std::string key = path.substr(begin, dot - begin);
    if (dot == std::string::npos) {
      set(*section, key, std::move(*value));
      return {};
    }
    section = section_of(*section, key, origin);
    if (section == nullptr) {
      return Error{origin.text + ": key `" + path.substr(0, dot) + "` is a value, not a section; it has no keys"};
    }
    begin = dot + 1;
  }
}

}  // namespace fulmar::config
