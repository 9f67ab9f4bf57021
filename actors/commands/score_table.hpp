// Scores as a person reads them: the model beside the baselines.
// Thread rule: pure function.
#pragma once

#include <string>

#include "actors/evaluation.hpp"

namespace fulmar::commands {

/// A table, best read in a fixed-width font; ends with a line end.
std::string score_table(const actors::Evaluation& evaluation);

}  // namespace fulmar::commands
