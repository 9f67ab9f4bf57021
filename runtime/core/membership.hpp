// Who takes part in the run, in which session, and what each can do: the supervisor's list of members.
//
// A member is *fetching* (its weights are on their way) → *trying* (its speed is measured on work that others hold too)
// → *active* (it has a share of every round) → *draining* (it finishes or hands back, then leaves). Any of them may
// be *suspected*: silent for a while.
// Thread rule: owned by one state machine; `now` is attended time.
//
// MEMBER-1: an incarnation is issued once in a term; a node has at most one that counts.
// MEMBER-2: a process is known by its instance: when it returns it is the same node in a new incarnation; what it asked
//           for before its present session is not heard.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/core/liveness.hpp"
#include "runtime/core/messages.hpp"

namespace fulmar::core {

enum class MemberState { fetching, trying, active, draining };
const char* to_string(MemberState state);

struct Member {
  Incarnation incarnation = 0;
  std::string name;
  std::uint32_t slots = 1;  ///< at least 1
  bool local = false;       ///< in the head's process: its end is seen there, and silence says nothing
  std::uint64_t instance = 0, attempt = 0;
  MemberState state = MemberState::fetching;
  Time heard{};                      ///< when it was last heard of
  std::optional<Version> holds{};    ///< its newest version
  double leaves_per_second = 0;      ///< as it measured; 0: not yet
  double planned_speed = 0;          ///< what the plan in force assumes of it
  std::uint64_t planned_leaves = 0;  ///< what that plan gives it of a full round
  std::optional<Block> trial{};      ///< its first lease, …
  /// … which it computes in rounds before this one; nothing: until it has a share.
  std::optional<Version> share_from{};

  // Of asynchronous policies.
  Time unit_time{};                          ///< from grant to update, smoothed; 0: it has made none
  std::optional<std::uint64_t> staleness{};  ///< of its last update

  ProcessUsage usage{};   ///< as it measured
  std::string leaving{};  ///< why, while it is draining

  /// It is on its way to a share.
  bool is_coming() const { return state == MemberState::fetching || state == MemberState::trying; }
  /// Who is charged with its failures: the head's own worker is another node each time that it is restarted, and one
  /// all the same.
  NodeId charged(NodeId node) const { return local ? 0 : node; }
};

class Membership {
 public:
  Membership(Term term, Liveness liveness) : term_(term), liveness_(liveness) {}

  /// The present session of the process that asks; nothing for one that is not a member.
  std::optional<Sender> session_of(const Join& join) const;
  /// Whether the process has asked with a later attempt before.
  bool is_outdated(const Join& join) const;
  /// A new session. The process must not have one.
  Sender admit(const Join& join, Time now);
  void remove(NodeId node);

  bool knows(const Sender& sender) const { return find(sender) != nullptr; }
  const Member* find(const Sender& sender) const;
  Sender sender(NodeId node) const { return {node, members_.at(node).incarnation, term_}; }
  const std::map<NodeId, Member>& all() const { return members_; }
  Member& at(NodeId node) { return members_.at(node); }
  const Member& at(NodeId node) const { return members_.at(node); }
  std::uint64_t seen() const { return next_node_ - 1; }
  bool has_active() const { return active_ > 0; }
  std::size_t active() const { return active_; }
  void set_state(NodeId node, MemberState state);
  void start_draining(NodeId node, std::string reason);

  void heard(NodeId node, Time now);
  /// Members that are not local and were not heard of for `liveness.lost_after()`. Looks at no others.
  std::vector<NodeId> lost(Time now) const;
  /// How long ago the member was last heard of.
  Time silence(const Member& member, Time now) const { return now - member.heard; }
  bool is_suspected(const Member& member, Time now) const;

  /// Leaves a second: as it measured, or as much a slot as the measured ones do on average; 0: nobody was measured.
  double assumed_speed(const Member& member) const;
  /// Of what all active members can do, what this one can; 0 where it is not active.
  double speed_share(const Member& member) const;
  /// What each active member can do: as it measured, or as much a slot as the measured ones do on average. By node.
  std::vector<Capacity> capacities() const;

 private:
  struct Known {
    NodeId node = 0;
    std::uint64_t attempt = 0;
  };
  static constexpr std::size_t kKnownMax = 65536;

  double speed_of_unmeasured_slot() const;

  Term term_;
  Liveness liveness_;
  std::map<NodeId, Member> members_;
  std::map<std::uint64_t, Known> known_;       // by instance, members past and present; bounded
  std::set<std::pair<Time, NodeId>> by_word_;  // who was heard of when; without local members
  std::size_t active_ = 0;
  NodeId next_node_ = 1;
  Incarnation next_incarnation_ = 1;
};

}  // namespace fulmar::core
