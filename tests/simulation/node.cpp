#include "tests/simulation/node.hpp"

#include <algorithm>
#include <span>

#include "runtime/core/vector_arithmetic.hpp"
#include "tests/simulation/head.hpp"

namespace fulmar::simulation {
namespace effect = core::worker_effect;
namespace event = core::worker_event;
using core::JobKind;

namespace {

constexpr Time kBeatInterval = std::chrono::microseconds(400);

std::string describe(const core::Job& job) {
  const char* kind = job.kind == JobKind::gradient  ? "gradient "
                     : job.kind == JobKind::combine ? "combine "
                                                    : "validate ";
  return kind + core::to_string(job.block) + " of " + std::to_string(job.version);
}

}  // namespace

Node::Node(World& world, Head& head, std::string name, std::uint32_t slots)
    : world_(world),
      head_(head),
      name_(std::move(name)),
      core_({world.scenario.shape, slots, world.scenario.shards}),
      endpoint_(world.network.open(name_)),
      lives_(slots) {}

void Node::join() {
  const std::weak_ptr<Node> self = weak_from_this();
  const core::Join request{name_, slots()};
  world_.network.post(endpoint_, head_.endpoint(), "join",
                      [head = &head_, self, request] { head->receive_join(request, self); });
  beat();
}

void Node::beat() {
  world_.network.after(endpoint_, kBeatInterval, "beat", [this] {
    if (identity_.incarnation > 0) {
      head_.send_to_supervisor(endpoint_, "beat", core::supervisor_event::Beat{identity_});
    }
    beat();
  });
}

void Node::send(Endpoint from, const std::string& what, core::WorkerEvent event, std::shared_ptr<const Vector> slice) {
  world_.network.post(from, endpoint_, what,
                      [this, event = std::move(event), slice = std::move(slice)] { receive(event, slice); });
}

void Node::receive(const core::WorkerEvent& event, const std::shared_ptr<const Vector>& slice) {
  if (const auto* arrived = std::get_if<core::VersionSlice>(&event)) {
    slices_[arrived->version].resize(world_.scenario.shards);
    slices_[arrived->version][arrived->shard] = slice;
  } else if (const auto* welcome = std::get_if<core::Welcome>(&event)) {
    identity_ = welcome->identity;
  }
  step(event);
}

void Node::step(const core::WorkerEvent& event) {
  for (const core::WorkerEffect& next : core_.step(event)) {
    std::visit([this](const auto& concrete) { carry_out(concrete); }, next);
  }
  world_.expect(vectors_.size() <= 2 * world_.scenario.shape.leaves, "WORK-2: a worker keeps too many vectors");
  world_.expect(weights_.size() <= core::kPinnedMax + 2, "a worker keeps too many versions");
}

// ---- slots

void Node::carry_out(const effect::StartJob& start) {
  const core::Job job = start.job;
  const core::SlotId slot = start.slot;
  Gradient left, right;
  std::shared_ptr<const Vector> weights = std::make_shared<const Vector>();
  std::uint64_t leaves = 1;
  if (job.kind == JobKind::combine) {
    const core::BlockTree tree = world_.scenario.shape.tree(job.version);
    left = take(job.version, tree.left(job.block));
    right = take(job.version, tree.right(job.block));
  } else {
    weights = weights_.at(job.version);
    const bool validates = job.kind == JobKind::validate;
    const core::RunShape& shape = world_.scenario.shape;
    leaves = (validates ? shape.validation_tree() : shape.tree(job.version)).leaf_count(job.block);
  }
  const auto leaf_time = static_cast<std::uint64_t>(world_.scenario.leaf_time_max.count());
  const Time duration(1 + leaves * world_.dice.below(leaf_time + 1));
  world_.network.after(endpoint_, duration, "slot " + std::to_string(slot) + " ends " + describe(job),
                       [this, slot, job, weights, left, right, life = lives_[slot]] {
                         if (life == lives_[slot]) compute(slot, job, *weights, left, right);
                       });
}

bool Node::meets_killer(const core::Job& job) const {
  const std::optional<core::LeafId>& killer = world_.scenario.faults.killer;
  if (!killer || job.kind == JobKind::combine || killer->version != job.version ||
      killer->validation != (job.kind == JobKind::validate)) {
    return false;
  }
  const core::RunShape& shape = world_.scenario.shape;
  const core::BlockTree tree = killer->validation ? shape.validation_tree() : shape.tree(job.version);
  return tree.first_leaf(job.block) <= killer->leaf && killer->leaf < tree.end_leaf(job.block);
}

void Node::compute(core::SlotId slot, const core::Job& job, const Vector& weights, Gradient left,
                   const Gradient& right) {
  if (meets_killer(job)) return die(slot, job, true, world_.scenario.faults.killer->leaf);
  const core::RunShape& shape = world_.scenario.shape;
  if (head_.faults_are_on() && world_.dice.one_in(world_.scenario.faults.slot_death_one_in)) {
    const core::BlockTree tree = job.kind == JobKind::validate ? shape.validation_tree() : shape.tree(job.version);
    return die(slot, job, job.kind != JobKind::combine && world_.dice.one_in(2), tree.first_leaf(job.block));
  }
  event::JobDone done{slot, job, {}, false};
  if (job.kind == JobKind::gradient && job.version < abandon_before_) {
    done.abandoned = world_.dice.one_in(2);
  }
  if (job.kind == JobKind::validate) {
    const core::BlockTree tree = shape.validation_tree();
    losses_.clear();
    for (std::uint64_t leaf = tree.first_leaf(job.block); leaf < tree.end_leaf(job.block); ++leaf) {
      losses_.push_back(world_.problem.validation_leaf(weights, leaf));
    }
  } else if (job.kind == JobKind::gradient) {
    outcome_ = world_.problem.block(weights, job.version, job.block);
    done.leaves_not_finite = outcome_.leaves_not_finite;
  } else {
    outcome_ = std::move(left);
    simulation::join(outcome_, right);
  }
  step(done);
}

void Node::die(core::SlotId slot, const core::Job& job, bool at_leaf, std::uint64_t leaf) {
  ++lives_[slot];
  if (world_.mutated(Mutation::hide_slot_deaths)) return;
  step(event::SlotDied{slot, at_leaf, {job.version, job.kind == JobKind::validate, leaf}, "the dice said so"});
}

void Node::carry_out(const effect::SpawnSlot& spawn) {
  ++lives_[spawn.slot];
}

// ---- vectors and versions

Gradient Node::take(core::Version base, const core::Block& block) {
  auto vector = vectors_.extract({base, block});
  world_.expect(!vector.empty(), "WORK-2: " + name_ + " has no vector " + core::to_string(block));
  return vector.empty() ? Gradient{Vector(world_.problem.parameters()), true, 0, 0, {}} : std::move(vector.mapped());
}

void Node::carry_out(const effect::AssembleVersion& assemble) {
  Vector whole;
  for (const auto& slice : slices_.at(assemble.version)) whole.insert(whole.end(), slice->begin(), slice->end());
  slices_.erase(assemble.version);
  weights_[assemble.version] = std::make_shared<const Vector>(std::move(whole));
}

void Node::carry_out(const effect::ForgetVersion& forget) {
  weights_.erase(forget.version);
  slices_.erase(forget.version);
}

void Node::carry_out(const effect::KeepVector& keep) {
  const bool fresh = vectors_.emplace(std::pair(keep.base, keep.block), outcome_).second;
  world_.expect(fresh, "WORK-2: " + name_ + " computed " + core::to_string(keep.block) + " twice");
}

void Node::carry_out(const effect::ReleaseVectors& release) {
  vectors_.erase(vectors_.begin(), vectors_.lower_bound({release.base, core::Block{}}));
}

void Node::carry_out(const effect::Push& push) {
  const Gradient gradient = take(push.base, push.block);
  if (world_.mutated(Mutation::lose_a_push) && world_.dice.one_in(40)) return;
  const std::string what = "push " + core::to_string(push.block) + " of round " + std::to_string(push.base);
  const int copies = head_.faults_are_on() && world_.dice.one_in(world_.scenario.faults.duplicate_one_in) ? 2 : 1;
  for (core::ShardId shard = 0; shard < world_.scenario.shards; ++shard) {
    const core::Extent extent = world_.shards.shard(shard);
    const std::span<const float> part = std::span(gradient.values).subspan(extent.begin, extent.size());
    const ShardCargo cargo{std::make_shared<const Vector>(part.begin(), part.end()), {}};
    const core::BlockPushed pushed{identity_,       push.base,         push.block,         core::digest(part),
                                   gradient.finite, gradient.loss_sum, gradient.weight_sum};
    for (int copy = 0; copy < copies; ++copy) head_.send_to_shard(endpoint_, shard, what, pushed, cargo);
  }
}

void Node::carry_out(const effect::SendLosses& send) {
  head_.send_to_supervisor(endpoint_, "losses " + core::to_string(send.block) + " of " + std::to_string(send.version),
                           core::BlockValidated{identity_, send.version, send.block, losses_});
}

void Node::carry_out(const effect::Tell& tell) {
  std::visit([this](const auto& message) { head_.send_to_supervisor(endpoint_, "slot's trouble", message); },
             tell.message);
}

}  // namespace fulmar::simulation
