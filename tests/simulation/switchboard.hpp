// The head's end of the network: for each session of a node, the links to the supervisor and to each shard.
// Thread rule: one simulation, one thread.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/datagram.hpp"

namespace fulmar::simulation {

struct World;
class HeadProcess;

class Switchboard {
 public:
  Switchboard(World& world, HeadProcess& head, core::Term term) : world_(world), head_(head), term_(term) {}

  /// On the connection on which the node asked to join.
  void open(const core::Sender& session, ConnectionId connection, ProcessId peer);
  void close(const core::Sender& session, const core::Farewell& farewell);
  bool has(core::Incarnation incarnation) const { return lines_.contains(incarnation); }
  /// Of the process at the other end; none where there is no such session.
  ProcessId peer(core::Incarnation incarnation) const;
  /// Of the session; 0 where there is none.
  ConnectionId connection(core::Incarnation incarnation) const;

  void send(core::Incarnation to, Channel channel, Letter letter);
  void receive(const Envelope& envelope);
  void see_reset(ConnectionId connection);
  void tick();

 private:
  using LetterLink = core::Link<Letter>;
  struct Line {
    core::Sender session;
    ConnectionId connection = 0;
    ProcessId peer = 0;
    std::vector<LetterLink> links;
    bool gone = false;  // and the supervisor was told
  };

  void handle(const Envelope& envelope, const Segment& segment);
  void deliver(const Line& line, Channel channel, const Letter& letter);
  void transmit(const Line& line, Channel channel, LetterLink::Frames frames);
  std::string node_name(const Line& line) const;
  void tell_gone(Line& line, const std::string& cause);
  void lose_connection(Line& line);

  World& world_;
  HeadProcess& head_;
  core::Term term_;
  std::map<core::Incarnation, Line> lines_;
  std::set<ConnectionId> closed_;
};

}  // namespace fulmar::simulation
