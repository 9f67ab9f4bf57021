// From a config and a manifest to what the actors of a run share.
// Thread rule: pure function.
#pragma once

#include <memory>

#include "actors/experiment.hpp"
#include "actors/run_context.hpp"

namespace fulmar::actors {

/// What follows from the config alone: the state that the run goes on from is the caller's.
std::shared_ptr<RunContext> make_run_context(const Experiment& experiment, const core::Manifest& manifest,
                                             core::Term term);

}  // namespace fulmar::actors
