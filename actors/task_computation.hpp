// The Computation of a real run: samples from the task, gradients from the model.
#pragma once

#include <memory>

#include "actors/computation.hpp"
#include "data/task.hpp"
#include "models/model.hpp"

namespace fulmar::actors {

/// `model`: the slot's own.
std::unique_ptr<Computation> make_task_computation(const core::RunShape& shape, std::shared_ptr<const data::Task> task,
                                                   std::unique_ptr<models::Model> model);

}  // namespace fulmar::actors
