#include "tests/simulation/simulation.hpp"

#include <algorithm>
#include <memory>

#include "tests/simulation/head.hpp"

namespace fulmar::simulation {
namespace {

// Far above what any of the seeds needs: what is not over by then never will be.
constexpr std::uint64_t kStepsMax = 300'000;
constexpr std::uint64_t kStepsToSettle = 3'000;

class Run {
 public:
  Run(const Scenario& scenario, bool transcript)
      : world_(scenario, transcript), faults_(scenario.faults), chaos_(world_.network.open("chaos")) {
    world_.network.say(describe(scenario));
    schedule(faults_.worker_kills, "kill a worker", [this] { head_->kill_worker(world_.dice.below(100)); });
    schedule(faults_.late_joins, "a worker joins", [this] { head_->add_worker("late", 2); });
    schedule(faults_.stop_requests, "stop", [this] { head_->request_stop(); });
    schedule(faults_.head_kills, "kill the head", [this] { killed_ = true; });
  }

  Outcome go() {
    do {
      live_once();
    } while (!over_ && world_.wrong.empty());
    return {world_.wrong, world_.network.hash(), world_.network.steps(), heads_, end_};
  }

 private:
  template <class Act>
  void schedule(const std::vector<Time>& times, const std::string& what, Act act) {
    for (const Time at : times) {
      world_.network.after(chaos_, at, what, [this, act] {
        if (head_) act();
      });
    }
  }

  void live_once() {
    head_ = std::make_unique<Head>(world_, ++heads_);
    killed_ = false;
    head_->start();
    for (std::size_t i = 0; i < world_.scenario.worker_slots.size(); ++i) {
      head_->add_worker("worker " + std::to_string(i), world_.scenario.worker_slots[i]);
    }
    while (!killed_ && !head_->ended() && world_.wrong.empty()) step();
    if (head_->ended() && world_.wrong.empty()) settle();
    head_.reset();
  }

  void step() {
    // Faults are over at some point; from then on the run must finish.
    if (world_.network.now() > std::chrono::milliseconds(25)) head_->end_faults();
    world_.expect(world_.network.steps() < kStepsMax, "the run never ends");
    world_.expect(world_.network.step(), "nothing is under way, and the run is not over");
  }

  void settle() {
    const auto& end = *head_->ended();
    end_ = end.reason;
    judge(end.state.version, end.failed, end.completed);
    if (!over_) return;
    for (std::uint64_t i = 0; i < kStepsToSettle && !killed_; ++i) world_.network.step();
    if (!killed_) head_->check_released();
  }

  void judge(core::Version version, bool failed, bool completed) {
    const Reference& reference = world_.reference;
    const bool by_killer = failed && faults_.killer && end_.find("slots") != std::string::npos;
    const bool by_verdict = failed && end_.find("is not finite") != std::string::npos;
    const bool by_disk = failed && end_.find("could not be written") != std::string::npos;
    over_ = by_killer || by_verdict || (completed && !failed);
    if (by_killer) {
      const std::string leaf = "leaf " + std::to_string(faults_.killer->leaf) + " (";
      world_.expect(end_.find(leaf) != std::string::npos, "BUDGET-1: the message does not name the leaf: " + end_);
    } else if (by_verdict) {
      world_.expect(reference.stopped && version == reference.end, "a wrong stop: " + end_);
    } else if (completed) {
      world_.expect(!reference.stopped && version == reference.end,
                    "SUP-2: ends at " + std::to_string(version) + ", not at " + std::to_string(reference.end));
      const auto& best = reference.versions[reference.end].state.validation.best;
      const bool lost = end_.find("the weights of its best version") != std::string::npos;
      // A head that was killed takes with it what it knew of a failed write.
      if (best && (heads_ == 1 || !world_.disk.best_failed)) {
        world_.expect((world_.disk.best != best->version) == lost, "other weights are kept as the best: " + end_);
      }
      if (lost) world_.expect(failed, "a lost best is no failure");
      world_.expect(failed || world_.disk.checkpoints.contains(version), "the end has no checkpoint");
    } else {
      world_.expect(!failed || by_disk, "the run failed: " + end_);
    }
  }

  World world_;
  Faults faults_;
  Endpoint chaos_;
  std::unique_ptr<Head> head_;
  core::Term heads_ = 0;
  bool killed_ = false, over_ = false;
  std::string end_;
};

}  // namespace

Outcome simulate(const Scenario& scenario, bool transcript) {
  return Run(scenario, transcript).go();
}

}  // namespace fulmar::simulation
