#include "actors/idle_capacity.hpp"

#include "runtime/core/policy.hpp"

namespace fulmar::actors {

using monitoring::Severity;

std::optional<Advice> slots_advice(std::uint32_t slots, std::uint64_t leaves) {
  const std::string counts = std::to_string(slots) + " slots and policy.leaves = " + std::to_string(leaves);
  if (slots > leaves) {
    return Advice{Severity::warning,
                  counts + ": " + std::to_string(slots - leaves) + (slots - leaves == 1 ? " slot" : " slots") +
                      " will be idle; use fewer with --slots, or more and smaller leaves (policy.leaf_size)"};
  }
  if (slots > 1 && leaves < 4 * std::uint64_t{slots}) {
    return Advice{Severity::note, counts + ": rounds balance best with at least " + std::to_string(4 * slots) +
                                      " leaves; use fewer slots, or more and smaller leaves (policy.leaf_size)"};
  }
  return std::nullopt;
}

// One node more than units is well: it begins while the update of another is on its way.
std::optional<Advice> nodes_advice(std::size_t nodes, const std::string& policy) {
  const Result<core::PolicySettings> settings = core::parse_policy(policy, {});
  if (!settings || settings->kind == core::PolicyKind::sync) return std::nullopt;
  const std::optional<std::uint64_t> units = core::make_policy(*settings)->units_in_flight_max();
  if (!units || nodes <= *units + 1) return std::nullopt;
  return Advice{Severity::warning, std::to_string(nodes) + " nodes and policy " + policy + ": only " +
                                       std::to_string(*units) + (*units == 1 ? " unit is" : " units are") +
                                       " computed at a time, so that " + std::to_string(nodes - *units) +
                                       " nodes will be waiting; allow a staleness of " + std::to_string(nodes - 1) +
                                       " (fulmar policy ENDPOINT bounded:" + std::to_string(nodes - 1) +
                                       "), or run fewer nodes with more slots each"};
}

}  // namespace fulmar::actors
