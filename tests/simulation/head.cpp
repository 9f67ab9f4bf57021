#include "tests/simulation/head.hpp"

#include <utility>

namespace fulmar::simulation {
namespace effect = core::supervisor_effect;
namespace event = core::supervisor_event;
using std::chrono::microseconds;

namespace {

constexpr Time kTickInterval = microseconds(500);
constexpr Time kLiveness = microseconds(1500);

core::SupervisorSettings settings_of(const Scenario& scenario, core::Term term) {
  core::SupervisorSettings settings;
  settings.shape = scenario.shape;
  settings.term = term;
  settings.shards = scenario.shards;
  settings.end_version = scenario.end_version;
  settings.patience = scenario.patience;
  settings.checkpoint_every_rounds = scenario.checkpoint_every_rounds;
  settings.checkpoint_every = scenario.checkpoint_every;
  settings.liveness = kLiveness;
  settings.not_finite = scenario.not_finite;
  // Deaths by dice are to be survived, deaths by a killer leaf are not.
  settings.failures = {scenario.faults.killer ? 3U : 1000U, 1000, 100};
  return settings;
}

Disk::Checkpoint newest(const World& world) {
  if (!world.disk.checkpoints.empty()) return world.disk.checkpoints.rbegin()->second;
  const std::size_t states = core::state_vectors(world.scenario.optimizer.kind);
  return {{}, world.problem.initial_weights(), std::vector<Vector>(states, Vector(world.problem.parameters(), 0.0F))};
}

}  // namespace

Head::Head(World& world, core::Term term)
    : world_(world),
      from_(newest(world)),
      core_(settings_of(world.scenario, term), from_.state),
      endpoint_(world.network.open("supervisor")),
      writer_(world.network.open("writer")) {
  for (core::ShardId shard = 0; shard < world.scenario.shards; ++shard) {
    shards_.push_back(std::make_unique<Shard>(world, *this, shard, term, from_));
  }
}

Head::~Head() {
  world_.network.close(endpoint_);
  world_.network.close(writer_);
}

void Head::start() {
  for (const core::SupervisorEffect& next : core_.start(world_.network.now())) {
    std::visit([this](const auto& concrete) { carry_out(concrete); }, next);
  }
  tick();
}

void Head::tick() {
  world_.network.after(endpoint_, kTickInterval, "tick", [this] {
    step(event::Tick{});
    tick();
  });
}

void Head::step(const core::SupervisorEvent& event) {
  for (const core::SupervisorEffect& next : core_.step(world_.network.now(), event)) {
    std::visit([this](const auto& concrete) { carry_out(concrete); }, next);
  }
}

// ---- workers come and go

void Head::add_worker(const std::string& name, std::uint32_t slots) {
  alive_.push_back(std::make_shared<Node>(world_, *this, name, slots));
  alive_.back()->join();
}

void Head::kill_worker(std::uint64_t which) {
  if (alive_.empty()) return;
  const auto victim = alive_.begin() + static_cast<std::ptrdiff_t>(which % alive_.size());
  const Endpoint worker = (*victim)->endpoint();
  const std::string name = (*victim)->name();
  const std::uint32_t slots = (*victim)->slots();
  world_.network.say(name + " is killed");
  alive_.erase(victim);
  // On a channel of its own: what the worker sent may arrive after the news of its death.
  world_.network.post(writer_, endpoint_, name + " is gone",
                      [this, worker, name, slots] { see_death(worker, name, slots); });
}

void Head::see_death(Endpoint worker, const std::string& name, std::uint32_t slots) {
  const auto node = nodes_.find(worker);
  if (node != nodes_.end()) return step(event::WorkerDied{node->second, "killed"});
  add_worker(name + "'", slots);  // it had not been admitted: the supervisor never knew it
}

void Head::receive_join(const core::Join& join, const std::weak_ptr<Node>& node) {
  joining_ = node;
  if (!node.expired()) step(join);  // a closed connection is not admitted
}

void Head::carry_out(const effect::Admit& admit) {
  const std::shared_ptr<Node> node = joining_.lock();
  const core::Sender identity = admit.welcome.identity;
  members_[identity.node] = node;
  nodes_[node->endpoint()] = identity.node;
  for (core::ShardId shard = 0; shard < world_.scenario.shards; ++shard) {
    send_to_shard(endpoint_, shard, "admitted " + admit.name, core::MemberAdmitted{identity.node, identity.incarnation},
                  {nullptr, joining_});
  }
  node->send(endpoint_, "welcome", admit.welcome);
}

void Head::carry_out(const effect::RespawnWorker& respawn) {
  const Time delay = microseconds(world_.dice.below(1000));
  world_.network.after(endpoint_, delay, "respawn", [this, respawn] { add_worker(respawn.name, respawn.slots); });
}

void Head::request_stop() {
  send_to_supervisor(endpoint_, "stop requested", event::StopRequested{"asked to"});
}

// ---- messages

void Head::send_to_supervisor(Endpoint from, const std::string& what, core::SupervisorEvent occurred) {
  world_.network.post(from, endpoint_, what, [this, occurred = std::move(occurred)] { step(occurred); });
}

void Head::send_to_shard(Endpoint from, core::ShardId shard, const std::string& what, core::AggregatorEvent occurred,
                         const ShardCargo& cargo) {
  Shard* to = shards_.at(shard).get();
  world_.network.post(from, to->endpoint(), what,
                      [to, occurred = std::move(occurred), cargo] { to->receive(occurred, cargo); });
}

void Head::carry_out(const effect::SendToWorker& send) {
  const std::shared_ptr<Node> node = members_.at(send.node).lock();
  if (!node) return;
  std::visit([&](const auto& message) { node->send(endpoint_, "from the supervisor", message); }, send.message);
}

void Head::carry_out(const effect::SendToAggregators& send) {
  for (core::ShardId shard = 0; shard < world_.scenario.shards; ++shard) {
    std::visit(Overloaded{[&](const core::MemberLost& lost) { send_to_shard(endpoint_, shard, "member lost", lost); },
                          [&](const core::CutAnnounced& cut) {
                            send_to_shard(endpoint_, shard, "cut at " + std::to_string(cut.version), cut);
                          }},
               send.message);
  }
}

void Head::carry_out(const effect::Release& release) {
  const std::string what = "release " + std::to_string(release.release.version);
  for (core::ShardId shard = 0; shard < world_.scenario.shards; ++shard) {
    send_to_shard(endpoint_, shard, what, release.release);
  }
  for (const auto& [id, member] : members_) {
    if (const std::shared_ptr<Node> node = member.lock()) node->send(endpoint_, what, release.release);
  }
}

// ---- checkpoints

// Each shard is asked for its part behind whatever the supervisor told it before.
void Head::carry_out(const effect::WriteCheckpoint& write) {
  check_state(write.state, "a checkpoint");
  const core::Version version = write.state.version;
  Writing& writing = writing_[{version, write.kind}];
  writing = {write, std::vector<std::optional<Shard::Pinned>>(shards_.size())};
  if (world_.mutated(Mutation::forget_validation)) writing.request.state.validation = {};
  for (core::ShardId shard = 0; shard < shards_.size(); ++shard) {
    const Shard* asked = shards_[shard].get();
    world_.network.post(endpoint_, asked->endpoint(), "deliver " + std::to_string(version),
                        [this, asked, shard, version, kind = write.kind] {
                          const auto pinned = asked->pinned().find(version);
                          const bool there = pinned != asked->pinned().end();
                          world_.expect(there, "SUP-4: version " + std::to_string(version) + " is not pinned");
                          if (there) deliver(shard, {version, kind}, pinned->second);
                        });
  }
}

void Head::deliver(core::ShardId shard, const WritingKey& key, const Shard::Pinned& part) {
  world_.network.post(shards_[shard]->endpoint(), writer_, "part of " + std::to_string(key.first),
                      [this, shard, key, part] {
                        Writing& writing = writing_.at(key);
                        writing.parts[shard] = part;
                        for (const auto& there : writing.parts) {
                          if (!there) return;
                        }
                        write(writing);
                        writing_.erase(key);
                      });
}

void Head::write(const Writing& writing) {
  const effect::WriteCheckpoint& request = writing.request;
  const core::Version version = request.state.version;
  Disk::Checkpoint checkpoint{request.state, {}, std::vector<Vector>(from_.optimizer.size())};
  const auto append = [](Vector& to, const Vector& part) { to.insert(to.end(), part.begin(), part.end()); };
  for (const auto& part : writing.parts) {
    append(checkpoint.weights, part->weights);
    for (std::size_t i = 0; i < checkpoint.optimizer.size(); ++i) {
      append(checkpoint.optimizer[i], part->optimizer[i]);
    }
  }
  const bool fails = faults_on_ && world_.dice.one_in(world_.scenario.faults.write_failure_one_in);
  const bool naming_fails =
      !fails && request.best && faults_on_ && world_.dice.one_in(world_.scenario.faults.write_failure_one_in);
  if (!fails && request.kind == core::CheckpointKind::full) world_.disk.checkpoints[version] = checkpoint;
  if (request.best) {
    if (fails || naming_fails) {
      world_.disk.best_failed = true;
    } else {
      world_.disk.best = version;
    }
  }
  send_to_supervisor(writer_, "written " + std::to_string(version) + (fails ? ": failed" : ""),
                     event::CheckpointDone{version, request.kind, "", fails ? "the disk is full" : "",
                                           naming_fails ? "the disk is full" : ""});
}

// ---- what must be true

void Head::check_state(const core::RunState& state, const std::string& where) {
  const std::string what = where + " of version " + std::to_string(state.version);
  if (state.version >= world_.reference.versions.size()) return world_.expect(false, what + " is beyond the end");
  world_.expect(world_.reference.versions[state.version].state == state, what + " says something else (SUP-3)");
}

void Head::carry_out(const effect::Record& record) {
  if (const auto* done = std::get_if<core::ValidationDone>(&record.record)) {
    const auto& latest = world_.reference.versions.at(done->version).state.validation.latest;
    world_.expect(latest && latest->loss == done->loss, "VALID-1: another loss of " + std::to_string(done->version));
  }
}

void Head::carry_out(const effect::Report& report) {
  core::RunState state = report.state;
  if (state.version < world_.reference.versions.size()) {
    state.validation = world_.reference.versions[state.version].state.validation;  // may come later
  }
  check_state(state, "the report (LEDGER-1)");
}

void Head::carry_out(const effect::EndRun& end) {
  world_.expect(!ended_, "a run ended twice");
  world_.network.say("ended at " + std::to_string(end.state.version) + ": " + end.reason);
  ended_ = end;
  if (end.completed || !end.failed) check_state(end.state, "the end");
}

void Head::check_released() {
  for (const auto& shard : shards_) {
    for (const auto& [version, pinned] : shard->pinned()) {
      world_.expect(version > ended_->state.version, "SUP-4: version " + std::to_string(version) + " is still pinned");
    }
  }
}

}  // namespace fulmar::simulation
