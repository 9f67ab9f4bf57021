#include "runtime/core/sequencer.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace fulmar::core {

Sequencer::Sequencer(std::uint32_t shards, AppliedUnits applied, std::shared_ptr<const PrescribedOrder> order)
    : shards_(shards), applied_(std::move(applied)), order_(std::move(order)) {}

void Sequencer::granted(const Attempt& attempt) {
  attempts_.emplace(attempt.lease, Pending{attempt, {}});
}

bool Sequencer::staged(RootReport report) {
  const auto found = attempts_.find(report.lease);
  if (found == attempts_.end()) return false;
  std::vector<RootReport>& reports = found->second.reports;
  const auto same_shard = [&](const RootReport& other) { return other.shard == report.shard; };
  if (std::any_of(reports.begin(), reports.end(), same_shard)) return false;
  reports.push_back(std::move(report));
  if (reports.size() < shards_) return false;
  complete_.push_back(found->first);
  return true;
}

bool Sequencer::end_lease(LeaseNumber lease) {
  const auto found = attempts_.find(lease);
  if (found == attempts_.end() || found->second.reports.size() == shards_) return false;
  attempts_.erase(found);
  return true;
}

std::deque<LeaseNumber>::iterator Sequencer::next_in_turn(Version base) {
  if (!order_ || !order_->makes(base + 1)) return complete_.begin();
  const Unit unit = order_->update_of(base + 1).unit;
  return std::find_if(complete_.begin(), complete_.end(),
                      [&](LeaseNumber lease) { return attempts_.at(lease).attempt.unit == unit; });
}

std::optional<Sequencer::Turn> Sequencer::take_turn(Version base, std::optional<std::uint64_t> bound) {
  const auto next = next_in_turn(base);
  if (next == complete_.end()) return std::nullopt;
  auto pending = attempts_.extract(*next);
  complete_.erase(next);
  const Attempt& attempt = pending.mapped().attempt;
  const bool prescribed = order_ && order_->makes(base + 1);
  FULMAR_ASSERT(attempt.base <= base, "SEQ-3: unit " + std::to_string(attempt.unit) + " has a base beyond its place");
  FULMAR_ASSERT(prescribed || !bound || base - attempt.base <= *bound,
                "SEQ-3: unit " + std::to_string(attempt.unit) + " of base " + std::to_string(attempt.base) +
                    " would become version " + std::to_string(base + 1) + " beyond the bound of " +
                    std::to_string(*bound));
  applied_.add(attempt.unit);
  return Turn{attempt, std::move(pending.mapped().reports)};
}

}  // namespace fulmar::core
