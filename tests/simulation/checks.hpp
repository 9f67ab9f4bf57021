// What must be true, whatever goes wrong: each step of the roles is compared with the run of one perfect machine. The
// messages begin with the number of the invariant that does not hold.
// Thread rule: one simulation, one thread.
#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "runtime/core/attended_clock.hpp"
#include "runtime/core/journal_record.hpp"
#include "runtime/core/verdict.hpp"
#include "tests/simulation/datagram.hpp"

namespace fulmar::simulation {

struct World;
class HeadProcess;
class NodeProcess;

/// One direction of the link between a session and a role of the head.
struct Route {
  ProcessId head = 0;
  core::Incarnation session = 0;
  Channel channel = kSupervisorChannel;
  bool to_head = false;
  auto operator<=>(const Route&) const = default;
};

class Checks {
 public:
  explicit Checks(World& world) : world_(world) {}

  /// `text`: makes the message, when there is to be one.
  template <class Text>
  void expect(bool holds, Text text) {
    if (!holds) fail(text());
  }
  void fail(const std::string& what);
  const std::vector<std::string>& wrong() const { return wrong_; }

  /// A shard keeps a vector (AGG-2). `members`: who is alive for it.
  void kept(const Origin& origin, core::Term term, const std::set<core::Incarnation>& members);
  /// A shard applies a round's root (REDUCE-1, AGG-1).
  void applied(core::ShardId shard, const core::Verdict& verdict, const Leaves& leaves);
  /// Weights of a version, from float `first` on, against the reference's, bit for bit.
  void weights(core::Version version, std::size_t first, const Vector& values, const char* where);
  /// All that a version is beside its tensors.
  void state(const core::RunState& state, const char* where);
  /// The same, where validations may still be under way.
  void report(const core::RunState& state);
  void record(const core::JournalRecord& record);
  /// A head has claimed the term, and until the next one does, nobody else may write (FENCE-1).
  void term_begins(core::Term term) { newest_term_ = term; }
  /// A head has written something durably.
  void durable_write(core::Term term, const char* what);
  /// A head goes on from `state` (CHECKPOINT-1, JOURNAL-1): with what its predecessors had called written.
  void resumed(const core::RunState& state, const std::vector<core::JournalRecord>& records);

  /// SESSION-2: a node begins a session, which it has never had before.
  void session_begins(ProcessId head, const core::Sender& session);
  /// LINK-1: what one end of a link is given comes out at the other, once and in order.
  void sent(const Route& route, const Letter& letter) { promised_[route].push_back(letter); }
  void delivered(const Route& route, const Letter& letter);
  /// LINK-2: no more is under way from one end than its window allows. `frame`: as that end transmits it.
  void transmitted(const Route& route, const core::Frame<Letter>& frame);
  /// That end has been told what was delivered.
  void acknowledged(const Route& route, std::uint64_t sequence);
  /// SESSION-3: a session is given up because its connection has closed.
  void session_loses_connection(const core::Sender& session, ConnectionId connection);
  /// LIVE-2: the process is told that a connection has closed; its session must be over at once.
  void told_closed(ProcessId process, ConnectionId connection) { told_closed_.emplace(process, connection); }
  /// ... at the head: to be called each tick.
  void connections(HeadProcess& head);
  /// ... and at a node, where a session that the head does not know must be over soon. To be called each tick.
  void session_of(NodeProcess& node);
  /// WORK-5: whoever says that it has drained has nothing under way to the shards.
  void drained(ProcessId head, const core::Sender& session);
  /// WINDOW-3: so many members are being sent their first version.
  void newcomers(std::size_t count);
  /// SUP-1: what a shard has lacked for long is held by somebody who can do it. To be called each tick of the head.
  void holders(HeadProcess& head);
  /// AGG-2: shards hear of it when a member's session is over. To be called each tick of the head.
  void members(HeadProcess& head);
  /// LEDGER-1, LEDGER-2: every sample of every epoch that the history up to `end` has finished was used exactly once.
  void audit(core::Version end);

 private:
  /// Whether the node could have heard of it by now: nothing keeps its words from the head, which does not know it.
  bool is_stranger_to_its_head(const NodeProcess& node) const;
  bool can_work(HeadProcess& head, core::Incarnation incarnation) const;
  void holders_of_round(HeadProcess& head, core::ShardId shard, Time now);
  void members_of(core::ShardId shard, HeadProcess& head, const std::set<core::Incarnation>& living);

  struct UnderWay {  // on a route: transmitted, and for all that its sender knows not delivered
    std::uint64_t acknowledged = 0;
    std::map<std::uint64_t, std::size_t> bytes;  // by sequence
    std::size_t total = 0;
  };
  struct Waiting {  // of a shard for the leaves of its round
    core::Version base = 0;
    Time since{};                        // attended
    std::map<std::uint64_t, Time> held;  // when a leaf was last seen in good hands
  };

  World& world_;
  std::vector<std::string> wrong_;
  std::map<core::Version, core::Action> history_;  // by base, of all shards: the last word counts
  std::map<std::pair<ProcessId, core::ShardId>, Waiting> waiting_;
  std::map<ProcessId, core::AttendedClock> clocks_;
  core::Term newest_term_ = 0;
  std::set<std::pair<ProcessId, core::Incarnation>> sessions_;  // that have begun
  std::map<Route, std::deque<Letter>> promised_;                // sent and not delivered
  std::map<Route, UnderWay> under_way_;
  std::set<std::pair<ProcessId, ConnectionId>> told_closed_;
  // For how many ticks a head or a node has gone on with a session that should be over.
  std::map<std::pair<ProcessId, core::Incarnation>, int> overdue_;
  // Since when a shard has known a member that the supervisor has not, on the head's clock.
  std::map<std::tuple<ProcessId, core::ShardId, core::Incarnation>, Time> outlived_;
};

}  // namespace fulmar::simulation
