// What a run did within the last second or so: for a line of metrics.jsonl, and for its status.
// Thread rule: one owner; pure: `now` is an argument.
#pragma once

#include <cstdint>

#include <nlohmann/json_fwd.hpp>

#include "runtime/core/liveness.hpp"
#include "runtime/core/verdict.hpp"

namespace fulmar::actors {

class IntervalFigures {
 public:
  explicit IntervalFigures(core::Time now) : begin_(now) {}

  /// An update, or a voided round, with so many samples.
  void add(const core::Verdict& verdict, std::uint64_t samples);
  bool empty() const { return samples_ == 0; }
  bool is_due(core::Time now) const;
  /// Of the last whole interval, but no more than if the `under_way` samples of the present round were done just now: a
  /// run that stands still does not look quick.
  double samples_per_second(std::uint64_t under_way, core::Time now) const;
  /// samples_per_second, gradient_norm, and staleness where updates are asynchronous; the next interval begins.
  nlohmann::json end(core::Time now);

 private:
  double rate(std::uint64_t samples, core::Time now) const;

  core::Time begin_;
  double last_rate_ = 0;
  std::uint64_t samples_ = 0;
  double gradient_norm_ = 0;  ///< of the newest
  /// Of asynchronous updates.
  struct {
    std::uint64_t updates = 0;
    std::uint64_t sum = 0;
    std::uint64_t max = 0;
  } staleness_;
};

}  // namespace fulmar::actors
