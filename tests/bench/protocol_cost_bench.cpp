// What a round costs the supervisor and the aggregator, in time of one CPU, by the number of nodes: state machines
// alone, without actors, network or tensors. A steady cluster of nodes of one speed, with at least four leaves each,
// one shard. Prints a table of medians; times are in microseconds.
#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdio>
#include <map>
#include <vector>

#include "runtime/core/supervisor.hpp"

namespace {

using namespace fulmar::core;
using std::chrono::milliseconds;

constexpr Term kTerm = 1;
constexpr Version kEnd = Version{1} << 40;
constexpr double kLeavesPerSecond = 10;
constexpr int kRoundsAtOnce = 10;

/// Microseconds that `act` takes.
template <class Act>
double microseconds(Act act) {
  const auto begin = std::chrono::steady_clock::now();
  act();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

RunShape shape_for(std::uint64_t nodes) {
  RunShape shape;
  shape.leaves = std::bit_ceil(4 * nodes);
  shape.train_samples = shape.leaves * 1000;
  return shape;
}

Verdict verdict_on(Version base) {
  Verdict verdict;
  verdict.base = base;
  verdict.weight_sum = verdict.loss_sum = verdict.squared_norm = 1;
  verdict.updates_before = base;
  return verdict;
}

/// What a supervisor in a steady cluster is told, and the plan that it made.
class Cluster {
 public:
  explicit Cluster(std::uint64_t nodes) : supervisor_(settings_for(nodes), {}) {
    carry_out(supervisor_.start(now_));
    for (std::uint64_t node = 1; node <= nodes; ++node) step(join(node));
    for (const auto& [node, sender] : members_) step(Beat{sender, 0, 0});
    beat_all();
    now_ += milliseconds(1);
    step(supervisor_event::Tick{});
  }

  SupervisorEffects step(const SupervisorEvent& event) {
    SupervisorEffects effects = supervisor_.step(now_, event);
    carry_out(effects);
    return effects;
  }

  void beat_all() {
    for (const auto& [node, sender] : members_) step(Beat{sender, version(), kLeavesPerSecond});
  }
  void pass(Time time) { now_ += time; }

  /// A round. Returns how many effects it had.
  std::size_t publish() {
    const std::size_t of_verdict = step(VerdictReached{verdict_on(version())}).size();
    return of_verdict + step(ShardPublished{0, version() + 1}).size();
  }

  Version version() const { return supervisor_.state().version; }
  Time now() const { return now_; }
  const std::map<NodeId, Sender>& members() const { return members_; }
  const std::vector<Block>& blocks(NodeId node) const { return blocks_.at(node); }

 private:
  static SupervisorSettings settings_for(std::uint64_t nodes) {
    SupervisorSettings settings;
    settings.shape = shape_for(nodes);
    settings.term = kTerm;
    settings.end_version = kEnd;
    return settings;
  }
  static Join join(std::uint64_t node) { return {"node-" + std::to_string(node), 1, node, 1, false}; }

  void carry_out(const SupervisorEffects& effects) {
    for (const SupervisorEffect& effect : effects) {
      if (const auto* admit = std::get_if<supervisor_effect::Admit>(&effect)) {
        members_[admit->welcome.identity.node] = admit->welcome.identity;
      } else if (const auto* send = std::get_if<supervisor_effect::SendToWorker>(&effect)) {
        if (const auto* plan = std::get_if<PlanChanged>(&send->message)) blocks_[send->node] = plan->blocks;
      } else if (const auto* dismiss = std::get_if<supervisor_effect::Dismiss>(&effect)) {
        members_.erase(dismiss->member.node);
      }
    }
  }

  Supervisor supervisor_;
  Time now_{milliseconds(1)};
  std::map<NodeId, Sender> members_;
  std::map<NodeId, std::vector<Block>> blocks_;
};

struct SupervisorCost {
  double round, beat, tick, death, relief;
  std::size_t effects_of_round;
};

SupervisorCost measure_supervisor(std::uint64_t nodes) {
  Cluster cluster(nodes);
  std::vector<double> rounds, beats, ticks, deaths, reliefs;
  std::size_t effects = 0;
  const int repeats = nodes > 1000 ? 20 : 100;
  for (int i = 0; i < repeats; ++i) {
    cluster.pass(milliseconds(50));
    beats.push_back(microseconds([&] { cluster.beat_all(); }) / static_cast<double>(nodes));
    ticks.push_back(microseconds([&] { cluster.step(supervisor_event::Tick{}); }));
    // Of several rounds, so that what the beats have left of the cache does not count as a round's work.
    rounds.push_back(microseconds([&] {
                       for (int round = 0; round < kRoundsAtOnce; ++round) cluster.publish();
                     }) /
                     kRoundsAtOnce);
    effects = cluster.publish();
  }
  const std::uint64_t dying = std::min<std::uint64_t>(nodes / 2, 15);
  for (std::uint64_t i = 0; i < dying; ++i) {
    const Sender victim = cluster.members().begin()->second;
    const Late late{0, cluster.version(), cluster.blocks(victim.node), false};
    deaths.push_back(microseconds([&] { cluster.step(supervisor_event::MemberGone{victim, "closed"}); }));
    reliefs.push_back(microseconds([&] { cluster.step(late); }));
    cluster.publish();
  }
  return {median(rounds), median(beats), median(ticks), median(deaths), median(reliefs), effects};
}

struct AggregatorCost {
  double push, held, finish, tick, death;
  std::uint64_t pushes;
};

AggregatorCost measure_aggregator(std::uint64_t nodes) {
  const Cluster cluster(nodes);
  AggregatorSettings settings;
  settings.shape = shape_for(nodes);
  settings.term = kTerm;
  Aggregator aggregator(settings, 0, 0, 0);
  Time now = cluster.now();
  const auto step = [&](const AggregatorEvent& event) { return aggregator.step(now, event); };
  for (const auto& [node, sender] : cluster.members()) {
    step(MemberAdmitted{node, sender.incarnation});
    step(MemberKnown{0, sender.incarnation});
  }

  std::vector<double> pushes, helds, finishes, ticks, deaths;
  std::uint64_t count = 0;
  const int repeats = nodes > 1000 ? 20 : 100;
  for (int i = 0; i < repeats; ++i) {
    now += milliseconds(50);
    const Version base = aggregator.version();
    helds.push_back(microseconds([&] {
                      for (const auto& [node, sender] : cluster.members()) step(VersionHeld{sender, base});
                    }) /
                    static_cast<double>(nodes));
    ticks.push_back(microseconds([&] { step(aggregator_event::Tick{}); }));
    count = 0;
    const double all = microseconds([&] {
      for (const auto& [node, sender] : cluster.members()) {
        for (const Block& block : cluster.blocks(node)) {
          step(BlockPushed{sender, base, block, 1, true, 1, 1});
          ++count;
        }
      }
    });
    pushes.push_back(all / static_cast<double>(count));
    finishes.push_back(microseconds([&] {
      step(RootReport{0, base, true, 1, 1, {1.0}});
      step(VerdictReached{verdict_on(base)});
    }));
  }
  for (const auto& [node, sender] : cluster.members()) {
    if (deaths.size() < 15) deaths.push_back(microseconds([&] { step(MemberLost{sender.incarnation}); }));
  }
  return {median(pushes), median(helds), median(finishes), median(ticks), median(deaths), count};
}

}  // namespace

int main() {
  constexpr std::uint64_t kNodes[] = {10, 100, 1000, 10'000};
  std::printf("supervisor, microseconds of CPU\n%8s%10s%10s%10s%10s%12s%12s\n", "nodes", "round", "effects", "beat",
              "tick", "death", "re-lease");
  for (const std::uint64_t nodes : kNodes) {
    const SupervisorCost cost = measure_supervisor(nodes);
    std::printf("%8lu%10.2f%10zu%10.3f%10.2f%12.1f%12.1f\n", nodes, cost.round, cost.effects_of_round, cost.beat,
                cost.tick, cost.death, cost.relief);
  }
  std::printf("\naggregator, microseconds of CPU\n%8s%10s%10s%10s%10s%10s%12s%12s\n", "nodes", "pushes", "push", "held",
              "finish", "tick", "death", "round");
  for (const std::uint64_t nodes : kNodes) {
    const AggregatorCost cost = measure_aggregator(nodes);
    const double round =
        cost.push * static_cast<double>(cost.pushes) + cost.held * static_cast<double>(nodes) + cost.finish;
    std::printf("%8lu%10lu%10.3f%10.3f%10.2f%10.2f%12.1f%12.1f\n", nodes, cost.pushes, cost.push, cost.held,
                cost.finish, cost.tick, cost.death, round);
  }
  std::printf(
      "\nA round of the supervisor is one verdict and one published version; its beats come beside, ten a second\n"
      "and node. A round of the aggregator is a push for each block of the plan, an acknowledgement from each\n"
      "node, the root's report and the verdict.\n");
}
