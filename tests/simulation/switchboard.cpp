#include "tests/simulation/switchboard.hpp"

#include <utility>

#include "tests/simulation/head_process.hpp"
#include "tests/simulation/world.hpp"

namespace fulmar::simulation {

void Switchboard::open(const core::Sender& session, ConnectionId connection, ProcessId peer) {
  Line& line = lines_[session.incarnation];
  line.session = session;
  line.connection = connection;
  line.peer = peer;
  const std::size_t window =
      world_.mutated(Mutation::byte_window_off) ? LetterLink::kWindowBytes : world_.scenario.link_window_bytes;
  line.links.assign(world_.scenario.shards + 1, LetterLink(world_.scenario.liveness, window));
  if (closed_.contains(connection)) lose_connection(line);  // while it was being admitted
}

void Switchboard::close(const core::Sender& session, const core::Farewell& farewell) {
  const auto line = lines_.find(session.incarnation);
  if (line == lines_.end()) return;
  world_.network.send(head_, line->second.connection, {world_.run(), Dismissal{session, farewell}});
  lines_.erase(line);
}

ConnectionId Switchboard::connection(core::Incarnation incarnation) const {
  const auto line = lines_.find(incarnation);
  return line == lines_.end() ? 0 : line->second.connection;
}

ProcessId Switchboard::peer(core::Incarnation incarnation) const {
  const auto line = lines_.find(incarnation);
  return line == lines_.end() ? head_.id() : line->second.peer;
}

void Switchboard::send(core::Incarnation to, Channel channel, Letter letter) {
  const auto found = lines_.find(to);
  if (found == lines_.end()) return;
  Line& line = found->second;
  world_.checks.sent({head_.id(), to, channel, false}, letter);
  transmit(line, channel, line.links.at(channel).send(head_.now(), std::move(letter)));
}

void Switchboard::transmit(const Line& line, Channel channel, LetterLink::Frames frames) {
  for (core::Frame<Letter>& frame : frames) {
    world_.checks.transmitted({head_.id(), line.session.incarnation, channel, false}, frame);
    world_.network.send(head_, line.connection, {world_.run(), Segment{line.session, channel, std::move(frame)}});
  }
}

void Switchboard::receive(const Envelope& envelope) {
  if (envelope.datagram.run != world_.run()) return world_.happened(Happening::other_run_refused);
  if (const auto* join = std::get_if<core::Join>(&envelope.datagram.content)) {
    core::Join taken = *join;
    taken.local = false;
    head_.join(taken, envelope.connection, envelope.from);
  } else if (const auto* segment = std::get_if<Segment>(&envelope.datagram.content)) {
    handle(envelope, *segment);
  }
}

void Switchboard::handle(const Envelope& envelope, const Segment& segment) {
  if (segment.session.term > term_) {
    return head_.see_newer_term(head_.switchboard_endpoint(), segment.session.term);
  }
  const auto found = lines_.find(segment.session.incarnation);
  const bool is_known = found != lines_.end() && found->second.session == segment.session;
  const Mutation accepted =
      segment.session.term < term_ ? Mutation::stale_term_accepted : Mutation::stale_incarnation_accepted;
  if (!is_known && segment.frame.payload && world_.mutated(accepted)) {
    return head_.deliver(head_.switchboard_endpoint(), segment.channel, *segment.frame.payload);
  }
  const bool is_own = is_known && found->second.connection == envelope.connection;
  if (!is_own && !(is_known && world_.mutated(Mutation::foreign_frame_accepted))) {
    world_.happened(is_known ? Happening::foreign_frame_refused : Happening::old_session_refused);
    if (world_.mutated(Mutation::gone_not_answered)) return;
    world_.network.send(head_, envelope.connection, {world_.run(), Gone{segment.session}});
    return;
  }
  Line& line = found->second;
  world_.checks.acknowledged({head_.id(), line.session.incarnation, segment.channel, false},
                             segment.frame.acknowledged);
  LetterLink::Received received = line.links.at(segment.channel).receive(head_.now(), segment.frame);
  transmit(line, segment.channel, std::move(received.frames));
  for (const Letter& letter : received.delivered) deliver(line, segment.channel, letter);
  const bool again = received.delivered.empty() && segment.frame.payload;
  if (again && world_.mutated(Mutation::link_without_dedup)) deliver(line, segment.channel, *segment.frame.payload);
}

void Switchboard::deliver(const Line& line, Channel channel, const Letter& letter) {
  world_.checks.delivered({head_.id(), line.session.incarnation, channel, true}, letter);
  if (world_.log.wants_letters() && !std::holds_alternative<core::Beat>(letter->message)) {
    world_.log.say(world_.queue.now(), node_name(line) + " -> " + role_name(channel), describe(letter->message));
  }
  head_.deliver(head_.switchboard_endpoint(), channel, letter);
}

std::string Switchboard::node_name(const Line& line) const {
  const Process* node = world_.processes.find(line.peer);
  return node == nullptr ? "(gone)" : node->name();
}

void Switchboard::tell_gone(Line& line, const std::string& cause) {
  if (std::exchange(line.gone, true)) return;
  head_.to_supervisor(head_.switchboard_endpoint(), core::supervisor_event::MemberGone{line.session, cause});
}

void Switchboard::see_reset(ConnectionId connection) {
  if (world_.mutated(Mutation::close_ignored)) return;
  closed_.insert(connection);
  const bool by_peer = world_.mutated(Mutation::old_connection_ends_session);
  for (auto& [incarnation, line] : lines_) {
    const bool same_peer = line.peer == world_.network.node_of(connection);
    if (line.connection == connection || (by_peer && same_peer)) lose_connection(line);
  }
}

void Switchboard::lose_connection(Line& line) {
  world_.checks.session_loses_connection(line.session, line.connection);
  tell_gone(line, "its connection was closed");
}

void Switchboard::tick() {
  for (auto& [incarnation, line] : lines_) {
    for (Channel channel = 0; channel < line.links.size(); ++channel) {
      transmit(line, channel, line.links[channel].tick(head_.now()));
      if (const auto& cause = line.links[channel].broken()) tell_gone(line, *cause);
    }
  }
}

}  // namespace fulmar::simulation
