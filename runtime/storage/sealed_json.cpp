#include "runtime/storage/sealed_json.hpp"

#include <span>

#include <nlohmann/json.hpp>

#include "runtime/storage/json_reader.hpp"
#include "runtime/storage/sha256.hpp"

namespace fulmar::storage {
namespace {

constexpr const char* kSealKey = "sha256_of_the_lines_above";

std::string seal_line(std::string_view above) {
  return std::string("  \"") + kSealKey + "\": \"" + sha256_hex(std::as_bytes(std::span(above))) + "\"\n}\n";
}

}  // namespace

std::string seal(const nlohmann::json& document) {
  FULMAR_ASSERT(document.is_object() && !document.empty(), "only an object with members can be sealed");
  std::string text = document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
  text.resize(text.size() - 2);  // "\n}"
  text += ",\n";
  return text + seal_line(text);
}

Result<nlohmann::json> unseal(std::string_view text, const std::string& where) {
  const std::size_t seal_bytes = seal_line("").size();
  if (text.size() <= seal_bytes)
    return Error{where + ": torn: only " + std::to_string(text.size()) + " bytes are there"};
  const std::string_view above = text.substr(0, text.size() - seal_bytes);
  if (text.substr(above.size()) != seal_line(above)) {
    return Error{where + ": torn or corrupt: its own checksum (" + kSealKey + ") does not match its content"};
  }
  auto document = parse_json_object(text, where);
  if (document) document->erase(kSealKey);
  return document;
}

}  // namespace fulmar::storage
