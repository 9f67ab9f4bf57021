// A computation that takes real gradients at the speed of an imagined machine: each leaf occupies its slot for a stated
// wall time, by timer and not by CPU, so that sixteen processes on two cores behave like sixteen machines.
// Thread rule: belongs to one slot.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "actors/computation.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::testing {

using Pace = std::chrono::nanoseconds;

/// Milliseconds as the environment names them, such as "2.5". Errors name the text.
Result<Pace> parse_pace(const std::string& milliseconds);

/// What `real` makes, each leaf of which lasts `pace` from its beginning, or as long as it takes where that is more.
actors::ComputationFactory paced(actors::ComputationFactory real, Pace pace);

}  // namespace fulmar::testing
