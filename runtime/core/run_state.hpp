// What a version is beside its tensors: all that a run needs to go on from it and yield the same bits.
// Thread rule: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/core/ledger.hpp"

namespace fulmar::core {

using Version = std::uint64_t;
using Term = std::uint64_t;

/// The verdict on one validated version: losses per unit of weight.
struct ValidationRecord {
  Version version = 0;
  double loss = 0;
  bool operator==(const ValidationRecord&) const = default;
};

/// The state of validation *as of* a version: what early stopping decides on.
struct ValidationState {
  std::optional<ValidationRecord> best;
  std::optional<ValidationRecord> latest;
  std::uint64_t checks_without_better = 0;
  bool operator==(const ValidationState&) const = default;
};

struct RunState {
  Version version = 0;
  std::uint64_t updates_applied = 0;  ///< less than version when rounds were voided; the optimizer's t
  std::uint64_t voided_in_a_row = 0;
  Ledger ledger;
  ValidationState validation;
  double train_loss = 0;  ///< of the round that made this version; per unit of weight
  bool operator==(const RunState&) const = default;
};

}  // namespace fulmar::core
