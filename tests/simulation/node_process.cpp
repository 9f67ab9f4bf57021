#include "tests/simulation/node_process.hpp"

#include <utility>

#include "tests/simulation/world.hpp"

namespace fulmar::simulation {
namespace effect = core::session_effect;
namespace event = core::session_event;

NodeProcess::NodeProcess(World& world, HostId host, std::uint64_t instance)
    : Process(world, "node " + std::to_string(host) + "." + std::to_string(instance), host),
      session_({name(), world.hosts.at(host).slots, instance, world.scenario.liveness}) {
  // Processes do not look at the clock at the same moments.
  after(world.dice.time(Time(0), world.scenario.liveness.tick()), [this] { tick(); });
}

void NodeProcess::tick() {
  step(event::Tick{});
  if (life_) look_after_links();
  world_.checks.session_of(*this);
  if (life_ && life_->drained && (shards_have_all() || world_.mutated(Mutation::drained_early))) {
    life_->drained = false;
    send(kSupervisorChannel, std::make_shared<const Parcel>(Parcel{core::Drained{life_->identity}, nullptr}));
  }
  after(world_.scenario.liveness.tick(), [this] { tick(); });
}

void NodeProcess::step(const core::SessionEvent& event) {
  for (const core::SessionEffect& next : session_.step(now(), event)) {
    std::visit([this](const auto& concrete) { carry_out(concrete); }, next);
  }
}

void NodeProcess::request_leave() {
  happen([this] {
    if (world_.log.wanted()) say("wants to leave");
    step(event::LeaveRequested{});
  });
}

// ---- the session

void NodeProcess::carry_out(const effect::SendJoin& send_join) {
  attempt_ = send_join.join.attempt;
  hang_up();  // nobody has answered on it
  connection_ = world_.network.dial(*this, head());
  world_.network.send(*this, connection_, {world_.run(), send_join.join});
}

void NodeProcess::hang_up() {
  if (connection_ != 0) world_.network.hang_up(*this, std::exchange(connection_, 0));
}

void NodeProcess::carry_out(const effect::BeginSession& begin) {
  if (begin.welcome.attempt > 1) world_.happened(Happening::session_after_session);
  life_ = std::make_shared<Life>();
  life_->identity = begin.welcome.identity;
  life_->head = welcomed_by_;
  life_->connection = welcomed_on_;
  world_.checks.session_begins(life_->head, life_->identity);
  life_->links.assign(world_.scenario.shards + 1,
                      LetterLink(world_.scenario.liveness, world_.scenario.link_window_bytes));
  life_->worker = std::make_unique<WorkerShell>(world_, *this, world_.hosts.at(host()).slots, *this);
  life_->worker->begin(begin.welcome);
}

void NodeProcess::carry_out(const effect::SendBeat&) {
  life_->worker->send_beat();
}

void NodeProcess::carry_out(const effect::SendLeave&) {
  send(kSupervisorChannel, std::make_shared<const Parcel>(Parcel{core::Leave{life_->identity}, nullptr}));
}

void NodeProcess::carry_out(const effect::EndSession& ended) {
  if (world_.log.wanted()) say("session over: " + ended.cause);
  life_.reset();
  hang_up();
}

void NodeProcess::carry_out(const effect::Over& over) {
  if (world_.log.wanted()) say("over: " + over.reason);
  end();
}

// ---- the network

ProcessId NodeProcess::head() const {
  return world_.hosts.at(host()).stale_head.value_or(world_.head);
}

void NodeProcess::receive(const Envelope& envelope) {
  if (envelope.datagram.run != world_.run()) return;
  std::visit(Overloaded{[&](const core::Welcome& welcome) {
                          // The answer to a question that was given up: the head will see that.
                          if (welcome.attempt == attempt_ && envelope.connection != connection_) return;
                          core::Welcome taken = welcome;
                          if (world_.mutated(Mutation::old_welcome_accepted)) taken.attempt = attempt_;
                          welcomed_by_ = envelope.from;
                          welcomed_on_ = envelope.connection;
                          step(taken);
                        },
                        [&](const Segment& segment) { handle(envelope.connection, segment); },
                        [&](const Gone& gone) { step(event::Gone{gone.session}); },
                        [&](const Dismissal& dismissal) {
                          step(event::Dismissed{dismissal.session, dismissal.farewell});
                        },
                        [](const core::Join&) {}},
             envelope.datagram.content);
}

void NodeProcess::handle(ConnectionId connection, const Segment& segment) {
  // A frame of a session that has not begun comes again; one of a session that is over is of no use.
  const std::shared_ptr<Life> life = life_;
  if (!life || !(segment.session == life->identity) || connection != life->connection) return;
  if (segment.channel == kSupervisorChannel) step(event::Heard{});
  if (life_ != life) return;
  world_.checks.acknowledged({life->head, life->identity.incarnation, segment.channel, true},
                             segment.frame.acknowledged);
  LetterLink::Received received = life->links.at(segment.channel).receive(now(), segment.frame);
  transmit(segment.channel, std::move(received.frames));
  for (const Letter& letter : received.delivered) {
    if (life_ != life || is_over()) return;
    world_.checks.delivered({life->head, life->identity.incarnation, segment.channel, false}, letter);
    if (world_.log.wants_letters()) {
      world_.log.say(true_time(), role_name(segment.channel) + " -> " + name(), describe(letter->message));
    }
    life->worker->receive(letter);
  }
}

void NodeProcess::transmit(Channel channel, LetterLink::Frames frames) {
  for (core::Frame<Letter>& frame : frames) {
    world_.checks.transmitted({life_->head, life_->identity.incarnation, channel, true}, frame);
    world_.network.send(*this, life_->connection, {world_.run(), Segment{life_->identity, channel, std::move(frame)}});
  }
}

void NodeProcess::look_after_links() {
  const std::shared_ptr<Life> life = life_;
  for (Channel channel = 0; channel < life->links.size() && life_ == life; ++channel) {
    transmit(channel, life->links[channel].tick(now()));
    if (const auto& cause = life->links[channel].broken()) step(event::Broken{life->identity, *cause});
  }
}

bool NodeProcess::shards_have_all() const {
  for (Channel channel = channel_of(0); channel < life_->links.size(); ++channel) {
    if (life_->links[channel].unacknowledged() > 0) return false;
  }
  return true;
}

void NodeProcess::see_reset(ConnectionId connection) {
  if (world_.mutated(Mutation::close_ignored)) return;
  if (connection_ == connection) connection_ = 0;
  if (!life_ || life_->connection != connection) return;
  world_.checks.session_loses_connection(life_->identity, life_->connection);
  step(event::Broken{life_->identity, "the connection was closed"});
}

void NodeProcess::see_slowness(std::int64_t before, std::int64_t after) {
  if (life_) life_->worker->see_slowness(before, after);
}

// ---- the worker

void NodeProcess::send(Channel to, Letter letter) {
  world_.checks.sent({life_->head, life_->identity.incarnation, to, true}, letter);
  transmit(to, life_->links.at(to).send(now(), std::move(letter)));
  world_.checks.expect(life_->links.at(to).unacknowledged() <= LetterLink::kUnacknowledgedMax,
                       [&] { return "LINK-3: " + name() + " keeps too many messages"; });
}

void NodeProcess::say_drained() {
  life_->drained = true;
}

void NodeProcess::die() {
  if (world_.log.wanted()) say("is killed by a leaf");
  killed_ = true;
  end();
}

}  // namespace fulmar::simulation
