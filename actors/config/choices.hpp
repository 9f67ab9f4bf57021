// The names that stand for enumerators in a config, for its reader and its writer.
// Thread rule: constants.
#pragma once

#include <array>

#include "actors/config/section_reader.hpp"
#include "models/model.hpp"
#include "runtime/core/optimizer.hpp"
#include "runtime/core/policy.hpp"
#include "runtime/core/schedule.hpp"
#include "runtime/core/verdict.hpp"

namespace fulmar::config {

inline constexpr std::array<Choice<models::Activation>, 3> kActivations{
    {{"relu", models::Activation::relu}, {"elu", models::Activation::elu}, {"tanh", models::Activation::tanh}}};

inline constexpr std::array<Choice<core::OptimizerKind>, 4> kOptimizers{{{"sgd", core::OptimizerKind::sgd},
                                                                         {"momentum", core::OptimizerKind::momentum},
                                                                         {"adam", core::OptimizerKind::adam},
                                                                         {"adamw", core::OptimizerKind::adamw}}};

inline constexpr std::array<Choice<core::ScheduleKind>, 3> kSchedules{{{"constant", core::ScheduleKind::constant},
                                                                       {"step", core::ScheduleKind::step},
                                                                       {"cosine", core::ScheduleKind::cosine}}};

inline constexpr std::array<Choice<core::PolicyKind>, 3> kPolicies{
    {{"sync", core::PolicyKind::sync}, {"bounded", core::PolicyKind::bounded}, {"async", core::PolicyKind::async}}};

inline constexpr std::array<Choice<core::OnStale>, 2> kOnStale{
    {{"wait", core::OnStale::wait}, {"revoke", core::OnStale::revoke}}};

inline constexpr std::array<Choice<core::NotFinitePolicy>, 2> kNotFinitePolicies{
    {{"stop", core::NotFinitePolicy::stop}, {"skip", core::NotFinitePolicy::skip}}};

}  // namespace fulmar::config
