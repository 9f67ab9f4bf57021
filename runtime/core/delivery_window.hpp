// Which member is sent which version: the lead aggregator's account of what is under way to each.
//
// Where the run *works in rounds*, every member needs every version, as soon as it can take it. Where nodes lease units
// they are sent the bases of their leases, which this does not account for; then nobody is sent a version for being the
// newest, but for the first one, and all are when rounds begin again.
// A version is of use only when the slices of all shards come, so one place decides, and tells every shard in the order
// of its decisions: with each verdict, who is passed over; between verdicts, who catches up. A member is *known* when
// every shard has said that it was admitted there. (Shards hear of a member at different versions. Would each send what
// it publishes from then on, the first versions would come from some shards only, count as under way for ever, and shut
// the member out.) Known members *wait for their turn*, and are sent nothing meanwhile: many that join at once would
// slow down each other and everybody else. Whoever's turn has come is a *newcomer* until it has its first version. So
// each version that counts is sent by every shard, arrives unless the session ends, is acknowledged, and makes room:
// nobody is shut out.
// Thread rule: owned by one state machine.
//
// WINDOW-1: at most kVersionsInFlightMax versions are under way to a member, beside validated ones.
// WINDOW-2: a member whose turn has come has the newest version, or it is under way, or older ones are whose
//           acknowledgement brings it; where the run works in rounds.
// WINDOW-3: there are at most kNewcomersMax newcomers. Turns come in the order of admission, each as soon as a newcomer
//           has its first version or is lost. Nobody else waits for them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "runtime/core/messages.hpp"
#include "runtime/core/run_shape.hpp"

namespace fulmar::core {

/// How many versions may be under way to a member, or be put together there, before it is passed over.
inline constexpr std::size_t kVersionsInFlightMax = 2;
/// How many members may be sent their first version at once: one alone would leave the network idle in between.
inline constexpr std::size_t kNewcomersMax = 2;

class DeliveryWindow {
 public:
  using CatchUps = std::vector<CatchUp>;

  /// `newest`: the version that all shards have.
  DeliveryWindow(const RunShape& shape, std::uint32_t shards, Version newest, bool in_rounds);

  // Each gives what is to be sent now that it is somebody's turn, or that somebody has room.

  /// One more shard has admitted the member. The last of them makes it known.
  CatchUps admitted(Incarnation member);
  /// Its session is over, for the lead; other shards may still be about to admit it.
  CatchUps lost(Incarnation member);
  /// The member has `version`, and needs none before it any longer.
  CatchUps held(Incarnation member, Version version);

  /// From the newest version on the run works in rounds, or does not any longer.
  CatchUps work_in_rounds(bool in_rounds);

  /// A verdict makes `version`, from which on the run works in rounds or not. Where it does, gives the members that are
  /// passed over, in ascending order; of those whose turn has come.
  std::vector<Incarnation> decide(Version version, bool in_rounds);

  /// How many members are accounted for; this is bounded by who is alive, or about to be at some shard.
  std::size_t accounts() const { return members_.size(); }

 private:
  struct Member {
    std::uint32_t shards = 0;  // that have admitted it
    bool lost = false;
    bool had_turn = false;
    bool passed_over = false;  // for the newest version
    std::size_t under_way = 0;
    std::array<Version, kVersionsInFlightMax> versions{};  // under way, in ascending order

    bool full() const { return under_way == versions.size(); }
    void send(Version version) { versions[under_way++] = version; }
    void acknowledge(Version version);
  };

  CatchUp send_newest(Incarnation incarnation, Member& member);
  /// Sends it the newest version, if it was passed over and has room.
  void catch_up(Incarnation incarnation, Member& member, CatchUps& catch_ups);
  void take_turns(CatchUps& catch_ups);

  RunShape shape_;
  std::uint32_t shards_;
  Version newest_;
  bool in_rounds_;
  std::map<Incarnation, Member> members_;
  std::set<Incarnation> waiting_;             // for their turn; incarnations ascend in the order of admission
  std::map<Incarnation, Version> newcomers_;  // and the first version that each is sent
};

}  // namespace fulmar::core
