// Which connection a listener's packet came over. ZeroMQ names it by its file descriptor, which is used again as soon
// as it is closed, and tells of packets and of closings through different pipes. So each connection gets a *stamp* when
// it asks to be let in, from the same counter that numbers accepts and closings: descriptor and stamp together name one
// connection, because a descriptor belongs to one at a time.
// Thread rule: one owner; pure.
//
// TABLE-1: find() gives the connection that had the descriptor at the time of the stamp, or nothing once that was
// forgotten; never another one. TABLE-2: each accepted connection is in closings() once, after its closing, and then
// forgotten.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/transport/carrier.hpp"

namespace fulmar::transport {

/// A moment in the order of what a listener has seen.
using Stamp = std::uint64_t;

struct Connection {
  PeerId peer = 0;
  int descriptor = -1;
  Stamp accepted = 0;
  Stamp closed = 0;           ///< 0: it is open
  bool is_known = false;      ///< a packet of it was told
  std::uint64_t packets = 0;  ///< that were told
  std::string route;          ///< how ZeroMQ addresses it
  std::string key;
};

class ConnectionTable {
 public:
  void accept(int descriptor);
  void close(int descriptor);
  /// The present moment, different from each before.
  Stamp stamp() { return ++now_; }

  Connection* find(int descriptor, Stamp stamp);
  /// An open one of which a packet was told.
  Connection* find(PeerId peer);
  void make_known(Connection& connection, std::string route, std::string key);

  /// Calls visit(connection) for each that is open.
  template <class Visit>
  void visit_open(Visit visit) {
    for (auto& [descriptor, connection] : open_) visit(connection);
  }

  /// Takes out those that have closed so far, in order.
  std::list<Connection> take_closed();
  bool has_closed() const { return !closed_.empty(); }
  std::size_t known() const { return known_.size(); }

 private:
  PeerId last_peer_ = 0;
  Stamp now_ = 0;
  std::unordered_map<int, Connection> open_;  // by descriptor
  std::unordered_map<PeerId, int> known_;     // to descriptors of open ones
  std::list<Connection> closed_;              // not taken out yet
};

}  // namespace fulmar::transport
