#include "runtime/core/ledger.hpp"

#include <string>
#include <utility>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::core {

void Ledger::pass(std::uint64_t samples, std::uint64_t epoch_samples) {
  FULMAR_ASSERT(samples > 0 && position_ + samples <= epoch_samples,
                "LEDGER-1: a round of " + std::to_string(samples) + " samples at position " +
                    std::to_string(position_) + " of an epoch of " + std::to_string(epoch_samples));
  position_ += samples;
  if (position_ == epoch_samples) {
    position_ = 0;
    ++epoch_;
  }
}

void Ledger::count(std::uint64_t samples, std::uint64_t epoch_samples) {
  pass(samples, epoch_samples);
  samples_counted_ += samples;
}

void Ledger::void_round(std::uint64_t version, std::uint64_t samples, std::uint64_t epoch_samples) {
  voided_.push_back({version, epoch_, position_, samples});
  pass(samples, epoch_samples);
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
