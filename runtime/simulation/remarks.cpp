#include "runtime/simulation/remarks.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace fulmar::planner {
namespace {

/// Fewer cannot be shared out evenly: whole leaves are given.
constexpr std::uint64_t kLeavesPerSlotMin = 4;
// Parts of a round, or of the time, that are worth a word.
constexpr double kExchangeMuch = 0.2, kWaitMuch = 0.1, kApplyMuch = 0.15, kBusyMuch = 0.5, kWasteMuch = 0.05;

std::string percent(double fraction) {
  return std::to_string(std::lround(100 * fraction)) + " %";
}

std::string text_of(std::uint64_t number) {
  return std::to_string(number);
}

class Remarks {
 public:
  Remarks(const ClusterModel& model, const ClusterReport& report) : model_(model), report_(report) {
    about_the_end();
    about_leaves();
    about_the_parts_of_a_round();
    about_the_head();
    about_waste();
  }
  std::vector<std::string> all() && { return std::move(all_); }

 private:
  void say(std::string remark) { all_.push_back(std::move(remark)); }

  void about_the_end() {
    if (!report_.ended.empty()) say("The run ended early: " + report_.ended + ".");
    if (report_.round.count == 0)
      say("Not even two rounds came to their end in this time: simulate a longer duration.");
  }

  void about_leaves() {
    const std::uint64_t slots = model_.slots();
    if (model_.leaves >= kLeavesPerSlotMin * slots) return;
    say(text_of(model_.leaves) + " leaves cannot be shared evenly by " + text_of(slots) + " slots: at least " +
        text_of(kLeavesPerSlotMin) + " a slot are needed, " + text_of(std::bit_ceil(kLeavesPerSlotMin * slots)) +
        " leaves in a round.");
  }

  void about_the_parts_of_a_round() {
    const RoundParts& parts = report_.mean_parts;
    const double total = parts.total();
    if (total <= 0) return;
    if (parts.exchange > kExchangeMuch * total) {
      say("Weights and gradients are on their way for " + percent(parts.exchange / total) +
          " of a round: the head sends and takes a whole model for each node. More leaves in a round, fewer and larger "
          "nodes or a faster link of the head help.");
    }
    if (parts.wait > kWaitMuch * total) {
      say("Nodes wait for the slowest for " + percent(parts.wait / total) +
          " of a round: more leaves make for more even shares.");
    }
    if (parts.apply > kApplyMuch * total) {
      say("The head adds and updates for " + percent(parts.apply / total) + " of a round: more shards share that.");
    }
  }

  void about_the_head() {
    if (report_.supervisor.busy > kBusyMuch) {
      say("The supervisor is busy for " + percent(report_.supervisor.busy) +
          " of the time: a longer liveness makes for fewer beats.");
    }
    double busiest = 0;
    for (const Load& load : report_.aggregators) busiest = std::max(busiest, load.busy);
    if (busiest > kBusyMuch) {
      say("An aggregator is busy for " + percent(busiest) + " of the time: more shards share that.");
    }
  }

  void about_waste() {
    if (report_.leaves.computed == 0) return;
    const double wasted = static_cast<double>(report_.leaves.wasted()) / static_cast<double>(report_.leaves.computed);
    if (wasted > kWasteMuch) say(percent(wasted) + " of what was computed was not used: shorter rounds lose less.");
  }

  const ClusterModel& model_;
  const ClusterReport& report_;
  std::vector<std::string> all_;
};

}  // namespace

std::vector<std::string> remarks(const ClusterModel& model, const ClusterReport& report) {
  return Remarks(model, report).all();
}

}  // namespace fulmar::planner
