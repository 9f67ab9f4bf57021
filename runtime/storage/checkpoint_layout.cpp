#include "runtime/storage/checkpoint_layout.hpp"

#include <charconv>

namespace fulmar::storage {
namespace {

constexpr std::size_t kDigitsMin = 12;

}  // namespace

std::string version_name(core::Version version) {
  const std::string digits = std::to_string(version);
  return digits.size() < kDigitsMin ? std::string(kDigitsMin - digits.size(), '0') + digits : digits;
}

std::optional<core::Version> parse_version_name(std::string_view name) {
  core::Version version = 0;
  const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), version);
  if (problem != std::errc() || version_name(version) != name) return std::nullopt;
  return version;
}

std::string in_checkpoints(std::string_view name) {
  return std::string(kCheckpoints) + "/" + std::string(name);
}

std::string version_path(core::Version version, std::string_view prefix) {
  return in_checkpoints(std::string(prefix) + version_name(version));
}

}  // namespace fulmar::storage
