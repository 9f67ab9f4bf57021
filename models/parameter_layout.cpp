#include "models/parameter_layout.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::models {
namespace {

constexpr std::size_t kAlignment = 16;  // floats of 64 bytes

}  // namespace

void ParameterLayout::add(std::string name, std::vector<std::size_t> shape) {
  TensorSpec tensor{std::move(name), std::move(shape), size_, 1};
  for (const std::size_t extent : tensor.shape) tensor.size *= extent;
  FULMAR_ASSERT(tensor.size > 0, "tensor " + tensor.name + " is empty");
  size_ = (size_ + tensor.size + kAlignment - 1) / kAlignment * kAlignment;
  count_ += tensor.size;
  tensors_.push_back(std::move(tensor));
}

void ParameterLayout::clear_padding(std::span<float> vector) const {
  FULMAR_ASSERT(vector.size() == size_,
                "a vector of " + std::to_string(vector.size()) + " floats for a layout of " + std::to_string(size_));
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    const std::size_t next = i + 1 < tensors_.size() ? tensors_[i + 1].offset : size_;
    std::fill(vector.data() + tensors_[i].offset + tensors_[i].size, vector.data() + next, 0.0F);
  }
}

}  // namespace fulmar::models
