// Whether a run has ended as it had to, and when it is over for good: one that was asked to stop, or whose last
// checkpoint could not be written, goes on with another head.
// Thread rule: one simulation, one thread.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/core/supervisor.hpp"

namespace fulmar::simulation {

struct World;
class Cluster;
class HeadProcess;

class Judge {
 public:
  explicit Judge(World& world) : world_(world) {}

  /// What a head says at its end. True: the run is over.
  bool judge(HeadProcess& head, bool newest, std::uint64_t heads);
  bool over() const { return over_; }
  const std::string& end() const { return end_; }
  /// What is to be known of a run that does not finish.
  std::string stuck(const Cluster& cluster) const;
  /// Once all is said: SUP-4, nothing that the end did not void is kept; LEDGER.
  void look_back(const Cluster& cluster);

 private:
  bool says(const char* text) const { return end_.find(text) != std::string::npos; }
  void judge_stop_by_verdict(HeadProcess& head) const;
  void judge_completed(HeadProcess& head, std::uint64_t heads);
  void judge_best(HeadProcess& head, std::uint64_t heads);
  void judge_killer() const;
  /// SUP-6: where nothing goes wrong, a round costs so many messages and no more.
  void judge_cost(HeadProcess& head) const;

  World& world_;
  core::Version version_ = 0;
  bool over_ = false, completed_ = false;
  std::string end_;
};

}  // namespace fulmar::simulation
