#include "tests/simulation/scenario.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <numeric>

#include "tests/simulation/dice.hpp"

namespace fulmar::simulation {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

enum class Size { small, middle, large };

Size draw_size(Dice& dice) {
  if (dice.one_in(400)) return Size::large;
  return dice.one_in(40) ? Size::middle : Size::small;
}

void draw_shape(Scenario& scenario, Size size, Dice& dice) {
  core::RunShape& shape = scenario.shape;
  shape.seed = scenario.seed;
  if (size == Size::small) {
    shape.train_samples = dice.between(1, dice.one_in(2) ? 400 : 60);
    shape.leaf_size = dice.between(1, 4);
    shape.leaves = std::uint64_t{1} << dice.below(6);
    // So many rounds that a run is long, no more.
    const std::uint64_t epochs_max = std::max<std::uint64_t>(1, 120 / shape.rounds_per_epoch());
    scenario.end_version = dice.between(1, std::min<std::uint64_t>(8, epochs_max)) * shape.rounds_per_epoch();
  } else {
    shape.leaves = size == Size::middle ? 128 : 2048;
    shape.train_samples = shape.leaves * dice.between(1, 3) - dice.below(shape.leaves / 2);
    scenario.end_version = dice.between(1, 2) * shape.rounds_per_epoch();
  }
  shape.validation_samples = dice.one_in(5) ? 0 : dice.between(1, 14);
}

void draw_run(Scenario& scenario, Dice& dice) {
  scenario.patience = dice.below(3);
  scenario.checkpoint_every_rounds = dice.one_in(3) ? 0 : dice.between(1, 5);
  if (dice.one_in(3)) scenario.checkpoint_every = milliseconds(dice.between(20, 2000));
  if (dice.one_in(6)) {
    for (std::uint64_t count = dice.between(1, 3); count > 0; --count) {
      scenario.poisoned.push_back(dice.below(scenario.end_version));
    }
  }
  if (dice.one_in(2)) scenario.not_finite = core::NotFinitePolicy::stop;
  core::OptimizerSettings& optimizer = scenario.optimizer;
  optimizer.kind = static_cast<core::OptimizerKind>(dice.below(4));
  optimizer.schedule.learning_rate = static_cast<double>(dice.between(1, 120)) / 100;
  optimizer.clip_norm = dice.one_in(2) ? 0.5 : 0;
}

void draw_machines(Scenario& scenario, Size size, Dice& dice) {
  scenario.shards = static_cast<std::uint32_t>(dice.between(1, 4));
  scenario.parameters = 16 * dice.between(1, 4) + (dice.one_in(2) ? 5 : 0);
  std::uint64_t nodes = dice.between(1, 6);
  if (size == Size::middle) nodes = dice.between(10, 60);
  if (size == Size::large) nodes = dice.between(200, 1000);
  for (; nodes > 0; --nodes) scenario.node_slots.push_back(static_cast<std::uint32_t>(dice.between(1, 3)));
  if (dice.one_in(2)) {
    for (std::uint64_t workers = dice.between(1, 2); workers > 0; --workers) {
      scenario.local_slots.push_back(static_cast<std::uint32_t>(dice.between(1, 2)));
    }
    if (dice.one_in(3)) scenario.node_slots.clear();  // one machine, as most runs begin
  }
  scenario.latency_min = microseconds(dice.between(20, 1000));
  scenario.latency_max = scenario.latency_min * static_cast<std::int64_t>(dice.between(1, 10));
  scenario.leaf_time = milliseconds(dice.one_in(2) ? dice.between(1, 20) : dice.between(20, 150));
  scenario.resets = dice.one_in(2);
}

/// In half of the seeds tensors are large for a link: a few of them fill its window, or one does.
void draw_links(Scenario& scenario, Dice& dice) {
  if (dice.one_in(2)) scenario.link_window_bytes = dice.between(32, 600);
  if (scenario.faults.none()) return;
  if (dice.one_in(3)) scenario.faults.set(Fault::frame_forged, dice.between(1, 30));
  if (dice.one_in(3)) scenario.faults.set(Fault::connection_drop, dice.between(1, 2 + scenario.node_slots.size()));
}

/// Half of all kinds are off in a seed; the others come a few times, mostly.
void draw_faults(Scenario& scenario, Dice& dice) {
  Faults& faults = scenario.faults;
  if (dice.one_in(8)) return;  // a quiet day
  const auto sometimes = [&](Fault fault, std::uint64_t low, std::uint64_t high, std::uint64_t one_in = 2) {
    if (dice.one_in(one_in)) faults.set(fault, dice.between(low, high));
  };
  const std::uint64_t nodes = std::max<std::uint64_t>(1, scenario.node_slots.size());
  const std::uint64_t often = std::clamp<std::uint64_t>(nodes / 5, dice.one_in(3) ? 15 : 5, 60);
  sometimes(Fault::node_crash, 1, often);
  sometimes(Fault::node_freeze, 1, often);
  sometimes(Fault::slow_node, 1, nodes, 3);
  sometimes(Fault::speed_change, 1, often, 3);
  sometimes(Fault::slot_death, 5, 60, 3);
  sometimes(Fault::local_crash, 1, 4, 3);
  sometimes(Fault::message_loss, 1, 150);
  sometimes(Fault::message_double, 1, 150, 3);
  sometimes(Fault::message_delay, 2, 50, 3);
  sometimes(Fault::message_stale, 5, 100, 3);
  sometimes(Fault::link_cut, 1, often, 3);
  sometimes(Fault::clock_rate, 1, 1, 3);
  sometimes(Fault::clock_jump, 1, 5, 4);
  sometimes(Fault::head_crash, 1, 4, 3);
  sometimes(Fault::power_cut, 1, 4, 3);
  sometimes(Fault::head_freeze, 1, 3, 4);
  sometimes(Fault::disk_full, 1, 3, 5);
  sometimes(Fault::sync_failure, 1, 3, 5);
  sometimes(Fault::sync_lost, 1, 2, 8);
  sometimes(Fault::bit_flip, 1, 2, 6);
  sometimes(Fault::node_leave, 1, often, 4);
  sometimes(Fault::drain_request, 1, often, 4);
  sometimes(Fault::all_leave, 1, 1, 12);
  sometimes(Fault::node_join, 1, 4, 3);
  sometimes(Fault::many_join, 1, 1, 10);
  sometimes(Fault::stop_request, 1, 3, 5);
  sometimes(Fault::killer_of_slots, 1, 1, 25);
  sometimes(Fault::killer_of_nodes, 1, 1, 25);
}

/// Half of the seeds are asynchronous, from the beginning on or by and by.
void draw_asynchrony(Scenario& scenario, Size size, Dice& dice) {
  if (dice.one_in(2)) return;
  if (size != Size::small) {  // a large unit would leave all but a few of many nodes idle for very long
    scenario.shape.leaves = 8;
    scenario.shape.train_samples = 8 * dice.between(20, 150);
    scenario.end_version = scenario.shape.rounds_per_epoch();
    scenario.leaf_time = std::min<Time>(scenario.leaf_time, milliseconds(5));
  }
  const core::OnStale on_stale = dice.one_in(2) ? core::OnStale::wait : core::OnStale::revoke;
  scenario.policy = draw_policy(dice, on_stale);
  if (dice.one_in(3)) scenario.faults.set(Fault::policy_switch, dice.between(1, 8));
  core::OptimizerSettings& optimizer = scenario.optimizer;
  optimizer.schedule.learning_rate /= 10;  // what is stale must not drive the weights apart
  optimizer.remedies.scale_learning_rate = dice.one_in(3);
  if (dice.one_in(3)) optimizer.remedies.delay_compensation = 0.04;
}

/// What the run takes when nothing goes wrong, roughly.
Time usual_time(const Scenario& scenario) {
  const auto slots = std::accumulate(scenario.node_slots.begin(), scenario.node_slots.end(),
                                     std::accumulate(scenario.local_slots.begin(), scenario.local_slots.end(), 0U));
  return serial_time(scenario) /
         std::max<std::int64_t>(1, std::min<std::int64_t>(slots, static_cast<std::int64_t>(scenario.shape.leaves)));
}

std::string describe(const core::PolicySettings& policy) {
  const bool revokes = policy.kind == core::PolicyKind::bounded && policy.on_stale == core::OnStale::revoke;
  return core::to_string(policy) + (revokes ? ", revoking" : "");
}

core::LeafId draw_killer(const Scenario& scenario, Dice& dice) {
  const core::Version base = dice.below(scenario.end_version);
  const core::Version next = base + 1;
  if (scenario.shape.is_validated(next) && dice.one_in(2)) {
    return {next, true, dice.below(scenario.shape.validation_leaves())};
  }
  return {base, false, dice.below(scenario.shape.leaves_in_round(base))};
}

}  // namespace

