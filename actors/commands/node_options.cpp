#include "actors/commands/node_options.hpp"

#include <algorithm>
#include <array>
#include <thread>
#include <unistd.h>

#include "runtime/core/policy.hpp"

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

// One node more than units is well: it begins while the update of another is on its way.
std::optional<std::string> nodes_warning(std::size_t nodes, const std::string& policy) {
  const Result<core::PolicySettings> settings = core::parse_policy(policy, {});
  if (!settings || settings->kind == core::PolicyKind::sync) return std::nullopt;
  const std::optional<std::uint64_t> units = core::make_policy(*settings)->units_in_flight_max();
  if (!units || nodes <= *units + 1) return std::nullopt;
  return "warning: " + std::to_string(nodes) + " nodes and policy " + policy + ": only " + std::to_string(*units) +
         (*units == 1 ? " unit is" : " units are") + " computed at a time, so that " + std::to_string(nodes - *units) +
         " nodes will be waiting; allow a staleness of " + std::to_string(nodes - 1) +
         " (fulmar policy ENDPOINT bounded:" + std::to_string(nodes - 1) + "), or run fewer nodes with more slots each";
}

}  // namespace fulmar::commands
