// What the seeds are worth: how often the things happened that the protocol is there for. A simulation in which one of
// them never happens shows nothing about it.
// Thread rule: plain values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace fulmar::simulation {

enum class Happening {
  session_after_session,  ///< of one process
  lost_by_silence,
  lost_by_broken_link,
  left_in_order,
  lost_member_recovered,  ///< what it had of a round has other holders
  leaves_leased_anew,
  leaves_doubled,
  plan_for_new_speeds,
  version_passed_over,  ///< a member was too slow to be sent it
  caught_up,
  newcomer_waited,  ///< for its turn to be sent its first version
  window_filled,    ///< of a link, by more than half, in bytes
  old_session_refused,
  foreign_frame_refused,  ///< of a session, on another connection than its own
  connection_dropped,
  other_run_refused,
  resumed_from_checkpoint,
  begun_anew,  ///< no checkpoint was there, or none was good
  torn_journal,
  write_failed,
  head_superseded,
  leaf_quarantined,
  stopped_and_resumed,
  lease_revoked_by_bound,
  lease_revoked_by_time,
  attempt_voided,
  attempt_waited,   ///< for its turn, when every shard had staged it
  gate_closed,      ///< a member had to wait before it could begin another unit
  older_base_used,  ///< than the newest version
  switched_to_rounds,
  switched_to_units,
  switched_among_units,  ///< from one asynchronous policy to another
  tail_recomputed,       ///< that a head found in the journal beyond its checkpoint
  update_lost,           ///< with a head, before it was durable
  update_made_anew       ///< a version that an earlier head had made otherwise
};
inline constexpr std::size_t kHappenings = static_cast<std::size_t>(Happening::update_made_anew) + 1;
const char* to_string(Happening happening);

class Happenings {
 public:
  void count(Happening happening, std::uint64_t times = 1) { counts_[static_cast<std::size_t>(happening)] += times; }
  std::uint64_t of(Happening happening) const { return counts_[static_cast<std::size_t>(happening)]; }
  void add(const Happenings& others) {
    for (std::size_t i = 0; i < kHappenings; ++i) counts_[i] += others.counts_[i];
  }

 private:
  std::array<std::uint64_t, kHappenings> counts_{};
};

}  // namespace fulmar::simulation
