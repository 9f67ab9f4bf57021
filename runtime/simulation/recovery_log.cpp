#include "runtime/simulation/recovery_log.hpp"

namespace fulmar::planner {
namespace {

double seconds_between(Time begin, Time end) {
  return std::chrono::duration<double>(end - begin).count();
}

}  // namespace

void RecoveryLog::failed(core::Incarnation incarnation, Time now) {
  ++failures_;
  unnoticed_[incarnation] = now;
}

void RecoveryLog::noticed(core::Incarnation incarnation, Time now) {
  const auto failure = unnoticed_.find(incarnation);
  if (failure == unnoticed_.end()) return;  // it lives
  noticed_.push_back(seconds_between(failure->second, now));
  unleased_.push_back({failure->second});
  unnoticed_.erase(failure);
}

void RecoveryLog::leased(Time now) {
  for (const Open& open : unleased_) leased_.push_back(seconds_between(open.failed, now));
  unleased_.clear();
}

void RecoveryLog::published() {
  for (Open& open : unleased_) ++open.rounds;
  no_work_ += std::erase_if(unleased_, [](const Open& open) { return open.rounds >= kRoundsToWait; });
}

Recoveries RecoveryLog::recoveries() const {
  return {failures_, spread(noticed_), spread(leased_), no_work_};
}

}  // namespace fulmar::planner
