// What a run cannot keep busy of the slots and nodes it has, and the remedy.
// Thread rule: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "monitoring/run_event.hpp"

namespace fulmar::actors {

struct Advice {
  monitoring::Severity severity = monitoring::Severity::note;  ///< warning: something is idle now
  std::string text;
};

/// policy.leaves bounds how many slots one unit can keep busy: those of all nodes in a synchronous round, those of a
/// node otherwise.
std::optional<Advice> slots_advice(std::uint32_t slots, std::uint64_t leaves);

/// A policy's bound on staleness bounds how many nodes can be at work; `policy` as in a Status.
std::optional<Advice> nodes_advice(std::size_t nodes, const std::string& policy);

}  // namespace fulmar::actors
