#include "runtime/simulation/cluster_model.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace fulmar::planner {
namespace {

// Beyond these a simulation would take hours, or its numbers would no longer fit.
constexpr std::uint64_t kNodesMax = 100'000;
constexpr std::uint32_t kSlotsMax = 4096;
constexpr std::uint64_t kLeavesMax = std::uint64_t{1} << 20;
constexpr std::uint32_t kShardsMax = 1024;
constexpr std::uint64_t kCountMax = std::uint64_t{1} << 48;
constexpr Time kTimeMax = std::chrono::hours(24 * 366);

std::string text_of(double value) {
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

/// The first setting that is not as it must be.
class Checks {
 public:
  template <class Number>
  void within(const char* setting, Number value, Number low, Number high) {
    if (failed_.empty() && !(value >= low && value <= high)) {
      fail(setting, describe(value), "between " + describe(low) + " and " + describe(high));
    }
  }
  void positive(const char* setting, double value) {
    if (!(value > 0)) fail(setting, text_of(value), "greater than 0");
  }
  void fail(const std::string& setting, const std::string& found, const std::string& expected) {
    if (failed_.empty()) failed_ = setting + " is " + found + "; it must be " + expected;
  }
  Result<void> result() const { return failed_.empty() ? Result<void>() : Error{failed_}; }

 private:
  static std::string describe(double value) { return text_of(value); }
  static std::string describe(std::uint64_t value) { return std::to_string(value); }
  static std::string describe(Time value) {
    const double seconds = std::chrono::duration<double>(value).count();
    return seconds < 3600 ? text_of(seconds) + " s" : text_of(seconds / 3600) + " h";
  }

  std::string failed_;
};

void check_nodes(const ClusterModel& model, Checks& checks) {
  checks.within<std::uint64_t>("the number of nodes", model.node_count(), 1, kNodesMax);
  for (const NodeGroup& group : model.nodes) {
    checks.within<std::uint64_t>("slots of a node", group.slots, 1, kSlotsMax);
    checks.within("leaves per second of a slot", group.leaves_per_second, 1e-6, 1e6);
  }
}

void check_work(const ClusterModel& model, Checks& checks) {
  if (model.policy != "sync") {
    checks.fail("the policy", "\"" + model.policy + "\"", "\"sync\": bounded and async cannot be simulated yet");
  }
  checks.within<std::uint64_t>("leaves", model.leaves, 1, kLeavesMax);
  if (!std::has_single_bit(model.leaves)) {
    const std::uint64_t above = std::bit_ceil(std::max<std::uint64_t>(1, model.leaves));
    checks.fail("leaves", std::to_string(model.leaves),
                "a power of two: " + std::to_string(above / 2) + " or " + std::to_string(above));
  }
  checks.within<std::uint64_t>("leaf size", model.leaf_size, 1, kCountMax);
  checks.within<std::uint64_t>("samples", model.samples, 1, kCountMax);
  checks.within<std::uint64_t>("shards", model.shards, 1, kShardsMax);
  checks.within<std::uint64_t>("the size of the model", model.model_bytes, 4, kCountMax);
  checks.within<std::uint64_t>("rounds", model.rounds, 0, kCountMax);
}

void check_machines(const ClusterModel& model, Checks& checks) {
  checks.positive("the nodes' bandwidth", model.link_bytes_per_second);
  checks.positive("the head's bandwidth", model.head_bytes_per_second);
  checks.positive("the memory's bandwidth", model.memory_bytes_per_second);
  checks.within("the latency", model.latency, Time(0), Time(std::chrono::minutes(1)));
  checks.within("the cost of a message", model.message_cost, Time(0), Time(std::chrono::seconds(1)));
}

void check_fates(const ClusterModel& model, Checks& checks) {
  checks.within("the mean time between failures", model.mtbf, Time(0), kTimeMax);
  checks.within("the time to return", model.return_after, Time(0), kTimeMax);
  checks.within("the fraction of silent failures", model.silent_fraction, 0.0, 1.0);
  checks.within("newcomers per second", model.joins_per_second, 0.0, 1000.0);
  checks.within("the jitter", model.jitter, 0.0, 0.99);
  checks.within("the time between changes of speed", model.speed_change_every, Time(0), kTimeMax);
  checks.within("the slowdown", model.slowdown_max, 1.0, 1000.0);
  checks.within("liveness", model.liveness.value, Time(std::chrono::milliseconds(20)), Time(std::chrono::hours(1)));
  checks.within("the duration", model.duration, Time(std::chrono::milliseconds(1)), kTimeMax);
}

}  // namespace

std::uint64_t ClusterModel::slots() const {
  std::uint64_t all = 0;
  for (const NodeGroup& group : nodes) all += group.count * group.slots;
  return all;
}

std::uint64_t ClusterModel::node_count() const {
  std::uint64_t all = 0;
  for (const NodeGroup& group : nodes) all += std::min(group.count, kNodesMax + 1);
  return all;
}

Result<void> check(const ClusterModel& model) {
  Checks checks;
  check_nodes(model, checks);
  check_work(model, checks);
  check_machines(model, checks);
  check_fates(model, checks);
  return checks.result();
}

}  // namespace fulmar::planner
