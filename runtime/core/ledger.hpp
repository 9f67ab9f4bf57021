// Which samples went into which update: a cursor over the epoch order plus an exception set. Auditable, exactly once.
// Thread rule: plain value.
//
// LEDGER-1: every round of an epoch is recorded exactly once, in order: either counted or voided.
// LEDGER-2: samples_counted is the number of distinct (epoch, sample) pairs whose gradients are in the weights.
#pragma once

#include <cstdint>
#include <vector>

namespace fulmar::core {

/// A round whose samples did not enter the weights, although the cursor passed them.
struct VoidedRound {
  std::uint64_t version = 0;  ///< the version that the round made (weights unchanged)
  std::uint64_t epoch = 0;
  std::uint64_t first_position = 0;  ///< in the epoch order
  std::uint64_t samples = 0;
  bool operator==(const VoidedRound&) const = default;
};

class Ledger {
 public:
  std::uint64_t epoch() const { return epoch_; }
  std::uint64_t position() const { return position_; }  ///< samples of this epoch that rounds have passed
  std::uint64_t samples_counted() const { return samples_counted_; }
  const std::vector<VoidedRound>& voided() const { return voided_; }

  /// Passes the next `samples` of the epoch order. `epoch_samples`: the epoch's length; passing it starts the next.
  void count(std::uint64_t samples, std::uint64_t epoch_samples);
  void void_round(std::uint64_t version, std::uint64_t samples, std::uint64_t epoch_samples);

  /// Rebuilds a ledger from its stored parts.
  static Ledger restore(std::uint64_t epoch, std::uint64_t position, std::uint64_t samples_counted,
                        std::vector<VoidedRound> voided);
  bool operator==(const Ledger&) const = default;

 private:
  void pass(std::uint64_t samples, std::uint64_t epoch_samples);

  std::uint64_t epoch_ = 0;
  std::uint64_t position_ = 0;
  std::uint64_t samples_counted_ = 0;
  std::vector<VoidedRound> voided_;
};

}  // namespace fulmar::core
