#include "runtime/storage/checkpoint_files.hpp"

#include "runtime/storage/atomic_file.hpp"
#include "runtime/storage/checkpoint_layout.hpp"

namespace fulmar::storage {
namespace {

Result<FileDigest> write_tensor_file(Storage& storage, const std::string& path, std::span<const Tensor> tensors) {
  auto file = storage.create(path);
  if (!file) return file.error();
  auto digest = write_safetensors(**file, tensors);
  if (!digest) return digest;
  if (auto done = (*file)->sync(); !done) return done.error();
  return digest;
}

}  // namespace

Result<FileDigests> write_checkpoint_files(Storage& storage, const std::string& directory,
                                           const CheckpointContents& contents) {
  if (auto done = storage.create_directories(directory); !done) return done.error();
  FileDigests files;
  const auto write = [&](std::string_view name, std::span<const Tensor> tensors) -> Result<void> {
    auto digest = write_tensor_file(storage, join_path(directory, name), tensors);
    if (!digest) return digest.error();
    files[std::string(name)] = std::move(*digest);
    return {};
  };
  if (auto done = write(kWeightsFile, contents.weights); !done) return done.error();
  if (contents.state.kind == core::CheckpointKind::full) {
    if (auto done = write(kOptimizerFile, contents.optimizer); !done) return done.error();
  }
  const std::string state = encode_state({contents.state, files});
  if (auto done = write_synced(storage, join_path(directory, kStateFile), state); !done) return done.error();
  if (auto done = storage.sync_directory(directory); !done) return done.error();
  return files;
}

Result<StateFile> read_state_file(const Storage& storage, const std::string& directory, core::Version version) {
  const std::string path = join_path(directory, kStateFile);
  const auto text = read_text(storage, path);
  if (!text) return text.error();
  auto content = decode_state(*text, storage.display(path));
  if (content && content->state.run.version != version) {
    return Error{storage.display(path) + ": it says version " + std::to_string(content->state.run.version) +
                 ", but the directory is of version " + std::to_string(version) + "; undo the renaming"};
  }
  return content;
}

Result<TensorFile> read_tensor_file(const Storage& storage, const std::string& directory, std::string_view name,
                                    const FileDigests& files) {
  const std::string path = join_path(directory, name);
  const std::string where = storage.display(path);
  const auto expected = files.find(std::string(name));
  if (expected == files.end()) return Error{where + ": " + std::string(kStateFile) + " does not know this file"};
  auto bytes = storage.read(path);
  if (!bytes) return bytes.error();
  if (bytes->size() != expected->second.bytes) {
    return Error{where + ": torn: it has " + std::to_string(bytes->size()) + " bytes, " + std::string(kStateFile) +
                 " says " + std::to_string(expected->second.bytes)};
  }
  if (const std::string found = sha256_hex(*bytes); found != expected->second.sha256) {
    return Error{where + ": corrupt: its SHA-256 is " + found + ", " + std::string(kStateFile) + " says " +
                 expected->second.sha256};
  }
  TensorFile file;
  file.bytes = std::move(*bytes);
  auto tensors = parse_safetensors(file.bytes, where);
  if (!tensors) return tensors.error();
  file.tensors = std::move(*tensors);
  return file;
}

Result<LoadedCheckpoint> read_checkpoint(const Storage& storage, const std::string& directory, core::Version version) {
  auto state = read_state_file(storage, directory, version);
  if (!state) return state.error();
  LoadedCheckpoint loaded;
  loaded.state = std::move(state->state);
  loaded.files = std::move(state->files);

  auto weights = read_tensor_file(storage, directory, kWeightsFile, loaded.files);
  if (!weights) return weights.error();
  loaded.weights = std::move(*weights);
  if (loaded.state.kind == core::CheckpointKind::full) {
    auto optimizer = read_tensor_file(storage, directory, kOptimizerFile, loaded.files);
    if (!optimizer) return optimizer.error();
    loaded.optimizer = std::move(*optimizer);
  }
  return loaded;
}

}  // namespace fulmar::storage
