#include "tests/simulation/aggregator_shell.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "runtime/core/vector_arithmetic.hpp"
#include "tests/simulation/head_process.hpp"
#include "tests/simulation/world.hpp"

namespace fulmar::simulation {
namespace effect = core::aggregator_effect;
namespace {

core::AggregatorSettings settings_of(const World& world, core::ShardId shard, const OpenedRun& from) {
  const Scenario& scenario = world.scenario;
  core::AggregatorSettings settings;
  settings.shape = scenario.shape;
  settings.term = from.term;
  settings.shard = shard;
  settings.shards = scenario.shards;
  settings.rule.not_finite = scenario.not_finite;
  settings.checkpoint_every_rounds = scenario.checkpoint_every_rounds;
  settings.liveness = scenario.liveness;
  settings.policy = from.policy;
  settings.order = from.order;
  settings.keeps_bases_of_updates = scenario.optimizer.remedies.delay_compensation > 0;
  return settings;
}

Vector cut(const Vector& whole, const core::Extent& extent) {
  return {whole.begin() + static_cast<std::ptrdiff_t>(extent.begin),
          whole.begin() + static_cast<std::ptrdiff_t>(extent.end)};
}

}  // namespace

AggregatorShell::AggregatorShell(World& world, HeadProcess& head, core::ShardId shard, const OpenedRun& from)
    : world_(world),
      head_(head),
      shard_(shard),
      term_(from.term),
      extent_(world.shards.shard(shard)),
      core_(settings_of(world, shard, from), from.state.version, from.state.updates_applied,
            from.state.voided_in_a_row),
      weights_(cut(from.weights, extent_)) {
  for (const Vector& state : from.optimizer) optimizer_.push_back(cut(state, extent_));
  world_.checks.weights(head_.timeline(), core_.version(), extent_.begin, weights_, "a head's start");
}

void AggregatorShell::receive(const core::AggregatorEvent& event, std::shared_ptr<const Cargo> cargo) {
  cargo_ = std::move(cargo);
  note_members(event);
  if (is_swallowed(event)) return;
  for (const core::AggregatorEffect& next : core_.step(head_.now(), as_taken(event))) {
    std::visit([this](const auto& concrete) { carry_out(concrete); }, next);
  }
  check_bounds();
}

void AggregatorShell::note_members(const core::AggregatorEvent& event) {
  if (const auto* admitted = std::get_if<core::MemberAdmitted>(&event)) members_.insert(admitted->incarnation);
  if (const auto* lost = std::get_if<core::MemberLost>(&event)) {
    members_.erase(lost->incarnation);
    newcomers_.erase(lost->incarnation);
    supplied_.erase(lost->incarnation);
  }
  const auto* held = std::get_if<core::VersionHeld>(&event);
  if (held != nullptr && members_.contains(held->sender.incarnation)) {
    newcomers_.erase(held->sender.incarnation);
    supplied_.insert(held->sender.incarnation);
  }
}

// Only the lead hears what members have.
void AggregatorShell::note_newcomer(core::Incarnation incarnation) {
  if (shard_ != 0 || supplied_.contains(incarnation)) return;
  newcomers_.insert(incarnation);
  if (members_.size() > newcomers_.size() + supplied_.size()) world_.happened(Happening::newcomer_waited);
  world_.checks.newcomers(newcomers_.size());
}

void AggregatorShell::check_bounds() const {
  const auto leased = vectors_.lower_bound({1, core::Block{}});  // a member has one at most that waits for its turn
  const auto of_round = static_cast<std::uint64_t>(std::distance(vectors_.begin(), leased));
  world_.checks.expect(of_round <= core_.missing().size() + world_.scenario.shape.leaves,
                       [] { return "REDUCE-1: a shard keeps too many vectors"; });
  // Beside the pinned versions of the limit, the cut under way.
  world_.checks.expect(pinned_.size() <= core::kPinnedMax + 2, [&] {
    return "AGG-3: shard " + std::to_string(shard_) + " has " + std::to_string(pinned_.size()) + " pinned versions";
  });
}

// ---- the reduction

void AggregatorShell::carry_out(const effect::Keep& keep) {
  world_.checks.kept(cargo_->origin, term_, members_);
  if (keep.lease == 0) {
    world_.checks.expect(cargo_->leaves.unit == core_.version(),
                         [] { return "AGG-1: a vector of another round is kept"; });
  } else {
    world_.checks.staged(head_, keep.lease, cargo_->leaves);
  }
  vectors_[{keep.lease, keep.block}] = {cargo_->values, cargo_->leaves};
  if (keep.lease != 0) return;
  if (world_.mutated(Mutation::overlapping_blocks_counted)) add_overlapping(keep.block);
  if (world_.mutated(Mutation::tree_order_by_arrival)) arrived_.emplace_back(keep.block, cargo_->values);
}

void AggregatorShell::carry_out(const effect::Drop& drop) {
  const bool again = drop.reason == "duplicate" || drop.reason == "covered";
  if (again && world_.mutated(Mutation::count_duplicates)) add_once_more();
  if (world_.log.wanted()) head_.say("shard " + std::to_string(shard_) + " drops: " + drop.reason);
}

void AggregatorShell::carry_out(const effect::Discard& discard) {
  if (world_.mutated(Mutation::overlapping_blocks_counted)) return;
  std::erase_if(arrived_, [&](const auto& arrived) { return tree().covers(discard.block, arrived.first); });
  vectors_.erase({discard.lease, discard.block});
}

void AggregatorShell::carry_out(const effect::Combine& combine) {
  auto left = vectors_.extract({0, combine.left});
  const auto right = vectors_.extract({0, combine.right});
  core::add(left.mapped().values, right.mapped().values);
  add(left.mapped().leaves, right.mapped().leaves);
  vectors_[{0, combine.parent}] = std::move(left.mapped());
}

std::vector<double> AggregatorShell::chunk_norms(const Vector& root) const {
  std::vector<double> norms;
  const std::size_t first = world_.shards.first_chunk(shard_);
  for (std::size_t chunk = first; chunk < first + world_.shards.chunk_count(shard_); ++chunk) {
    const core::Extent extent = world_.shards.chunk(chunk);
    norms.push_back(core::squared_norm(std::span(root).subspan(extent.begin - extent_.begin, extent.size())));
  }
  return norms;
}

void AggregatorShell::carry_out(const effect::ReportRoot& report) {
  Vector& root = vectors_.at({report.lease, report.block}).values;
  if (report.lease == 0 && world_.mutated(Mutation::tree_order_by_arrival)) root = sum_by_arrival();
  core::RootReport measured{shard_,          report.base,       report.finite && core::all_finite(root),
                            report.loss_sum, report.weight_sum, chunk_norms(root),
                            report.lease};
  const Mutation alone =
      report.lease == 0 ? Mutation::publish_without_verdict_of_all : Mutation::apply_before_all_staged;
  if (world_.mutated(alone)) return report_for_all(measured);
  head_.to_shard(head_.shard_endpoint(shard_), 0, measured);
}

void AggregatorShell::carry_out(const effect::Apply& apply) {
  const core::Verdict& verdict = apply.verdict;
  const auto root = vectors_.extract({verdict.attempt.lease, apply.block});
  world_.checks.applied(head_, shard_, verdict, root.mapped().leaves);
  if (verdict.action != core::Action::apply) return;
  const core::StepConstants constants = core::step_constants(
      world_.scenario.optimizer, verdict.updates_before, verdict.weight_sum, verdict.squared_norm, verdict.staleness());
  const std::shared_ptr<const Cargo> base =
      constants.delay_compensation == 0 ? nullptr : this->base(verdict.attempt.base);
  const bool has_base = constants.delay_compensation == 0 || base;
  world_.checks.expect(has_base, [&] { return "AGG-5: base " + std::to_string(verdict.attempt.base) + " is gone"; });
  if (!has_base) return;
  std::vector<std::span<const float>> in(optimizer_.begin(), optimizer_.end());
  std::vector<std::span<float>> out(optimizer_.begin(), optimizer_.end());
  core::optimizer_step(world_.scenario.optimizer.kind, constants, root.mapped().values, weights_, weights_, in, out,
                       base ? std::span<const float>(base->values) : std::span<const float>());
}

// ---- versions

void AggregatorShell::carry_out(const effect::Publish& publish) {
  world_.checks.weights(head_.timeline(), publish.version, extent_.begin, weights_, "a version");
  if (world_.log.wanted()) {
    head_.say("shard " + std::to_string(shard_) + " publishes version " + std::to_string(publish.version));
  }
  if (publish.to_all_but && !publish.members.empty()) world_.happened(Happening::version_passed_over);
  newest_ = std::make_shared<const Cargo>(Cargo{weights_, {}, {}});
  for (const core::Incarnation member : members_) {
    const bool named = std::binary_search(publish.members.begin(), publish.members.end(), member);
    if (named != publish.to_all_but) carry_out(effect::SendSlice{member, publish.version});
  }
  head_.to_supervisor(head_.shard_endpoint(shard_), core::ShardPublished{shard_, publish.version});
}

void AggregatorShell::carry_out(const effect::SendSlice& send) {
  note_newcomer(send.incarnation);
  std::shared_ptr<const Cargo> slice = newest_;
  if (send.version != core_.version() || !slice) {
    slice = base(send.version);
    world_.checks.expect(slice != nullptr, [&] {
      return (send.lease == 0 ? "AGG-3: version " : "AGG-5: base ") + std::to_string(send.version) + " is gone";
    });
    if (!slice) return;
  }
  head_.to_member(send.incarnation, channel_of(shard_), core::VersionSlice{shard_, send.version, send.lease}, slice);
}

std::shared_ptr<const Cargo> AggregatorShell::base(core::Version version) const {
  const auto kept = bases_.find(version);
  if (kept != bases_.end()) return kept->second;
  const auto pinned = pinned_.find(version);
  if (version != core_.version() && pinned == pinned_.end()) return nullptr;
  return std::make_shared<const Cargo>(Cargo{pinned == pinned_.end() ? weights_ : pinned->second.weights, {}, {}});
}

bool AggregatorShell::has_staged(core::LeaseNumber lease) const {
  const auto vector = vectors_.lower_bound({lease, core::Block{}});
  return vector != vectors_.end() && vector->first.first == lease;
}

void AggregatorShell::carry_out(const effect::KeepBase& keep) {
  if (world_.mutated(Mutation::bases_not_kept)) return;
  bases_[keep.version] = std::make_shared<const Cargo>(Cargo{weights_, {}, {}});
}

void AggregatorShell::carry_out(const effect::ForgetBase& forget) {
  bases_.erase(forget.version);
}

void AggregatorShell::carry_out(const effect::Pin& pin) {
  pinned_[pin.version] = {weights_, optimizer_};
}

void AggregatorShell::carry_out(const effect::Unpin& unpin) {
  if (world_.mutated(Mutation::never_unpin)) return;
  pinned_.erase(unpin.version);
}

CheckpointPart AggregatorShell::part(core::Version version) {
  const auto pinned = pinned_.find(version);
  world_.checks.expect(pinned != pinned_.end(), [&] {
    return "SUP-4: version " + std::to_string(version) + " is to be written and is not pinned";
  });
  return pinned == pinned_.end() ? CheckpointPart{weights_, optimizer_} : pinned->second;
}

// ---- words

void AggregatorShell::to_every_shard(const core::AggregatorEvent& event) {
  for (core::ShardId shard = 0; shard < world_.scenario.shards; ++shard) {
    head_.to_shard(head_.shard_endpoint(shard_), shard, event);
  }
}

void AggregatorShell::carry_out(const effect::SendVerdict& send) {
  world_.checks.ordered(head_, send.reached.verdict);
  to_every_shard(send.reached);
  core::VerdictReached told = send.reached;
  const bool skipped = told.verdict.action == core::Action::skip;
  if (skipped && world_.mutated(Mutation::ledger_counts_voided_rounds)) told.verdict.action = core::Action::apply;
  head_.to_supervisor(head_.shard_endpoint(shard_), told);
}

void AggregatorShell::carry_out(const effect::SendDecision& send) {
  std::visit(Overloaded{[&](const core::CatchUp&) { world_.happened(Happening::caught_up); },
                        [&](const core::PolicyBegins& begins) { world_.checks.policy_begins(head_, begins); },
                        [&](const core::AttemptVoided& voided) { world_.checks.voided(head_, voided.lease); }},
             send.decision);
  std::visit([this](const auto& decision) { to_every_shard(decision); }, send.decision);
}

void AggregatorShell::carry_out(const effect::SendKnown& send) {
  if (world_.mutated(Mutation::newcomers_unbounded)) return send_at_once(send.known.incarnation);
  head_.to_shard(head_.shard_endpoint(shard_), 0, send.known);
}

void AggregatorShell::carry_out(const effect::Tell& tell) {
  const auto* late = std::get_if<core::Late>(&tell.message);
  if (late != nullptr && world_.log.wanted()) {
    const std::string round = "round " + std::to_string(late->base);
    head_.say("shard " + std::to_string(shard_) +
              (late->missing.empty() ? " has all of " + round + " now"
                                     : " is late with " + round + " and lacks " + describe(late->missing)));
  }
  if (std::holds_alternative<core::AttemptStaged>(tell.message)) world_.happened(Happening::attempt_waited);
  const bool voided = std::holds_alternative<core::AttemptVoided>(tell.message);
  if (voided && world_.mutated(Mutation::unit_granted_twice)) return;  // it was told before
  std::visit([this](const auto& message) { head_.to_supervisor(head_.shard_endpoint(shard_), message); }, tell.message);
}

}  // namespace fulmar::simulation
