// What the head fixes at the start of a run and everybody who takes part agrees with.
// Thread rule: plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runtime/core/optimizer.hpp"

namespace fulmar::core {

/// A tensor of the flat parameter vector, as checkpoints name it.
struct ManifestTensor {
  std::string name;
  std::vector<std::size_t> shape;
  std::size_t offset = 0;  ///< in floats
  std::size_t size = 0;
  bool operator==(const ManifestTensor&) const = default;
};

struct Manifest {
  std::string run_id;  ///< 32 hex digits, drawn once
  std::string name;
  std::uint64_t seed = 0;
  std::string config;         ///< the resolved config, TOML
  std::string config_sha256;  ///< over the part of it that the weights depend on
  std::uint64_t train_samples = 0;
  std::uint64_t validation_samples = 0;
  std::uint64_t test_samples = 0;
  std::uint64_t leaf_size = 1;
  std::uint64_t leaves = 8;  ///< of a round, a power of two
  std::uint32_t shards = 1;
  std::uint64_t parameter_floats = 0;  ///< of the flat vector, padding included
  std::uint64_t parameter_count = 0;
  std::vector<ManifestTensor> tensors;
  std::string determinism_class;
  std::string data_fingerprint;
  std::map<std::string, double> statistics;
};

}  // namespace fulmar::core