core::PolicySettings draw_policy(Dice& dice, core::OnStale on_stale) {
  static constexpr std::array<std::uint64_t, 5> kBounds{0, 1, 2, 4, 16};
  core::PolicySettings policy{core::PolicyKind::bounded, kBounds[dice.below(kBounds.size())], on_stale};
  if (dice.one_in(4)) policy.kind = core::PolicyKind::async;
  if (dice.one_in(5)) policy.kind = core::PolicyKind::sync;
  return policy;
}

Time serial_time(const Scenario& scenario) {
  std::uint64_t leaves = 0;
  for (core::Version base = 0; base < scenario.end_version; ++base) {
    leaves += scenario.shape.leaves_in_round(base);
    if (scenario.shape.is_validated(base + 1)) leaves += scenario.shape.validation_leaves();
  }
  return scenario.leaf_time * static_cast<std::int64_t>(leaves);
}

Scenario draw_scenario(std::uint64_t seed) {
  Dice dice(seed, 0);
  Scenario scenario;
  scenario.seed = seed;
  const Size size = draw_size(dice);
  draw_shape(scenario, size, dice);
  draw_run(scenario, dice);
  draw_machines(scenario, size, dice);
  draw_faults(scenario, dice);
  Dice link_dice(seed, 4);  // of their own, so that older seeds stay what they were
  draw_links(scenario, link_dice);
  Dice policy_dice(seed, 5);  // likewise
  draw_asynchrony(scenario, size, policy_dice);
  if (scenario.faults.has(Fault::killer_of_slots) || scenario.faults.has(Fault::killer_of_nodes)) {
    scenario.killer = draw_killer(scenario, dice);
  }
  // Faults are worth something while the run goes on: some are over long before it is, some go on for longer.
  const auto share = static_cast<std::int64_t>(dice.between(20, 200));
  scenario.faults.horizon =
      milliseconds(dice.between(100, 1500)) + std::min<Time>(usual_time(scenario), seconds(10)) * share / 100;
  return scenario;
}

