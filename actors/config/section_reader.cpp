#include "actors/config/section_reader.hpp"

#include <algorithm>
#include <cmath>

#include "actors/config/quantities.hpp"
#include "runtime/vocabulary/nearest_name.hpp"

namespace fulmar::config {
namespace {

constexpr std::size_t kNoLine = std::numeric_limits<std::size_t>::max();  // what is missing comes last

std::string range_text(const RealRange& range) {
  std::string text = (range.above_min ? "above " : "at least ") + real_text(range.min);
  if (std::isinf(range.max)) return text;
  return text + (range.below_max ? " and below " : " and at most ") + real_text(range.max);
}

bool inside(double value, const RealRange& range) {
  const bool above = range.above_min ? value > range.min : value >= range.min;
  const bool below = range.below_max ? value < range.max : value <= range.max;
  return above && below;
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

}  // namespace

void Problems::add(const Origin& origin, const std::string& message) {
  found_.emplace_back(origin.line, origin.text + ": " + message);
}

Error Problems::error() const {
  const auto first =
      std::min_element(found_.begin(), found_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  const std::size_t more = found_.size() - 1;
  return Error{first->second + (more > 0 ? " (and " + std::to_string(more) + " more)" : "")};
}

SectionReader::SectionReader(const Table& parent, std::string path, std::string file, Problems& problems)
    : path_(std::move(path)), file_(std::move(file)), problems_(problems) {
  const Value* section = find(parent, path_);
  if (section == nullptr) return;
  if (const Table* table = std::get_if<Table>(&section->content)) {
    table_ = *table;
  } else {
    problems_.add(section->origin, "`" + path_ + "` must be a section, [" + path_ + "], found " + describe(*section));
  }
}

SectionReader::SectionReader(const Value& element, std::string path, std::string file, Problems& problems)
    : path_(std::move(path)), file_(std::move(file)), problems_(problems) {
  if (const Table* table = std::get_if<Table>(&element.content)) {
    table_ = *table;
  } else {
    problems_.add(element.origin, "`" + path_ + "` must be a table, [[" + path_ + "]], found " + describe(element));
  }
}

const Value* SectionReader::take(std::string_view key) {
  known_.emplace_back(key);
  return find(table_, key);
}

void SectionReader::expect(std::string_view key, const Value& found, const std::string& expected) {
  problems_.add(found.origin, "key `" + full(key) + "` must be " + expected + ", found " + describe(found));
}

void SectionReader::refuse(std::string_view key, const std::string& message) {
  problems_.add(find(table_, key)->origin, "key `" + full(key) + "` " + message);
}

void SectionReader::require(std::string_view key, std::string_view example) {
  if (has(key)) return;
  problems_.add({file_, kNoLine}, "key `" + full(key) + "` is missing; write for example " + std::string(key) + " = " +
                                      std::string(example));
}

void SectionReader::read_text(std::string_view key, std::string& out) {
  const Value* value = take(key);
  if (value == nullptr) return;
  const auto* text = std::get_if<std::string>(&value->content);
  if (text == nullptr) return expect(key, *value, "a text in quotes");
  if (text->empty()) return refuse(key, "is an empty text");
  out = *text;
}

std::optional<std::vector<std::string>> SectionReader::texts(std::string_view key, const Value& value) {
  std::vector<std::string> out;
  const auto* list = std::get_if<List>(&value.content);
  if (list == nullptr) return expect(key, value, "a list of texts"), std::nullopt;
  for (const Value& element : *list) {
    const auto* text = std::get_if<std::string>(&element.content);
    if (text == nullptr) return expect(key, element, "a list of texts"), std::nullopt;
    if (text->empty()) return refuse(key, "holds an empty text"), std::nullopt;
    if (std::find(out.begin(), out.end(), *text) != out.end()) {
      return refuse(key, "names " + quoted(*text) + " twice"), std::nullopt;
    }
    out.push_back(*text);
  }
  return out;
}

void SectionReader::read_texts(std::string_view key, std::vector<std::string>& out) {
  const Value* value = take(key);
  if (value == nullptr) return;
  if (auto read = texts(key, *value)) out = std::move(*read);
}

void SectionReader::read_text_or_texts(std::string_view key, std::vector<std::string>& out) {
  const Value* value = find(table_, key);
  if (value == nullptr || std::holds_alternative<List>(value->content)) return read_texts(key, out);
  std::string text;
  read_text(key, text);
  if (!text.empty()) out = {text};
}

bool SectionReader::read_text_pair(std::string_view key, std::pair<std::string, std::string>& out) {
  const Value* value = take(key);
  if (value == nullptr) return false;
  const auto* list = std::get_if<List>(&value->content);
  const bool two = list != nullptr && list->size() == 2;
  const auto* first = two ? std::get_if<std::string>(&list->front().content) : nullptr;
  const auto* last = two ? std::get_if<std::string>(&list->back().content) : nullptr;
  if (first == nullptr || last == nullptr) {
    const Value& wrong = !two ? *value : first == nullptr ? list->front() : list->back();
    return expect(key, wrong, "a list of two texts"), false;
  }
  out = {*first, *last};
  return true;
}

void SectionReader::read_truth(std::string_view key, bool& out) {
  const Value* value = take(key);
  if (value == nullptr) return;
  const bool* truth = std::get_if<bool>(&value->content);
  if (truth == nullptr) return expect(key, *value, "true or false, without quotes");
  out = *truth;
}

std::optional<double> SectionReader::real(std::string_view key, const Value& value, const RealRange& range) {
  double number = 0;
  if (const auto* whole_number = std::get_if<std::int64_t>(&value.content)) {
    number = static_cast<double>(*whole_number);
  } else if (const auto* real_number = std::get_if<double>(&value.content)) {
    number = *real_number;
  } else {
    return expect(key, value, "a number"), std::nullopt;
  }
  if (inside(number, range)) return number;
  return refuse(key, "= " + real_text(number) + " is impossible; allowed: " + range_text(range)), std::nullopt;
}

void SectionReader::read_real(std::string_view key, double& out, const RealRange& range) {
  const Value* value = take(key);
  if (value == nullptr) return;
  if (const auto number = real(key, *value, range)) out = *number;
}

void SectionReader::read_real_pair(std::string_view key, std::optional<std::pair<double, double>>& out,
                                   const RealRange& range) {
  const Value* value = take(key);
  if (value == nullptr) return;
  const auto* list = std::get_if<List>(&value->content);
  if (list == nullptr || list->size() != 2) return expect(key, *value, "a list of two numbers");
  const auto first = real(key, list->front(), range);
  const auto second = real(key, list->back(), range);
  if (first && second) out = {*first, *second};
}

std::optional<std::uint64_t> SectionReader::whole(std::string_view key, const Value& value, std::uint64_t min,
                                                  std::uint64_t max) {
  const auto* number = std::get_if<std::int64_t>(&value.content);
  if (number == nullptr) return expect(key, value, "a whole number"), std::nullopt;
  if (*number >= 0) {
    const auto natural = static_cast<std::uint64_t>(*number);
    if (natural >= min && natural <= max) return natural;
  }
  refuse(key, "= " + std::to_string(*number) + " is impossible; allowed: " + std::to_string(min) + " to " +
                  std::to_string(max));
  return std::nullopt;
}

std::optional<std::uint64_t> SectionReader::whole(std::string_view key, std::uint64_t min, std::uint64_t max) {
  const Value* value = take(key);
  return value == nullptr ? std::nullopt : whole(key, *value, min, max);
}

void SectionReader::read_whole_list(std::string_view key, std::vector<std::size_t>& out, std::uint64_t min,
                                    std::uint64_t max) {
  const Value* value = take(key);
  if (value == nullptr) return;
  const auto* list = std::get_if<List>(&value->content);
  if (list == nullptr) return expect(key, *value, "a list of whole numbers");
  std::vector<std::size_t> read;
  for (const Value& element : *list) {
    const auto number = whole(key, element, min, max);
    if (!number) return;
    read.push_back(*number);
  }
  out = std::move(read);
}

std::optional<std::size_t> SectionReader::choice_index(std::string_view key, const std::vector<std::string>& names,
                                                       const std::vector<std::string>& later) {
  const Value* value = take(key);
  if (value == nullptr) return std::nullopt;
  const auto* text = std::get_if<std::string>(&value->content);
  if (text == nullptr) return expect(key, *value, "one of these texts: " + joined(names)), std::nullopt;
  const auto found = std::find(names.begin(), names.end(), *text);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  const bool known = std::find(later.begin(), later.end(), *text) != later.end();
  refuse(key, "= " + quoted(*text) +
                  (known ? " comes in a later version; this one has: " + joined(names)
                         : " is unknown; " + suggestion(*text, names)));
  return std::nullopt;
}

void SectionReader::read_word(std::string_view key, std::string& out, const std::vector<std::string>& words,
                              const std::vector<std::string>& later) {
  if (const auto index = choice_index(key, words, later)) out = words[*index];
}

std::vector<const Value*> SectionReader::read_tables(std::string_view key) {
  std::vector<const Value*> out;
  const Value* value = take(key);
  if (value == nullptr) return out;
  const auto* list = std::get_if<List>(&value->content);
  if (list == nullptr) return expect(key, *value, "a list of tables, [[" + full(key) + "]]"), out;
  for (const Value& element : *list) out.push_back(&element);
  return out;
}

void SectionReader::refuse_for_now(const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    if (find(table_, key) != nullptr) refuse(key, "comes in a later version; remove it");
  }
}

void SectionReader::finish() {
  for (const Entry& entry : table_) {
    if (std::find(known_.begin(), known_.end(), entry.key) != known_.end()) continue;
    refuse(entry.key, "is unknown; " + suggestion(entry.key, known_));
  }
}

}  // namespace fulmar::config
