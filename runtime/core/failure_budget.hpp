// How much failing a run puts up with: a slot that dies is restarted, and so is the head's own worker; but a leaf that
// kills every slot it meets is not tried for ever, and neither is a node whose slots keep dying.
// Thread rule: owned by one state machine.
//
// BUDGET-1: a decision carries its reason; a stop names node, leaf, samples and cause.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "runtime/core/identity.hpp"
#include "runtime/core/messages.hpp"

namespace fulmar::core {

struct FailureLimits {
  std::uint64_t deaths_per_leaf_max = 3;  ///< the leaf's third death is the run's end
  std::uint64_t restarts_max = 12;        ///< of a node and its slots …
  std::uint64_t window_rounds = 100;      ///< … within so many rounds
};

struct FailureDecision {
  bool stop = false;
  std::string reason;
  bool by_leaf = false;  ///< the leaf is to blame, whoever computes it
};

class FailureBudget {
 public:
  explicit FailureBudget(FailureLimits limits) : limits_(limits) {}

  /// A slot died while computing `leaf`. `others`: further nodes could compute it, so that the leaf is not to blame
  /// before two nodes have failed at it.
  FailureDecision leaf_killed_slot(NodeId node, const LeafId& leaf, Version now, bool others = false);
  /// A slot of the node, or its worker, died for a reason of its own.
  FailureDecision died(NodeId node, Version now);
  /// A node died that nobody here restarts: it returns by itself or not.
  void survive() { ++survived_; }
  /// Failures that the run has survived so far.
  std::uint64_t survived() const { return survived_; }

 private:
  struct Deaths {
    std::uint64_t slots = 0;
    std::set<NodeId> nodes;
  };

  FailureLimits limits_;
  std::map<LeafId, Deaths> deaths_by_leaf_;
  std::map<NodeId, std::deque<Version>> restarts_;
  std::uint64_t survived_ = 0;
};

}  // namespace fulmar::core
