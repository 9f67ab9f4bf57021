// Between the flat parameter vector of a run and the named tensors of a checkpoint.
// Thread rule: pure functions over the caller's memory.
//
// VIEWS-1: what tensor_views() shows of a vector, copy_tensors() puts back in the same places; padding stays untouched.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "runtime/core/manifest.hpp"
#include "runtime/storage/safetensors.hpp"

namespace fulmar::storage {

/// The parts of `flat` that `layout` names; names get `prefix` in front.
std::vector<Tensor> tensor_views(std::span<const core::ManifestTensor> layout, std::span<const float> flat,
                                 const std::string& prefix = "");

/// The optimizer's state vectors, all in the layout of the parameters: "exp_avg.0.weight".
std::vector<Tensor> optimizer_views(core::OptimizerKind kind, std::span<const core::ManifestTensor> layout,
                                    std::span<const std::span<const float>> state);

/// Copies the tensors that `layout` names into `flat`. `tensors` are sorted by name, as parse_safetensors() gives them.
/// One that is missing or has another shape is an Error; `where` begins its message.
Result<void> copy_tensors(std::span<const Tensor> tensors, std::span<const core::ManifestTensor> layout,
                          std::span<float> flat, const std::string& where, const std::string& prefix = "");

/// The reverse of optimizer_views().
Result<void> copy_optimizer(core::OptimizerKind kind, std::span<const Tensor> tensors,
                            std::span<const core::ManifestTensor> layout, std::span<const std::span<float>> state,
                            const std::string& where);

}  // namespace fulmar::storage
