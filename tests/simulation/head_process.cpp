#include "tests/simulation/head_process.hpp"

#include <algorithm>
#include <string>

#include "tests/simulation/world.hpp"

namespace fulmar::simulation {
namespace {

using std::chrono::microseconds;

/// A role that is busy lets others wait so long, once in a while.
constexpr Time kStall = std::chrono::milliseconds(5);

}  // namespace

HeadProcess::HeadProcess(World& world, OpenedRun run)
    : Process(world, "head of term " + std::to_string(run.term), kHeadHost),
      term_(run.term),
      timeline_(run.timeline),
      prescribed_end_(run.timeline.newest()),
      supervisor_(std::make_unique<SupervisorShell>(world, *this, run)),
      recorder_(world, *this, std::move(run.journal), run.term),
      switchboard_(world, *this, run.term),
      local_workers_(world, *this),
      endpoints_(world.scenario.shards + 3) {
  for (core::ShardId shard = 0; shard < world.scenario.shards; ++shard) {
    shards_.push_back(std::make_unique<AggregatorShell>(world, *this, shard, run));
  }
}

void HeadProcess::start() {
  world_.checks.term_begins(term_);
  if (world_.log.wanted()) {
    const core::Version version = supervisor_->core().state().version;
    say("starts at version " + std::to_string(version) +
        (prescribed_end_ > version ? ", recomputes up to " + std::to_string(prescribed_end_) : ""));
  }
  supervisor_->start();
  std::uint32_t number = 0;
  for (const std::uint32_t slots : world_.scenario.local_slots) {
    local_workers_.start("local " + std::to_string(++number), slots);
  }
  tick();
}

void HeadProcess::tick() {
  supervisor_->step(core::supervisor_event::Tick{});
  for (const auto& shard : shards_) shard->receive(core::aggregator_event::Tick{});
  switchboard_.tick();
  world_.checks.holders(*this);
  world_.checks.members(*this);
  world_.checks.leases(*this);
  world_.checks.connections(*this);
  after(world_.scenario.liveness.tick(), [this] { tick(); });
}

// ---- within the process

Time HeadProcess::arrival(Endpoint from, Endpoint to) {
  const Time delay = world_.dice.time(Time(0), world_.dice.one_in(50) ? kStall : microseconds(200));
  Time& last = last_arrival_[{from, to}];
  last = std::max(last, true_time() + delay);
  return last;
}

void HeadProcess::post(Endpoint from, Endpoint to, Act act) {
  ++under_way_;
  world_.checks.expect(under_way_ <= world_.posts_max(),
                       [&] { return "the head's mailboxes hold " + std::to_string(under_way_) + " messages"; });
  after_work(arrival(from, to) - true_time(), [this, from, to, act = std::move(act)] {
    --under_way_;
    world_.log.note((std::uint64_t{from} << 40U) ^ (std::uint64_t{to} << 20U) ^ id());
    act();
  });
}

void HeadProcess::to_supervisor(Endpoint from, core::SupervisorEvent event) {
  post(from, supervisor_endpoint(), [this, event = std::move(event)] { supervisor_->step(event); });
}

void HeadProcess::to_supervisor_behind_shards(Endpoint from, core::SupervisorEvent event) {
  Time latest = true_time();
  for (core::ShardId shard = 0; shard < shards_.size(); ++shard) {
    latest = std::max(latest, arrival(from, shard_endpoint(shard)));
  }
  after_work(latest - true_time(), [this, from, event = std::move(event)] { to_supervisor(from, event); });
}

void HeadProcess::to_shard(Endpoint from, core::ShardId shard, core::AggregatorEvent event,
                           std::shared_ptr<const Cargo> cargo) {
  post(from, shard_endpoint(shard),
       [this, shard, event = std::move(event), cargo = std::move(cargo)] { shards_[shard]->receive(event, cargo); });
}

void HeadProcess::to_member(core::Incarnation member, Channel channel, SessionMessage message,
                            std::shared_ptr<const Cargo> cargo) {
  Letter letter = std::make_shared<const Parcel>(Parcel{std::move(message), std::move(cargo)});
  if (local_workers_.has(member)) {
    local_workers_.send(member, channel == kSupervisorChannel ? supervisor_endpoint() : shard_endpoint(channel - 1),
                        std::move(letter));
  } else {
    switchboard_.send(member, channel, std::move(letter));
  }
}

void HeadProcess::deliver(Endpoint from, Channel channel, const Letter& letter) {
  std::visit(Overloaded{[&](const core::BlockPushed& pushed) { to_shard(from, channel - 1, pushed, letter->cargo); },
                        [&](const core::VersionHeld& held) { to_shard(from, channel - 1, held); },
                        [&](const core::Beat& beat) { to_supervisor(from, beat); },
                        [&](const core::Leave& leave) { to_supervisor(from, leave); },
                        [&](const core::Drained& drained) {
                          world_.checks.drained(id(), drained.sender);
                          to_supervisor(from, drained);
                        },
                        [&](const core::SlotFailed& failed) { to_supervisor(from, failed); },
                        [&](const core::LeafNotFinite& leaf) { to_supervisor(from, leaf); },
                        [&](const core::BlockValidated& validated) { to_supervisor(from, validated); },
                        [&](const auto&) {
                          world_.checks.expect(false, [&] { return "the head was sent " + describe(letter->message); });
                        }},
             letter->message);
}

// ---- members

void HeadProcess::join(const core::Join& join, ConnectionId connection, ProcessId peer) {
  post(switchboard_endpoint(), supervisor_endpoint(), [this, join, connection, peer] {
    supervisor_->join(join, {connection, peer, {}});
  });
}

void HeadProcess::join_locally(Endpoint from, const core::Join& join, std::uint64_t ticket) {
  post(from, supervisor_endpoint(), [this, join, ticket] {
    if (local_workers_.is_there(ticket)) supervisor_->join(join, {0, id(), ticket});
  });
}

void HeadProcess::admit(const core::Welcome& welcome, const Joiner& joiner) {
  const core::MemberAdmitted admitted{welcome.identity.node, welcome.identity.incarnation};
  if (!joiner.local_ticket) switchboard_.open(welcome.identity, joiner.connection, joiner.peer);
  for (core::ShardId shard = 0; shard < shards_.size(); ++shard) to_shard(supervisor_endpoint(), shard, admitted);
  greet(welcome, joiner);
}

void HeadProcess::greet(const core::Welcome& welcome, const Joiner& joiner) {
  if (joiner.local_ticket) return local_workers_.welcome(*joiner.local_ticket, welcome);
  world_.network.send(*this, joiner.connection, {world_.run(), welcome});
}

void HeadProcess::dismiss(const core::Sender& member, const core::Farewell& farewell) {
  local_workers_.dismiss(member.incarnation);
  switchboard_.close(member, farewell);
}

void HeadProcess::see_newer_term(Endpoint from, core::Term term) {
  if (std::exchange(superseded_, true)) return;
  to_supervisor(from, core::supervisor_event::Superseded{term});
}

// ---- what is written

void HeadProcess::record(const core::JournalRecord& record) {
  world_.checks.record(*this, record);
  if (world_.log.wanted()) say(describe(record));
  post(supervisor_endpoint(), recorder_endpoint(), [this, record] { recorder_.record(record); });
}

// Each shard is asked for its part behind whatever the supervisor told it before.
void HeadProcess::write_checkpoint(const core::supervisor_effect::WriteCheckpoint& write) {
  post(supervisor_endpoint(), recorder_endpoint(), [this, write] { recorder_.begin_checkpoint(write); });
  const core::Version version = write.state.version;
  for (core::ShardId shard = 0; shard < shards_.size(); ++shard) {
    post(supervisor_endpoint(), shard_endpoint(shard), [this, shard, version, kind = write.kind] {
      post(shard_endpoint(shard), recorder_endpoint(),
           [this, shard, version, kind, part = shards_[shard]->part(version)] {
             recorder_.add_part(shard, version, kind, part);
           });
    });
  }
}

}  // namespace fulmar::simulation
