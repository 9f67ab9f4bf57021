#include "runtime/transport/connection_table.hpp"

#include <utility>

namespace fulmar::transport {

void ConnectionTable::accept(int descriptor) {
  close(descriptor);  // whatever was not told: a descriptor belongs to one connection at a time
  Connection connection;
  connection.peer = ++last_peer_;
  connection.descriptor = descriptor;
  connection.accepted = stamp();
  open_.emplace(descriptor, std::move(connection));
}

void ConnectionTable::close(int descriptor) {
  const auto found = open_.find(descriptor);
  if (found == open_.end()) return;
  found->second.closed = stamp();
  known_.erase(found->second.peer);
  closed_.push_back(std::move(found->second));
  open_.erase(found);
}

Connection* ConnectionTable::find(int descriptor, Stamp stamp) {
  if (const auto found = open_.find(descriptor); found != open_.end() && found->second.accepted < stamp) {
    return &found->second;
  }
  for (Connection& connection : closed_) {
    if (connection.descriptor == descriptor && connection.accepted < stamp && stamp < connection.closed) {
      return &connection;
    }
  }
  return nullptr;
}

Connection* ConnectionTable::find(PeerId peer) {
  const auto found = known_.find(peer);
  return found == known_.end() ? nullptr : &open_.at(found->second);
}

void ConnectionTable::make_known(Connection& connection, std::string route, std::string key) {
  connection.is_known = true;
  connection.route = std::move(route);
  connection.key = std::move(key);
  if (connection.closed == 0) known_.emplace(connection.peer, connection.descriptor);
}

std::list<Connection> ConnectionTable::take_closed() {
  return std::exchange(closed_, {});
}

}  // namespace fulmar::transport
