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
#include "runtime/core/run_history.hpp"
#include "runtime/core/verdict.hpp"
#include "tests/simulation/datagram.hpp"
#include "tests/simulation/timeline.hpp"

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
  /// A shard applies an update (REDUCE-1, AGG-1, SEQ-1, UNIT-1, REPLAY-1).
  void applied(HeadProcess& head, core::ShardId shard, const core::Verdict& verdict, const Leaves& leaves);
  /// Weights of a version, from float `first` on, against the reference's, bit for bit.
  void weights(const Timeline& timeline, core::Version version, std::size_t first, const Vector& values,
               const char* where);
  /// All that a version is beside its tensors.
  void state(const Timeline& timeline, const core::RunState& state, const char* where);
  /// The same, where validations may still be under way.
  void report(const Timeline& timeline, const core::RunState& state);
  void record(HeadProcess& head, const core::JournalRecord& record);
  /// SUP-3, SUP-7: what is to be written.
  void checkpoint(HeadProcess& head, const core::RunState& state);
  /// A head has claimed the term, and until the next one does, nobody else may write (FENCE-1).
  void term_begins(core::Term term) { newest_term_ = term; }
  /// A head has written something durably.
  void durable_write(core::Term term, const char* what);
  /// A head goes on from a checkpoint (CHECKPOINT-1, JOURNAL-1): with what its predecessors had called written. Gives
  /// the version that it is.
  const ReferenceVersion& resumed(const core::RunState& state, const Vector& weights,
                                  const std::vector<Vector>& optimizer, const std::vector<core::JournalRecord>& records,
                                  const core::RunHistory& history);

  // The order of updates: order_checks.cpp.

  /// A head's journal cannot be made sense of.
  Error refused(const Error& why);
  /// A head is to recompute `order`, with which its timeline goes on: no update that was durable is missing (REPLAY-1).
  void prescribed(Timeline& timeline, const core::PrescribedOrder& order);
  /// The update that made the version is in the journal for good.
  void durable(const Timeline& timeline, core::Version version) { durable_[version] = timeline.at(version); }
  /// REPLAY-1: a plain loop over what the journal says makes the version.
  void replays(const Timeline& timeline, core::Version version);
  /// LEASE-3: the supervisor leases a unit.
  void granted(HeadProcess& head, const core::Attempt& attempt);
  /// WORK-6: a shard keeps what somebody has made of it.
  void staged(HeadProcess& head, core::LeaseNumber lease, const Leaves& leaves);
  /// The lead says that it is void (SEQ-2), …
  void voided(HeadProcess& head, core::LeaseNumber lease);
  /// … or gives it its place (SEQ-1, SEQ-2, POLICY-1); or a round.
  void ordered(HeadProcess& head, const core::Verdict& verdict);
  bool is_ordered(const HeadProcess& head, core::LeaseNumber lease);
  /// The lead has another policy begin (SUP-7).
  void policy_begins(HeadProcess& head, const core::PolicyBegins& begins);
  /// SUP-1: who has a lease is there. To be called each tick of the head.
  void leases(HeadProcess& head);
  /// Whether the head has met something that is not finite.
  bool has_reason_to_stop(const HeadProcess& head) const;

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
  void audit(const Timeline& timeline, core::Version end);

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
  struct Attempts {  // of a head
    std::map<core::LeaseNumber, core::Attempt> granted;
    std::map<core::Unit, core::LeaseNumber> outstanding;
    std::set<core::LeaseNumber> voided, ordered;
  };
  /// Adds what the verdict makes to the timeline, or compares it with what is there. False: that is wrong.
  bool takes_its_place(HeadProcess& head, core::ShardId shard, const core::Verdict& verdict);
  void update_recorded(HeadProcess& head, const core::UpdateApplied& update);
  void switch_recorded(HeadProcess& head, const core::PolicySwitched& switched);
  void round_ordered(HeadProcess& head, const core::Verdict& verdict);
  void attempt_ordered(HeadProcess& head, const core::Verdict& verdict);
  /// What the journal says makes it; none: nobody has ever made that.
  const ReferenceVersion* follow(const core::RunHistory& history, core::Version version) const;
  bool disk_may_lie() const;

  struct Waiting {  // of a shard for the leaves of its round
    core::Version base = 0;
    Time since{};                        // attended
    std::map<std::uint64_t, Time> held;  // when a leaf was last seen in good hands
  };

  World& world_;
  std::vector<std::string> wrong_;
  std::map<ProcessId, Attempts> attempts_;
  std::map<core::Version, const ReferenceVersion*> durable_;  // whose update is in the journal for good
  std::map<core::Version, const ReferenceVersion*> made_;     // by any head: the last word counts
  std::map<core::Version, const ReferenceVersion*> lost_;     // by earlier heads, and not durable in time
  std::set<ProcessId> not_finite_;                            // heads that have met something that is not
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
