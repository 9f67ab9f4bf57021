// One checkpoint directory: its files written, and read back with every checksum compared.
// Thread rule: functions over a Storage; nobody else writes to the directory meanwhile.
//
// FILES-1: read_checkpoint() gives what write_checkpoint_files() was given, bit for bit, or an Error that names the
// file.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "runtime/storage/checkpoint_state.hpp"
#include "runtime/storage/safetensors.hpp"
#include "runtime/storage/storage.hpp"

namespace fulmar::storage {

/// What is to be written; the tensors are views and are not copied.
struct CheckpointContents {
  CheckpointState state;
  std::span<const Tensor> weights;
  std::span<const Tensor> optimizer;  ///< of a full checkpoint; an optimizer without state has none
};

/// A safetensors file in memory, and its tensors as views into it.
struct TensorFile {
  TensorFile() = default;
  TensorFile(TensorFile&&) = default;
  TensorFile& operator=(TensorFile&&) = default;
  TensorFile(const TensorFile&) = delete;  // the views would still look into the original
  TensorFile& operator=(const TensorFile&) = delete;

  std::vector<std::byte> bytes;
  std::vector<Tensor> tensors;  ///< sorted by name
};

struct LoadedCheckpoint {
  CheckpointState state;
  FileDigests files;
  TensorFile weights;
  TensorFile optimizer;  ///< empty where the checkpoint is weights only
};

/// Creates `directory`, writes and syncs its files and the directory itself.
Result<FileDigests> write_checkpoint_files(Storage& storage, const std::string& directory,
                                           const CheckpointContents& contents);

/// state.json alone, with its own checksum compared, and that it is of `version`.
Result<StateFile> read_state_file(const Storage& storage, const std::string& directory, core::Version version);

/// A tensor file, with length and SHA-256 compared with what state.json says.
Result<TensorFile> read_tensor_file(const Storage& storage, const std::string& directory, std::string_view name,
                                    const FileDigests& files);

/// All of it.
Result<LoadedCheckpoint> read_checkpoint(const Storage& storage, const std::string& directory, core::Version version);

}  // namespace fulmar::storage
