#include "tests/fuzz/roles.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

namespace fulmar::fuzz {
namespace {

constexpr core::Term kTerm = 3;
constexpr core::Version kEndVersion = 9;
constexpr std::uint32_t kSlots = 3;
constexpr core::Time kStep = std::chrono::milliseconds(10);
/// The local worker finishes a round after so many messages.
constexpr std::size_t kMessagesPerRound = 4;

/// 22 leaves an epoch, in rounds of 8, 8 and 6; 5 leaves of validation after each.
constexpr core::RunShape kShape{1, 22 * 4, 5 * 4, 4, 8};

core::SupervisorSettings supervisor_settings(const core::PolicySettings& policy) {
  core::SupervisorSettings settings;
  settings.shape = kShape;
  settings.term = kTerm;
  settings.end_version = kEndVersion;
  settings.not_finite = core::NotFinitePolicy::skip;
  settings.policy = policy;
  return settings;
}

core::AggregatorSettings shard_settings(const core::PolicySettings& policy) {
  core::AggregatorSettings settings;
  settings.shape = kShape;
  settings.term = kTerm;
  settings.rule.not_finite = core::NotFinitePolicy::skip;
  settings.policy = policy;
  return settings;
}

template <class... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <class... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

}  // namespace

/// Who a message goes to. To be visited with.
struct Roles::Hear {
  template <class Message>
  void operator()(Message message) const {
    if constexpr (requires { message.sender; }) message.sender = roles.remote_;
    using Same = std::decay_t<Message>;
    if constexpr (std::is_same_v<Same, core::BlockPushed> || std::is_same_v<Same, core::VersionHeld>) {
      roles.for_shard_.push_back(std::move(message));
    } else if constexpr (std::is_constructible_v<core::WorkerEvent, Same>) {
      roles.to_worker(std::move(message));
    } else {
      roles.for_supervisor_.push_back(std::move(message));
    }
  }
  Roles& roles;
};

Roles::Roles(const core::PolicySettings& policy)
    : supervisor_(supervisor_settings(policy), {}),
      shard_(shard_settings(policy), 0, 0, 0),
      worker_({kShape, kSlots, 1}) {
  for (const core::SupervisorEffect& effect : supervisor_.start(now_)) carry_out(effect);
  for_supervisor_.push_back(core::Join{"local", 2, 1, 1, true});
  for_supervisor_.push_back(core::Join{"remote", kSlots, 2, 1, false});
  work_off();
  for (const core::Sender& member : {local_, remote_}) {
    for_supervisor_.push_back(core::Beat{member, 0, 10});
    for_shard_.push_back(core::VersionHeld{member, 0});
  }
  work_off();
  to_worker(core::Welcome{remote_, kEndVersion, 1, 2});
}

void Roles::take(const core::SessionMessage& message) {
  const bool from_node = message.index() <= core::SessionMessage(core::VersionHeld{}).index();
  transport::MessageBounds bounds{kShape, 1, kSlots};
  if (from_node) {
    bounds.newest = shard_.version();
    bounds.newest_unit = std::max(newest_unit_, bounds.newest);
    bounds.newest_lease = newest_lease_;
  }
  if (transport::reason_to_refuse(message, bounds)) return;
  std::visit(Hear{*this}, message);
  go_on();
}

void Roles::go_on() {
  now_ += kStep;
  for_supervisor_.push_back(core::supervisor_event::Tick{});
  for_shard_.push_back(core::aggregator_event::Tick{});
  if (++messages_ % kMessagesPerRound == 0) {
    for_supervisor_.push_back(core::Beat{local_, shard_.version(), 10});
    if (supervisor_.works_in_rounds()) {
      push_round();
    } else {
      push_leased_unit();
    }
  }
  work_off();
  if (!jobs_.empty()) {
    const core::worker_effect::StartJob done = std::exchange(jobs_.front(), jobs_.back());
    jobs_.pop_back();
    to_worker(core::worker_event::JobDone{done.slot, done.job, {}, false, 1});
  }
}

void Roles::push_round() {
  const core::Version base = shard_.version();
  for_shard_.push_back(core::VersionHeld{local_, base});
  for_shard_.push_back(core::BlockPushed{local_, base, kShape.tree(base).root(), 1, true, 1, 1, 0, base});
}

void Roles::push_leased_unit() {
  if (local_leases_.empty()) return;
  const core::UnitLease lease = local_leases_.front();
  local_leases_.pop_front();
  const core::Block root = kShape.tree(lease.unit).root();
  for_shard_.push_back(core::BlockPushed{local_, lease.base, root, 1, true, 1, 1, lease.lease, lease.unit});
}

void Roles::lease(core::NodeId node, const core::UnitLease& lease) {
  if (node == local_.node) return local_leases_.push_back(lease);
  newest_unit_ = std::max(newest_unit_, lease.unit);
  newest_lease_ = lease.lease;
}

void Roles::work_off() {
  while (!for_supervisor_.empty() || !for_shard_.empty()) {
    if (!for_shard_.empty()) {
      const core::AggregatorEvent event = std::move(for_shard_.front());
      for_shard_.pop_front();
      to_shard(event);
    } else {
      const core::SupervisorEvent event = std::move(for_supervisor_.front());
      for_supervisor_.pop_front();
      to_supervisor(event);
    }
  }
}

void Roles::to_supervisor(const core::SupervisorEvent& event) {
  for (const core::SupervisorEffect& effect : supervisor_.step(now_, event)) carry_out(effect);
}

void Roles::to_shard(const core::AggregatorEvent& event) {
  for (const core::AggregatorEffect& effect : shard_.step(now_, event)) carry_out(effect);
}

void Roles::to_worker(const core::WorkerEvent& event) {
  for (const core::WorkerEffect& effect : worker_.step(now_, event)) carry_out(effect);
  worker_.beat(now_);
}

void Roles::carry_out(const core::SupervisorEffect& effect) {
  namespace effects = core::supervisor_effect;
  std::visit(Overloaded{[&](const effects::Admit& admit) {
                          (admit.name == "local" ? local_ : remote_) = admit.welcome.identity;
                          const core::Sender& identity = admit.welcome.identity;
                          for_shard_.push_back(core::MemberAdmitted{identity.node, identity.incarnation});
                        },
                        [&](const effects::SendToAggregators& send) {
                          std::visit([&](const auto& message) { for_shard_.push_back(message); }, send.message);
                        },
                        [&](const effects::SendToWorker& send) {
                          const auto* leased = std::get_if<core::UnitLease>(&send.message);
                          if (leased != nullptr) lease(send.node, *leased);
                        },
                        [&](const effects::Release& release) { for_shard_.push_back(release.release); },
                        [&](const effects::WriteCheckpoint& write) {
                          for_supervisor_.push_back(
                              core::supervisor_event::CheckpointDone{write.state.version, write.kind, "sha", ""});
                        },
                        [](const auto&) {}},
             effect);
}

void Roles::carry_out(const core::AggregatorEffect& effect) {
  namespace effects = core::aggregator_effect;
  std::visit(Overloaded{[&](const effects::ReportRoot& report) {
                          for_shard_.push_back(core::RootReport{
                              0, report.base, report.finite, report.loss_sum, report.weight_sum, {1}, report.lease});
                        },
                        [&](const effects::SendVerdict& send) {
                          for_shard_.push_back(send.reached);
                          for_supervisor_.push_back(send.reached);
                        },
                        [&](const effects::SendDecision& send) {
                          std::visit([&](const auto& decision) { for_shard_.push_back(decision); }, send.decision);
                        },
                        [&](const effects::SendKnown& send) { for_shard_.push_back(send.known); },
                        [&](const effects::Publish& publish) {
                          for_supervisor_.push_back(core::ShardPublished{0, publish.version});
                        },
                        [&](const effects::Tell& tell) {
                          std::visit([&](const auto& message) { for_supervisor_.push_back(message); }, tell.message);
                        },
                        [](const auto&) {}},
             effect);
}

void Roles::carry_out(const core::WorkerEffect& effect) {
  if (const auto* start = std::get_if<core::worker_effect::StartJob>(&effect)) jobs_.push_back(*start);
}

}  // namespace fulmar::fuzz
