// A node's side of its membership, as a state machine: it asks to take part, notices that the head is lost, comes back
// with a new session, and leaves.
//
// States: *joining* (it sends Join, with growing pauses, until it is welcomed) → *member* → *leaving* (it has said so,
// finishes what is running, and waits to be dismissed) → *over*. A session that ends while the node is a member leads
// back to joining: nothing survives of it, and the next one has a new attempt. Thread rule: one owner; pure: no IO,
// clock, thread or logging; `now` is an argument, on the node's own clock.
//
// SESSION-1: a session begins once and ends once, before the next begins and before the node is over; being over is
//            final.
// SESSION-2: each session has an attempt of its own, higher than those before; a Welcome to another, or to another
//            process, is ignored.
// SESSION-3: what is said of another session than the present one does not end this one.
// SESSION-4: a head that is silent for lost_after of attended time ends the session; while one lasts, and no longer,
//            the node beats.
// SESSION-5: from one Join to the next passes at least half of rejoin_first and at most rejoin_max, beside the tick;
//            nodes that lost their head at one moment come back at different ones.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "runtime/core/attended_clock.hpp"
#include "runtime/core/liveness.hpp"
#include "runtime/core/messages.hpp"

namespace fulmar::core {

enum class SessionState { joining, member, leaving, over };
const char* to_string(SessionState state);

namespace session_event {
/// Anything of the present session came from the supervisor.
struct Heard {};
/// The head does not know this session.
struct Gone {
  Sender session;
};
/// A link of the session broke, or its connection was closed.
struct Broken {
  Sender session;
  std::string cause;
};
struct Dismissed {
  Sender session;
  Farewell farewell;
};
/// The user or the system wants this node to leave.
struct LeaveRequested {};
/// Comes each `Liveness::tick()`; the first one sends the first Join.
struct Tick {};
}  // namespace session_event

using SessionEvent = std::variant<Welcome, session_event::Heard, session_event::Gone, session_event::Broken,
                                  session_event::Dismissed, session_event::LeaveRequested, session_event::Tick>;

namespace session_effect {
/// As a datagram: it may be lost.
struct SendJoin {
  Join join;
};
/// Make a new core::Worker and new links, and hand the worker this.
struct BeginSession {
  Welcome welcome;
};
struct SendBeat {};
struct SendLeave {};
/// Drop the worker and the links.
struct EndSession {
  std::string cause;
};
/// The node's process ends.
struct Over {
  std::string reason;
};
}  // namespace session_effect

using SessionEffect = std::variant<session_effect::SendJoin, session_effect::BeginSession, session_effect::SendBeat,
                                   session_effect::SendLeave, session_effect::EndSession, session_effect::Over>;
using SessionEffects = std::vector<SessionEffect>;

struct SessionSettings {
  std::string name;
  std::uint32_t slots = 1;
  std::uint64_t instance = 0;  ///< drawn once by the process; it also decides how pauses are scattered
  Liveness liveness;
};

class NodeSession {
 public:
  explicit NodeSession(SessionSettings settings);

  SessionEffects step(Time now, const SessionEvent& event);
  SessionState state() const { return state_; }

 private:
  void on(const Welcome& welcome);
  void on(const session_event::Heard& heard);
  void on(const session_event::Gone& gone);
  void on(const session_event::Broken& broken);
  void on(const session_event::Dismissed& dismissed);
  void on(const session_event::LeaveRequested& request);
  void on(const session_event::Tick& tick);

  bool in_session() const { return state_ == SessionState::member || state_ == SessionState::leaving; }
  bool is_present(const Sender& session) const { return in_session() && session == identity_; }
  /// Ends the session, after which a member joins anew, and one that was leaving is over.
  void end_session(const std::string& cause);
  void be_over(const std::string& reason);
  void send_join();
  /// How long to wait until the next Join: twice as long each time.
  Time next_pause();

  SessionSettings settings_;
  AttendedClock clock_;
  SessionState state_ = SessionState::joining;
  Time now_{};  // attended
  SessionEffects effects_;

  std::uint64_t attempt_ = 1;
  std::optional<Time> join_at_;  // empty: at once
  Time pause_;                   // the next one, before it is scattered
  std::uint64_t pauses_ = 0;     // drawn so far

  Sender identity_;  // of the present session
  Time began_{};
  Time heard_{};
  Time beat_at_{};
};

}  // namespace fulmar::core
