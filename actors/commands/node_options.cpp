#include "actors/commands/node_options.hpp"

#include <algorithm>
#include <array>
#include <thread>
#include <unistd.h>

namespace fulmar::commands {

std::string host_name(const std::string& otherwise) {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0' ? name.data() : otherwise;
}

std::uint32_t default_slots() {
  return std::max(1U, std::thread::hardware_concurrency());
}

std::optional<std::string> slots_warning(std::uint32_t slots, std::uint64_t leaves) {
  const std::string counts = std::to_string(slots) + " slots and policy.leaves = " + std::to_string(leaves);
  if (slots > leaves) {
    return "warning: " + counts + ": " + std::to_string(slots - leaves) +
           " slots will be idle; use fewer with --slots, or more and smaller leaves (policy.leaf_size)";
  }
  if (slots > 1 && leaves < 4 * std::uint64_t{slots}) {
    return "note: " + counts + ": rounds balance best with at least " + std::to_string(4 * slots) +
           " leaves; use fewer slots, or more and smaller leaves (policy.leaf_size)";
  }
  return std::nullopt;
}

}  // namespace fulmar::commands
