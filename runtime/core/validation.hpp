// The validation of one version as leased work, and what validations so far say about stopping.
// Thread rule: owned by one state machine.
//
// VALID-1: the loss of a version is a function of its leaves' losses in leaf order: who computed them, and when, does
//          not matter.
// VALID-2: the state as of version v depends on validations up to v only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/core/lease.hpp"
#include "runtime/core/messages.hpp"
#include "runtime/core/run_state.hpp"

namespace fulmar::core {

class Validation {
 public:
  Validation(BlockTree tree, const std::vector<Block>& blocks);

  /// The losses of `block`'s leaves, in order. False when they contradict the tree or what is known of a leaf.
  [[nodiscard]] bool take(const Block& block, const std::vector<LeafLoss>& losses);
  void grant(const Block& block, const Lease& lease);
  /// Frees what the incarnation holds; nothing of it is under way any longer.
  void end_incarnation(Incarnation incarnation);
  /// Leaves that the incarnation was ever given, whose losses are not known: it may be at them even where its lease
  /// has expired, or was taken back.
  std::vector<std::uint64_t> unfinished(Incarnation incarnation) const;
  /// From now on the leaf is leased alone, if its block is free.
  void isolate(std::uint64_t leaf);
  /// Σ loss / Σ weight over the tree, once every leaf is there.
  std::optional<double> loss() const;
  LeaseTable& leases() { return leases_; }
  const LeaseTable& leases() const { return leases_; }

 private:
  BlockTree tree_;
  std::vector<Block> blocks_;
  std::vector<std::optional<LeafLoss>> losses_;
  LeaseTable leases_;
  std::map<Incarnation, std::set<Block>> given_;
};

/// What validation says as of each validated version.
class ValidationHistory {
 public:
  explicit ValidationHistory(ValidationState before) : before_(before) {}

  /// Takes the verdicts in the order of versions. A loss that is not finite is never better.
  const ValidationState& add(Version version, double loss);
  ValidationState as_of(Version version) const;
  /// Whether `version` has become the best.
  bool is_best(Version version) const;
  /// Drops what is only needed for versions before `version`.
  void forget_before(Version version);

 private:
  ValidationState before_;
  std::map<Version, ValidationState> states_;
};

/// Whether `patience` validations in a row were not better; 0: never.
bool out_of_patience(const ValidationState& validation, std::uint64_t patience);

/// Why a run is over that has got to `state`; nothing when it is not.
std::optional<std::string> reason_to_complete(const RunState& state, Version end_version, std::uint64_t patience);

}  // namespace fulmar::core
