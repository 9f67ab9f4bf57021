#include "runtime/vocabulary/nearest_name.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace fulmar {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Levenshtein's distance, one row at a time.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (lower(a[i]) != lower(b[j]));
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string suggestion(std::string_view written, std::span<const std::string> candidates) {
  const std::string* nearest = nullptr;
  std::size_t least = std::max<std::size_t>(2, written.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(written, candidate);
    if (distance < least) {
      least = distance;
      nearest = &candidate;
    }
  }
  if (nearest != nullptr) return "did you mean \"" + *nearest + "\"?";
  if (candidates.empty()) return "there is none";
  std::string all = "expected one of:";
  for (const std::string& candidate : candidates) all += (&candidate == candidates.data() ? " " : ", ") + candidate;
  return all;
}

Error unknown_choice(std::string_view key, std::string_view written, std::span<const std::string> choices) {
  return Error{std::string(key) + " = \"" + std::string(written) + "\" is not supported; " +
               suggestion(written, choices)};
}

}  // namespace fulmar
