// Carriers over ZeroMQ, tcp or ipc: a ROUTER that listens, DEALERs that dial. With keys every connection is encrypted
// and authenticated by CURVE, and an allow-list decides (ZAP). A socket monitor tells which connections close, so that
// the death of a process is seen at once.
//
// Traps that this goes round (ZeroMQ 4.3.4): a claim of 4 GiB in a frame's header reserves 4 GiB unless MAXMSGSIZE is
// set; the frames of a message that never ends are kept without a limit (unfinished_packets.hpp); a send succeeds
// although the peer is gone; pings are answered by a program that hangs; a ROUTER names the connection of a message
// only by its file descriptor, which is used again (connection_table.hpp); a peer that never shakes hands stays; a
// listener at a path removes whatever lies there; a name that is not found is not reported; with IPv6 switched on, a
// name leads to IPv6 alone, so a dialer tries both in turn.
//
// Not gone round: whoever is let in may choose how ZeroMQ's ROUTER addresses it, and if that is what the next newcomer
// would get by chance, of 2³² possibilities, ZeroMQ ends the process. With keys, only those can try whose keys are
// allowed.
//
// Thread rule: one owner, except for wake().
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "runtime/core/liveness.hpp"
#include "runtime/transport/carrier.hpp"
#include "runtime/transport/keys.hpp"

namespace fulmar::transport {

struct ListenerSecurity {
  KeyPair own;
  /// Whether the owner of this public key (Z85) may connect. Called by wait().
  std::function<bool(const std::string& key)> admits;
};

struct ListenerSettings {
  Endpoint endpoint;
  core::Liveness liveness;
  std::optional<ListenerSecurity> security;  ///< empty: anybody may connect, in clear
};

class ZmqListener final : public Carrier {
 public:
  /// Errors name the endpoint and what is wrong with it (in use, no such address, no permission).
  static Result<std::unique_ptr<ZmqListener>> listen(ListenerSettings settings);
  ~ZmqListener() override;

  Sent send(PeerId to, const Packet& packet) override;
  std::vector<CarrierEvent> wait(core::Time limit) override;
  void wake() override;

  /// With the port that was taken.
  const Endpoint& endpoint() const;
  /// Connections of which a packet has been told.
  std::size_t peers() const;

 private:
  struct Impl;
  explicit ZmqListener(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

struct DialerSettings {
  core::Liveness liveness;
  std::optional<ClientKeys> keys;  ///< empty: in clear
};

class ZmqDialer final : public Dialer {
 public:
  static Result<std::unique_ptr<ZmqDialer>> make(DialerSettings settings);
  ~ZmqDialer() override;

  Result<PeerId> dial(const Endpoint& endpoint) override;
  void hang_up(PeerId peer) override;
  Sent send(PeerId to, const Packet& packet) override;
  std::vector<CarrierEvent> wait(core::Time limit) override;
  void wake() override;

 private:
  struct Impl;
  explicit ZmqDialer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace fulmar::transport
