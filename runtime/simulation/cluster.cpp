#include "runtime/simulation/cluster.hpp"

#include "runtime/simulation/fates.hpp"
#include "runtime/simulation/head.hpp"

namespace fulmar::planner {
namespace {

Load load(const Mailbox& mailbox, Time now) {
  return {mailbox.messages(), core::in_seconds(mailbox.busy()) / core::in_seconds(now)};
}

ClusterReport report_on(World& world, Head& head) {
  const Time now = world.queue.now();
  ClusterReport report;
  report.seconds = core::in_seconds(now);
  report.rounds = head.state().version;
  report.samples = head.state().ledger.samples_counted();
  report.ideal_samples = world.ideal.leaves(now) * static_cast<double>(world.model.leaf_size);
  report.leaves = world.leaves;
  report.round = world.rounds.totals();
  report.mean_parts = world.rounds.mean_parts();
  report.bytes_out = world.head_out.bytes();
  report.bytes_in = world.head_in.bytes();
  report.busy_out = core::in_seconds(world.head_out.busy(now)) / report.seconds;
  report.busy_in = core::in_seconds(world.head_in.busy(now)) / report.seconds;
  report.supervisor = load(head.mailbox(), now);
  for (core::ShardId shard = 0; shard < world.model.shards; ++shard) {
    report.aggregators.push_back(load(head.shard(shard).mailbox(), now));
  }
  report.plan_changes = head.plan_changes();
  report.recoveries = world.recoveries.recoveries();
  report.admitted = head.admitted();
  if (head.ended()) {
    report.completed = head.ended()->completed;
    report.ended = report.completed ? "" : head.ended()->reason;
  }
  report.events = world.queue.steps();
  return report;
}

}  // namespace

Result<ClusterReport> simulate(const ClusterModel& model) {
  const Result<void> checked = check(model);
  if (!checked) return checked.error();
  World world(model);
  Head head(world);
  Fates fates(world, head);
  bool over = false;
  world.queue.at(model.duration, [&over] { over = true; });
  head.start();
  fates.start();
  while (!over && !head.ended()) world.queue.step();
  return report_on(world, head);
}

}  // namespace fulmar::planner
