#include "runtime/core/ledger.hpp"

#include <string>
#include <utility>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::core {

void Ledger::pass(std::uint64_t first_position, std::uint64_t samples, std::uint64_t epoch_samples) {
  const bool is_new = first_position >= position_ && beyond_.emplace(first_position, samples).second;
  FULMAR_ASSERT(is_new && samples > 0 && first_position + samples <= epoch_samples,
                "LEDGER-1: " + std::to_string(samples) + " samples from position " + std::to_string(first_position) +
                    " of an epoch of " + std::to_string(epoch_samples) + ", recorded up to " +
                    std::to_string(position_));
  while (!beyond_.empty() && beyond_.begin()->first == position_) {
    position_ += beyond_.begin()->second;
    beyond_.erase(beyond_.begin());
  }
  FULMAR_ASSERT(beyond_.empty() || beyond_.begin()->first > position_,
                "LEDGER-1: samples from position " + std::to_string(first_position) + " are recorded twice");
  if (position_ == epoch_samples) {
    position_ = 0;
    ++epoch_;
  }
}

void Ledger::count(std::uint64_t first_position, std::uint64_t samples, std::uint64_t epoch_samples) {
  pass(first_position, samples, epoch_samples);
  samples_counted_ += samples;
}

void Ledger::void_round(std::uint64_t version, std::uint64_t first_position, std::uint64_t samples,
                        std::uint64_t epoch_samples) {
  voided_.push_back({version, epoch_, first_position, samples});
  pass(first_position, samples, epoch_samples);
}

Ledger Ledger::restore(std::uint64_t epoch, std::uint64_t position, std::uint64_t samples_counted,
                       std::vector<VoidedRound> voided) {
  Ledger ledger;
  ledger.epoch_ = epoch;
  ledger.position_ = position;
  ledger.samples_counted_ = samples_counted;
  ledger.voided_ = std::move(voided);
  return ledger;
}

}  // namespace fulmar::core
