#include "runtime/storage/json_reader.hpp"

#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

namespace fulmar::storage {
namespace {

using nlohmann::json;

bool is_real(const json& value) {
  return value.is_number() || (value.is_string() && (value == "nan" || value == "inf" || value == "-inf"));
}

double real_from_json(const json& value) {
  if (value == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (value == "inf") return std::numeric_limits<double>::infinity();
  if (value == "-inf") return -std::numeric_limits<double>::infinity();
  return value.get<double>();
}

}  // namespace

Result<json> parse_json_object(std::string_view text, const std::string& where) {
  json document = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (document.is_discarded()) return Error{where + ": not valid JSON"};
  if (!document.is_object()) return Error{where + ": a JSON object was expected, found " + document.type_name()};
  return document;
}

std::string compact(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

json real_to_json(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

JsonReader::JsonReader(const json& object, std::string where) : object_(object), where_(std::move(where)) {
  if (!object.is_object()) fail(std::string("a JSON object was expected, found ") + object.type_name());
}

void JsonReader::fail(const std::string& what) {
  if (ok()) problem_ = where_ + ": " + what;
}

void JsonReader::adopt_failure(const JsonReader& part) {
  if (!part.ok()) fail(part.problem_);
}

bool JsonReader::has(const char* key) const {
  return object_.is_object() && object_.contains(key) && !object_[key].is_null();
}

const json* JsonReader::member(const char* key, bool (*is_expected)(const json&), const char* expected) {
  if (!ok()) return nullptr;
  const auto found = object_.find(key);
  if (found == object_.end()) {
    fail(std::string("\"") + key + "\" is missing; " + expected + " was expected");
    return nullptr;
  }
  if (!is_expected(*found)) {
    fail(std::string("\"") + key + "\" is " + compact(*found).substr(0, 60) + "; " + expected + " was expected");
    return nullptr;
  }
  return &*found;
}

std::uint64_t JsonReader::natural(const char* key) {
  const json* value = member(
      key, [](const json& v) { return v.is_number_unsigned(); }, "a whole number from 0");
  return value != nullptr ? value->get<std::uint64_t>() : 0;
}

double JsonReader::real(const char* key) {
  const json* value = member(key, is_real, "a number");
  return value != nullptr ? real_from_json(*value) : 0;
}

std::string JsonReader::text(const char* key) {
  const json* value = member(
      key, [](const json& v) { return v.is_string(); }, "a text");
  return value != nullptr ? value->get<std::string>() : "";
}

bool JsonReader::truth(const char* key) {
  const json* value = member(
      key, [](const json& v) { return v.is_boolean(); }, "true or false");
  return value != nullptr && value->get<bool>();
}

const json& JsonReader::array(const char* key) {
  static const json kEmpty = json::array();
  const json* value = member(
      key, [](const json& v) { return v.is_array(); }, "an array");
  return value != nullptr ? *value : kEmpty;
}

const json& JsonReader::object(const char* key) {
  static const json kEmpty = json::object();
  const json* value = member(
      key, [](const json& v) { return v.is_object(); }, "an object");
  return value != nullptr ? *value : kEmpty;
}

}  // namespace fulmar::storage