const char* to_string(Fault fault) {
  static constexpr std::array<const char*, kFaultKinds> kNames = {
      "node crashes",     "node freezes",     "slow nodes",       "speed changes",   "slot deaths per 1000",
      "local crashes",    "lost per 1000",    "doubled per 1000", "delayed, factor", "stale per 10000",
      "forged per 1000",  "connections drop", "link cuts",        "clock rates",     "clock jumps",
      "head crashes",     "power cuts",       "head freezes",     "disk full",       "sync failures",
      "lost syncs",       "bit flips",        "nodes leave",      "drain requests",  "all leave",
      "nodes join",       "many join",        "stop requests",    "policy switches", "a killer of slots",
      "a killer of nodes"};
  return kNames.at(static_cast<std::size_t>(fault));
}

std::string describe(const Scenario& scenario) {
  const core::RunShape& shape = scenario.shape;
  const auto list = [](const std::vector<std::uint32_t>& slots) {
    if (slots.size() > 12) return " (" + std::to_string(slots.size()) + " of them)";
    return std::accumulate(slots.begin(), slots.end(), std::string(), [](const std::string& text, std::uint32_t count) {
      return text + " " + std::to_string(count);
    });
  };
  const auto in_ms = [](Time time) {
    return std::to_string(std::chrono::duration_cast<milliseconds>(time).count()) + " ms";
  };
  std::string text = "seed " + std::to_string(scenario.seed) + ": " + std::to_string(scenario.end_version) +
                     " rounds of " + std::to_string(shape.leaves) + " leaves, " +
                     std::to_string(shape.rounds_per_epoch()) + " an epoch; " + std::to_string(scenario.shards) +
                     " shards; slots of local workers:" + list(scenario.local_slots) +
                     ", of nodes:" + list(scenario.node_slots) + "; a leaf takes " + in_ms(scenario.leaf_time) +
                     "; a link's window: " + std::to_string(scenario.link_window_bytes) + " bytes; faults for " +
                     in_ms(scenario.faults.horizon) + (scenario.resets ? "; resets" : "") +
                     (scenario.is_synchronous() ? "" : "; begins with " + describe(scenario.policy));
  for (std::size_t kind = 0; kind < kFaultKinds; ++kind) {
    if (scenario.faults.amounts[kind] == 0) continue;
    text +=
        std::string("; ") + to_string(static_cast<Fault>(kind)) + ": " + std::to_string(scenario.faults.amounts[kind]);
  }
  if (scenario.killer) {
    text += std::string("; it is leaf ") + std::to_string(scenario.killer->leaf) + " of " +
            (scenario.killer->validation ? "the validation of version " : "unit ") +
            std::to_string(scenario.killer->version);
  }
  return text;
}

}  // namespace fulmar::simulation
