// Where each tensor of a model lies in the flat parameter vector.
// Thread rule: immutable after construction.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace fulmar::models {

struct TensorSpec {
  std::string name;                ///< as PyTorch's state_dict of the same network names it, e.g. "0.weight"
  std::vector<std::size_t> shape;  ///< row major
  std::size_t offset = 0;          ///< in floats, a multiple of 16
  std::size_t size = 0;            ///< product of shape
};

class ParameterLayout {
 public:
  /// Tensors in the model's order; offsets are assigned here.
  void add(std::string name, std::vector<std::size_t> shape);

  /// Zeroes the floats between the tensors of `vector` (size() floats).
  void clear_padding(std::span<float> vector) const;

  std::span<const TensorSpec> tensors() const { return tensors_; }
  std::size_t size() const { return size_; }    ///< floats of the flat vector, padding included; a multiple of 16
  std::size_t count() const { return count_; }  ///< parameters of the model, without padding

 private:
  std::vector<TensorSpec> tensors_;
  std::size_t size_ = 0;
  std::size_t count_ = 0;
};

}  // namespace fulmar::models
