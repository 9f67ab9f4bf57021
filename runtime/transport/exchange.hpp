// One process's end of all its sessions on one socket: for each session a link and an assembler for each channel, on
// the one connection that is the session's.
//
// A session is opened by its owner: with its connection (control), or without (tensors at the head), in which case the
// connection that attaches to it is its own, and what is sent before waits for that. It is over when its connection
// closes, a link breaks, the peer sends what it must not, or nobody attaches for lost_after; that is told once, and
// nothing is taken or delivered afterwards; it is forgotten when its owner closes it.
// Thread rule: one owner; pure but for the carrier: no clock or thread; `now` is an argument.
//
// EXCHANGE-1: what a session's owner is given is a prefix of what the other end sent on each channel, each once, in
// order. EXCHANGE-2: nothing is taken for a session but from its own connection, and, where it has a seal, sealed.
// EXCHANGE-3: that a session is over is told once. EXCHANGE-4: what a peer can make this process keep is bounded by the
// links' windows and one tensor for each channel. EXCHANGE-5: whatever is not taken is counted with its reason.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/core/attended_clock.hpp"
#include "runtime/transport/assembler.hpp"
#include "runtime/transport/carrier.hpp"
#include "runtime/transport/codec.hpp"
#include "runtime/transport/seal.hpp"
#include "runtime/transport/traffic.hpp"

namespace fulmar::transport {

using core::Time;

/// What a session's owner sends: a message, and `floats` of `tensor` from `begin` on, where it has one.
struct Parcel {
  core::SessionMessage message;
  SharedBuffer tensor;
  std::size_t begin = 0;
  std::size_t floats = 0;
};

/// What becomes of sessions. Called by Exchange's methods.
class ExchangeSink {
 public:
  virtual ~ExchangeSink() = default;
  virtual void delivered(const core::Sender& session, core::Channel channel, Delivery delivery) = 0;
  /// Any frame of the session came.
  virtual void heard(const core::Sender& session) = 0;
  virtual void over(const core::Sender& session, const std::string& cause) = 0;
};

struct ExchangeSettings {
  RunId run{};
  Side own = Side::head;
  core::Liveness liveness;
  core::Channel first_channel = core::kSupervisorChannel;
  /// For each channel from the first on: how many floats the tensors on it have; 0: none come.
  std::vector<std::size_t> tensor_floats;
  bool sealed = false;  ///< every packet of a session is sealed with its key, and nothing else is taken
};

class Exchange {
 public:
  Exchange(ExchangeSettings settings, Carrier& carrier, BufferPool& pool, Traffic& traffic, ExchangeSink& sink);
  ~Exchange();

  struct Taken {};
  struct Opening {
    core::Sender session;
    std::optional<PeerId> peer{};  ///< empty: whoever attaches
    SessionKey key{};              ///< the seal's, or what Attach has to show
  };
  void open(Time now, const Opening& opening);
  void close(core::Incarnation incarnation);
  /// Open, and not over.
  bool is_open(core::Incarnation incarnation) const;
  /// The connection of a session that is open.
  std::optional<PeerId> peer_of(core::Incarnation incarnation) const;

  /// In the session; dropped when there is none any longer.
  void send(Time now, core::Incarnation to, core::Channel channel, const Parcel& parcel);
  /// Calls it once the peer has acknowledged all that was sent to it so far; never, if the session is over first.
  void when_acknowledged(core::Incarnation incarnation, std::function<void()> act);
  /// Makes this end's connection the session's at the other end, where it was opened without one.
  void attach(core::Incarnation incarnation);
  /// Around sessions: as a datagram of its own. What a full queue does not take is dropped.
  void send_around(PeerId to, decltype(Datagram::content) content);

  /// Gives back what is not of an open session, or not on its connection, for its owner to deal with and to count; or
  /// says what was dropped, and counted.
  std::variant<Taken, Datagram, Drop> receive(Time now, const carrier_event::Arrived& arrived);
  void peer_closed(PeerId peer);
  /// To be called each `Liveness::tick()`.
  void tick(Time now);

 private:
  struct Line;

  std::variant<Datagram, Drop> unpack(const carrier_event::Arrived& arrived);
  /// Whether it was taken.
  bool take(Time now, PeerId from, const Segment& segment);
  bool take(Time now, PeerId from, const Attach& attach);
  void deliver(Line& line, core::Channel channel, const std::vector<Letter>& letters);
  Line* find(const core::Sender& session);
  void transmit(Line& line, core::Channel channel, Link::Frames frames);
  void transmit(Line& line, decltype(Datagram::content) content);
  void flush(Line& line);
  void be_over(Line& line, const std::string& cause);
  void look_after(Time now, Line& line);
  void tell_when_acknowledged(Line& line);

  ExchangeSettings settings_;
  Carrier& carrier_;
  BufferPool& pool_;
  Traffic& traffic_;
  ExchangeSink& sink_;
  core::AttendedClock clock_;
  std::map<core::Incarnation, Line> lines_;
};

}  // namespace fulmar::transport
