// A small checkpoint whose content follows from its version, and what a run directory is asked for after a crash.
// Thread rule: plain values.
#pragma once

#include <vector>

#include "runtime/storage/checkpoint.hpp"
#include "tests/runtime/storage/faulty_storage.hpp"

namespace fulmar::storage {

/// Owns the values that the tensors of contents() look at.
class SampleCheckpoint {
 public:
  explicit SampleCheckpoint(core::Version version, core::CheckpointKind kind = core::CheckpointKind::full);
  SampleCheckpoint(const SampleCheckpoint&) = delete;
  SampleCheckpoint& operator=(const SampleCheckpoint&) = delete;

  CheckpointContents contents() const { return {state_, weights_, optimizer_}; }
  /// Whether every bit of `loaded` is that of this sample.
  bool equals(const LoadedCheckpoint& loaded) const;

 private:
  CheckpointState state_;
  std::vector<float> values_;
  std::vector<Tensor> weights_;
  std::vector<Tensor> optimizer_;
};

/// What a test expects to succeed.
template <class T>
T must(Result<T> result) {
  return std::move(result).value();
}
void must(const Result<void>& result);

/// A storage with the `checkpoints` of these versions in it, all synced.
void write_samples(FaultyStorage& storage, const std::vector<core::Version>& versions);

}  // namespace fulmar::storage
