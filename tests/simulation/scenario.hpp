// What one seed stands for: a run, the machines it has, and what goes wrong with them. Each seed draws its own mix
// (swarm testing: Groce et al., ISSTA 2012): a fault that is always on hides what only shows without it.
// Thread rule: plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/core/liveness.hpp"
#include "runtime/core/messages.hpp"
#include "runtime/core/optimizer.hpp"
#include "runtime/core/run_shape.hpp"
#include "runtime/core/verdict.hpp"
#include "tests/simulation/datagram.hpp"
#include "tests/simulation/faults.hpp"

namespace fulmar::simulation {

using core::Time;
class Dice;

/// Ways in which a shell could be wrong: each must be found (mutations_test.cpp says by which check).
enum class Mutation {
  none,
  count_duplicates,                ///< a block that a shard dropped as a duplicate is added once more
  overlapping_blocks_counted,      ///< what a larger block replaces is added to it
  accept_late_pushes,              ///< a push for an older round is taken for the round under way
  stale_incarnation_accepted,      ///< a push of an incarnation that is over is taken for one of the living
  stale_term_accepted,             ///< a push to an earlier head is taken for one to this head
  lease_not_revoked,               ///< shards are not told that a member is lost
  orphans_not_leased,              ///< leases of a round are not sent
  tree_order_by_arrival,           ///< a shard adds vectors one after the other, as they come
  commit_before_durable,           ///< a checkpoint is reported before it is written
  checkpoint_not_synced,           ///< ... and it is written, but not synced
  unfenced_head,                   ///< checkpoints are written without a look at the term
  forget_validation,               ///< a checkpoint lacks what validation said
  best_overwritten_by_older,       ///< the oldest checkpoint is named the best
  off_by_one_in_permutation,       ///< a node computes its neighbour's samples
  drop_a_block,                    ///< one push of a hundred does not leave, and counts as sent
  hide_slot_deaths,                ///< a node does not tell that a slot died
  never_unpin,                     ///< a shard keeps what it was to release
  publish_without_verdict_of_all,  ///< the lead decides on its own root alone
  ledger_counts_voided_rounds,     ///< the supervisor hears of a skipped round that it was applied
  link_without_dedup,              ///< what a link has delivered is delivered again when it comes again
  old_welcome_accepted,            ///< a node takes the answer to an earlier attempt for one to this
  byte_window_off,                 ///< a head's links send as many bytes as there are
  newcomers_unbounded,             ///< whoever is admitted is sent its first version at once
  foreign_frame_accepted,          ///< a session's frame is taken from whichever connection it comes on
  old_connection_ends_session,     ///< a node's closed connection ends all its sessions
  close_ignored,                   ///< a closed connection ends no session
  gone_not_answered,               ///< what comes of an unknown session is ignored
  drained_early,                   ///< a node says that it has drained while a push is under way
  bound_off_by_one,                ///< units may become one update staler than the policy says
  unit_granted_twice,              ///< the supervisor does not wait for the lead's word on a lease that it has ended
  apply_before_all_staged,         ///< the lead gives an attempt its place once it has staged it itself
  shards_apply_in_other_order,     ///< a shard swaps two attempts that follow each other
  base_of_slot_not_lease,          ///< a node computes a leased unit from the newest version that it has
  update_not_journalled,           ///< one update in ten is not recorded
  switch_without_drain,            ///< the lead hears of a new policy while units are under way
  replay_ignores_base,             ///< a head recomputes what is journalled from the newest versions
  voided_attempt_applied,          ///< the lead tells that an attempt is void, and may still give it a place
  bases_not_kept,                  ///< a shard forgets a version when the next is there
  journal_behind_checkpoint        ///< a checkpoint is written before the updates that it is made of are durable
};

struct Scenario {
  std::uint64_t seed = 0;

  // The run.
  core::RunShape shape;
  core::Version end_version = 1;
  std::uint64_t patience = 0;
  std::uint64_t checkpoint_every_rounds = 0;
  Time checkpoint_every{};
  core::NotFinitePolicy not_finite = core::NotFinitePolicy::skip;
  core::OptimizerSettings optimizer;
  std::size_t parameters = 24;
  std::size_t chunk_floats = 16;
  std::vector<core::Unit> poisoned;  ///< units whose leaf 0 is not finite
  core::PolicySettings policy;       ///< that the run begins with
  std::uint32_t shards = 1;
  core::Liveness liveness;

  // The machines.
  std::vector<std::uint32_t> local_slots;  ///< of each worker in the head's process
  std::vector<std::uint32_t> node_slots;   ///< of each node that is there from the beginning
  Time leaf_time{};                        ///< on average, on a machine of usual speed
  Time latency_min{}, latency_max{};
  std::size_t link_window_bytes = core::Link<Letter>::kWindowBytes;
  bool resets = true;  ///< a closed connection is seen at once

  Faults faults;
  std::optional<core::LeafId> killer;
  Mutation mutation = Mutation::none;
  bool even = false;  ///< nothing is left to chance, as in a story

  /// It works in rounds from its beginning to its end: all of its versions are known beforehand.
  bool is_synchronous() const { return policy.kind == core::PolicyKind::sync && !faults.has(Fault::policy_switch); }
};

Scenario draw_scenario(std::uint64_t seed);
/// One of those that seeds begin with and switch to.
core::PolicySettings draw_policy(Dice& dice, core::OnStale on_stale);
/// Computing all leaves of the run one after the other, on a machine of usual speed.
Time serial_time(const Scenario& scenario);
std::string describe(const Scenario& scenario);

}  // namespace fulmar::simulation
