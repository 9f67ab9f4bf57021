#include "tests/simulation/shard.hpp"

#include <algorithm>
#include <utility>

#include "runtime/core/vector_arithmetic.hpp"
#include "tests/simulation/head.hpp"
#include "tests/simulation/node.hpp"

namespace fulmar::simulation {
namespace effect = core::aggregator_effect;
namespace {

core::AggregatorSettings settings_of(const Scenario& scenario, core::ShardId shard, core::Term term) {
  return {scenario.shape, term, shard, scenario.shards, {scenario.not_finite, 10}, scenario.checkpoint_every_rounds};
}

Vector cut(const Vector& whole, const core::Extent& extent) {
  return {whole.begin() + static_cast<std::ptrdiff_t>(extent.begin),
          whole.begin() + static_cast<std::ptrdiff_t>(extent.end)};
}

}  // namespace

Shard::Shard(World& world, Head& head, core::ShardId shard, core::Term term, const Disk::Checkpoint& from)
    : world_(world),
      head_(head),
      shard_(shard),
      extent_(world.shards.shard(shard)),
      core_(settings_of(world.scenario, shard, term), from.state.version, from.state.updates_applied,
            from.state.voided_in_a_row),
      endpoint_(world.network.open("shard " + std::to_string(shard))),
      weights_(cut(from.weights, extent_)) {
  for (const Vector& state : from.optimizer) optimizer_.push_back(cut(state, extent_));
}

void Shard::receive(core::AggregatorEvent event, const ShardCargo& cargo) {
  cargo_ = cargo;
  if (const auto* admitted = std::get_if<core::MemberAdmitted>(&event)) {
    workers_[admitted->incarnation] = cargo.worker;
  } else if (const auto* lost = std::get_if<core::MemberLost>(&event)) {
    workers_.erase(lost->incarnation);
  } else if (auto* pushed = std::get_if<core::BlockPushed>(&event)) {
    if (world_.mutated(Mutation::accept_late_pushes)) pushed->base = std::max(pushed->base, core_.version());
  }
  for (const core::AggregatorEffect& next : core_.step(event)) {
    std::visit([this](const auto& concrete) { carry_out(concrete); }, next);
  }
  // At most one vector a leaf; beside the pinned versions of the limit, the cut under way.
  world_.expect(vectors_.size() <= world_.scenario.shape.leaves, "a shard keeps too many vectors");
  world_.expect(pinned_.size() <= core::kPinnedMax + 2, "AGG-3: too many pinned versions");
}

void Shard::carry_out(const effect::Keep& keep) {
  vectors_[keep.block] = *cargo_.vector;
}

void Shard::carry_out(const effect::Drop& drop) {
  world_.network.say("shard " + std::to_string(shard_) + " drops: " + drop.reason);
  const bool again = drop.reason == "duplicate" || drop.reason == "covered";
  if (!world_.mutated(Mutation::count_duplicates) || !again || vectors_.empty()) return;
  core::add(vectors_.begin()->second, *cargo_.vector);
}

void Shard::carry_out(const effect::Discard& discard) {
  vectors_.erase(discard.block);
}

void Shard::carry_out(const effect::Combine& combine) {
  auto left = vectors_.extract(combine.left);
  const auto right = vectors_.extract(combine.right);
  core::add(left.mapped(), right.mapped());
  vectors_[combine.parent] = std::move(left.mapped());
}

std::vector<double> Shard::chunk_norms(const Vector& root) const {
  std::vector<double> norms;
  const std::size_t first = world_.shards.first_chunk(shard_);
  for (std::size_t chunk = first; chunk < first + world_.shards.chunk_count(shard_); ++chunk) {
    const core::Extent extent = world_.shards.chunk(chunk);
    norms.push_back(core::squared_norm(std::span(root).subspan(extent.begin - extent_.begin, extent.size())));
  }
  return norms;
}

void Shard::carry_out(const effect::ReportRoot& report) {
  const Vector& root = vectors_.at(report.block);
  head_.send_to_shard(endpoint_, 0, "root of round " + std::to_string(report.base),
                      core::RootReport{shard_, report.base, report.finite && core::all_finite(root), report.loss_sum,
                                       report.weight_sum, chunk_norms(root)});
}

void Shard::carry_out(const effect::SendVerdict& send) {
  const core::VerdictReached reached{send.verdict};
  for (core::ShardId shard = 0; shard < world_.scenario.shards; ++shard) {
    head_.send_to_shard(endpoint_, shard, "verdict: " + send.verdict.reason, reached);
  }
  head_.send_to_supervisor(endpoint_, "verdict: " + send.verdict.reason, reached);
}

void Shard::carry_out(const effect::Apply& apply) {
  const auto root = vectors_.extract(apply.block);
  if (apply.verdict.action != core::Action::apply) return;
  const core::StepConstants constants = core::step_constants(world_.scenario.optimizer, apply.verdict.updates_before,
                                                             apply.verdict.weight_sum, apply.verdict.squared_norm);
  std::vector<std::span<const float>> in(optimizer_.begin(), optimizer_.end());
  std::vector<std::span<float>> out(optimizer_.begin(), optimizer_.end());
  core::optimizer_step(world_.scenario.optimizer.kind, constants, root.mapped(), weights_, weights_, in, out);
}

void Shard::check_weights() {
  const core::Version version = core_.version();
  const bool known = version < world_.reference.versions.size();
  world_.expect(known && cut(world_.reference.versions[version].weights, extent_) == weights_,
                "shard " + std::to_string(shard_) + " has other weights of version " + std::to_string(version));
}

void Shard::send_version(const std::weak_ptr<Node>& worker, core::Version version, const Vector& weights) {
  const std::shared_ptr<Node> node = worker.lock();
  if (!node) return;
  node->send(endpoint_, "slice of version " + std::to_string(version), core::VersionSlice{shard_, version},
             std::make_shared<const Vector>(weights));
}

void Shard::carry_out(const effect::Publish& publish) {
  check_weights();
  for (const auto& [incarnation, worker] : workers_) send_version(worker, publish.version, weights_);
  head_.send_to_supervisor(endpoint_, "published " + std::to_string(publish.version),
                           core::ShardPublished{shard_, publish.version});
}

void Shard::carry_out(const effect::Pin& pin) {
  pinned_[pin.version] = {weights_, optimizer_};
}

void Shard::carry_out(const effect::Unpin& unpin) {
  if (!world_.mutated(Mutation::never_unpin)) pinned_.erase(unpin.version);
}

void Shard::carry_out(const effect::SendVersions& send) {
  const auto worker = workers_.find(send.incarnation);
  if (worker == workers_.end()) return;
  for (const auto& [version, pinned] : pinned_) {
    if (version != core_.version()) send_version(worker->second, version, pinned.weights);
  }
  send_version(worker->second, core_.version(), weights_);
}

void Shard::carry_out(const effect::Tell& tell) {
  std::visit([this](const auto& message) { head_.send_to_supervisor(endpoint_, "shard's answer", message); },
             tell.message);
}

}  // namespace fulmar::simulation
