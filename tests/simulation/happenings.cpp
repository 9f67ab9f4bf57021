#include "tests/simulation/happenings.hpp"

namespace fulmar::simulation {

const char* to_string(Happening happening) {
  static constexpr std::array<const char*, kHappenings> kNames = {"sessions after a session",
                                                                  "members lost by silence",
                                                                  "members lost by a broken link",
                                                                  "members left in order",
                                                                  "members lost, and made up for",
                                                                  "reliefs of orphaned leaves",
                                                                  "reliefs of late leaves",
                                                                  "plans for new speeds",
                                                                  "versions passed over",
                                                                  "members that caught up",
                                                                  "newcomers that waited for their turn",
                                                                  "letters that filled a link's window",
                                                                  "old sessions refused",
                                                                  "frames of other connections refused",
                                                                  "connections dropped",
                                                                  "other runs refused",
                                                                  "resumes from checkpoints",
                                                                  "runs begun anew",
                                                                  "torn journals",
                                                                  "failed writes",
                                                                  "heads superseded",
                                                                  "leaves quarantined",
                                                                  "runs stopped and resumed",
                                                                  "leases revoked by the bound",
                                                                  "leases revoked by time",
                                                                  "attempts voided",
                                                                  "attempts that waited for their turn",
                                                                  "waits at the gate",
                                                                  "updates from older bases",
                                                                  "switches to rounds",
                                                                  "switches from rounds to units",
                                                                  "switches among units",
                                                                  "tails recomputed",
                                                                  "updates lost with their head",
                                                                  "versions made anew, and otherwise"};
  return kNames.at(static_cast<std::size_t>(happening));
}

}  // namespace fulmar::simulation
