#include "runtime/storage/tensor_views.hpp"

#include <algorithm>

namespace fulmar::storage {
namespace {

std::string state_prefix(core::OptimizerKind kind, std::size_t index) {
  return std::string(core::state_name(kind, index)) + ".";
}

std::string to_text(const std::vector<std::size_t>& shape) {
  std::string text = "[";
  for (const std::size_t extent : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  return text + "]";
}

}  // namespace

std::vector<Tensor> tensor_views(std::span<const core::ManifestTensor> layout, std::span<const float> flat,
                                 const std::string& prefix) {
  std::vector<Tensor> views;
  views.reserve(layout.size());
  for (const auto& part : layout) {
    FULMAR_ASSERT(part.offset + part.size <= flat.size(), "tensor " + part.name + " lies outside the vector");
    views.push_back({prefix + part.name, part.shape, flat.subspan(part.offset, part.size)});
  }
  return views;
}

std::vector<Tensor> optimizer_views(core::OptimizerKind kind, std::span<const core::ManifestTensor> layout,
                                    std::span<const std::span<const float>> state) {
  FULMAR_ASSERT(state.size() == core::state_vectors(kind), "the optimizer has another number of state vectors");
  std::vector<Tensor> views;
  for (std::size_t i = 0; i < state.size(); ++i) {
    auto part = tensor_views(layout, state[i], state_prefix(kind, i));
    std::move(part.begin(), part.end(), std::back_inserter(views));
  }
  return views;
}

Result<void> copy_tensors(std::span<const Tensor> tensors, std::span<const core::ManifestTensor> layout,
                          std::span<float> flat, const std::string& where, const std::string& prefix) {
  for (const auto& part : layout) {
    const std::string name = prefix + part.name;
    const auto found = std::lower_bound(tensors.begin(), tensors.end(), name,
                                        [](const Tensor& tensor, const std::string& n) { return tensor.name < n; });
    if (found == tensors.end() || found->name != name) {
      return Error{where + ": tensor \"" + name +
                   "\" is missing; the checkpoint is of another model or optimizer: use " +
                   "the RUN.toml that it was made with"};
    }
    if (found->shape != part.shape) {
      return Error{where + ": tensor \"" + name + "\" has shape " + to_text(found->shape) + ", the model needs " +
                   to_text(part.shape) + "; use the RUN.toml that the checkpoint was made with"};
    }
    FULMAR_ASSERT(part.offset + part.size <= flat.size() && part.size == found->values.size(),
                  "tensor " + name + " does not fit its place in the vector");
    std::copy(found->values.begin(), found->values.end(), flat.subspan(part.offset).begin());
  }
  return {};
}

Result<void> copy_optimizer(core::OptimizerKind kind, std::span<const Tensor> tensors,
                            std::span<const core::ManifestTensor> layout, std::span<const std::span<float>> state,
                            const std::string& where) {
  FULMAR_ASSERT(state.size() == core::state_vectors(kind), "the optimizer has another number of state vectors");
  for (std::size_t i = 0; i < state.size(); ++i) {
    if (auto copied = copy_tensors(tensors, layout, state[i], where, state_prefix(kind, i)); !copied) return copied;
  }
  return {};
}

}  // namespace fulmar::storage
