#include "tests/simulation/simulation.hpp"

#include <exception>

#include "tests/simulation/chaos.hpp"
#include "tests/simulation/cluster.hpp"
#include "tests/simulation/head_process.hpp"
#include "tests/simulation/judge.hpp"
#include "tests/simulation/world.hpp"

namespace fulmar::simulation {
namespace {

/// What is said at the end is heard by then.
constexpr Time kSettling = std::chrono::milliseconds(50);

/// Until when a run must be over. After the horizon everybody is well, but the run may have to begin anew, on one slot
/// whose clock is off by a quarter and whose leaves take 1.4 times as long as on average; duplicates and a plan that
/// still believes in old speeds may cost as much again. A round costs some ways through the network, and a look at the
/// clock where somebody waits for one; each round may be late once. Members rejoin within rejoin_max = 4 × liveness,
/// are found lost within one, and heads that could not start, or were asked to stop, do so within as long.
Time deadline(const Scenario& scenario) {
  const auto rounds = static_cast<std::int64_t>(scenario.end_version);
  const core::Liveness& liveness = scenario.liveness;
  const Time round = 20 * scenario.latency_max + 10 * liveness.tick();
  return scenario.faults.horizon + 30 * liveness.value + 4 * serial_time(scenario) + rounds * round;
}

class Run {
 public:
  Run(const Scenario& scenario, Transcript transcript)
      : world_(scenario, transcript),
        judge_(world_),
        cluster_(world_, [this](HeadProcess& head,
                                bool newest) { return judge_.judge(head, newest, cluster_.heads_started()); }),
        chaos_(world_, cluster_) {
    if (world_.log.wants_frames()) world_.log.say(Time(0), "scenario", describe(scenario));
  }

  Outcome go(const Plot& plot = {}) {
    if (plot) plot(world_, cluster_);
    cluster_.start();
    chaos_.plan();
    const Time until = deadline(world_.scenario);
    while (!judge_.over() && world_.checks.wrong().empty()) {
      step();
      world_.checks.expect(world_.queue.now() <= until, [&] { return judge_.stuck(cluster_); });
    }
    const Outcome outcome{
        {}, 0, world_.queue.steps(), cluster_.heads_started(), world_.queue.now(), judge_.end(), world_.happenings};
    if (world_.checks.wrong().empty()) settle();
    return conclude(outcome);
  }

 private:
  // What a role finds to be broken in itself is a finding like any other, and as easily replayed.
  void step() {
    try {
      world_.queue.step();
      cluster_.reap();
    } catch (const std::exception& broken) {
      world_.checks.fail(broken.what());
    }
  }

  void settle() {
    world_.healed = true;
    cluster_.settle();
    const Time until = world_.queue.now() + kSettling;
    while (world_.queue.now() <= until && world_.checks.wrong().empty()) world_.queue.step();
    judge_.look_back(cluster_);
  }

  Outcome conclude(Outcome outcome) {
    outcome.wrong = world_.checks.wrong();
    outcome.hash = world_.log.hash() ^ static_cast<std::uint64_t>(world_.queue.now().count()) ^ world_.queue.steps();
    return outcome;
  }

  World world_;
  Judge judge_;
  Cluster cluster_;
  Chaos chaos_;
};

}  // namespace

Outcome simulate(const Scenario& scenario, std::ostream* transcript) {
  return Run(scenario, Transcript(transcript)).go();
}

Outcome tell(const Scenario& scenario, const Plot& plot, std::ostream& story) {
  return Run(scenario, Transcript(&story, Detail::letters)).go(plot);
}

}  // namespace fulmar::simulation
