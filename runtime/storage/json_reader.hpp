// Reads the members of a JSON object and remembers the first thing that is wrong, so that a codec reads like a list of
// its fields. The one place where the JSON library's exceptions could start, and they do not: every access is checked.
// Private to this folder's sources.
// Thread rule: plain value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "runtime/vocabulary/result.hpp"

namespace fulmar::storage {

/// A JSON document that must be an object. `where` begins the messages.
Result<nlohmann::json> parse_json_object(std::string_view text, const std::string& where);

/// Compact, keys sorted; text that is not UTF-8 is replaced, never thrown.
std::string compact(const nlohmann::json& value);

/// A double as JSON: a number that reads back to the same bits, or "nan", "inf", "-inf".
nlohmann::json real_to_json(double value);

class JsonReader {
 public:
  /// `object` must outlive the reader. Not an object: the first failure.
  JsonReader(const nlohmann::json& object, std::string where);

  std::uint64_t natural(const char* key);
  double real(const char* key);
  std::string text(const char* key);
  bool truth(const char* key);
  /// An array or an object; an empty one after a failure.
  const nlohmann::json& array(const char* key);
  const nlohmann::json& object(const char* key);
  /// Neither missing nor null.
  bool has(const char* key) const;

  void fail(const std::string& what);
  /// Fails as `part`, the reader of a nested object, did, if it did.
  void adopt_failure(const JsonReader& part);
  bool ok() const { return problem_.empty(); }
  /// The first failure: "WHERE: WHAT".
  Error error() const { return Error{problem_}; }

 private:
  /// The member, or null after recording that it is missing or not `expected`.
  const nlohmann::json* member(const char* key, bool (*is_expected)(const nlohmann::json&), const char* expected);

  const nlohmann::json& object_;
  std::string where_;
  std::string problem_;
};

}  // namespace fulmar::storage
