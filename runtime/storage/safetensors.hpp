// The safetensors format (github.com/huggingface/safetensors, "Format"): how weights and optimizer state lie on disk,
// so that Python tools open them.
//
//   8 bytes  length N of the header, little endian
//   N bytes  JSON {"name": {"dtype": "F32", "shape": […], "data_offsets": [begin, end]}, …}, padded with spaces
//   rest     the values, little endian, row major; offsets count from here
//
// Here: F32 only; tensors sorted by name; N a multiple of 8; no "__metadata__", hence no time and no host.
// Thread rule: pure functions over the caller's memory.
//
// SAFETENSORS-1: equal tensors give equal bytes, in whatever order they are handed over.
// SAFETENSORS-2: parse_safetensors() accepts nothing whose tensors do not tile the data exactly.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "runtime/storage/sha256.hpp"
#include "runtime/storage/storage.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::storage {

/// A named view of values that somebody else owns.
struct Tensor {
  std::string name;
  std::vector<std::size_t> shape;  ///< row major; empty: a scalar
  std::span<const float> values;   ///< as many as the product of the shape
};

using ByteSink = std::function<Result<void>(std::span<const std::byte>)>;

/// Gives the file's bytes to `sink` piece by piece, without a second copy of the values. Names must differ.
Result<void> encode_safetensors(std::span<const Tensor> tensors, const ByteSink& sink);

/// Writes (and does not sync) the file; says what it is known by.
Result<FileDigest> write_safetensors(OutputFile& file, std::span<const Tensor> tensors);

/// What write_safetensors() would say.
FileDigest safetensors_digest(std::span<const Tensor> tensors);

/// The tensors, sorted by name, as views into `bytes` (aligned to 8). `where` begins the messages.
Result<std::vector<Tensor>> parse_safetensors(std::span<const std::byte> bytes, const std::string& where);

}  // namespace fulmar::storage
