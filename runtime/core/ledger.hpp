// Which samples went into which update: a cursor over the epoch order plus exceptions. Auditable, exactly once. In an
// asynchronous policy units come in as nodes finish them: what lies beyond the cursor is kept until the cursor gets
// there, which it has at every checkpoint.
// Thread rule: plain value.
//
// LEDGER-1: every unit of an epoch is recorded exactly once: either counted or voided.
// LEDGER-2: samples_counted is the number of distinct (epoch, sample) pairs whose gradients are in the weights.
#pragma once

#include <cstdint>
#include <map>
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
  std::uint64_t position() const { return position_; }  ///< all samples of this epoch before it are recorded
  bool is_cursor() const { return beyond_.empty(); }    ///< no sample after it is
  std::uint64_t samples_counted() const { return samples_counted_; }
  const std::vector<VoidedRound>& voided() const { return voided_; }

  /// Records `samples` of the epoch order, from `first_position` on. `epoch_samples`: the epoch's length; recording all
  /// of it starts the next.
  void count(std::uint64_t first_position, std::uint64_t samples, std::uint64_t epoch_samples);
  void void_round(std::uint64_t version, std::uint64_t first_position, std::uint64_t samples,
                  std::uint64_t epoch_samples);

  /// Rebuilds a ledger from its stored parts.
  static Ledger restore(std::uint64_t epoch, std::uint64_t position, std::uint64_t samples_counted,
                        std::vector<VoidedRound> voided);
  bool operator==(const Ledger&) const = default;

 private:
  void pass(std::uint64_t first_position, std::uint64_t samples, std::uint64_t epoch_samples);

  std::uint64_t epoch_ = 0;
  std::uint64_t position_ = 0;
  std::uint64_t samples_counted_ = 0;
  std::vector<VoidedRound> voided_;
  std::map<std::uint64_t, std::uint64_t> beyond_;  // samples by first position, after the cursor
};

}  // namespace fulmar::core
