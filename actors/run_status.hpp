// What a run and its nodes are at, as `fulmar status` and metrics show it, and which node a person means.
// Thread rule: pure functions.
#pragma once

#include <string>

#include "actors/run_context.hpp"
#include "runtime/core/supervisor.hpp"
#include "runtime/transport/datagram.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::actors {

/// `samples_per_second`: of the whole run. A node's own is what it measured that it could do.
transport::Status status_of(const core::Supervisor& run, const RunContext& context, double samples_per_second);

/// The member to drain that is called so, or has this number. Errors say which ones there are, and what else to do.
Result<core::NodeId> member_to_drain(const core::Membership& members, const std::string& name_or_number);

}  // namespace fulmar::actors
