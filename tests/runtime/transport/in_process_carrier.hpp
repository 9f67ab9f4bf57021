// A network within a process: one listener, any number of dialers. What is sent arrives at once, as it is.
// Thread rule: each carrier has one owner; they may live on different threads.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "runtime/transport/carrier.hpp"

namespace fulmar::transport {

/// To be held by a shared_ptr.
class InProcessNetwork : public std::enable_shared_from_this<InProcessNetwork> {
 public:
  virtual ~InProcessNetwork() = default;

  std::unique_ptr<Carrier> listen();
  std::unique_ptr<Dialer> make_dialer();

 protected:
  /// A connection; its ends are the dialer's, 0, and the listener's, 1.
  struct Wire;
  enum class Freight { packet, closing };
  /// Lets `arrive` happen at the other end of the wire, or not. Called, as `arrive` has to be, with mutex() held.
  virtual void carry(Wire& wire, int from, Freight freight, std::function<void()> arrive);

  std::mutex& mutex() { return mutex_; }
  /// Whether a carrier's wait() waits; else it gives what is there.
  virtual bool time_is_real() const { return true; }

 private:
  friend class InProcessEnd;
  struct Desk;

  std::mutex mutex_;
  std::weak_ptr<Desk> listener_;
};

struct InProcessNetwork::Wire {
  std::weak_ptr<Desk> desks[2];
  PeerId peers[2] = {};  ///< as each end calls it
  bool is_open[2] = {true, true};
  bool is_known[2] = {true, false};  ///< a packet was told, or the end has dialed
  std::size_t under_way[2] = {};     ///< packets, from each end
  core::Time last_arrival[2] = {};   ///< for networks that keep the order
};

}  // namespace fulmar::transport
