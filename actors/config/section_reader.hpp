// Strict reading of one table of a config: every read says what it expects, and what nobody reads is unknown.
//
// Thread rule: belongs to the caller; pure.
//
// READER-1: each key of a table is either read or reported, so a misspelt key never passes silently.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/config/config_value.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::config {

/// What is wrong with a config, gathered over all of it.
class Problems {
 public:
  void add(const Origin& origin, const std::string& message);
  bool empty() const { return found_.empty(); }
  /// The first one in the file (a --set before all), and how many more there are.
  Error error() const;

 private:
  std::vector<std::pair<std::size_t, std::string>> found_;  ///< line, message
};

/// The numbers a key may have.
struct RealRange {
  double min = 0;
  double max = 0;
  bool above_min = false;  ///< min itself is not allowed
  bool below_max = false;  ///< max itself is not allowed
};

/// A name in the file and what it stands for.
template <class T>
struct Choice {
  std::string_view name;
  T value;
};

/// The name of `value`, which is among the choices.
template <class T, std::size_t N>
std::string_view name_of(const std::array<Choice<T>, N>& choices, T value) {
  std::size_t i = 0;
  while (i + 1 < N && choices[i].value != value) ++i;
  return choices[i].name;
}

class SectionReader {
 public:
  /// The section `path` of `parent`; one that is not there reads as empty.
  SectionReader(const Table& parent, std::string path, std::string file, Problems& problems);
  /// A table inside a list, known as `path` in messages.
  SectionReader(const Value& element, std::string path, std::string file, Problems& problems);

  bool has(std::string_view key) const { return find(table_, key) != nullptr; }
  /// Reports the key when it is not there; `example` shows how to write it.
  void require(std::string_view key, std::string_view example);

  // Each reads `key` into `out`; when the key is not there or was refused, `out` stays as it is.
  void read_text(std::string_view key, std::string& out);
  void read_texts(std::string_view key, std::vector<std::string>& out);
  void read_text_or_texts(std::string_view key, std::vector<std::string>& out);
  /// Whether there was a pair.
  bool read_text_pair(std::string_view key, std::pair<std::string, std::string>& out);
  void read_truth(std::string_view key, bool& out);
  void read_real(std::string_view key, double& out, const RealRange& range);
  void read_real_pair(std::string_view key, std::optional<std::pair<double, double>>& out, const RealRange& range);
  void read_whole_list(std::string_view key, std::vector<std::size_t>& out, std::uint64_t min, std::uint64_t max);

  template <class Integer>
  void read_whole(std::string_view key, Integer& out, std::uint64_t min, std::uint64_t max) {
    if (const auto read = whole(key, min, max)) out = static_cast<Integer>(*read);
  }

  template <class T, std::size_t N>
  void read_choice(std::string_view key, T& out, const std::array<Choice<T>, N>& choices) {
    std::vector<std::string> names;
    for (const Choice<T>& choice : choices) names.emplace_back(choice.name);
    if (const auto index = choice_index(key, names, {})) out = choices[*index].value;
  }
  /// `later`: names that are known and refused as not there yet.
  void read_word(std::string_view key, std::string& out, const std::vector<std::string>& words,
                 const std::vector<std::string>& later);

  /// The tables of a list of tables ([[section.key]]).
  std::vector<const Value*> read_tables(std::string_view key);
  /// Keys that are known and refused as not there yet.
  void refuse_for_now(const std::vector<std::string>& keys);

  /// Reports `key`, which is there: "key `section.key` MESSAGE".
  void refuse(std::string_view key, const std::string& message);
  /// Reports every key that was not read.
  void finish();

 private:
  const Value* take(std::string_view key);
  std::string full(std::string_view key) const {
    return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
  }
  void expect(std::string_view key, const Value& found, const std::string& expected);
  std::optional<std::uint64_t> whole(std::string_view key, std::uint64_t min, std::uint64_t max);
  std::optional<std::uint64_t> whole(std::string_view key, const Value& value, std::uint64_t min, std::uint64_t max);
  std::optional<double> real(std::string_view key, const Value& value, const RealRange& range);
  std::optional<std::vector<std::string>> texts(std::string_view key, const Value& value);
  std::optional<std::size_t> choice_index(std::string_view key, const std::vector<std::string>& names,
                                          const std::vector<std::string>& later);

  Table table_;
  std::string path_;
  std::string file_;
  Problems& problems_;
  std::vector<std::string> known_;
};

}  // namespace fulmar::config
