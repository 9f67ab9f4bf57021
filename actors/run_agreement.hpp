// Whether this process can take part in a run that another one leads: it has to read the run's config as the head does,
// compute the same bits, and have the same data. Each disagreement has words of its own, with the remedy.
// Thread rule: functions without shared state.
//
// AGREE-1: an experiment that is given out has the run's config, arithmetic, data and model.
#pragma once

#include <string>

#include "actors/experiment.hpp"
#include "runtime/core/manifest.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::actors {

/// Opens the run's experiment, with the data from `data` (see take_data_from()) unless that is empty.
Result<Experiment> open_agreed(const core::Manifest& manifest, const std::string& data);

}  // namespace fulmar::actors
